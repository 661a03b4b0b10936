/* SPDX-License-Identifier: Apache-2.0 */
/* A CPU's private state: the first page of its block, mapped by no other CPU. */
#ifndef SEPTUM_X86_CPU_H
#define SEPTUM_X86_CPU_H

#include "exceptions.h"
#include "mailbox.h"

#include <septum/plan.h>
#include <stdbool.h>
#include <stddef.h>

enum gpr { GPR_RAX, GPR_RCX, GPR_RDX, GPR_RBX, GPR_RSP, GPR_RBP, GPR_RSI, GPR_RDI, GPR_COUNT = 16 };

struct backend;
struct vmcb;

/* Where the cell's exits come from, so that most need no walk of its page tables (svm/length.c). */
struct insn_page {
	uint64_t cr3, linear;
	const volatile uint8_t *memory; /* NULL: nothing remembered */
};

struct cpu {
	/* The cell's; [GPR_RSP] is not kept here.  svm/run.S and vmx/run.S rely on offset 0. */
	uint64_t gprs[GPR_COUNT];
	uint64_t control_address; /* HPA of VMCB or VMCS; run.S relies on offset 128 */
	const struct backend *backend;
	const struct plan *plan;
	const struct plan_cpu *self;
	const struct plan_cell *cell;
	struct plan_counters *counters;
	struct mailbox *mailbox; /* this CPU's own */
	struct vmcb *vmcb; /* AMD-V only */
	uint64_t cr4_allowed; /* bits that the cell may set */
	uint64_t xcr0_supported;
	uint64_t efer_allowed;
	uint32_t max_leaf; /* CPUID's highest, by the CPU itself */
	uint32_t max_extended_leaf;
	struct insn_page insn_page;
	bool has_next_rip; /* AMD-V only */
	bool nmi_pending; /* an NMI waits for the cell to take it */
	bool nmi_blocked; /* AMD-V only: the cell is inside its NMI handler */
	unsigned int insn_length; /* of the instruction to skip, where a handler knows it; else 0 */
};
static_assert(offsetof(struct cpu, control_address) == 128, "run.S reads this field");
static_assert(sizeof(struct cpu) <= PLAN_PAGE_BYTES, "struct cpu fits its page");

#endif
