/* SPDX-License-Identifier: Apache-2.0 */
#include "ioapic.h"
#include "plan_view.h"

#define PHYSICAL_BROADCAST 0xffu

const struct plan_cpu *target_cpu(const struct cpu *cpu, uint32_t id, bool is_logical)
{
	const struct plan_cell *cell = cpu->cell;

	if (is_logical)
		id = id ? (uint32_t)__builtin_ctz(id) : cell->cpu_count;
	else if (id == PHYSICAL_BROADCAST)
		id = 0;
	return id < cell->cpu_count ? plan_cpus(cpu->plan) + cell->first_cpu + id : NULL;
}
