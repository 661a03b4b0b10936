/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules about whose host-physical memory is whose: what a cell or the monitor
 * holds is real RAM and nobody else's.  Isolation of RAM rests on ram-overlap
 * and ram-monitor: the nested tables map what these let pass.
 */
#include "holding.h"
#include "rules.h"

#include <inttypes.h>

#define LOW_RAM_END 0x100000u
#define BOOT_PAGE_FIRST 0x1000u
#define BOOT_PAGE_LAST 0x9f000u

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
		 holding_label(b).text, b->span.first, b->span.last, a->what, a->span.first,
		 a->span.last, pos_text(a->pos).text);
}

/* Each meeting pair once: the later one is reported, the earlier one named. */
static void check_pairs(const struct model *m, bool with_monitor, struct diag_sink *sink)
{
	struct holding_cursor end = { 0 }, start;
	struct holding a, b;
	size_t earlier, count = 0;

	for (; next_holding(m, &end, &b); count++) {
		start = (struct holding_cursor){ 0 };
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
	struct holding_cursor at = { 0 };
	struct holding h;
	uint64_t hole;

	while (next_holding(m, &at, &h))
		if (!covered_by_ram(m, h.span, &hole))
			diag_add(sink, "ram-exists", DIAG_ERROR, h.pos,
				 "%s 0x%" PRIx64 "-0x%" PRIx64
				 ": the board has no RAM at 0x%" PRIx64
				 "; move it or make it smaller",
				 holding_label(&h).text, h.span.first, h.span.last, hole);
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
				 holding_label(h).text, h->span.first, h->span.last, r->name,
				 span.first, span.last, pos_text(r->pos).text);
	}
}

void rule_ram_firmware(const struct model *m, struct diag_sink *sink)
{
	struct holding_cursor at = { 0 };
	struct holding h;

	while (next_holding(m, &at, &h))
		check_firmware(m, &h, sink);
}

/* The boot page alone belongs there. */
void rule_ram_lowmem(const struct model *m, struct diag_sink *sink)
{
	struct holding_cursor at = { 0 };
	struct holding h;

	while (next_holding(m, &at, &h))
		if (h.span.first < LOW_RAM_END && !h.is_boot_page)
			diag_add(sink, "ram-lowmem", DIAG_ERROR, h.pos,
				 "%s 0x%" PRIx64 "-0x%" PRIx64 " reaches into the first MiB, where "
				 "firmware keeps its data; start it at 0x%x or above",
				 holding_label(&h).text, h.span.first, h.span.last, LOW_RAM_END);
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
			 "monitor: no CPU can start in boot page 0x%" PRIx64
			 "; put it between 0x%x and 0x%x",
			 page, BOOT_PAGE_FIRST, BOOT_PAGE_LAST);
}
