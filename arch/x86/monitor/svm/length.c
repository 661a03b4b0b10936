/* SPDX-License-Identifier: Apache-2.0 */
/* How long the instruction is that exited, where the processor does not say it. */
#include "insn.h"
#include "plan_view.h"
#include "svm.h"

#define PAGE_MASK (~(uint64_t)(PLAN_PAGE_BYTES - 1))
#define ESCAPE 0x0fu /* first byte of the two-byte opcodes, APM volume 3, appendix A */

/* Walks the cell's tables once for the page that its exits come from. */
static void remember_page(struct cpu *cpu, uint64_t linear)
{
	const struct guest_paging paging = insn_paging(cpu);
	struct insn_page *page = &cpu->insn_page;
	gpa_t gpa;

	page->memory = NULL;
	if (!guest_translate(cpu->plan, cpu->cell, &paging, linear & PAGE_MASK, &gpa))
		return;
	page->cr3 = paging.cr3;
	page->linear = linear & PAGE_MASK;
	page->memory = plan_cell_memory(cpu->plan, cpu->cell, gpa, PLAN_PAGE_BYTES);
}

/*
 * The usual case: no prefix, and the page of the last time.  What is remembered
 * may be out of date; then the bytes are others, and the walk is made.
 */
static bool is_plain(const struct cpu *cpu, uint64_t linear, enum decode_opcode expected)
{
	const struct insn_page *page = &cpu->insn_page;
	const uint64_t offset = linear - page->linear;

	if (!page->memory || offset > PLAN_PAGE_BYTES - 2 || page->cr3 != cpu->vmcb->save.cr3)
		return false;
	return page->memory[offset] == ESCAPE && page->memory[offset + 1] == (expected & 0xff) &&
	       (unsigned int)expected >> 8 == ESCAPE;
}

unsigned int svm_length(struct cpu *cpu, enum decode_opcode expected)
{
	const struct vmcb_save *save = &cpu->vmcb->save;
	const uint64_t next = cpu->vmcb->control.next_rip - save->rip;
	const enum decode_mode mode = svm_mode(cpu);
	const uint64_t linear = mode == DECODE_64 ? save->rip : insn_linear(cpu);
	uint8_t bytes[GUEST_FETCH_BYTES];
	unsigned int count;

	if (cpu->has_next_rip && next <= DECODE_MAX_BYTES)
		return (unsigned int)next;
	if (is_plain(cpu, linear, expected))
		return 2;
	remember_page(cpu, linear);
	count = insn_fetch(cpu, bytes);
	return decode_length(bytes, count, mode, expected);
}
