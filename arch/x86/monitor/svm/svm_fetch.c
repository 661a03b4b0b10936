/* SPDX-License-Identifier: Apache-2.0 */
#include "svm_fetch.h"

#include <septum/x86/registers.h>

#define ATTRIBUTE_LONG (1u << 9) /* VMCB form of CS.L and CS.D, APM volume 2, 15.5.1 */
#define ATTRIBUTE_DEFAULT_32 (1u << 10)

enum decode_mode svm_decode_mode(const struct vmcb *vmcb)
{
	const uint16_t attributes = vmcb->save.cs.attributes;

	if (vmcb->save.efer & EFER_LMA && attributes & ATTRIBUTE_LONG)
		return DECODE_64;
	return attributes & ATTRIBUTE_DEFAULT_32 ? DECODE_32 : DECODE_16;
}

unsigned int svm_fetch(const struct cpu *cpu, uint8_t bytes[GUEST_FETCH_BYTES])
{
	const struct vmcb_save *save = &cpu->vmcb->save;
	const struct guest_paging paging = { save->cr0, save->cr3, save->cr4, save->efer };
	uint64_t linear = save->rip;

	/* Segmented addresses wrap at 4 GiB (APM volume 2, 4.5.2). */
	if (svm_decode_mode(cpu->vmcb) != DECODE_64)
		linear = (uint32_t)(linear + save->cs.base);
	return guest_fetch(cpu->plan, cpu->cell, &paging, linear, bytes, GUEST_FETCH_BYTES);
}

unsigned int svm_instruction_length(const struct cpu *cpu, enum decode_opcode expected)
{
	const uint64_t length = cpu->vmcb->control.next_rip - cpu->vmcb->save.rip;
	uint8_t bytes[GUEST_FETCH_BYTES];
	unsigned int have;

	if (cpu->has_next_rip && length <= DECODE_MAX_BYTES)
		return (unsigned int)length;
	have = svm_fetch(cpu, bytes);
	return decode_length(bytes, have, svm_decode_mode(cpu->vmcb), expected);
}

unsigned int svm_mov_to_cr(const struct cpu *cpu, unsigned int cr, unsigned int *gpr)
{
	uint8_t bytes[GUEST_FETCH_BYTES];
	const unsigned int have = svm_fetch(cpu, bytes);

	return decode_mov_to_cr(bytes, have, svm_decode_mode(cpu->vmcb), cr, gpr);
}
