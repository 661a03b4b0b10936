/* SPDX-License-Identifier: Apache-2.0 */
/* The part of the plan that is about PCI functions and IOMMUs; conventions as in plan.h. */
#ifndef SEPTUM_PLAN_PCI_H
#define SEPTUM_PLAN_PCI_H

#include <septum/plan.h>

/*
 * Boot programs PCI configuration space by these steps, through the ports CF8 and
 * CFC; the machine is refused at any whose result differs.
 */
enum plan_config_kind {
	PLAN_CONFIG_CHECK, /* (register & mask) is value */
	PLAN_CONFIG_SIZE, /* as CHECK, after all-ones were written */
	PLAN_CONFIG_SET, /* the bits in mask become value, and read so */
};

struct plan_config_step {
	uint32_t kind; /* enum plan_config_kind */
	uint32_t address; /* requester id << 8 | register */
	uint32_t mask;
	uint32_t value;
	char name[PLAN_NAME_BYTES]; /* of the function */
	char what[PLAN_NAME_BYTES]; /* "ids", "size of BAR 0", ... */
};

/* What a cell wrote for one interrupt message; the hardware holds the remapped one. */
struct plan_message {
	uint32_t address_low, address_high;
	uint32_t data;
	uint32_t control; /* MSI-X: Vector Control */
};

/* A PCI function and the one cell that owns it. */
struct plan_function {
	char name[PLAN_NAME_BYTES];
	uint32_t cell;
	uint32_t rid; /* requester id: bus 15:8, device 7:3, function 2:0 */
	hpa_t config; /* its page of the ECAM */
	gpa_t virtual_config; /* where the cell finds it: function 0 of its own slot */
	hpa_t writable; /* one page: the bits of each register that the cell may change */
	uint32_t bars[6]; /* values of the registers 10h to 24h */
	uint32_t bar_masks[6]; /* their writable bits: 0 = no BAR */
	uint32_t msi; /* offset of the capability; 0: none */
	uint32_t msi_flags; /* PLAN_MSI_* */
	uint32_t msix; /* offset of the capability; 0: none */
	uint32_t msix_count; /* vectors */
	hpa_t msix_table; /* first entry */
	hpa_t messages; /* struct plan_message for each vector, in a page of its cell's */
	uint32_t first_remap; /* its first remapping entry, as its messages name it */
	uint32_t remap_count; /* 0: messages go as the cell wrote them, checked */
	hpa_t remap; /* PLAN_REMAP_BYTES each, in a page of its cell's */
};

#define PLAN_REMAP_BYTES 16u
#define PLAN_MSI_64 (1u << 0) /* 64-bit addresses */
#define PLAN_MSI_MASKS (1u << 1) /* has mask bits */

enum plan_iommu_kind { PLAN_IOMMU_VTD = 1, PLAN_IOMMU_AMDVI = 2 };

struct plan_iommu {
	uint32_t kind; /* enum plan_iommu_kind */
	uint32_t rid; /* AMD-Vi: the unit's own function */
	hpa_t registers;
	uint64_t register_bytes;
	uint32_t features; /* PLAN_IOMMU_*: what the tables rely on */
	apic_id_t fault_cpu; /* takes its fault interrupts, as NMIs */
	hpa_t deny; /* root or device table: nobody reaches anything */
	hpa_t live; /* root or device table: each cell's functions reach its RAM */
	uint64_t table_bytes; /* of each device table; VT-d: one page */
	hpa_t remap_source; /* VT-d: initial remapping entries, in the plan */
	hpa_t remap; /* VT-d: where they live, read-write */
	uint32_t remap_entries; /* VT-d: a power of two, at least 256 */
	uint32_t ioapic_rid;
	hpa_t queue; /* PLAN_IOMMU_QUEUE_BYTES, read-write */
};

#define PLAN_IOMMU_LEVELS_3 (1u << 0)
#define PLAN_IOMMU_LEVELS_4 (1u << 1)
#define PLAN_IOMMU_2M (1u << 2)
#define PLAN_IOMMU_1G (1u << 3)
#define PLAN_IOMMU_REMAP (1u << 4)
#define PLAN_IOMMU_X2APIC (1u << 5)

/* Invalidation queue or command buffer; event log; what a wait writes. */
#define PLAN_IOMMU_QUEUE 0x0000u
#define PLAN_IOMMU_LOG 0x1000u
#define PLAN_IOMMU_STATUS 0x2000u
#define PLAN_IOMMU_QUEUE_BYTES 0x3000u

#endif /* SEPTUM_PLAN_PCI_H */
