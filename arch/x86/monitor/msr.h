/* SPDX-License-Identifier: Apache-2.0 */
/* The MSRs that exit: emulated where stock kernels need them, else #GP. */
#ifndef SEPTUM_X86_MSR_H
#define SEPTUM_X86_MSR_H

#include "cpu.h"

/** msr_read() - a value the cell may see.  Return: false: #GP. */
bool msr_read(const struct cpu *cpu, uint32_t msr, uint64_t *value);

/** msr_write() - the cell's write.  Return: false: #GP. */
bool msr_write(struct cpu *cpu, uint32_t msr, uint64_t value);

#endif
