/* SPDX-License-Identifier: Apache-2.0 */
#include "clock.h"

#include "arch.h"
#include "instructions.h"

#include <septum/x86/registers.h>

#define MEASURE_TICKS (PM_TIMER_HZ / 100) /* 10 ms */
/* The timer is on a slow bus: this many reads take far longer than 10 ms where it counts. */
#define MEASURE_READS 10000000u
#define APIC_TIMER_DIVIDE_BY_1 0xbu
#define LVT_MASKED 0x10000u

struct clock_rates clock_rates;

uint32_t pm_timer_elapsed(uint32_t from, uint32_t to, unsigned int bits)
{
	uint32_t mask = bits >= 32 ? 0xffffffffu : (1u << bits) - 1;

	return (to - from) & mask;
}

bool clock_measure(const struct plan *plan)
{
	uint32_t start, ticks = 0, apic;
	uint64_t tsc;

	wrmsr(MSR_X2APIC_TIMER_DIVIDE, APIC_TIMER_DIVIDE_BY_1);
	wrmsr(MSR_X2APIC_LVT_TIMER, LVT_MASKED);
	wrmsr(MSR_X2APIC_TIMER_INIT, 0xffffffffu);
	start = in32(plan->pm_timer_port);
	tsc = rdtsc();
	for (uint32_t i = 0; i < MEASURE_READS && ticks < MEASURE_TICKS; i++)
		ticks = pm_timer_elapsed(start, in32(plan->pm_timer_port), plan->pm_timer_bits);
	tsc = rdtsc() - tsc;
	apic = 0xffffffffu - (uint32_t)rdmsr(MSR_X2APIC_TIMER_CURRENT);
	wrmsr(MSR_X2APIC_TIMER_INIT, 0);
	if (ticks < MEASURE_TICKS)
		return false;
	clock_rates.tsc_khz = (uint32_t)(tsc * PM_TIMER_HZ / ticks / 1000);
	clock_rates.apic_khz = (uint32_t)((uint64_t)apic * PM_TIMER_HZ / ticks / 1000);
	return clock_rates.tsc_khz != 0;
}

void arch_wait(uint64_t microseconds)
{
	uint64_t ticks = microseconds * clock_rates.tsc_khz / 1000, start = rdtsc();

	while (rdtsc() - start < ticks)
		cpu_relax();
}
