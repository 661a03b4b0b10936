/* SPDX-License-Identifier: Apache-2.0 */
/* Rules about interrupts: pins of the I/O APIC, and the machine's NMI line. */
#include "cell_functions.h"
#include "pins.h"
#include "rules.h"
#include "span.h"

#include <stdlib.h>

/* A redirection register's index has 8 bits and starts at 10h (82093AA data sheet, 3.2.4). */
#define PINS_MAX 120u
/* 255 addresses every CPU, and more do not fit the register's destination (3.2.4). */
#define APIC_ID_MAX 254u

struct claim { /* a device with a pin, and the cell it is given to */
	const struct model_cell *cell;
	const struct model_ref *ref;
	const struct model_device *device;
};

/* The claim after @c and @i in source order. */
static bool next_claim(const struct model *m, size_t *c, size_t *i, struct claim *claim)
{
	for (; *c < m->cell_count; (*c)++, *i = 0) {
		while (*i < m->cells[*c].device_count) {
			claim->cell = &m->cells[*c];
			claim->ref = &claim->cell->devices[(*i)++];
			claim->device = device_of_ref(m, claim->ref);
			if (claim->device != NULL && claim->device->has_pin)
				return true;
		}
	}
	return false;
}

/* The first claim of another cell before @later that @clashes with it. */
static bool earlier_claim(const struct model *m, const struct claim *later,
			  bool (*clashes)(const struct claim *, const struct claim *),
			  struct claim *found)
{
	size_t c = 0, i = 0;

	while (next_claim(m, &c, &i, found) && found->cell != later->cell)
		if (clashes(found, later))
			return true;
	return false;
}

/* One device in two cells is the subject of dev-unique. */
static bool one_pin(const struct claim *a, const struct claim *b)
{
	return a->device != b->device && a->device->pin == b->device->pin;
}

void rule_irq_shared(const struct model *m, struct diag_sink *sink)
{
	struct claim claim, other;
	size_t c = 0, i = 0;

	while (next_claim(m, &c, &i, &claim))
		if (earlier_claim(m, &claim, one_pin, &other))
			diag_add(
				sink, "irq-shared", DIAG_ERROR, claim.ref->pos,
				"cell '%s': %s interrupts on pin %u, as does %s of cell '%s' (%s); "
				"give one of them another device, or waive this: then the pin is "
				"masked and both cells poll",
				claim.cell->name, claim.device->name, claim.device->pin,
				other.device->name, other.cell->name,
				pos_text(other.ref->pos).text);
}

static uint32_t pin_count(const struct model *m)
{
	if (!m->ioapic.present)
		return 0;
	return m->ioapic.pins < PINS_MAX ? m->ioapic.pins : PINS_MAX;
}

static void check_trigger(const struct model *m, size_t index, struct diag_sink *sink)
{
	const struct model_device *device = &m->devices[index];

	for (size_t i = 0; i < index; i++) {
		const struct model_device *other = &m->devices[i];

		if (!other->has_pin || other->pin != device->pin ||
		    other->pin_flags == device->pin_flags)
			continue;
		diag_add(sink, "irq-pin", DIAG_ERROR, device->pin_pos,
			 "%s and %s (%s) name different triggers of pin %u; correct one of them",
			 device->name, other->name, pos_text(other->pin_pos).text, device->pin);
		return;
	}
}

void rule_irq_pin(const struct model *m, struct diag_sink *sink)
{
	if (m->ioapic.present && (m->ioapic.pins == 0 || m->ioapic.pins > PINS_MAX))
		diag_add(sink, "irq-pin", DIAG_ERROR, m->ioapic.pos,
			 "%s: an I/O APIC has 1 to %u pins, not %u; correct septum,pins",
			 m->ioapic.name, PINS_MAX, m->ioapic.pins);
	for (size_t i = 0; i < m->device_count; i++) {
		const struct model_device *device = &m->devices[i];

		if (!device->has_pin)
			continue;
		if (m->ioapic.present && device->pin >= pin_count(m))
			diag_add(sink, "irq-pin", DIAG_ERROR, device->pin_pos,
				 "%s interrupts on pin %u, but the I/O APIC's last pin is %u (%s); "
				 "correct it",
				 device->name, device->pin, pin_count(m) - 1,
				 pos_text(m->ioapic.pos).text);
		check_trigger(m, i, sink);
	}
}

static bool both_level(const struct claim *a, const struct claim *b)
{
	return a->device->pin != b->device->pin && a->device->pin_flags & PLAN_PIN_LEVEL &&
	       b->device->pin_flags & PLAN_PIN_LEVEL;
}

/*
 * The end of a level-triggered interrupt goes to the I/O APIC as its vector alone
 * (SDM volume 3, 10.8.5): a pin of another cell that uses the same vector takes it
 * for its own and interrupts again, or not when it should wait.
 */
void rule_irq_level_cells(const struct model *m, struct diag_sink *sink)
{
	struct claim claim, other;
	size_t c = 0, i = 0;

	while (next_claim(m, &c, &i, &claim))
		if (earlier_claim(m, &claim, both_level, &other))
			diag_add(sink, "irq-level-cells", DIAG_ERROR, claim.ref->pos,
				 "cell '%s': %s (pin %u) and %s (pin %u) of cell '%s' (%s) are "
				 "level triggered on one I/O APIC, where the end of one cell's "
				 "interrupt can be taken for the other's; put both into one cell",
				 claim.cell->name, claim.device->name, claim.device->pin,
				 other.device->name, other.device->pin, other.cell->name,
				 pos_text(other.ref->pos).text);
}

static void check_reach(const struct model *m, const struct model_cell *cell, const char *what,
			struct diag_sink *sink)
{
	for (size_t i = 0; i < cell->cpu_count; i++) {
		const int index = cell->cpus[i].index;

		if (index >= 0 && (size_t)index < m->cpu_count &&
		    m->cpus[index].apic_id > APIC_ID_MAX)
			diag_add(sink, "irq-reach", DIAG_ERROR, cell->cpus[i].pos,
				 "cell '%s' owns %s cannot reach %s (APIC id %u, the highest is "
				 "%u); give the cell other CPUs, or no device with an interrupt",
				 cell->name, what, m->cpus[index].name, m->cpus[index].apic_id,
				 APIC_ID_MAX);
	}
}

static bool sends_messages(const struct model *m, const struct model_cell *cell)
{
	size_t count;
	const struct model_function **functions = cell_functions_list(m, cell, &count);
	bool found = false;

	for (size_t i = 0; i < count; i++)
		found |= functions[i]->msi != 0 || functions[i]->msix != 0;
	free(functions);
	return found;
}

/* Remapping entries with x2APIC destinations have room for every id. */
void rule_irq_reach(const struct model *m, struct diag_sink *sink)
{
	const uint32_t wide = PLAN_IOMMU_REMAP | PLAN_IOMMU_X2APIC;
	const bool is_wide = m->iommu.present && (m->iommu.features & wide) == wide;

	for (size_t c = 0; c < m->cell_count; c++) {
		const struct model_cell *cell = &m->cells[c];

		if (cell_pins(m, cell, NULL) != 0 && !(is_wide && m->iommu.has_ioapic_rid))
			check_reach(m, cell,
				    "an interrupt pin, and an I/O APIC without interrupt remapping",
				    sink);
		else if (sends_messages(m, cell) && !is_wide)
			check_reach(m, cell, "PCI functions, and messages without x2APIC remapping",
				    sink);
	}
}

void rule_nmi_owner(const struct model *m, struct diag_sink *sink)
{
	const struct model_cell *owner = NULL;

	for (size_t c = 0; c < m->cell_count; c++) {
		const struct model_cell *cell = &m->cells[c];

		if (!cell->owns_nmi)
			continue;
		if (owner != NULL)
			diag_add(sink, "nmi-owner", DIAG_ERROR, cell->nmi_pos,
				 "cell '%s': the machine's NMI line already belongs to cell '%s' "
				 "(%s); take septum,nmi from one of them",
				 cell->name, owner->name, pos_text(owner->nmi_pos).text);
		else
			owner = cell;
	}
}
