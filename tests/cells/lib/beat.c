/* SPDX-License-Identifier: Apache-2.0 */
#include "beat.h"

#include "apic.h"
#include "console.h"
#include "cpu.h"
#include "pm_timer.h"
#include "traps.h"

static volatile uint64_t ticks;
static volatile uint64_t tick_tsc;

/* The time is taken here, so that printing does not count as lateness. */
static void on_tick(struct trap_frame *frame)
{
	(void)frame;
	tick_tsc = tsc_read();
	ticks = ticks + 1;
	apic_eoi();
}

void beat_forever(uint16_t port)
{
	uint64_t khz, apic_khz, seen = 0, last = 0;

	console_init(port);
	apic_enable();
	khz = tsc_khz();
	apic_khz = apic_timer_khz();
	console_format("heartbeat: ready, %u Hz, TSC %lu kHz, APIC timer %lu kHz\n", BEAT_HZ, khz,
		       apic_khz);
	trap_on(BEAT_VECTOR, on_tick);
	apic_timer_periodic(BEAT_VECTOR, (uint32_t)(apic_khz * 1000 / BEAT_HZ));
	for (;;) {
		while (ticks == seen)
			cpu_wait_for_interrupt();
		if (last)
			console_format("beat %lu cycles %lu ns %lu\n", ticks, tick_tsc - last,
				       (tick_tsc - last) * 1000000 / khz);
		/* Two ticks before one printed line leave a gap in the numbers: a missed beat. */
		seen = ticks;
		last = tick_tsc;
	}
}
