/* SPDX-License-Identifier: Apache-2.0 */
#include "insn.h"

uint64_t insn_linear(const struct cpu *cpu)
{
	const uint64_t rip = cpu->backend->get(cpu, GUEST_RIP);

	/* Segmented addresses wrap at 4 GiB (APM volume 2, 4.5.2). */
	if (cpu->backend->mode(cpu) == DECODE_64)
		return rip;
	return (uint32_t)(rip + cpu->backend->get(cpu, GUEST_CS_BASE));
}

struct guest_paging insn_paging(const struct cpu *cpu)
{
	const struct backend *backend = cpu->backend;

	return (struct guest_paging){
		backend->get(cpu, GUEST_CR0),
		backend->get(cpu, GUEST_CR3),
		backend->get(cpu, GUEST_CR4),
		backend->get(cpu, GUEST_EFER),
	};
}

unsigned int insn_fetch(const struct cpu *cpu, uint8_t bytes[GUEST_FETCH_BYTES])
{
	const struct guest_paging paging = insn_paging(cpu);

	return guest_fetch(cpu->plan, cpu->cell, &paging, insn_linear(cpu), bytes,
			   GUEST_FETCH_BYTES);
}
