/* SPDX-License-Identifier: Apache-2.0 */
#include "apic.h"

#include "backend.h"
#include "cpu_features.h"
#include "instructions.h"

#include <septum/x86/registers.h>

#define CPUID1_ECX_X2APIC (1u << 21)
#define LVT_MASKED 0x10000u
#define SVR_RESET 0xffu
#define SVR_ENABLED 0x1ffu
#define VECTORS 256u

bool apic_enable_x2apic(void)
{
	uint64_t base;

	if (!(cpu_leaf(1).ecx & CPUID1_ECX_X2APIC))
		return false;
	base = rdmsr(MSR_APIC_BASE);
	/* xAPIC first: a direct step from disabled to x2APIC is not allowed. */
	wrmsr(MSR_APIC_BASE, base | APIC_BASE_ENABLE);
	wrmsr(MSR_APIC_BASE, base | APIC_BASE_ENABLE | APIC_BASE_EXTD);
	return true;
}

void apic_quiet(void)
{
	/* A refusal may come before x2APIC mode, where its MSRs are #GP (APM volume 2, 16.11). */
	if (!(rdmsr(MSR_APIC_BASE) & APIC_BASE_EXTD))
		return;
	for (uint32_t lvt = MSR_X2APIC_LVT_TIMER; lvt <= MSR_X2APIC_LVT_ERROR; lvt++)
		wrmsr(lvt, LVT_MASKED);
	wrmsr(MSR_X2APIC_TIMER_INIT, 0);
	wrmsr(MSR_X2APIC_TPR, 0);
	wrmsr(MSR_X2APIC_SVR, SVR_RESET);
}

/* Is an interrupt in service, or pending? */
static bool is_busy(void)
{
	uint64_t bits = 0;

	for (uint32_t i = 0; i < 8; i++)
		bits |= rdmsr(MSR_X2APIC_ISR0 + i) | rdmsr(MSR_X2APIC_IRR0 + i);
	return bits != 0;
}

void apic_reset(struct cpu *cpu)
{
	apic_quiet();
	/* Enabled, so that it hands over what is pending; nothing new comes but IPIs. */
	wrmsr(MSR_X2APIC_SVR, SVR_ENABLED);
	for (uint32_t i = 0; i < 2 * VECTORS && is_busy(); i++) {
		wrmsr(MSR_X2APIC_EOI, 0);
		cpu->backend->accept_interrupts(cpu);
	}
	wrmsr(MSR_X2APIC_TIMER_DIVIDE, 0);
	wrmsr(MSR_X2APIC_ESR, 0);
	wrmsr(MSR_X2APIC_SVR, SVR_RESET);
}
