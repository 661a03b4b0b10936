/* SPDX-License-Identifier: Apache-2.0 */
/* The attacks, by name. */
#ifndef ATTACKER_CASES_H
#define ATTACKER_CASES_H

#include "../lib/orders.h"
#include "../lib/report.h"
#include "../lib/traps.h"

/* Each ends with an entry without a name. */
extern const struct test_case memory_cases[];
extern const struct test_case port_cases[];
extern const struct test_case msr_cases[];
extern const struct test_case machine_check_cases[];
extern const struct test_case cpu_cases[];
extern const struct test_case apic_cases[];
extern const struct test_case ipi_cases[];
extern const struct test_case lvt_cases[];
extern const struct test_case control_cases[];
extern const struct test_case hidden_cases[];
extern const struct test_case debug_cases[];
extern const struct test_case step_cases[];
extern const struct test_case mode_cases[];
extern const struct test_case fuzz_cases[];
extern const struct test_case task_cases[];
extern const struct test_case ending_cases[];

#endif
