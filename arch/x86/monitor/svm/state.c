/* SPDX-License-Identifier: Apache-2.0 */
/* The cell's registers in the VMCB, and how it goes on after an exit. */
#include "svm.h"

#include <septum/x86/registers.h>

#define ATTRIBUTE_LONG (1u << 9) /* VMCB form of CS.L and CS.D, APM volume 2, 15.5.1 */
#define ATTRIBUTE_DEFAULT_32 (1u << 10)
#define INTERRUPT_SHADOW 1ull
#define DR6_SINGLE_STEP (1ull << 14)
#define RFLAGS_TF (1ull << 8)

static uint64_t *field(const struct cpu *cpu, enum guest_register reg)
{
	static const uint16_t offsets[GUEST_REGISTERS] = {
		[GUEST_RIP] = offsetof(struct vmcb, save.rip),
		[GUEST_RSP] = offsetof(struct vmcb, save.rsp),
		[GUEST_RFLAGS] = offsetof(struct vmcb, save.rflags),
		[GUEST_CR0] = offsetof(struct vmcb, save.cr0),
		[GUEST_CR3] = offsetof(struct vmcb, save.cr3),
		[GUEST_CR4] = offsetof(struct vmcb, save.cr4),
		[GUEST_EFER] = offsetof(struct vmcb, save.efer),
		[GUEST_CS_BASE] = offsetof(struct vmcb, save.cs.base),
	};

	return (uint64_t *)((uintptr_t)cpu->vmcb + offsets[reg]);
}

uint64_t svm_get(const struct cpu *cpu, enum guest_register reg)
{
	return *field(cpu, reg) & ~(reg == GUEST_EFER ? EFER_SVME : 0);
}

void svm_set(struct cpu *cpu, enum guest_register reg, uint64_t value)
{
	*field(cpu, reg) = value | (reg == GUEST_EFER ? EFER_SVME : 0);
	if (reg == GUEST_EFER) /* NXE changes what TLB entries mean */
		cpu->vmcb->control.tlb_control = VMCB_TLB_FLUSH_ALL;
}

enum decode_mode svm_mode(const struct cpu *cpu)
{
	const uint16_t attributes = cpu->vmcb->save.cs.attributes;

	if (cpu->vmcb->save.efer & EFER_LMA && attributes & ATTRIBUTE_LONG)
		return DECODE_64;
	return attributes & ATTRIBUTE_DEFAULT_32 ? DECODE_32 : DECODE_16;
}

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
	if (svm_mode(cpu) != DECODE_64)
		vmcb->save.rip &= 0xffffffffull;
	vmcb->control.interrupt_shadow &= ~INTERRUPT_SHADOW;
	if (vmcb->save.rflags & RFLAGS_TF) {
		vmcb->save.dr6 |= DR6_SINGLE_STEP;
		svm_inject(cpu, VECTOR_DB);
	}
}
