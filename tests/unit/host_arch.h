/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The architecture that exists only for host tests: it gives the monitor's
 * neutral part a console that a test can read and plain memory work.  An hpa_t
 * holds a host pointer there, because the monitor maps memory one to one.
 */
#ifndef SEPTUM_TESTS_HOST_ARCH_H
#define SEPTUM_TESTS_HOST_ARCH_H

#include <septum/plan.h>
#include <stddef.h>
#include <stdint.h>

/** host_console() - all lines since host_console_clear(), each ended by one '\n', no prefix. */
const char *host_console(void);

/** host_console_lines() - how often a line was written, whatever it held. */
unsigned int host_console_lines(void);

void host_console_clear(void);

/** host_arch_plan_set() - what arch_plan() gives. */
void host_arch_plan_set(const struct plan *plan);

static inline hpa_t host_hpa(const void *memory)
{
	return (hpa_t){ (uintptr_t)memory };
}

#define HOST_TABLE(array, entries) \
	((struct plan_table){ host_hpa(array), (uint32_t)(entries), sizeof((array)[0]) })

/** host_random() - the same pseudo-random numbers in each run (xorshift64*). */
uint64_t host_random(void);

#endif
