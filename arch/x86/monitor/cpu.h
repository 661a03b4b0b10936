/* SPDX-License-Identifier: Apache-2.0 */
/* A CPU's private state: the first page of its block, mapped by no other CPU. */
#ifndef SEPTUM_X86_CPU_H
#define SEPTUM_X86_CPU_H

#include "exceptions.h"

#include <septum/plan.h>
#include <septum/x86/vmcb.h>
#include <stdbool.h>

enum gpr { GPR_RAX, GPR_RCX, GPR_RDX, GPR_RBX, GPR_RSP, GPR_RBP, GPR_RSI, GPR_RDI, GPR_COUNT = 16 };

struct cpu {
	uint64_t gprs[GPR_COUNT]; /* the cell's; svm/run.S relies on offset 0 */
	uint64_t vmcb_address; /* HPA; svm/run.S relies on offset 128 */
	const struct plan *plan;
	const struct plan_cpu *self;
	const struct plan_cell *cell;
	struct plan_counters *counters;
	struct vmcb *vmcb;
	uint64_t cr4_allowed; /* bits that the cell may set */
	uint64_t xcr0_supported;
	uint64_t efer_allowed;
	uint32_t max_leaf; /* CPUID's highest, by the CPU itself */
	uint32_t max_extended_leaf;
	bool has_next_rip;
	struct gate idt[EXCEPTION_COUNT];
};
static_assert(offsetof(struct cpu, vmcb_address) == 128, "svm/run.S reads this field");
static_assert(sizeof(struct cpu) <= PLAN_PAGE_BYTES, "struct cpu fits its page");

static inline struct cpu *cpu_of(const struct plan_cpu *self)
{
	return (struct cpu *)(uintptr_t)(self->block.raw + CPU_BLOCK_STATE);
}

#endif
