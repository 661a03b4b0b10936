/* SPDX-License-Identifier: Apache-2.0 */
/* AMD-V: entering cells and answering their exits (APM volume 2, chapter 15). */
#ifndef SEPTUM_X86_SVM_H
#define SEPTUM_X86_SVM_H

#include "backend.h"
#include "opcode.h"

#include <septum/x86/vmcb.h>

/** svm_run() - run the cell; returns never, calls svm_exit() at each exit (run.S). */
void svm_run(struct cpu *cpu) __attribute__((noreturn));

/**
 * svm_window() - with GIF 1 for a moment, so that what is pending arrives (run.S).
 * @nmi_taken: becomes 1 if an NMI arrived.  @interrupts: 1: with RFLAGS.IF set, too.
 */
void svm_window(uint32_t *nmi_taken, uint32_t interrupts);

/** svm_nmi() - gate of vector 2 on CPUs that run cells (run.S). */
void svm_nmi(void);

/** svm_exit() - answer one exit; the cell goes on when it returns. */
void svm_exit(struct cpu *cpu);

/** svm_inject() - state.c: deliver an exception; with a zero error code where it has one. */
void svm_inject(struct cpu *cpu, uint32_t vector);

/** svm_length() - length.c: bytes of the instruction that exited; 0: the cell has changed it. */
unsigned int svm_length(struct cpu *cpu, enum decode_opcode expected);

/** svm_skip() - state.c: step over the instruction that exited. @length: its bytes. */
void svm_skip(struct cpu *cpu, unsigned int length);

/** svm_get(), svm_set(), svm_mode() - state.c: the cell's registers, for struct backend. */
uint64_t svm_get(const struct cpu *cpu, enum guest_register reg);
void svm_set(struct cpu *cpu, enum guest_register reg, uint64_t value);
enum decode_mode svm_mode(const struct cpu *cpu);

/** svm_deliver_nmi() - nmi.c: for struct backend. */
void svm_deliver_nmi(struct cpu *cpu);

/** svm_exit_nmi() - nmi.c: exit code NMI: the NMI is still pending and is taken here. */
void svm_exit_nmi(struct cpu *cpu);

/** svm_exit_iret(), svm_exit_window() - nmi.c: the cell leaves its NMI handler; and has left it. */
void svm_exit_iret(struct cpu *cpu);
void svm_exit_window(struct cpu *cpu);

/** svm_accept_interrupts() - nmi.c: for struct backend. */
void svm_accept_interrupts(struct cpu *cpu);

#endif
