/* SPDX-License-Identifier: Apache-2.0 */
/* Rules about guest-physical memory: RAM leaves room for what x86 puts elsewhere. */
#include "cell_functions.h"
#include "gpa_map.h"
#include "rules.h"
#include "span.h"

#include <inttypes.h>

static bool gpa_span(const struct model_memory *mem, struct span *span)
{
	return span_make(mem->gpa, mem->size, span);
}

static void check_gpa_overlap(const struct model_cell *cell, size_t later, struct diag_sink *sink)
{
	const struct model_memory *b = &cell->memory[later];
	struct span sa, sb;

	if (!gpa_span(b, &sb))
		return;
	for (size_t i = 0; i < later; i++) {
		const struct model_memory *a = &cell->memory[i];

		if (gpa_span(a, &sa) && spans_meet(sa, sb))
			diag_add(sink, "gpa-overlap", DIAG_ERROR, b->pos,
				 "cell '%s': '%s' at GPA 0x%" PRIx64 "-0x%" PRIx64
				 " overlaps '%s' at "
				 "GPA 0x%" PRIx64 "-0x%" PRIx64 " (%s); move one of them",
				 cell->name, b->name, sb.first, sb.last, a->name, sa.first, sa.last,
				 pos_text(a->pos).text);
	}
}

void rule_gpa_overlap(const struct model *m, struct diag_sink *sink)
{
	for (size_t c = 0; c < m->cell_count; c++)
		for (size_t i = 1; i < m->cells[c].memory_count; i++)
			check_gpa_overlap(&m->cells[c], i, sink);
}

static void check_gpa_window(const struct model_cell *cell, const struct model_memory *mem,
			     const struct model_range *window, struct diag_sink *sink)
{
	struct span ram, mmio;

	if (!gpa_span(mem, &ram) || !span_make(window->start, window->size, &mmio) ||
	    !spans_meet(ram, mmio))
		return;
	diag_add(sink, "gpa-mmio", DIAG_ERROR, mem->pos,
		 "cell '%s': '%s' at GPA 0x%" PRIx64 "-0x%" PRIx64 " covers '%s' 0x%" PRIx64
		 "-0x%" PRIx64 " (%s); split it around that",
		 cell->name, mem->name, ram.first, ram.last, window->name, mmio.first, mmio.last,
		 pos_text(window->pos).text);
}

static void check_gpa_mmio(const struct model *m, const struct model_cell *cell,
			   const struct model_memory *mem, struct diag_sink *sink)
{
	const struct model_range hole = { .name = "MMIO hole below 4 GiB",
					  .start = GPA_PC_HOLE,
					  .size = GPA_PC_HOLE_BYTES,
					  .pos = { "every x86 machine", 0 } };
	const struct model_range windows[] = {
		{ .name = m->pci.name,
		  .start = m->pci.memory32.base,
		  .size = m->pci.memory32.size,
		  .pos = m->pci.pos },
		{ .name = m->pci.name,
		  .start = m->pci.memory64.base,
		  .size = m->pci.memory64.size,
		  .pos = m->pci.pos },
	};
	size_t before = sink->count;

	for (size_t i = 0; i < m->mmio_count; i++)
		check_gpa_window(cell, mem, &m->mmio[i], sink);
	/* BARs are where the host has them, in the windows of its bridge. */
	if (cell_functions(m, cell, NULL) != 0)
		for (size_t i = 0; i < 2; i++)
			check_gpa_window(cell, mem, &windows[i], sink);
	if (sink->count == before)
		check_gpa_window(cell, mem, &hole, sink);
}

void rule_gpa_mmio(const struct model *m, struct diag_sink *sink)
{
	for (size_t c = 0; c < m->cell_count; c++)
		for (size_t i = 0; i < m->cells[c].memory_count; i++)
			check_gpa_mmio(m, &m->cells[c], &m->cells[c].memory[i], sink);
}

static void check_gpa_limit(const struct model *m, const struct model_cell *cell,
			    const struct model_memory *mem, struct diag_sink *sink)
{
	struct span span;

	if (gpa_span(mem, &span) && span.last >> m->phys_bits != 0)
		diag_add(sink, "gpa-limit", DIAG_ERROR, mem->pos,
			 "cell '%s': '%s' ends at GPA 0x%" PRIx64 ", beyond the CPU's %u physical "
			 "address bits; keep it below 0x%" PRIx64,
			 cell->name, mem->name, span.last, m->phys_bits,
			 (uint64_t)1 << m->phys_bits);
}

void rule_gpa_limit(const struct model *m, struct diag_sink *sink)
{
	if (m->phys_bits == 0 || m->phys_bits >= 64)
		return;
	for (size_t c = 0; c < m->cell_count; c++)
		for (size_t i = 0; i < m->cells[c].memory_count; i++)
			check_gpa_limit(m, &m->cells[c], &m->cells[c].memory[i], sink);
}
