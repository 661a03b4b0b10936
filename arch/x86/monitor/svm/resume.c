/* SPDX-License-Identifier: Apache-2.0 */
/* How a cell goes on after an exit: with an exception, or behind the instruction. */
#include "svm.h"
#include "svm_fetch.h"

#include <septum/x86/registers.h>

#define INTERRUPT_SHADOW 1ull
#define DR6_SINGLE_STEP (1ull << 14)
#define RFLAGS_TF (1ull << 8)

void svm_inject(struct cpu *cpu, uint32_t vector)
{
	uint64_t event = VMCB_EVENT_VALID | VMCB_EVENT_TYPE_EXCEPTION | vector;

	/* Error code 0 in bits 63:32; real mode has none (APM volume 2, 8.2, table 8-1). */
	if (cpu->vmcb->save.cr0 & CR0_PE && (vector == VECTOR_GP || vector == VECTOR_AC))
		event |= VMCB_EVENT_ERROR_VALID;
	cpu->vmcb->control.event_injection = event;
}

void svm_skip(struct cpu *cpu, unsigned int length)
{
	struct vmcb *vmcb = cpu->vmcb;

	vmcb->save.rip += length;
	/* Outside 64-bit code the instruction pointer has 32 bits (APM volume 2, 2.2.4). */
	if (svm_decode_mode(vmcb) != DECODE_64)
		vmcb->save.rip &= 0xffffffffull;
	vmcb->control.interrupt_shadow &= ~INTERRUPT_SHADOW;
	if (vmcb->save.rflags & RFLAGS_TF) {
		vmcb->save.dr6 |= DR6_SINGLE_STEP;
		svm_inject(cpu, VECTOR_DB);
	}
}
