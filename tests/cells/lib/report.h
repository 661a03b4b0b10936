/* SPDX-License-Identifier: Apache-2.0 */
/* How the outcome of a case is told: lines that the tests of tests/system read. */
#ifndef CELL_REPORT_H
#define CELL_REPORT_H

#include <stdbool.h>
#include <stdint.h>

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

#endif
