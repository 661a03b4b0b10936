/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SEPTUM_X86_STOP_H
#define SEPTUM_X86_STOP_H

#include "cpu.h"

/**
 * cell_stop() - the end of a cell: crash record, report, its other CPUs told, wait for ever.
 * @event: why; @address: GPA, port or MSR it was about; @what: for the report.
 */
void cell_stop(struct cpu *cpu, enum plan_event event, uint64_t address, const char *rule,
	       const char *what) __attribute__((noreturn));

/** cell_stop_with_peer() - this CPU's share of it: another one has recorded and reported. */
void cell_stop_with_peer(struct cpu *cpu) __attribute__((noreturn));

#endif
