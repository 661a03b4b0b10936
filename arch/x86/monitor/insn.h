/* SPDX-License-Identifier: Apache-2.0 */
/* The instruction that exited, read from the cell's memory through its own page tables. */
#ifndef SEPTUM_X86_INSN_H
#define SEPTUM_X86_INSN_H

#include "backend.h"
#include "guest_memory.h"

/** insn_fetch() - the cell's bytes at its RIP. Return: how many, up to GUEST_FETCH_BYTES. */
unsigned int insn_fetch(const struct cpu *cpu, uint8_t bytes[GUEST_FETCH_BYTES]);

/** insn_linear() - linear address of the cell's RIP. */
uint64_t insn_linear(const struct cpu *cpu);

/** insn_paging() - the cell's registers that a walk of its page tables starts from. */
struct guest_paging insn_paging(const struct cpu *cpu);

#endif
