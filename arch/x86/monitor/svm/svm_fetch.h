/* SPDX-License-Identifier: Apache-2.0 */
/* The instruction that exited: from the VMCB where the CPU says it, else from the cell's memory. */
#ifndef SEPTUM_X86_SVM_FETCH_H
#define SEPTUM_X86_SVM_FETCH_H

#include "cpu.h"
#include "decode.h"
#include "guest_memory.h"

/** svm_decode_mode() - default sizes of the cell's current code segment. */
enum decode_mode svm_decode_mode(const struct vmcb *vmcb);

/** svm_fetch() - the cell's bytes at its RIP. Return: how many, up to GUEST_FETCH_BYTES. */
unsigned int svm_fetch(const struct cpu *cpu, uint8_t bytes[GUEST_FETCH_BYTES]);

/** svm_instruction_length() - bytes of the instruction that exited; 0: it is another one. */
unsigned int svm_instruction_length(const struct cpu *cpu, enum decode_opcode expected);

/** svm_mov_to_cr() - length and source register of a MOV to CRn that exited; 0: it is none. */
unsigned int svm_mov_to_cr(const struct cpu *cpu, unsigned int cr, unsigned int *gpr);

#endif
