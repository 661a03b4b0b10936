/* SPDX-License-Identifier: Apache-2.0 */
/* Rules about PCI functions of different cells: what must lie between them. */
#include "owned.h"
#include "rules.h"
#include "span.h"

#include <inttypes.h>

/* The first function of another cell before @later that @clashes with it. */
static bool earlier_owned(const struct model *m, const struct owned *later,
			  bool (*clashes)(const struct model *, const struct owned *,
					  const struct owned *),
			  struct owned *found)
{
	struct owned_cursor at = { 0 };

	while (next_owned(m, &at, found) && found->cell != later->cell)
		if (found->function != later->function && clashes(m, found, later))
			return true;
	return false;
}

static bool one_device(const struct model *m, const struct owned *a, const struct owned *b)
{
	(void)m;
	return a->function->rid >> 3 == b->function->rid >> 3;
}

void rule_pci_multifunction(const struct model *m, struct diag_sink *sink)
{
	struct owned_cursor at = { 0 };
	struct owned owned, other;

	while (next_owned(m, &at, &owned))
		if (earlier_owned(m, &owned, one_device, &other))
			diag_add(sink, "pci-multifunction", DIAG_ERROR, owned.ref->pos,
				 "cell '%s': %s (%s) and %s (%s) of cell '%s' (%s) are functions "
				 "of one device, which may pass requests between them; give both "
				 "to one cell",
				 owned.cell->name, owned.function->name,
				 rid_text(owned.function->rid).text, other.function->name,
				 rid_text(other.function->rid).text, other.cell->name,
				 pos_text(other.ref->pos).text);
}

static bool one_group(const struct model *m, const struct owned *a, const struct owned *b)
{
	(void)m;
	return a->function->has_group && b->function->has_group &&
	       a->function->group == b->function->group;
}

void rule_pci_group(const struct model *m, struct diag_sink *sink)
{
	struct owned_cursor at = { 0 };
	struct owned owned, other;

	while (next_owned(m, &at, &owned))
		if (earlier_owned(m, &owned, one_group, &other))
			diag_add(sink, "pci-group", DIAG_ERROR, owned.ref->pos,
				 "cell '%s': %s and %s of cell '%s' (%s) are of group %u, within "
				 "which the IOMMU keeps nothing apart; give both to one cell",
				 owned.cell->name, owned.function->name, other.function->name,
				 other.cell->name, pos_text(other.ref->pos).text,
				 owned.function->group);
}

/* The lowest bridge above a function that lets requests pass to its peers; NULL: none. */
static const struct model_bridge *leak_of(const struct model *m, const struct model_function *f)
{
	for (int i = f->bridge; i >= 0; i = m->pci.bridges[i].parent)
		if (!m->pci.bridges[i].acs)
			return &m->pci.bridges[i];
	return NULL;
}

/* Both behind bridges: a request may turn at one of them and never meet the IOMMU. */
static bool can_meet(const struct model *m, const struct owned *a, const struct owned *b)
{
	return a->function->bridge >= 0 && b->function->bridge >= 0 &&
	       (a->function->bridge == b->function->bridge || leak_of(m, a->function) ||
		leak_of(m, b->function));
}

void rule_pci_acs(const struct model *m, struct diag_sink *sink)
{
	struct owned_cursor at = { 0 };
	struct owned owned, other;

	while (next_owned(m, &at, &owned))
		if (earlier_owned(m, &owned, can_meet, &other))
			diag_add(sink, "pci-acs", DIAG_ERROR, owned.ref->pos,
				 "cell '%s': requests between %s (%s) and %s (%s) of cell '%s' "
				 "(%s) may not pass the IOMMU: a bridge above them has no access "
				 "control services, or they share one; move a card, or give both "
				 "to one cell",
				 owned.cell->name, owned.function->name,
				 rid_text(owned.function->rid).text, other.function->name,
				 rid_text(other.function->rid).text, other.cell->name,
				 pos_text(other.ref->pos).text);
}

struct placed { /* a memory BAR with its place */
	const struct model_function *function;
	const struct model_bar *bar;
	unsigned int index;
	struct span pages;
};

static bool bar_at(const struct model *m, size_t f, unsigned int i, struct placed *placed)
{
	const struct model_bar *bar = &m->pci.functions[f].bars[i];

	*placed = (struct placed){ &m->pci.functions[f], bar, i, { 0, 0 } };
	if ((bar->kind != MODEL_BAR_MEM32 && bar->kind != MODEL_BAR_MEM64) ||
	    !span_make(bar->address, bar->size, &placed->pages))
		return false;
	placed->pages.first &= ~(uint64_t)(PLAN_PAGE_BYTES - 1);
	placed->pages.last |= PLAN_PAGE_BYTES - 1;
	return true;
}

static void check_page(const struct model *m, size_t f, const struct placed *bar,
		       struct diag_sink *sink)
{
	struct placed other;

	for (size_t j = 0; j < f; j++)
		for (unsigned int i = 0; i < MODEL_BARS; i++)
			if (bar_at(m, j, i, &other) && spans_meet(bar->pages, other.pages))
				diag_add(sink, "bar-shared-page", DIAG_ERROR, bar->bar->pos,
					 "%s: BAR %u at 0x%" PRIx64 " shares a page with BAR %u of "
					 "%s at 0x%" PRIx64 "; no page table can keep them apart: "
					 "move one of them",
					 bar->function->name, bar->index, bar->bar->address,
					 other.index, other.function->name, other.bar->address);
}

void rule_bar_shared_page(const struct model *m, struct diag_sink *sink)
{
	struct placed bar;

	for (size_t f = 0; f < m->pci.function_count; f++)
		for (unsigned int i = 0; i < MODEL_BARS; i++)
			if (bar_at(m, f, i, &bar))
				check_page(m, f, &bar, sink);
}

static bool in_window(const struct model_bar *bar, const struct model_window *window)
{
	struct span inner, outer;

	return span_make(bar->address, bar->size, &inner) &&
	       span_make(window->base, window->size, &outer) && span_inside(inner, outer);
}

static bool in_host_windows(const struct model_pci *pci, const struct model_bar *bar)
{
	if (bar->kind == MODEL_BAR_IO)
		return in_window(bar, &pci->io);
	return in_window(bar, &pci->memory32) ||
	       (bar->kind == MODEL_BAR_MEM64 && in_window(bar, &pci->memory64));
}

void rule_bar_window(const struct model *m, struct diag_sink *sink)
{
	for (size_t f = 0; f < m->pci.function_count; f++)
		for (unsigned int i = 0; i < MODEL_BARS; i++) {
			const struct model_bar *bar = &m->pci.functions[f].bars[i];

			if (bar->kind == MODEL_BAR_NONE || !bar->placed ||
			    in_host_windows(&m->pci, bar))
				continue;
			diag_add(sink, "bar-window", DIAG_ERROR, bar->pos,
				 "%s: BAR %u at 0x%" PRIx64 ", 0x%" PRIx64 " bytes, lies in none "
				 "of the host bridge's windows (%s); move it, or leave it to "
				 "the placer",
				 m->pci.functions[f].name, i, bar->address, bar->size,
				 pos_text(m->pci.pos).text);
		}
}
