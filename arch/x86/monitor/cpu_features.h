/* SPDX-License-Identifier: Apache-2.0 */
/* What every CPU must have, and what some have. */
#ifndef SEPTUM_X86_CPU_FEATURES_H
#define SEPTUM_X86_CPU_FEATURES_H

#include "cpuid_filter.h"

#include <septum/plan.h>

#define CPU_MISSING_BACKEND (1u << 0)
#define CPU_MISSING_NPT (1u << 1)
#define CPU_MISSING_X2APIC (1u << 2)
#define CPU_MISSING_NX (1u << 3)
#define CPU_MISSING_1G_PAGES (1u << 4)
#define CPU_MISSING_PHYS_BITS (1u << 5)
#define CPU_MISSING_LOCKED (1u << 6) /* by VM_CR.SVMDIS or IA32_FEATURE_CONTROL */

/** cpu_leaf() - what CPUID answers; zeroes beyond its highest leaf. */
struct cpuid_regs cpu_leaf(uint32_t number);

/** cpu_missing_features() - CPU_MISSING_* of the CPU that asks (APM volume 3, appendix E). */
uint32_t cpu_missing_features(const struct plan *plan);

/** cpu_report_missing() - one "refused:" line per bit. Return: how many. */
unsigned int cpu_report_missing(uint32_t missing, apic_id_t id);

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
