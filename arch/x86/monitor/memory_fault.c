/* SPDX-License-Identifier: Apache-2.0 */
/* A cell touched an address that its nested page tables do not map. */
#include "decode.h"
#include "devices.h"
#include "exits.h"
#include "insn.h"
#include "ioapic.h"
#include "plan_view.h"
#include "stop.h"

static const char *access_name(const struct memory_access *access)
{
	if (access->is_fetch)
		return "instruction fetch";
	return access->is_write ? "write" : "read";
}

/*
 * The address as the cell meant it: guest-physical.  Whoever owns the same
 * number as a host-physical address is whom the cell would have reached on
 * the bare machine; its own memory and firmware's do not make it an attack.
 */
static bool is_foreign(const struct cpu *cpu, uint64_t address)
{
	const struct plan_owner *owner = plan_owner_at(cpu->plan, address);

	return owner && owner->kind != PLAN_OWNER_FIRMWARE && owner->cell != cpu->self->cell;
}

static uint64_t register_value(const struct cpu *cpu, unsigned int reg)
{
	return reg == GPR_RSP ? cpu->backend->get(cpu, GUEST_RSP) : cpu->gprs[reg];
}

static void load_register(struct cpu *cpu, const struct decoded *insn, uint64_t value)
{
	uint64_t reg = register_value(cpu, insn->reg);

	decode_apply_load(insn, value, &reg);
	if (insn->reg == GPR_RSP)
		cpu->backend->set(cpu, GUEST_RSP, reg);
	else
		cpu->gprs[insn->reg] = reg;
}

static uint64_t stored_value(const struct cpu *cpu, const struct decoded *insn)
{
	if (insn->immediate)
		return insn->stored;
	return register_value(cpu, insn->reg) >> (insn->high_byte ? 8 : 0);
}

/* The instruction at RIP, if it is a data access that can be answered. */
static bool decode(const struct cpu *cpu, const struct memory_access *access, struct decoded *insn)
{
	uint8_t bytes[GUEST_FETCH_BYTES];
	unsigned int count;

	if (access->is_fetch || access->is_walk || access->in_delivery)
		return false;
	count = insn_fetch(cpu, bytes);
	return decode_access(bytes, count, cpu->backend->mode(cpu), insn);
}

static enum outcome answer(struct cpu *cpu, const struct decoded *insn, uint64_t value)
{
	if (!insn->is_write)
		load_register(cpu, insn, value);
	cpu->insn_length = insn->length;
	return OUTCOME_SKIP;
}

/* Registers that the monitor keeps for the cell. */
static enum outcome moderate(struct cpu *cpu, const struct memory_access *access,
			     uint64_t (*perform)(struct cpu *, uint64_t, const struct decoded *,
						 uint64_t))
{
	struct decoded insn;

	if (!decode(cpu, access, &insn))
		cell_stop(cpu, PLAN_EVENT_UNDECODABLE, access->gpa, "register-access",
			  access_name(access));
	return answer(cpu, &insn, perform(cpu, access->gpa, &insn, stored_value(cpu, &insn)));
}

enum outcome exit_memory(struct cpu *cpu, const struct memory_access *access)
{
	enum plan_event event = PLAN_EVENT_UNDECODABLE;
	struct decoded insn;

	if (ioapic_answers(cpu, access->gpa))
		return moderate(cpu, access, ioapic_access);
	if (HAS_PCI && pci_answers(cpu, access->gpa))
		return moderate(cpu, access, pci_access);
	if (is_foreign(cpu, access->gpa)) {
		event = PLAN_EVENT_FOREIGN_ACCESS;
	} else if (cpu->cell->hole_policy != PLAN_HOLE_ONES || access->is_fetch ||
		   access->is_walk || access->in_delivery) {
		event = PLAN_EVENT_HOLE_ACCESS;
	} else if (decode(cpu, access, &insn)) {
		cpu->counters->exits[PLAN_EXIT_HOLE]++;
		return answer(cpu, &insn, ~0ull);
	}
	cell_stop(cpu, event, access->gpa, "nested-fault", access_name(access));
}
