/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the monitor asks of an IOMMU: come up denying everything, take on the plan's
 * tables, route a cell's interrupts.  A driver knows its unit's entry in the plan and
 * nothing of cells.
 */
#ifndef SEPTUM_X86_IOMMU_H
#define SEPTUM_X86_IOMMU_H

#include <septum/plan_pci.h>
#include <stdbool.h>

/*
 * A command takes microseconds, and at most PLAN_MAX_CPUS others stand before
 * this one: orders of magnitude below this bound.
 */
#define IOMMU_POLLS 100000000u

/* Where an interrupt goes. */
struct iommu_route {
	uint32_t vector; /* 16 .. 254; 0: nowhere, it is blocked */
	apic_id_t destination; /* physical */
	bool is_level;
};

struct iommu_fault {
	uint32_t rid; /* who */
	uint64_t address; /* what it reached for; of an interrupt: its index, or 0 */
	uint32_t reason; /* the unit's own number */
	bool is_write;
	bool is_interrupt; /* a message that was blocked */
};

struct iommu_driver {
	const char *name; /* "VT-d" */
	/**
	 * check() - the unit against the plan; changes nothing.
	 * Prints a "refused:" line for every difference.  Return: how many.
	 */
	unsigned int (*check)(const struct plan_iommu *unit);
	/**
	 * start() - translation on with the tables that deny everything, queue and fault
	 * log set up, interrupt remapping on with the entries at unit->remap.
	 * Faults are sent to unit->fault_cpu as NMIs once live() is called.
	 * Return: false after printing what did not take effect.
	 */
	bool (*start)(const struct plan_iommu *unit);
	/** live() - the cells' tables instead.  Return: as start(). */
	bool (*live)(const struct plan_iommu *unit);
	/** route() - change one remapping entry, at once as the unit sees it; no flush. */
	void (*route)(const struct plan_iommu *unit, hpa_t entry, const struct iommu_route *route);
	/**
	 * flush() - no old copy of entries @first .. @first + @count - 1 is used any more.
	 * @rid: whose interrupts they are.  Bounded wait; any CPU, no two at once in the unit.
	 */
	void (*flush)(const struct plan_iommu *unit, uint32_t rid, uint32_t first, uint32_t count);
	/**
	 * message() - what a function has to write for its remapping entry @index.
	 * Of several messages of plain MSI, the function adds their number to @data.
	 */
	void (*message)(uint32_t index, uint32_t *address_low, uint32_t *data);
	/** pin() - an I/O APIC's entry, without trigger, polarity and mask, for @index. */
	uint64_t (*pin)(uint32_t index, uint32_t vector);
	/** fault() - take the oldest fault out of the log.  Return: false: none. */
	bool (*fault)(const struct plan_iommu *unit, struct iommu_fault *fault);
};

extern const struct iommu_driver vtd_driver, amdvi_driver;

/** iommu_driver_of() - the driver of a unit; NULL if it is not built in. */
const struct iommu_driver *iommu_driver_of(const struct plan_iommu *unit);

/** iommu_failed() - prints what a unit does not do.  Return: false. */
bool iommu_failed(const struct plan_iommu *unit, const char *what);

/** iommu_lacks() - 0 if @is_there; else prints what the unit does not have.  Return: 1. */
unsigned int iommu_lacks(const struct plan_iommu *unit, bool is_there, const char *what);

#endif
