/* SPDX-License-Identifier: Apache-2.0 */
#include "plan_view.h"

const struct plan_cell *plan_cell_of(const struct plan *plan, const struct plan_cpu *cpu)
{
	return cpu->cell < plan->cells.count ? &plan_cells(plan)[cpu->cell] : NULL;
}

const struct plan_load *plan_loads_of(const struct plan *plan, const struct plan_cell *cell)
{
	return (const struct plan_load *)hpa_pointer(plan->loads.base) + cell->first_load;
}

int plan_cpu_by_apic_id(const struct plan *plan, apic_id_t id)
{
	for (uint32_t i = 0; i < plan->cpus.count; i++)
		if (plan_cpus(plan)[i].apic_id.raw == id.raw)
			return (int)i;
	return -1;
}

const struct plan_owner *plan_owner_at(const struct plan *plan, uint64_t address)
{
	const struct plan_owner *owner = plan_owners(plan);

	for (uint32_t i = 0; i < plan->owners.count; i++)
		if (address - owner[i].start.raw < owner[i].size)
			return &owner[i];
	return NULL;
}

const char *plan_event_name(uint32_t event)
{
	static const char *const names[PLAN_EVENT_KINDS] = {
		[PLAN_EVENT_NONE] = "none",
		[PLAN_EVENT_FOREIGN_ACCESS] = "foreign-access",
		[PLAN_EVENT_HOLE_ACCESS] = "hole-access",
		[PLAN_EVENT_TRIPLE_FAULT] = "triple-fault",
		[PLAN_EVENT_RESET] = "reset",
		[PLAN_EVENT_POWEROFF] = "poweroff",
		[PLAN_EVENT_INIT] = "init",
		[PLAN_EVENT_ENTRY_FAILED] = "entry-failed",
		[PLAN_EVENT_UNKNOWN_EXIT] = "unknown-exit",
		[PLAN_EVENT_BAD_STATE] = "bad-state",
		[PLAN_EVENT_UNDECODABLE] = "undecodable",
		[PLAN_EVENT_MACHINE_CHECK] = "machine-check",
		[PLAN_EVENT_PEER] = "peer-stopped",
		[PLAN_EVENT_TASK_SWITCH] = "task-switch",
		[PLAN_EVENT_DMA_FAULT] = "dma-fault",
	};

	return event < PLAN_EVENT_KINDS && names[event] ? names[event] : "unknown";
}
