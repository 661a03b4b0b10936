/* SPDX-License-Identifier: Apache-2.0 */
/* The attacks, by name, and how their outcomes are told. */
#ifndef ATTACKER_CASES_H
#define ATTACKER_CASES_H

#include <stdbool.h>
#include <stdint.h>

/* One attack; @argument is the rest of the command line, "" if none. */
struct attack_case {
	const char *name;
	void (*run)(const char *argument);
};

/* Each ends with an entry without a name. */
extern const struct attack_case memory_cases[];
extern const struct attack_case port_cases[];
extern const struct attack_case msr_cases[];
extern const struct attack_case cpu_cases[];
extern const struct attack_case apic_cases[];
extern const struct attack_case lvt_cases[];
extern const struct attack_case debug_cases[];
extern const struct attack_case step_cases[];
extern const struct attack_case mode_cases[];
extern const struct attack_case ending_cases[];

/** report_start() - "case NAME: start"; the lines that follow carry the same name. */
void report_start(const char *name);

/** report_end() - "case NAME: end blocked N harmless N bad N". */
void report_end(void);

/** report_blocked() - "blocked #GP" and the like, after a trapped guard. */
void report_blocked(const char *what);

/** report_harmless() - the act went through and had no effect, or a permitted one. */
void report_harmless(const char *what, uint64_t value);

/** report_bad() - "SURVIVED (bad)": the act had an effect that it must not have. */
void report_bad(const char *what, uint64_t value);

/** report_judged() - harmless if @good, else bad. */
void report_judged(bool good, const char *what, uint64_t value);

/** report_trap() - an act that must trap with @vector; @returned: it did not trap. */
void report_trap(bool returned, unsigned int vector, const char *what);

#define VECTOR_DB 1u
#define VECTOR_NMI 2u
#define VECTOR_BP 3u
#define VECTOR_UD 6u
#define VECTOR_GP 13u
#define VECTOR_AC 17u

#endif
