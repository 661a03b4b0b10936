/* SPDX-License-Identifier: Apache-2.0 */
#include "pm_timer.h"

#include "cpu.h"

#define ICH9_PORT 0x608u /* PMBASE as QEMU's firmwares set it, and the timer's offset */
#define PIIX4_PORT 0xb008u /* the same under bochsbios */
#define NOBODY_THERE 0xffffffffu
#define PM_TIMER_MASK 0xffffffu /* 24 bits are certain, 32 an option */
#define MEASURE_US 50000u
#define SAMPLE_TRIES 16

/* A 24-bit timer's upper byte is 0; a 32-bit one passes all-ones once in 20 minutes. */
uint16_t pm_timer_port(void)
{
	static uint16_t port;

	if (!port)
		port = in32(ICH9_PORT) == NOBODY_THERE ? PIIX4_PORT : ICH9_PORT;
	return port;
}

void pm_timer_wait_us(uint32_t us)
{
	const uint16_t port = pm_timer_port();
	uint64_t ticks = (uint64_t)us * PM_TIMER_HZ / 1000000;
	uint32_t start = in32(port);

	while (((in32(port) - start) & PM_TIMER_MASK) < ticks)
		;
}

struct sample {
	uint32_t pm; /* PM timer */
	uint64_t clock;
	uint64_t width; /* counts of the clock between the readings around the PM timer's */
};

/* A reading that nobody interrupted is the one that took the shortest. */
static struct sample sample_take(uint64_t (*now)(void))
{
	struct sample best = { .width = UINT64_MAX };
	const uint16_t port = pm_timer_port();

	for (int i = 0; i < SAMPLE_TRIES; i++) {
		uint64_t before = now();
		uint32_t pm = in32(port);
		uint64_t width = now() - before;

		if (width < best.width)
			best = (struct sample){ pm, before + width / 2, width };
	}
	return best;
}

uint64_t pm_timer_khz_of(uint64_t (*now)(void))
{
	struct sample start = sample_take(now), end;

	pm_timer_wait_us(MEASURE_US);
	end = sample_take(now);
	return (end.clock - start.clock) * PM_TIMER_HZ / 1000 /
	       ((end.pm - start.pm) & PM_TIMER_MASK);
}

uint64_t tsc_khz(void)
{
	return pm_timer_khz_of(tsc_read);
}
