/* SPDX-License-Identifier: Apache-2.0 */
/* The machine against the plan: every difference is printed before the refusal. */
#include "apic.h"
#include "arch.h"
#include "clock.h"
#include "cpu_features.h"
#include "log.h"
#include "multiboot.h"
#include "plan_view.h"
#include "x86.h"

static unsigned int check_owner_ram(const struct plan *plan, const struct memory_map *map,
				    const struct plan_owner *owner)
{
	const char *cell = owner->cell < plan->cells.count ? plan_cells(plan)[owner->cell].name :
							     "monitor";
	uint64_t gap;

	if (owner->kind != PLAN_OWNER_MONITOR && owner->kind != PLAN_OWNER_CELL_RAM)
		return 0;
	if (!memory_map_gap(map, owner->start.raw, owner->size, &gap))
		return 0;
	log_line("refused: %s: RAM 0x%lx-0x%lx (%s): the machine has no free RAM at 0x%lx "
		 "[rule board-ram]; mend: move the range, or correct the board file",
		 cell, owner->start.raw, owner->start.raw + owner->size - 1, owner->name, gap);
	return 1;
}

static unsigned int check_ram(const struct plan *plan)
{
	struct memory_map map;
	unsigned int wrong = 0;

	if (!multiboot_memory_map(x86_boot_information(), &map)) {
		log_line("refused: the boot loader gives no memory map [rule board-ram]; "
			 "mend: boot with a multiboot2 loader such as GRUB 2");
		return 1;
	}
	for (uint32_t i = 0; i < plan->owners.count; i++)
		wrong += check_owner_ram(plan, &map, &plan_owners(plan)[i]);
	if (!wrong)
		log_at(1, "board RAM covers all %u ranges of the plan", plan->owners.count);
	return wrong;
}

static unsigned int check_boot_cpu(const struct plan *plan)
{
	apic_id_t id = cpu_apic_id();

	if (plan_cpu_by_apic_id(plan, id) >= 0)
		return 0;
	log_line("refused: the boot CPU's APIC id is %u, which the board file does not know "
		 "[rule board-cpu]; mend: correct the reg of the board's cpu nodes",
		 id.raw);
	return 1;
}

static unsigned int check_clock(const struct plan *plan)
{
	if (clock_measure(plan)) {
		log_at(1, "board clock: TSC %u kHz, APIC timer %u kHz", clock_rates.tsc_khz,
		       clock_rates.apic_khz);
		return 0;
	}
	log_line("refused: no ACPI PM timer counts at port 0x%x [rule board-pm-timer]; "
		 "mend: correct the board file's timer node",
		 (unsigned int)plan->pm_timer_port);
	return 1;
}

unsigned int arch_check_board(const struct plan *plan)
{
	unsigned int wrong = cpu_check(plan);

	wrong += check_ram(plan);
	wrong += check_boot_cpu(plan);
	if (apic_enable_x2apic())
		wrong += check_clock(plan);
	return wrong;
}
