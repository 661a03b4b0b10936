/* SPDX-License-Identifier: Apache-2.0 */
/* The cell's registers in the VMCS, and how it goes on after an exit. */
#include "vmx.h"

#include <septum/x86/registers.h>

#define RFLAGS_TF (1ull << 8)
#define PENDING_SINGLE_STEP (1ull << 14) /* 24.4.2 */
/* What an entry accepts of what an exit reports: bits 30:12 are reserved there, 24.8.3 */
#define DELIVERABLE \
	(VMCS_EVENT_VALID | VMCS_EVENT_ERROR_VALID | VMCS_EVENT_TYPE | VMCS_EVENT_VECTOR)
#define BLOCKING_SHADOW (VMCS_BLOCKING_STI | VMCS_BLOCKING_MOV_SS)
#define INVVPID_SINGLE_CONTEXT 1ull

static uint64_t as_the_cell_sees(uint32_t real, uint32_t mask_field, uint32_t shadow)
{
	const uint64_t mask = vmread(mask_field);

	return (vmread(real) & ~mask) | (vmread(shadow) & mask);
}

uint64_t vmx_get(const struct cpu *cpu, enum guest_register reg)
{
	static const uint16_t fields[GUEST_REGISTERS] = {
		[GUEST_RIP] = VMCS_GUEST_RIP,	    [GUEST_RSP] = VMCS_GUEST_RSP,
		[GUEST_RFLAGS] = VMCS_GUEST_RFLAGS, [GUEST_CR3] = VMCS_GUEST_CR3,
		[GUEST_EFER] = VMCS_GUEST_EFER,	    [GUEST_CS_BASE] = VMCS_GUEST_CS_BASE,
	};

	(void)cpu;
	if (reg == GUEST_CR0)
		return as_the_cell_sees(VMCS_GUEST_CR0, VMCS_CR0_MASK, VMCS_CR0_SHADOW);
	if (reg == GUEST_CR4)
		return as_the_cell_sees(VMCS_GUEST_CR4, VMCS_CR4_MASK, VMCS_CR4_SHADOW);
	return vmread(fields[reg]);
}

void vmx_set(struct cpu *cpu, enum guest_register reg, uint64_t value)
{
	(void)cpu;
	if (reg == GUEST_RSP)
		vmwrite(VMCS_GUEST_RSP, value);
	if (reg == GUEST_EFER) {
		vmwrite(VMCS_GUEST_EFER, value);
		vmx_flush(); /* NXE changes what TLB entries mean */
	}
}

enum decode_mode vmx_mode(const struct cpu *cpu)
{
	const uint64_t rights = vmread(VMCS_GUEST_CS_RIGHTS);

	(void)cpu;
	if (rights & VMCS_RIGHTS_LONG && vmread(VMCS_GUEST_EFER) & EFER_LMA)
		return DECODE_64;
	return rights & VMCS_RIGHTS_32BIT ? DECODE_32 : DECODE_16;
}

void vmx_flush(void)
{
	const struct {
		uint64_t vpid, address;
	} descriptor = { vmread(VMCS_VPID), 0 };

	__asm__ volatile("invvpid %0, %1"
			 :
			 : "m"(descriptor), "r"(INVVPID_SINGLE_CONTEXT)
			 : "cc", "memory");
}

/*
 * Delivery ends the shadow of STI or MOV SS; left in place with RFLAGS.TF set it would need
 * a pending single step (26.3.1.5).  An NMI is delivered only where NMIs are not blocked.
 */
void vmx_inject(uint64_t event, uint64_t error)
{
	const bool is_nmi = (event & VMCS_EVENT_TYPE) == VMCS_EVENT_TYPE_NMI;
	const uint64_t ended = BLOCKING_SHADOW | (is_nmi ? VMCS_BLOCKING_NMI : 0);

	vmwrite(VMCS_ENTRY_EVENT, event & DELIVERABLE);
	/* Both are looked at only where the event has a code, or is an instruction's. */
	vmwrite(VMCS_ENTRY_EVENT_ERROR, error);
	vmwrite(VMCS_ENTRY_INSTRUCTION_LENGTH, vmread(VMCS_EXIT_INSTRUCTION_LENGTH));
	vmwrite(VMCS_GUEST_INTERRUPTIBILITY, vmread(VMCS_GUEST_INTERRUPTIBILITY) & ~ended);
}

void vmx_inject_exception(struct cpu *cpu, uint32_t vector)
{
	uint64_t event = VMCS_EVENT_VALID | VMCS_EVENT_TYPE_EXCEPTION | vector;

	/* Real mode has no error codes. */
	if (vector == VECTOR_GP && vmx_get(cpu, GUEST_CR0) & CR0_PE)
		event |= VMCS_EVENT_ERROR_VALID;
	vmx_inject(event, 0);
}

void vmx_skip(struct cpu *cpu, uint64_t length)
{
	const uint64_t old = vmread(VMCS_GUEST_RIP), blocking = vmread(VMCS_GUEST_INTERRUPTIBILITY);
	uint64_t rip = old + length;

	/* Outside 64-bit code the instruction pointer has 32 bits. */
	if ((old ^ rip) >> 32 && vmx_mode(cpu) != DECODE_64)
		rip = (uint32_t)rip;
	vmwrite(VMCS_GUEST_RIP, rip);
	if (blocking & BLOCKING_SHADOW)
		vmwrite(VMCS_GUEST_INTERRUPTIBILITY, blocking & ~(uint64_t)BLOCKING_SHADOW);
	if (vmread(VMCS_GUEST_RFLAGS) & RFLAGS_TF)
		vmwrite(VMCS_GUEST_PENDING_DEBUG,
			vmread(VMCS_GUEST_PENDING_DEBUG) | PENDING_SINGLE_STEP);
}

void vmx_deliver_nmi(struct cpu *cpu)
{
	/* Whatever goes first, an exit comes as soon as an NMI can be taken (25.2). */
	if (vmread(VMCS_GUEST_INTERRUPTIBILITY) & (BLOCKING_SHADOW | VMCS_BLOCKING_NMI) ||
	    vmread(VMCS_ENTRY_EVENT) & VMCS_EVENT_VALID) {
		vmx_control(VMCS_PRIMARY_CONTROLS, VMX_PRIMARY_NMI_WINDOW, true);
		return;
	}
	vmx_inject(VMCS_EVENT_VALID | VMCS_EVENT_TYPE_NMI | VECTOR_NMI, 0);
	cpu->nmi_pending = false;
}
