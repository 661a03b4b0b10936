/* SPDX-License-Identifier: Apache-2.0 */
/* Rules about the form of memory ranges: whole pages, large pages, sizes, no wrap. */
#include "holding.h"
#include "rules.h"

#include <inttypes.h>

#define PAGE_MASK ((uint64_t)PLAN_PAGE_BYTES - 1)
#define LARGE_PAGE UINT64_C(0x200000)

static void require_pages(const struct holding *h, const char *what, uint64_t value,
			  struct diag_sink *sink)
{
	if (value % PLAN_PAGE_BYTES != 0)
		diag_add(sink, "ram-align", DIAG_ERROR, h->pos,
			 "%s has %s 0x%" PRIx64
			 ", which is no multiple of 4 KiB; make it 0x%" PRIx64,
			 holding_label(h).text, what, value,
			 (value + PLAN_PAGE_BYTES - 1) & ~PAGE_MASK);
}

/*
 * A 2 MiB page needs host and guest addresses that are equal modulo 2 MiB, and a
 * whole aligned block.  Counts the pages that the size would allow but the place
 * does not; the wasted ends of an odd size are no loss.
 */
static uint64_t large_pages_lost(const struct model_memory *mem)
{
	uint64_t best = mem->size / LARGE_PAGE;
	uint64_t head = -mem->gpa % LARGE_PAGE;

	if ((mem->gpa ^ mem->hpa) % LARGE_PAGE != 0)
		return best;
	return best - (mem->size > head ? (mem->size - head) / LARGE_PAGE : 0);
}

static void warn_large_pages(const struct model_cell *cell, const struct model_memory *mem,
			     struct diag_sink *sink)
{
	uint64_t lost = large_pages_lost(mem);

	if (lost == 0)
		return;
	diag_add(sink, "ram-align", DIAG_WARNING, mem->pos,
		 "cell '%s': RAM at 0x%" PRIx64 " (GPA 0x%" PRIx64 ") loses %" PRIu64 " of %" PRIu64
		 " 2 MiB pages; to regain %s, make %s a multiple of 0x200000",
		 cell->name, mem->hpa, mem->gpa, lost, mem->size / LARGE_PAGE,
		 lost == 1 ? "it" : "them",
		 mem->gpa % LARGE_PAGE == 0 ? "its host address" :
		 mem->hpa % LARGE_PAGE == 0 ? "its guest address" :
					      "each of the two");
}

static void check_cell_alignment(const struct model_cell *cell, struct diag_sink *sink)
{
	for (size_t i = 0; i < cell->memory_count; i++) {
		const struct model_memory *mem = &cell->memory[i];
		struct holding h = { .cell = cell, .what = "RAM", .pos = mem->pos };
		size_t errors = sink->count;

		require_pages(&h, "size", mem->size, sink);
		if (mem->placed)
			require_pages(&h, "host address", mem->hpa, sink);
		if (mem->gpa_given)
			require_pages(&h, "guest address", mem->gpa, sink);
		if (mem->hpa != 0 && sink->count == errors)
			warn_large_pages(cell, mem, sink);
	}
}

void rule_ram_align(const struct model *m, struct diag_sink *sink)
{
	if (m->monitor.present)
		for (size_t i = 0; i < MONITOR_AREAS; i++) {
			struct holding h = monitor_area(&m->monitor, i);

			require_pages(&h, "address", h.start, sink);
			require_pages(&h, "size", h.size, sink);
		}
	for (size_t c = 0; c < m->cell_count; c++)
		check_cell_alignment(&m->cells[c], sink);
}

static void check_cell_size(const struct model_cell *cell, struct diag_sink *sink)
{
	if (cell->memory_count == 0)
		diag_add(sink, "ram-size", DIAG_ERROR, cell->pos,
			 "cell '%s' has no RAM; give it a memory node", cell->name);
	for (size_t i = 0; i < cell->memory_count; i++)
		if (cell->memory[i].size == 0)
			diag_add(sink, "ram-size", DIAG_ERROR, cell->memory[i].pos,
				 "cell '%s': '%s' has size 0; give it at least 0x1000 bytes",
				 cell->name, cell->memory[i].name);
}

static size_t enabled_cpus(const struct model *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->cpu_count; i++)
		n += m->cpus[i].enabled;
	return n;
}

void rule_ram_size(const struct model *m, struct diag_sink *sink)
{
	const struct model_monitor *mon = &m->monitor;
	uint64_t crash = enabled_cpus(m) * PLAN_CRASH_BYTES;

	if (mon->present && mon->size == 0)
		diag_add(sink, "ram-size", DIAG_ERROR, mon->pos,
			 "monitor: range has size 0; give it room for code, plan and payloads");
	if (mon->present && mon->crash_size < crash)
		diag_add(sink, "ram-size", DIAG_ERROR, mon->crash_pos,
			 "monitor: crash area has 0x%" PRIx64 " bytes, but the records of %zu CPUs "
			 "need 0x%" PRIx64 "; enlarge it",
			 mon->crash_size, enabled_cpus(m), crash);
	for (size_t c = 0; c < m->cell_count; c++)
		check_cell_size(&m->cells[c], sink);
}

static void check_wrap(const struct holding *h, const char *space, struct diag_sink *sink)
{
	struct span span;

	if (h->size != 0 && !span_make(h->start, h->size, &span))
		diag_add(sink, "ram-wrap", DIAG_ERROR, h->pos,
			 "%s at %s address 0x%" PRIx64 " with size 0x%" PRIx64
			 " passes the end of the address space; correct one of them",
			 holding_label(h).text, space, h->start, h->size);
}

void rule_ram_wrap(const struct model *m, struct diag_sink *sink)
{
	struct holding_cursor at = { 0 };
	struct holding h;

	while (next_given(m, &at, &h))
		check_wrap(&h, "host", sink);
	for (size_t c = 0; c < m->cell_count; c++)
		for (size_t i = 0; i < m->cells[c].memory_count; i++) {
			const struct model_memory *mem = &m->cells[c].memory[i];

			h = (struct holding){ .cell = &m->cells[c],
					      .what = "RAM",
					      .pos = mem->pos,
					      .start = mem->gpa,
					      .size = mem->size };
			if (mem->gpa_given)
				check_wrap(&h, "guest", sink);
		}
}
