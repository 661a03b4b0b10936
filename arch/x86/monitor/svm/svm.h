/* SPDX-License-Identifier: Apache-2.0 */
/* AMD-V: entering cells and answering their exits (APM volume 2, chapter 15). */
#ifndef SEPTUM_X86_SVM_H
#define SEPTUM_X86_SVM_H

#include "cpu.h"

/** svm_run() - run the cell; returns never, calls svm_exit() at each exit (run.S). */
void svm_run(struct cpu *cpu) __attribute__((noreturn));

/** svm_exit() - answer one exit; the cell goes on when it returns. */
void svm_exit(struct cpu *cpu);

/** svm_nested_fault() - exit code NPF, APM volume 2, 15.25.6 (nested_fault.c). */
void svm_nested_fault(struct cpu *cpu);

/** svm_inject() - resume.c: deliver an exception; with a zero error code where it has one. */
void svm_inject(struct cpu *cpu, uint32_t vector);

/** svm_skip() - resume.c: step over the instruction that exited. @length: its bytes. */
void svm_skip(struct cpu *cpu, unsigned int length);

/**
 * svm_stop() - the end of a cell's CPU: crash record, report, wait for ever.
 * @event: why; @address: GPA, port or MSR it was about; @what: for the report.
 */
void svm_stop(struct cpu *cpu, enum plan_event event, uint64_t address, const char *rule,
	      const char *what) __attribute__((noreturn));

#endif
