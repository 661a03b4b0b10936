/* SPDX-License-Identifier: Apache-2.0 */
/* Register numbers and fields: APM volume 2, 16.3 and 16.11. */
#include "apic.h"

#include "cpu.h"
#include "pm_timer.h"

#include <septum/x86/registers.h>

#define SVR_ENABLE_SPURIOUS_FF 0x1ffu
#define LVT_MASKED (1u << 16)
#define LVT_PERIODIC (1u << 17)
#define DIVIDE_BY_1 0xbu

void apic_enable(void)
{
	msr_write(MSR_X2APIC_SVR, SVR_ENABLE_SPURIOUS_FF);
	msr_write(MSR_X2APIC_LVT_LINT0, LVT_MASKED);
	msr_write(MSR_X2APIC_LVT_LINT1, LVT_MASKED);
	msr_write(MSR_X2APIC_TPR, 0);
}

static void timer_start(uint32_t lvt, uint32_t ticks)
{
	msr_write(MSR_X2APIC_TIMER_DIVIDE, DIVIDE_BY_1);
	msr_write(MSR_X2APIC_LVT_TIMER, lvt);
	msr_write(MSR_X2APIC_TIMER_INIT, ticks);
}

/* The timer counts down. */
static uint64_t timer_passed(void)
{
	return 0xffffffffu - msr_read(MSR_X2APIC_TIMER_CURRENT);
}

uint64_t apic_timer_khz(void)
{
	uint64_t khz;

	timer_start(LVT_MASKED | 0xff, 0xffffffffu);
	khz = pm_timer_khz_of(timer_passed);
	apic_timer_stop();
	return khz;
}

void apic_timer_periodic(uint8_t vector, uint32_t ticks)
{
	timer_start(LVT_PERIODIC | vector, ticks);
}

void apic_timer_once(uint8_t vector, uint32_t ticks)
{
	timer_start(vector, ticks);
}

void apic_timer_stop(void)
{
	msr_write(MSR_X2APIC_TIMER_INIT, 0);
	msr_write(MSR_X2APIC_LVT_TIMER, LVT_MASKED | 0xff);
}

void apic_eoi(void)
{
	msr_write(MSR_X2APIC_EOI, 0);
}

void apic_send(uint32_t destination, uint32_t command)
{
	msr_write(MSR_X2APIC_ICR, (uint64_t)destination << 32 | command);
}
