/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the plan: pure look-ups, host-tested. */
#ifndef SEPTUM_MONITOR_PLAN_VIEW_H
#define SEPTUM_MONITOR_PLAN_VIEW_H

#include <septum/plan.h>
#include <stdbool.h>

/** hpa_pointer() - the monitor maps its memory one to one. */
static inline void *hpa_pointer(hpa_t address)
{
	return (void *)(uintptr_t)address.raw;
}

static inline const struct plan_cpu *plan_cpus(const struct plan *plan)
{
	return hpa_pointer(plan->cpus.base);
}

static inline const struct plan_cell *plan_cells(const struct plan *plan)
{
	return hpa_pointer(plan->cells.base);
}

static inline const struct plan_owner *plan_owners(const struct plan *plan)
{
	return hpa_pointer(plan->owners.base);
}

/** plan_block() - a part of a CPU's private block. @part: CPU_BLOCK_*. */
static inline void *plan_block(const struct plan_cpu *cpu, uint32_t part)
{
	return (void *)(uintptr_t)(cpu->block.raw + part);
}

/** plan_cell_of() - the cell that owns a CPU, or NULL for a parked one. */
const struct plan_cell *plan_cell_of(const struct plan *plan, const struct plan_cpu *cpu);

/** plan_ram_of() - first of the cell's cell->ram_count regions. */
static inline const struct plan_ram *plan_ram_of(const struct plan *plan,
						 const struct plan_cell *cell)
{
	return (const struct plan_ram *)hpa_pointer(plan->ram.base) + cell->first_ram;
}

/** plan_loads_of() - first of the cell's cell->load_count loads. */
const struct plan_load *plan_loads_of(const struct plan *plan, const struct plan_cell *cell);

/** plan_cpu_by_apic_id() - index into cpus, or -1. */
int plan_cpu_by_apic_id(const struct plan *plan, apic_id_t id);

/** plan_owner_at() - who owns a host-physical address; NULL: nobody. */
const struct plan_owner *plan_owner_at(const struct plan *plan, uint64_t address);

/**
 * plan_cell_memory() - the monitor's view of bytes of a cell's RAM.
 * @bytes: all of [gpa, gpa + bytes) must lie in one region.
 * Return: a pointer that only the cell's own CPUs may use, or NULL.
 */
static inline void *plan_cell_memory(const struct plan *plan, const struct plan_cell *cell,
				     gpa_t gpa, uint64_t bytes)
{
	const struct plan_ram *ram = plan_ram_of(plan, cell);

	for (uint32_t i = 0; i < cell->ram_count; i++) {
		uint64_t offset = gpa.raw - ram[i].gpa.raw;

		if (offset < ram[i].size && bytes <= ram[i].size - offset)
			return (void *)(uintptr_t)(ram[i].hpa.raw + offset);
	}
	return NULL;
}

/** plan_event_name() - "foreign-access", ...; never NULL. */
const char *plan_event_name(uint32_t event);

#endif
