/* SPDX-License-Identifier: Apache-2.0 */
/* Not part of the monitor: only built with CONFIG_TEST_INJECT_MC. */
#include "exits.h"
#include "instructions.h"
#include "machine_check.h"

#include <septum/x86/registers.h>

#define MSR_TEST 0x400000f0u /* processors leave 40000000h-400000ffh to software */

bool machine_check_test(struct cpu *cpu, uint32_t msr, uint64_t value)
{
	if (msr != MSR_TEST)
		return false;
	/* Emulators take this; a processor has #GP for a STATUS that is not 0. */
	wrmsr(MC_ADDRESS(0), value & ~0xfffull);
	wrmsr(MC_MISC(0), MC_MISC_PHYSICAL << 6);
	wrmsr(MC_STATUS(0), value << 56);
	wrmsr(MSR_MCG_STATUS, value >> 8 & 7);
	exit_machine_check(cpu);
	return true;
}
