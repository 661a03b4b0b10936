/* SPDX-License-Identifier: Apache-2.0 */
/* A cell touched an address that its nested page tables do not map. */
#include "decode.h"
#include "plan_view.h"
#include "svm.h"
#include "svm_fetch.h"

static const char *access_name(uint64_t info)
{
	if (info & VMEXIT_NPF_FETCH)
		return "instruction fetch";
	return info & VMEXIT_NPF_WRITE ? "write" : "read";
}

/*
 * The address as the cell meant it: guest-physical.  Whoever owns the same
 * number as a host-physical address is whom the cell would have reached on
 * the bare machine; its own memory and firmware's do not make it an attack.
 */
static bool is_foreign(const struct cpu *cpu, uint64_t address)
{
	const struct plan_owner *owner = plan_owner_at(cpu->plan, address);

	if (!owner || owner->kind == PLAN_OWNER_FIRMWARE)
		return false;
	return owner->kind != PLAN_OWNER_CELL_RAM || owner->cell != cpu->self->cell;
}

/* An access to nobody's address: reads give all-ones, writes are dropped. */
static bool answer_hole(struct cpu *cpu)
{
	uint8_t bytes[GUEST_FETCH_BYTES];
	struct decoded access;
	const unsigned int have = svm_fetch(cpu, bytes);
	uint64_t *reg;

	if (!decode_access(bytes, have, svm_decode_mode(cpu->vmcb), &access))
		return false;
	if (!access.is_write) {
		reg = access.reg == GPR_RSP ? &cpu->vmcb->save.rsp : &cpu->gprs[access.reg];
		decode_apply_load(&access, ~0ull, reg);
	}
	svm_skip(cpu, access.length);
	return true;
}

void svm_nested_fault(struct cpu *cpu)
{
	const struct vmcb_control *control = &cpu->vmcb->control;
	const uint64_t address = control->exit_info2, info = control->exit_info1;
	const char *what = access_name(info);

	if (is_foreign(cpu, address))
		svm_stop(cpu, PLAN_EVENT_FOREIGN_ACCESS, address, "nested-fault", what);
	/*
	 * Only a data access by the instruction at RIP can be answered: not a
	 * fetch, not a page-table walk, not the delivery of an event.
	 */
	if (cpu->cell->hole_policy != PLAN_HOLE_ONES || info & VMEXIT_NPF_FETCH ||
	    info & VMEXIT_NPF_TABLE || control->exit_int_info & VMCB_EVENT_VALID)
		svm_stop(cpu, PLAN_EVENT_HOLE_ACCESS, address, "nested-fault", what);
	if (!answer_hole(cpu))
		svm_stop(cpu, PLAN_EVENT_UNDECODABLE, address, "nested-fault", what);
	cpu->counters->exits[PLAN_EXIT_HOLE]++;
}
