/* SPDX-License-Identifier: Apache-2.0 */
/* Rules about the board's PCI functions: where they are, and what they say of themselves. */
#include "cell_functions.h"
#include "owned.h"
#include "rules.h"
#include "span.h"

#include <inttypes.h>

#define CAPABILITIES_FIRST 0x40u /* PCI Local Bus Specification 3.0, 6.7 */
#define CAPABILITIES_LAST 0xfcu
#define MSIX_ENTRY_BYTES 16u /* 6.8.2 */
#define BASE_CLASS_BRIDGE 6u

/* The bus on which a bridge's children are. */
static uint32_t bus_behind(const struct model_pci *pci, int bridge)
{
	return bridge < 0 ? pci->bus_first : pci->bridges[bridge].secondary;
}

static void check_bus(const struct model_pci *pci, const char *name, uint16_t rid, int bridge,
		      struct src_pos pos, struct diag_sink *sink)
{
	const uint32_t bus = bus_behind(pci, bridge);

	if (PCI_BUS(rid) != bus)
		diag_add(sink, "bdf-exists", DIAG_ERROR, pos,
			 "%s is written as function %s, but stands on bus 0x%x; correct its reg, "
			 "or the bus-range of the bridge above it",
			 name, rid_text(rid).text, bus);
}

static void check_bus_range(const struct model_pci *pci, const struct model_bridge *bridge,
			    struct diag_sink *sink)
{
	const uint32_t last = bridge->parent < 0 ? pci->bus_last :
						   pci->bridges[bridge->parent].subordinate;

	if (bridge->secondary <= bus_behind(pci, bridge->parent) || bridge->subordinate > last ||
	    bridge->secondary > bridge->subordinate)
		diag_add(sink, "bdf-exists", DIAG_ERROR, bridge->pos,
			 "%s: its buses 0x%x to 0x%x are not behind bus 0x%x and up to 0x%x; "
			 "correct its bus-range",
			 bridge->name, bridge->secondary, bridge->subordinate,
			 bus_behind(pci, bridge->parent), last);
}

void rule_bdf_exists(const struct model *m, struct diag_sink *sink)
{
	const struct model_pci *pci = &m->pci;

	for (size_t i = 0; i < pci->bridge_count; i++) {
		const struct model_bridge *b = &pci->bridges[i];

		check_bus(pci, b->name, b->rid, b->parent, b->pos, sink);
		check_bus_range(pci, b, sink);
	}
	for (size_t i = 0; i < pci->function_count; i++) {
		const struct model_function *f = &pci->functions[i];

		check_bus(pci, f->name, f->rid, f->bridge, f->pos, sink);
	}
}

/* Bridges count first, then functions. */
static void place_at(const struct model_pci *pci, size_t index, const char **name, uint16_t *rid,
		     struct src_pos *pos)
{
	if (index < pci->bridge_count) {
		*name = pci->bridges[index].name;
		*rid = pci->bridges[index].rid;
		*pos = pci->bridges[index].pos;
		return;
	}
	index -= pci->bridge_count;
	*name = pci->functions[index].name;
	*rid = pci->functions[index].rid;
	*pos = pci->functions[index].pos;
}

void rule_bdf_unique(const struct model *m, struct diag_sink *sink)
{
	const size_t count = m->pci.bridge_count + m->pci.function_count;
	const char *name, *other;
	struct src_pos pos, other_pos;
	uint16_t rid, other_rid;

	for (size_t i = 0; i < count; i++) {
		place_at(&m->pci, i, &name, &rid, &pos);
		for (size_t j = 0; j < i; j++) {
			place_at(&m->pci, j, &other, &other_rid, &other_pos);
			if (rid == other_rid)
				diag_add(sink, "bdf-unique", DIAG_ERROR, pos,
					 "%s is function %s, which %s (%s) is already; correct "
					 "the reg of one of them",
					 name, rid_text(rid).text, other, pos_text(other_pos).text);
		}
	}
}

static void check_offset(const struct model_function *f, const char *what, uint32_t offset,
			 struct diag_sink *sink)
{
	if (offset != 0 &&
	    (offset < CAPABILITIES_FIRST || offset > CAPABILITIES_LAST || offset % 4 != 0))
		diag_add(sink, "pci-capability", DIAG_ERROR, f->pos,
			 "%s: %s at 0x%x: capabilities are registers of four bytes from 0x%x to "
			 "0x%x; read the offset off the machine",
			 f->name, what, offset, CAPABILITIES_FIRST, CAPABILITIES_LAST);
}

static bool bar_holds(const struct model_bar *bar, uint32_t offset, uint32_t bytes)
{
	return (bar->kind == MODEL_BAR_MEM32 || bar->kind == MODEL_BAR_MEM64) &&
	       offset <= bar->size && bytes <= bar->size - offset;
}

static void check_table(const struct model_function *f, const char *what, uint32_t index,
			uint32_t offset, uint32_t bytes, struct diag_sink *sink)
{
	if (index < MODEL_BARS && bar_holds(&f->bars[index], offset, bytes))
		return;
	diag_add(sink, "pci-capability", DIAG_ERROR, f->pos,
		 "%s: its MSI-X %s, 0x%x bytes at 0x%x of BAR %u, lies in no memory BAR; read "
		 "septum,msix off the machine",
		 f->name, what, bytes, offset, index);
}

static void check_capabilities(const struct model_function *f, struct diag_sink *sink)
{
	const uint32_t offsets[] = { f->pm, f->pcie, f->msi, f->msix };
	static const char *const names[] = { "septum,pm", "septum,pcie", "septum,msi",
					     "septum,msix" };

	for (size_t i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
		check_offset(f, names[i], offsets[i], sink);
		for (size_t j = 0; j < i; j++)
			if (offsets[i] != 0 && offsets[i] == offsets[j])
				diag_add(sink, "pci-capability", DIAG_ERROR, f->pos,
					 "%s: %s and %s are both at 0x%x; correct one of them",
					 f->name, names[j], names[i], offsets[i]);
	}
	if (f->msix == 0)
		return;
	check_table(f, "table", f->msix_table_bar, f->msix_table_offset,
		    f->msix_vectors * MSIX_ENTRY_BYTES, sink);
	check_table(f, "pending bits", f->msix_pba_bar, f->msix_pba_offset,
		    (f->msix_vectors + 63) / 64 * 8, sink);
}

void rule_pci_capability(const struct model *m, struct diag_sink *sink)
{
	for (size_t i = 0; m->pci.present && i < m->pci.function_count; i++)
		check_capabilities(&m->pci.functions[i], sink);
}

void rule_msix_table_page(const struct model *m, struct diag_sink *sink)
{
	struct owned_cursor at = { 0 };
	struct owned owned;

	while (next_owned(m, &at, &owned))
		if (owned.function->msix != 0 &&
		    owned.function->msix_table_offset % PLAN_PAGE_BYTES != 0)
			diag_add(sink, "msix-table-page", DIAG_WARNING, owned.ref->pos,
				 "cell '%s': the MSI-X table of %s starts at 0x%x, within a page: "
				 "each write to the registers beside it costs an exit; nothing "
				 "to mend but the device",
				 owned.cell->name, owned.function->name,
				 owned.function->msix_table_offset);
}

void rule_pci_bridge(const struct model *m, struct diag_sink *sink)
{
	struct owned_cursor at = { 0 };
	struct owned owned;

	while (next_owned(m, &at, &owned))
		if (owned.function->class_code >> 16 == BASE_CLASS_BRIDGE)
			diag_add(sink, "pci-bridge", DIAG_ERROR, owned.ref->pos,
				 "cell '%s': %s is a bridge (class 0x%06x), through which the "
				 "whole machine is reached; give the cell what lies behind it",
				 owned.cell->name, owned.function->name,
				 owned.function->class_code);
}

void rule_pci_slots(const struct model *m, struct diag_sink *sink)
{
	for (size_t c = 0; c < m->cell_count; c++) {
		const size_t count = cell_functions(m, &m->cells[c], NULL);

		if (count > CELL_SLOTS - 1)
			diag_add(sink, "pci-slots", DIAG_ERROR, m->cells[c].pos,
				 "cell '%s' owns %zu PCI functions, and its bus has slots for %u; "
				 "give some to another cell",
				 m->cells[c].name, count, CELL_SLOTS - 1);
	}
}
