/* SPDX-License-Identifier: Apache-2.0 */
/* Time before any cell runs: the ACPI PM timer, and what is measured against it. */
#ifndef SEPTUM_X86_CLOCK_H
#define SEPTUM_X86_CLOCK_H

#include <septum/plan.h>
#include <stdbool.h>
#include <stdint.h>

#define PM_TIMER_HZ 3579545u /* ACPI specification, 4.8.2.1 */

/** pm_timer_elapsed() - PM timer ticks from one reading to a later one, over at most one wrap. */
uint32_t pm_timer_elapsed(uint32_t from, uint32_t to, unsigned int bits);

/** clock_measure() - find the TSC's and the local APIC timer's rate in about 10 ms. Return: false
 * if the PM timer of the plan does not count. */
bool clock_measure(const struct plan *plan);

/* Written once by the boot CPU before any other CPU runs; zeroes until then. */
extern struct clock_rates {
	uint32_t tsc_khz;
	uint32_t apic_khz; /* with divider 1 */
} clock_rates;

#endif
