/* SPDX-License-Identifier: Apache-2.0 */
#include "machine_check.h"

#include "plan_view.h"

void machine_check_begin(struct machine_check *check, const struct cpu *cpu, uint64_t capability,
			 uint64_t status)
{
	*check = (struct machine_check){
		.plan = cpu->plan,
		.cell = cpu->self->cell,
		.names_memory = capability & MCG_CAP_SER_P,
		.ends_cell = !(status & MCG_STATUS_RIPV),
	};
}

/*
 * Memory of another cell that this CPU cannot have touched: the bank is one that
 * all CPUs of a package share, and the cell's own CPUs are told too.  Anything
 * less certain than that is this cell's.
 */
static bool is_foreign(const struct machine_check *check, const struct machine_check_bank *bank)
{
	const uint64_t known = MC_STATUS_ADDRESS | MC_STATUS_MISC;
	const struct plan_owner *owner;

	if (!check->names_memory || (bank->status & known) != known ||
	    bank->status & (MC_STATUS_CORRUPT | MC_STATUS_OVERFLOW) ||
	    MC_MISC_MODE(bank->misc) != MC_MISC_PHYSICAL)
		return false;
	owner = plan_owner_at(check->plan, bank->address);
	return owner && owner->kind == PLAN_OWNER_CELL_RAM && owner->cell != check->cell;
}

bool machine_check_judge(struct machine_check *check, const struct machine_check_bank *bank)
{
	if (!(bank->status & MC_STATUS_VALID))
		return false;
	if (!(bank->status & (MC_STATUS_UNCORRECTED | MC_STATUS_CORRUPT)))
		return true;
	if (is_foreign(check, bank))
		return false;
	check->ends_cell = true;
	if (bank->status & MC_STATUS_ADDRESS && !check->address)
		check->address = bank->address;
	return true;
}
