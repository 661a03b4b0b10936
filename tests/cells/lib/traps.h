/* SPDX-License-Identifier: Apache-2.0 */
/* Exceptions and interrupts of a bare-metal cell. */
#ifndef CELL_TRAPS_H
#define CELL_TRAPS_H

#include <stdbool.h>
#include <stdint.h>

#define VECTOR_DB 1u
#define VECTOR_NMI 2u
#define VECTOR_BP 3u
#define VECTOR_UD 6u
#define VECTOR_GP 13u
#define VECTOR_AC 17u

struct trap_frame {
	uint64_t r15, r14, r13, r12, r11, r10, r9, r8, rdi, rsi, rbp, rbx, rdx, rcx, rax;
	uint64_t vector;
	uint64_t error;
	uint64_t rip, cs, rflags, rsp, ss;
};

typedef void trap_handler(struct trap_frame *frame);

/** traps_init() - build and load the IDT and the TSS; called before cell_main(). */
void traps_init(void);

/** traps_load() - load the same IDT on another CPU. */
void traps_load(void);

/** trap_on() - call @handler on a vector; NULL: back to the default. */
void trap_on(uint8_t vector, trap_handler *handler);

/**
 * trap_guard() - run @act so that an exception in it ends it and not the cell.
 * One level only.  Return: true if @act returned, false if it trapped: see trap_last().
 */
bool trap_guard(void (*act)(void *arg), void *arg);

/**
 * trap_own_stack() - deliver @vector on a stack of its own, from its top each time.
 * Return: its top.
 */
uint64_t trap_own_stack(uint8_t vector);

/** trap_last() - vector of the exception that ended the last guarded act. */
unsigned int trap_last(void);

/** trap_name() - "#GP" and so on, "vector" where the manual has no mnemonic. */
const char *trap_name(unsigned int vector);

#endif
