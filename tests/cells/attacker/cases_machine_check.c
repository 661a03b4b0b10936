/* SPDX-License-Identifier: Apache-2.0 */
/* A machine check that never was: only a build for tests believes it (CONFIG_TEST_INJECT_MC). */
#include "cases.h"

#include "../lib/cpu.h"
#include "../lib/string.h"
#include "../lib/traps.h"

#define MSR_TEST 0x400000f0u

static void act_pretend(void *arg)
{
	const uint64_t *bank = arg;

	msr_write(MSR_TEST, *bank);
}

/* @argument: a bank, packed as arch/x86/monitor/machine_check.h says. */
static void case_machine_check(const char *argument)
{
	uint64_t bank = string_number(argument);

	if (trap_guard(act_pretend, &bank))
		report_harmless("the cell goes on after bank", bank);
	else
		report_trap(false, VECTOR_GP, "write");
}

const struct test_case machine_check_cases[] = {
	{ "machine-check", case_machine_check },
	{ 0 },
};
