/* SPDX-License-Identifier: Apache-2.0 */
#include "pm_timer.h"

#include "cpu.h"

#define PM_TIMER_MASK 0xffffffu /* 24 bits are certain, 32 an option */
#define MEASURE_US 10000u
#define MEASUREMENTS 3

void pm_timer_wait_us(uint32_t us)
{
	uint64_t ticks = (uint64_t)us * PM_TIMER_HZ / 1000000;
	uint32_t start = in32(PM_TIMER_PORT);

	while (((in32(PM_TIMER_PORT) - start) & PM_TIMER_MASK) < ticks)
		;
}

uint64_t pm_timer_khz_of(uint64_t (*run)(uint32_t us))
{
	uint64_t least = UINT64_MAX;

	for (int i = 0; i < MEASUREMENTS; i++) {
		uint64_t khz = run(MEASURE_US) * 1000 / MEASURE_US;

		if (khz < least)
			least = khz;
	}
	return least;
}

static uint64_t tsc_run(uint32_t us)
{
	uint64_t start = tsc_read();

	pm_timer_wait_us(us);
	return tsc_read() - start;
}

uint64_t tsc_khz(void)
{
	return pm_timer_khz_of(tsc_run);
}
