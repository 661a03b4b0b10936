/* SPDX-License-Identifier: Apache-2.0 */
/* What a cell with several CPUs must be able to do, by name. */
#ifndef SMP_CASES_H
#define SMP_CASES_H

#include "cpus.h"

#include "../lib/orders.h"
#include "../lib/report.h"

extern const struct test_case id_cases[];
extern const struct test_case ipi_cases[];
extern const struct test_case nmi_cases[];
extern const struct test_case start_cases[];
extern const struct test_case traffic_cases[];
extern const struct test_case ending_cases[];

/** for_others() - all CPUs but 0 up, then @act on each. */
void for_others(void (*act)(unsigned int cpu));

/* Jobs that go on until cpus_should_stop(). */
void job_halt(void); /* HLT between interrupts */
void job_spin(void); /* interrupts on */
void job_deaf(void); /* interrupts off */
void job_exits(void); /* one CPUID after the other */

/* What the others may be doing. */
struct pastime {
	const char *name;
	cpu_job *job;
};
extern const struct pastime pastimes[];
#define PASTIMES 4u

/** pastime_find() - by name; NULL: unknown. */
const struct pastime *pastime_find(const char *name);

#endif
