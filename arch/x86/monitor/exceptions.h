/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SEPTUM_X86_EXCEPTIONS_H
#define SEPTUM_X86_EXCEPTIONS_H

#include <stdint.h>

#define EXCEPTION_COUNT 32u
#define GATE_COUNT 256u

/* Exception vectors that the monitor delivers to cells (APM volume 2, 8.2) */
#define VECTOR_DB 1u
#define VECTOR_NMI 2u
#define VECTOR_UD 6u
#define VECTOR_GP 13u
#define VECTOR_AC 17u
#define VECTOR_MC 18u

/* 64-bit interrupt gate, APM volume 2, 4.8.4 */
struct gate {
	uint16_t offset_low;
	uint16_t selector;
	uint16_t attributes;
	uint16_t offset_middle;
	uint32_t offset_high;
	uint32_t reserved;
};

/**
 * exceptions_setup() - fill a table of gates and make it this CPU's IDT.
 * @count: EXCEPTION_COUNT, or GATE_COUNT where interrupts may be accepted.
 */
void exceptions_setup(struct gate *idt, uint32_t count);

/** gate_set() - where a vector leads. @target: an entry point that ends in IRETQ. */
void gate_set(struct gate *gate, const void *target);

#endif
