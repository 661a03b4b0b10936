/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules about host-physical memory: what a cell or the monitor holds is real
 * RAM, nobody else's, and whole pages.  Isolation of RAM rests on ram-overlap
 * and ram-monitor: the nested tables map what these let pass.
 */
#include "rules.h"
#include "span.h"

#include <inttypes.h>

#define LOW_RAM_END 0x100000u
#define BOOT_PAGE_FIRST 0x1000u
#define BOOT_PAGE_LAST 0x9f000u
#define LARGE_PAGE UINT64_C(0x200000)

#define MONITOR_AREAS 3u

struct holding { /* host memory that somebody holds */
	const struct model_cell *cell; /* NULL: the monitor */
	const char *what; /* "RAM", "boot page", ... */
	const char *name; /* node name */
	uint64_t start, size;
	bool is_boot_page;
	struct src_pos pos;
	struct span span;
};

struct cursor {
	size_t area, cell, region;
};

struct label {
	char text[160];
};

static struct holding monitor_area(const struct model_monitor *mon, size_t area)
{
	const struct holding areas[MONITOR_AREAS] = {
		{ .what = "range", .start = mon->base, .size = mon->size, .pos = mon->pos },
		{ .what = "boot page",
		  .is_boot_page = true,
		  .start = mon->boot_page,
		  .size = PLAN_PAGE_BYTES,
		  .pos = mon->boot_page_pos },
		{ .what = "crash area",
		  .start = mon->crash,
		  .size = mon->crash_size,
		  .pos = mon->crash_pos },
	};

	return areas[area];
}

/* Every holding with a given place, the monitor's first, then cells in source order. */
static bool next_given(const struct model *m, struct cursor *at, struct holding *h)
{
	if (m->monitor.present && at->area < MONITOR_AREAS) {
		*h = monitor_area(&m->monitor, at->area++);
		return true;
	}
	for (; at->cell < m->cell_count; at->cell++, at->region = 0) {
		const struct model_cell *cell = &m->cells[at->cell];

		while (at->region < cell->memory_count) {
			const struct model_memory *mem = &cell->memory[at->region++];

			if (!mem->placed)
				continue;
			*h = (struct holding){ .cell = cell,
					       .what = "RAM",
					       .name = mem->name,
					       .start = mem->hpa,
					       .size = mem->size,
					       .pos = mem->pos };
			return true;
		}
	}
	return false;
}

/* The same without what ram-size and ram-wrap refuse. */
static bool next_holding(const struct model *m, struct cursor *at, struct holding *h)
{
	while (next_given(m, at, h))
		if (span_make(h->start, h->size, &h->span))
			return true;
	return false;
}

static struct label label(const struct holding *h)
{
	struct label out;

	if (h->cell != NULL)
		snprintf(out.text, sizeof(out.text), "cell '%s': %s", h->cell->name, h->what);
	else
		snprintf(out.text, sizeof(out.text), "monitor: %s", h->what);
	return out;
}

static void report_overlap(const struct holding *a, const struct holding *b, struct diag_sink *sink)
{
	if (a->cell == b->cell)
		diag_add(sink, "ram-overlap", DIAG_ERROR, b->pos,
			 "cell '%s': RAM 0x%" PRIx64 "-0x%" PRIx64
			 " overlaps its own '%s' (%s); move one of them",
			 b->cell->name, b->span.first, b->span.last, a->name,
			 pos_text(a->pos).text);
	else
		diag_add(sink, "ram-overlap", DIAG_ERROR, b->pos,
			 "cell '%s': RAM 0x%" PRIx64 "-0x%" PRIx64
			 " overlaps cell '%s' (%s); move one of them",
			 b->cell->name, b->span.first, b->span.last, a->cell->name,
			 pos_text(a->pos).text);
}

static void report_monitor_overlap(const struct holding *a, const struct holding *b,
				   struct diag_sink *sink)
{
	diag_add(sink, "ram-monitor", DIAG_ERROR, b->pos,
		 "%s 0x%" PRIx64 "-0x%" PRIx64 " overlaps the monitor's %s 0x%" PRIx64 "-0x%" PRIx64
		 " (%s); move one of them",
		 label(b).text, b->span.first, b->span.last, a->what, a->span.first, a->span.last,
		 pos_text(a->pos).text);
}

/* Each meeting pair once: the later one is reported, the earlier one named. */
static void check_pairs(const struct model *m, bool with_monitor, struct diag_sink *sink)
{
	struct cursor end = { 0 }, start;
	struct holding a, b;
	size_t earlier, count = 0;

	for (; next_holding(m, &end, &b); count++) {
		start = (struct cursor){ 0 };
		for (earlier = 0; earlier < count && next_holding(m, &start, &a); earlier++) {
			if ((a.cell == NULL) != with_monitor || !spans_meet(a.span, b.span))
				continue;
			if (with_monitor)
				report_monitor_overlap(&a, &b, sink);
			else
				report_overlap(&a, &b, sink);
		}
	}
}

void rule_ram_overlap(const struct model *m, struct diag_sink *sink)
{
	check_pairs(m, false, sink);
}

void rule_ram_monitor(const struct model *m, struct diag_sink *sink)
{
	check_pairs(m, true, sink);
}

/* Moves @at past one board RAM range that contains it. */
static bool step_through_ram(const struct model *m, uint64_t *at, uint64_t last)
{
	struct span ram;

	for (size_t i = 0; i < m->ram_count; i++) {
		if (!span_make(m->ram[i].start, m->ram[i].size, &ram))
			continue;
		if (*at < ram.first || *at > ram.last)
			continue;
		*at = ram.last < last ? ram.last + 1 : last;
		return true;
	}
	return false;
}

/* Board RAM may come in adjacent ranges; @hole: the first byte that is in none. */
static bool covered_by_ram(const struct model *m, struct span span, uint64_t *hole)
{
	*hole = span.first;
	for (size_t steps = 0; steps <= m->ram_count; steps++) {
		if (!step_through_ram(m, hole, span.last))
			return false;
		if (*hole == span.last)
			return step_through_ram(m, hole, span.last);
	}
	return false;
}

void rule_ram_exists(const struct model *m, struct diag_sink *sink)
{
	struct cursor at = { 0 };
	struct holding h;
	uint64_t hole;

	while (next_holding(m, &at, &h))
		if (!covered_by_ram(m, h.span, &hole))
			diag_add(sink, "ram-exists", DIAG_ERROR, h.pos,
				 "%s 0x%" PRIx64 "-0x%" PRIx64
				 ": the board has no RAM at 0x%" PRIx64
				 "; move it or make it smaller",
				 label(&h).text, h.span.first, h.span.last, hole);
}

static void check_firmware(const struct model *m, const struct holding *h, struct diag_sink *sink)
{
	struct span span;

	for (size_t i = 0; i < m->reserved_count; i++) {
		const struct model_range *r = &m->reserved[i];

		if (span_make(r->start, r->size, &span) && spans_meet(span, h->span))
			diag_add(sink, "ram-firmware", DIAG_ERROR, h->pos,
				 "%s 0x%" PRIx64 "-0x%" PRIx64
				 " touches the firmware's '%s' 0x%" PRIx64 "-0x%" PRIx64
				 " (%s); move it clear of that",
				 label(h).text, h->span.first, h->span.last, r->name, span.first,
				 span.last, pos_text(r->pos).text);
	}
}

void rule_ram_firmware(const struct model *m, struct diag_sink *sink)
{
	struct cursor at = { 0 };
	struct holding h;

	while (next_holding(m, &at, &h))
		check_firmware(m, &h, sink);
}

/* The boot page alone belongs there. */
void rule_ram_lowmem(const struct model *m, struct diag_sink *sink)
{
	struct cursor at = { 0 };
	struct holding h;

	while (next_holding(m, &at, &h))
		if (h.span.first < LOW_RAM_END && !h.is_boot_page)
			diag_add(sink, "ram-lowmem", DIAG_ERROR, h.pos,
				 "%s 0x%" PRIx64 "-0x%" PRIx64 " reaches into the first MiB, where "
				 "firmware keeps its data; start it at 0x%x or above",
				 label(&h).text, h.span.first, h.span.last, LOW_RAM_END);
}

/*
 * A start-up IPI names one of the pages below 1 MiB (Intel SDM volume 3, 9.4.4.2).
 * Page 0 holds the real-mode vectors and the BIOS data area, and no PC has RAM
 * from A0000h on.
 */
void rule_boot_page(const struct model *m, struct diag_sink *sink)
{
	uint64_t page = m->monitor.boot_page;

	if (m->monitor.present && (page < BOOT_PAGE_FIRST || page > BOOT_PAGE_LAST))
		diag_add(sink, "boot-page", DIAG_ERROR, m->monitor.boot_page_pos,
			 "monitor: boot page 0x%" PRIx64
			 " is out of reach for the start of the other "
			 "CPUs; put it between 0x%x and 0x%x",
			 page, BOOT_PAGE_FIRST, BOOT_PAGE_LAST);
}

static void require_pages(const struct holding *h, const char *what, uint64_t value,
			  struct diag_sink *sink)
{
	if (value % PLAN_PAGE_BYTES != 0)
		diag_add(sink, "ram-align", DIAG_ERROR, h->pos,
			 "%s has %s 0x%" PRIx64
			 ", which is no multiple of 4 KiB; make it 0x%" PRIx64,
			 label(h).text, what, value, value & ~(uint64_t)(PLAN_PAGE_BYTES - 1));
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
			 label(h).text, space, h->start, h->size);
}

void rule_ram_wrap(const struct model *m, struct diag_sink *sink)
{
	struct cursor at = { 0 };
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
