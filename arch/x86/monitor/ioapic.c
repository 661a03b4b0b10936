/* SPDX-License-Identifier: Apache-2.0 */
#include "ioapic.h"

#include "devices.h"
#include "ioapic_hw.h"
#include "plan_view.h"

/* Intel 82093AA data sheet, 3.1: offsets in the page */
#define OFFSET_INDEX 0x00u
#define OFFSET_WINDOW 0x10u

/* Without an EOI register (that came with 0x20): the page traps, and EOIs must not. */
#define VERSION 0x11u

#define PINS 120u /* as many as an 8-bit index can name */

/* What the cell wrote last; zeroes are the state after reset. */
struct view {
	uint32_t index;
	uint64_t entries[PINS]; /* the mask bit inverted: 0 is masked */
};

/* It lies behind the mailbox of the cell's first CPU, which all of its CPUs map. */
#define VIEW_OFFSET (CPU_BLOCK_MAILBOX + PLAN_PAGE_BYTES - sizeof(struct view))
static_assert(DEVICE_NOTES_END + sizeof(struct view) <= PLAN_PAGE_BYTES, "one page");

static struct view *view_of(const struct cpu *cpu)
{
	const struct plan_cpu *first = plan_cpus(cpu->plan) + cpu->cell->first_cpu;

	return plan_block(first, VIEW_OFFSET);
}

/* The pin that a redirection register is about, if the cell owns it; else NULL. */
static const struct plan_pin *owned_pin(const struct cpu *cpu, uint32_t reg)
{
	const struct plan_pin *pins = hpa_pointer(cpu->plan->pins.base);

	for (uint32_t i = 0; i < cpu->cell->pin_count; i++) {
		const struct plan_pin *pin = &pins[cpu->cell->first_pin + i];

		if (pin->pin == (reg - IOAPIC_REDIRECTION) / 2)
			return pin;
	}
	return NULL;
}

/*
 * What the hardware gets for an entry that the cell wrote.  Isolation rests on
 * this: fixed delivery to one CPU of the cell, or masked; and of the cell even if
 * masked, because the mask is written after the destination.  How the line signals is
 * the board's fact; only while masked may a level pin be edge, which clears a Remote
 * IRR that nobody will answer.
 */
static uint64_t translate(const struct cpu *cpu, const struct plan_pin *pin, uint64_t entry)
{
	const uint32_t vector = entry & IOAPIC_VECTOR;
	const bool edge_now = (entry & (IOAPIC_MASKED | IOAPIC_LEVEL)) == IOAPIC_MASKED;
	const struct plan_cpu *target = target_cpu(cpu,
						   (uint32_t)(entry >> IOAPIC_DESTINATION_SHIFT),
						   entry & IOAPIC_LOGICAL);
	const bool goes = target && vector >= VECTOR_MIN && vector <= VECTOR_MAX &&
			  IOAPIC_MODE(entry) <= IOAPIC_MODE_LOWEST;
	const apic_id_t id =
		(target ? target : plan_cpus(cpu->plan) + cpu->cell->first_cpu)->apic_id;
	uint64_t out = vector | (uint64_t)id.raw << IOAPIC_DESTINATION_SHIFT;

	if (HAS_PCI && pin->remap.raw)
		out = ioapic_remap(cpu, pin, entry, goes ? vector : 0, id);
	if (!goes || entry & IOAPIC_MASKED)
		out |= IOAPIC_MASKED;
	if (pin->flags & PLAN_PIN_LEVEL && !edge_now)
		out |= IOAPIC_LEVEL;
	if (pin->flags & PLAN_PIN_ACTIVE_LOW)
		out |= IOAPIC_ACTIVE_LOW;
	return out;
}

static uint32_t read_register(const struct cpu *cpu, uint32_t reg)
{
	const hpa_t base = cpu->plan->ioapic;
	const struct plan_pin *pin = owned_pin(cpu, reg);
	uint64_t entry;

	if (reg == IOAPIC_VERSION)
		return (ioapic_read(base, reg) & IOAPIC_MAX_ENTRY) | VERSION;
	if (reg < IOAPIC_REDIRECTION)
		return 0;
	if (!pin)
		return reg & 1 ? 0 : IOAPIC_MASKED;
	entry = view_of(cpu)->entries[pin->pin];
	/* Delivery status and Remote IRR are the hardware's; ids and modes are the cell's. */
	if (reg & 1)
		return (uint32_t)(entry >> 32);
	return (ioapic_read(base, reg) & ~(uint32_t)(IOAPIC_VECTOR | IOAPIC_MODES)) |
	       (uint32_t)(entry & (IOAPIC_VECTOR | IOAPIC_MODES));
}

static void write_register(const struct cpu *cpu, uint32_t reg, uint32_t value)
{
	const struct plan_pin *pin = owned_pin(cpu, reg);
	const uint32_t low = reg & ~1u;
	uint64_t entry;

	if (reg < IOAPIC_REDIRECTION || !pin)
		return;
	entry = view_of(cpu)->entries[pin->pin] ^ IOAPIC_MASKED;
	entry = reg & 1 ? (uint64_t)value << 32 | (uint32_t)entry : entry >> 32 << 32 | value;
	view_of(cpu)->entries[pin->pin] = entry ^ IOAPIC_MASKED;
	/* The destination's meaning hangs on the other half, so both are written. */
	entry = translate(cpu, pin, entry);
	ioapic_write(cpu->plan->ioapic, low + 1, (uint32_t)(entry >> 32));
	ioapic_write(cpu->plan->ioapic, low, (uint32_t)entry);
}

bool ioapic_answers(const struct cpu *cpu, uint64_t gpa)
{
	return cpu->cell->pin_count != 0 && gpa - cpu->plan->ioapic.raw < PLAN_PAGE_BYTES;
}

uint64_t ioapic_access(struct cpu *cpu, uint64_t gpa, const struct decoded *access, uint64_t value)
{
	const uint64_t offset = gpa - cpu->plan->ioapic.raw;
	uint32_t *index = &view_of(cpu)->index;

	cpu->counters->exits[PLAN_EXIT_IOAPIC]++;
	if (access->bytes != 4 || (offset != OFFSET_INDEX && offset != OFFSET_WINDOW))
		return ~0ull;
	if (!access->is_write)
		return offset == OFFSET_INDEX ? *index : read_register(cpu, *index);
	if (offset == OFFSET_INDEX)
		*index = value & 0xff; /* 3.1.1: eight bits */
	else
		write_register(cpu, *index, (uint32_t)value);
	return 0;
}
