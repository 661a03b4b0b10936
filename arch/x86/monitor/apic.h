/* SPDX-License-Identifier: Apache-2.0 */
/* This CPU's local APIC, as hardware (APM volume 2, chapter 16). */
#ifndef SEPTUM_X86_APIC_H
#define SEPTUM_X86_APIC_H

#include "cpu.h"

/** apic_enable_x2apic() - APM volume 2, 16.9. Return: false if the CPU has none. */
bool apic_enable_x2apic(void);

/**
 * apic_quiet() - every local interrupt masked, timer stopped, APIC software-disabled.
 * Does nothing before x2APIC mode: a refusal may come that early.
 */
void apic_quiet(void);

/**
 * apic_reset() - the state after INIT (APM volume 2, 16.3.2): as apic_quiet(), and nothing
 * in service or pending.  Never by APIC_BASE: other CPUs may be sending to this one.
 */
void apic_reset(struct cpu *cpu);

#endif
