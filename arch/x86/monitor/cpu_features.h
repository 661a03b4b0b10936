/* SPDX-License-Identifier: Apache-2.0 */
/* What every CPU must have, and what some have. */
#ifndef SEPTUM_X86_CPU_FEATURES_H
#define SEPTUM_X86_CPU_FEATURES_H

#include "cpuid_filter.h"

#include <septum/plan.h>

/** cpu_leaf() - what CPUID answers; zeroes beyond its highest leaf. */
struct cpuid_regs cpu_leaf(uint32_t number);

/**
 * cpu_check() - the CPU that asks, against the plan (APM volume 3, appendix E).
 * Prints a "refused:" line for everything that it lacks.  Return: how many.
 */
unsigned int cpu_check(const struct plan *plan);

/** cpu_apic_id() - this CPU's x2APIC id, by CPUID: valid in every APIC mode. */
apic_id_t cpu_apic_id(void);

/**
 * cpu_redirect_init() - from now on an INIT is a #SX, which the monitor forgets (APM
 * volume 2, 15.28): an intercepted INIT stays pending and would reset the CPU, on
 * the boot CPU into the firmware, as soon as GIF is 1.  VT-x blocks
 * INIT in the monitor by itself: nothing to do there.
 */
void cpu_redirect_init(void);

/** cpu_cr4_allowed() - the CR4 bits that a cell may set on this CPU. */
uint64_t cpu_cr4_allowed(void);

#endif
