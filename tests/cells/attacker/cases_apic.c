/* SPDX-License-Identifier: Apache-2.0 */
/* The local APIC's modes, its place and its number. */
#include "cases.h"

#include "../lib/cpu.h"

#include <septum/x86/registers.h>
#include <stddef.h>

#define APIC_DEFAULT 0xfee00000ull
#define MONITOR_BASE 0x10000000ull

static void act_apic_base(void *arg)
{
	msr_write(MSR_APIC_BASE, *(const uint64_t *)arg);
}

/* Off, back to xAPIC, into the invalid mode, elsewhere: APM volume 2, 16.9. */
static void judge_modes(uint64_t base, uint64_t address, uint64_t bsp)
{
	for (unsigned int mode = 0; mode < 4; mode++) {
		uint64_t value = address | bsp | (mode & 1 ? APIC_BASE_ENABLE : 0) |
				 (mode & 2 ? APIC_BASE_EXTD : 0);

		if (value != base)
			report_trap(trap_guard(act_apic_base, &value), VECTOR_GP, "APIC_BASE");
	}
}

static void case_apic_base(const char *argument)
{
	const uint64_t base = msr_read(MSR_APIC_BASE);
	const uint64_t addresses[] = {
		APIC_DEFAULT, APIC_DEFAULT + 0x1000, 0, MONITOR_BASE, 1ull << 39,
	};

	(void)argument;
	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		judge_modes(base, addresses[i], 0);
		judge_modes(base, addresses[i], APIC_BASE_BSP);
	}
	for (unsigned int bit = 0; bit < 64; bit++) {
		uint64_t value = base ^ 1ull << bit;

		report_trap(trap_guard(act_apic_base, &value), VECTOR_GP, "APIC_BASE bit");
	}
	report_judged(msr_read(MSR_APIC_BASE) == base, "APIC_BASE", msr_read(MSR_APIC_BASE));
}

static void case_apic_id(const char *argument)
{
	(void)argument;
	report_judged(msr_read(MSR_X2APIC_ID) == 0, "x2APIC id", msr_read(MSR_X2APIC_ID));
	report_judged(cpuid(1, 0).ebx >> 24 == 0, "CPUID 1 APIC id", cpuid(1, 0).ebx >> 24);
	report_judged(cpuid(0xb, 0).edx == 0, "CPUID 0xB APIC id", cpuid(0xb, 0).edx);
}

const struct test_case apic_cases[] = {
	{ "apic-base", case_apic_base },
	{ "apic-id", case_apic_id },
	{ 0 },
};
