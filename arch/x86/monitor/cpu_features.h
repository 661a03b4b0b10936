/* SPDX-License-Identifier: Apache-2.0 */
/* What every CPU must have, and what some have. */
#ifndef SEPTUM_X86_CPU_FEATURES_H
#define SEPTUM_X86_CPU_FEATURES_H

#include <septum/plan.h>
#include <stdbool.h>
#include <stdint.h>

#define CPU_MISSING_SVM (1u << 0)
#define CPU_MISSING_NPT (1u << 1)
#define CPU_MISSING_X2APIC (1u << 2)
#define CPU_MISSING_NX (1u << 3)
#define CPU_MISSING_1G_PAGES (1u << 4)
#define CPU_MISSING_PHYS_BITS (1u << 5)
#define CPU_MISSING_SVM_LOCKED (1u << 6) /* firmware set VM_CR.SVMDIS */
#define CPU_MISSING_VMX (1u << 7)
#define CPU_MISSING_VMX_LOCKED (1u << 8) /* firmware locked IA32_FEATURE_CONTROL */
#define CPU_MISSING_BACKEND (1u << 9)

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

/** cpu_has_next_rip() - does #VMEXIT save the next RIP (CPUID 8000_000Ah EDX[3])? */
bool cpu_has_next_rip(void);

#endif
