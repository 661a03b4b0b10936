/* SPDX-License-Identifier: Apache-2.0 */
/* Devices in the plan: which CPU sees which of their memory, and the plan's arrays of them. */
#ifndef SEPTUM_COMPILER_PLAN_DEVICES_H
#define SEPTUM_COMPILER_PLAN_DEVICES_H

#include "monitor_tables.h"
#include "plan_tables.h"

#include <septum/plan_pci.h>

/* Its cell's ranges, queue and registers of the unit, a mailbox for each cell. */
#define CPU_DEVICE_RANGES_MAX (CELL_DEVICE_RANGES + 2u + PLAN_MAX_CELLS)

/** plan_fault_cpu() - index in the plan of the CPU that takes the IOMMU's faults; the CPU count: none. */
size_t plan_fault_cpu(const struct built_plan *built, const struct cpu_order *order);

/**
 * cpu_device_ranges() - what a CPU of the plan maps of devices' memory, beside registers of
 * functions: its cell's pages, the unit if the cell's interrupts are remapped or faults come
 * here, and for faults the first mailbox of every cell that owns a function.
 * @ranges: room for CPU_DEVICE_RANGES_MAX.  Return: how many.
 */
size_t cpu_device_ranges(const struct model *model, const struct built_plan *built,
			 const struct cpu_order *order, size_t index, struct monitor_range *ranges);

/** plan_functions_fill(), plan_iommu_fill() - one entry of the plan's arrays. */
void plan_function_fill(const struct model *model, const struct built_plan *built,
			const struct plan_tables *tables, size_t index,
			struct plan_function *function);
void plan_iommu_fill(const struct model *model, const struct built_plan *built,
		     const struct cpu_order *order, const struct plan_tables *tables,
		     struct plan_iommu *unit);

#endif
