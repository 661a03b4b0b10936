/* SPDX-License-Identifier: Apache-2.0 */
/* The hardware's side of machine checks: the banks, and the end of a cell. */
#include "cpu_features.h"
#include "exits.h"
#include "instructions.h"
#include "machine_check.h"
#include "stop.h"

#include <septum/x86/registers.h>

#define CPUID1_EDX_MCA (1u << 14)
#define MCG_CAP_CTL_P (1ull << 8)
#define BANKS_MAX 32u /* as many have MSRs here; a count of 8 bits, SDM volume 3B, 15.3.1.1 */

static uint32_t bank_count(uint64_t capability)
{
	const uint32_t count = capability & 0xff;

	return count < BANKS_MAX ? count : BANKS_MAX;
}

/* ADDR and MISC may not exist where STATUS does not say that they hold something. */
static struct machine_check_bank read_bank(uint32_t bank)
{
	const uint64_t status = rdmsr(MC_STATUS(bank));

	return (struct machine_check_bank){
		.status = status,
		.address = status & MC_STATUS_ADDRESS ? rdmsr(MC_ADDRESS(bank)) : 0,
		.misc = status & MC_STATUS_MISC ? rdmsr(MC_MISC(bank)) : 0,
	};
}

enum outcome exit_machine_check(struct cpu *cpu)
{
	const uint64_t capability = rdmsr(MSR_MCG_CAP);
	struct machine_check check;

	machine_check_begin(&check, cpu, capability, rdmsr(MSR_MCG_STATUS));
	for (uint32_t i = 0; i < bank_count(capability); i++) {
		const struct machine_check_bank bank = read_bank(i);

		if (machine_check_judge(&check, &bank))
			wrmsr(MC_STATUS(i), 0);
	}
	/* MCIP: a machine check while it is set is a shutdown of the machine. */
	wrmsr(MSR_MCG_STATUS, 0);
	if (check.ends_cell)
		cell_stop(cpu, PLAN_EVENT_MACHINE_CHECK, check.address, "machine-check",
			  "the CPU reported an error that it could not correct");
	return exit_as(cpu, PLAN_EXIT_MACHINE_CHECK, OUTCOME_RETRY);
}

/* SDM volume 3B, 15.8; APM volume 2, 9.4. */
void machine_check_enable(void)
{
	uint64_t capability;

	if (!(cpu_leaf(1).edx & CPUID1_EDX_MCA))
		return;
	capability = rdmsr(MSR_MCG_CAP);
	if (capability & MCG_CAP_CTL_P)
		wrmsr(MSR_MCG_CTL, ~0ull);
	for (uint32_t i = 0; i < bank_count(capability); i++) {
		wrmsr(MC_CTL(i), ~0ull);
		wrmsr(MC_STATUS(i), 0);
	}
}
