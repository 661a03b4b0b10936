/* SPDX-License-Identifier: Apache-2.0 */
/* Rules about the IOMMU: what stands between a cell's functions and everybody else. */
#include "device_memory.h"
#include "owned.h"
#include "rules.h"
#include "span.h"

#include <inttypes.h>

#define BITS_3_LEVELS 39u
#define BITS_4_LEVELS 48u
/* AMD IOMMU specification, 2.2.5: entries of a remapping table, and of one group of vectors */
#define AMDVI_MESSAGES 512u
#define AMDVI_LEVEL_PINS 2u
#define AMDVI_EDGE_PINS 16u
#define VTD_ENTRIES 65536u /* VT-d 5.1.3: an index has 16 bits */
#define PAGE_ENTRIES (PLAN_PAGE_BYTES / PLAN_REMAP_BYTES)

static bool remaps(const struct model *m)
{
	return m->iommu.present && m->iommu.features & PLAN_IOMMU_REMAP;
}

void rule_iommu_none(const struct model *m, struct diag_sink *sink)
{
	struct owned_cursor at = { 0 };
	struct owned owned;

	while (!m->iommu.present && next_owned(m, &at, &owned))
		if (owned.function->is_dma)
			diag_add(sink, "iommu-none", DIAG_ERROR, owned.ref->pos,
				 "cell '%s' owns %s, which reaches all memory: the board has no "
				 "IOMMU; use another board, or waive this: then every cell is at "
				 "the mercy of this one",
				 owned.cell->name, owned.function->name);
}

void rule_iommu_covers(const struct model *m, struct diag_sink *sink)
{
	struct owned_cursor at = { 0 };
	struct owned owned;

	while (m->iommu.present && next_owned(m, &at, &owned))
		if (!m->iommu.covers || owned.function->rid < m->iommu.cover_first ||
		    owned.function->rid > m->iommu.cover_last)
			diag_add(sink, "iommu-covers", DIAG_ERROR, owned.ref->pos,
				 "cell '%s': requests of %s (%s) do not pass '%s' (%s); correct "
				 "the host bridge's iommu-map, or give the cell another function",
				 owned.cell->name, owned.function->name,
				 rid_text(owned.function->rid).text, m->iommu.name,
				 pos_text(m->iommu.pos).text);
}

static void check_width(const struct model *m, const struct model_cell *cell,
			struct diag_sink *sink)
{
	const unsigned int bits = m->iommu.features & PLAN_IOMMU_LEVELS_4 ? BITS_4_LEVELS :
									    BITS_3_LEVELS;
	struct span ram;

	for (size_t i = 0; i < cell->memory_count; i++)
		if (span_make(cell->memory[i].gpa, cell->memory[i].size, &ram) &&
		    ram.last >> bits != 0)
			diag_add(sink, "iommu-width", DIAG_ERROR, cell->memory[i].pos,
				 "cell '%s': '%s' ends at GPA 0x%" PRIx64 ", and '%s' translates "
				 "addresses of %u bits; give it a lower septum,gpa",
				 cell->name, cell->memory[i].name, ram.last, m->iommu.name, bits);
}

void rule_iommu_width(const struct model *m, struct diag_sink *sink)
{
	const struct model_cell *last = NULL;
	struct owned_cursor at = { 0 };
	struct owned owned;

	while (m->iommu.present && next_owned(m, &at, &owned)) {
		if (owned.cell != last)
			check_width(m, owned.cell, sink);
		last = owned.cell;
	}
}

static const char *contradiction(const struct model *m)
{
	const struct model_iommu *unit = &m->iommu;
	const uint32_t has = unit->features;

	if (!(has & (PLAN_IOMMU_LEVELS_3 | PLAN_IOMMU_LEVELS_4)))
		return "names neither \"3-level\" nor \"4-level\" page tables; add what it has";
	if (has & PLAN_IOMMU_1G && !(has & PLAN_IOMMU_2M))
		return "has pages of 1 GiB and none of 2 MiB; add \"2m\"";
	if (has & PLAN_IOMMU_X2APIC && !(has & PLAN_IOMMU_REMAP))
		return "names \"x2apic\" without \"remap\"; add that";
	if (unit->kind == PLAN_IOMMU_VTD && has & PLAN_IOMMU_REMAP && m->ioapic.present &&
	    !unit->has_ioapic_rid)
		return "blocks an I/O APIC whose requester id it is not told; give the I/O APIC "
		       "septum,requester (from the firmware's DMAR table)";
	if (unit->kind == PLAN_IOMMU_AMDVI && !unit->has_rid)
		return "is a PCI function of its own; give it septum,requester";
	return NULL;
}

void rule_iommu_caps(const struct model *m, struct diag_sink *sink)
{
	const char *what = m->iommu.present ? contradiction(m) : NULL;

	if (what != NULL)
		diag_add(sink, "iommu-caps", DIAG_ERROR, m->iommu.pos, "%s: it %s", m->iommu.name,
			 what);
}

void rule_irq_no_remap(const struct model *m, struct diag_sink *sink)
{
	struct owned_cursor at = { 0 };
	struct owned owned;

	while (!remaps(m) && next_owned(m, &at, &owned))
		if (function_messages(owned.function) != 0)
			diag_add(sink, "irq-no-remap", DIAG_ERROR, owned.ref->pos,
				 "cell '%s' owns %s, which can interrupt any CPU: nothing on the "
				 "board remaps interrupts; use another board, or waive this: then "
				 "only its capability is kept in order, not what it writes",
				 owned.cell->name, owned.function->name);
}

static uint32_t messages_of(const struct model *m, const struct model_cell *cell)
{
	struct owned_cursor at = { 0 };
	struct owned owned;
	uint32_t count = 0;

	while (next_owned(m, &at, &owned))
		if (owned.cell == cell)
			count += function_messages(owned.function);
	return count;
}

static void check_vtd_messages(const struct model *m, struct diag_sink *sink)
{
	uint64_t entries = 0;

	for (size_t c = 0; c < m->cell_count; c++) {
		const uint32_t count = messages_of(m, &m->cells[c]);

		entries += ((uint64_t)count + PAGE_ENTRIES - 1) / PAGE_ENTRIES * PAGE_ENTRIES;
		if (count != 0 && entries > VTD_ENTRIES) {
			diag_add(sink, "msi-count", DIAG_ERROR, m->cells[c].pos,
				 "cell '%s': its functions' %u interrupt messages are too many: "
				 "with those of the cells before it they need %" PRIu64
				 " entries, and a remapping table has %u; give it fewer functions",
				 m->cells[c].name, count, entries, VTD_ENTRIES);
			return;
		}
	}
}

static void check_amd_messages(const struct model *m, struct diag_sink *sink)
{
	struct owned_cursor at = { 0 };
	struct owned owned;

	while (next_owned(m, &at, &owned))
		if (function_messages(owned.function) > AMDVI_MESSAGES)
			diag_add(sink, "msi-count", DIAG_ERROR, owned.ref->pos,
				 "cell '%s': %s has %u interrupt messages, and its remapping "
				 "table %u entries; give the cell another function",
				 owned.cell->name, owned.function->name,
				 function_messages(owned.function), AMDVI_MESSAGES);
}

void rule_msi_count(const struct model *m, struct diag_sink *sink)
{
	if (!remaps(m))
		return;
	if (m->iommu.kind == PLAN_IOMMU_AMDVI)
		check_amd_messages(m, sink);
	else
		check_vtd_messages(m, sink);
}

void rule_irq_level_amd(const struct model *m, struct diag_sink *sink)
{
	struct device_memory memory;
	uint32_t level = 0, edge = 0;

	if (!remaps(m) || m->iommu.kind != PLAN_IOMMU_AMDVI || !m->iommu.has_ioapic_rid)
		return;
	device_memory_make(m, &memory);
	for (size_t i = 0; i < memory.pin_count; i++) {
		const struct plan_pin *pin = &memory.pins[i].pin;
		uint32_t *count = pin->flags & PLAN_PIN_LEVEL ? &level : &edge;

		if (++*count > (pin->flags & PLAN_PIN_LEVEL ? AMDVI_LEVEL_PINS : AMDVI_EDGE_PINS))
			diag_add(sink, "irq-level-amd", DIAG_ERROR, m->cells[pin->cell].pos,
				 "cell '%s': pin %u is one too many: where the end of an interrupt "
				 "names its remapping entry, an I/O APIC has room for %u "
				 "level-triggered and %u other pins; use messages instead",
				 m->cells[pin->cell].name, pin->pin, AMDVI_LEVEL_PINS,
				 AMDVI_EDGE_PINS);
	}
	device_memory_free(&memory);
}
