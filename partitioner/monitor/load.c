/* SPDX-License-Identifier: Apache-2.0 */
#include "load.h"

#include "arch.h"
#include "log.h"
#include "plan_view.h"
#include "sha256.h"

unsigned int load_check_store(const struct plan *plan)
{
	unsigned int damaged = 0;

	for (uint32_t c = 0; c < plan->cells.count; c++) {
		const struct plan_cell *cell = &plan_cells(plan)[c];
		const struct plan_load *load = plan_loads_of(plan, cell);

		for (uint32_t i = 0; i < cell->load_count; i++) {
			if (sha256_matches(hpa_pointer(load[i].source), load[i].size, load[i].hash))
				continue;
			log_line(
				"refused: cell '%s': payload '%s' at 0x%lx (%lu bytes) is damaged: "
				"its SHA-256 differs from the plan's [rule payload-hash]; "
				"mend: write the image to the medium again",
				cell->name, load[i].name, load[i].source.raw, load[i].size);
			damaged++;
		}
	}
	return damaged;
}

bool load_cell(const struct plan *plan, const struct plan_cell *cell)
{
	const struct plan_ram *ram = plan_ram_of(plan, cell);
	const struct plan_load *load = plan_loads_of(plan, cell);

	for (uint32_t i = 0; i < cell->ram_count; i++)
		arch_fill(hpa_pointer(ram[i].hpa), ram[i].size);
	for (uint32_t i = 0; i < cell->load_count; i++) {
		void *dest = plan_cell_memory(plan, cell, load[i].dest, load[i].size);

		if (!dest) {
			log_line(
				"refused: cell '%s': payload '%s' does not fit its RAM at GPA 0x%lx "
				"[rule payload-fits]; mend: rebuild the image",
				cell->name, load[i].name, load[i].dest.raw);
			return false;
		}
		arch_copy(dest, hpa_pointer(load[i].source), load[i].size);
	}
	return true;
}
