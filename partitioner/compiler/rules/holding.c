/* SPDX-License-Identifier: Apache-2.0 */
#include "holding.h"

struct holding monitor_area(const struct model_monitor *mon, size_t area)
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

bool next_given(const struct model *m, struct holding_cursor *at, struct holding *h)
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

bool next_holding(const struct model *m, struct holding_cursor *at, struct holding *h)
{
	while (next_given(m, at, h))
		if (span_make(h->start, h->size, &h->span))
			return true;
	return false;
}

struct holding_label holding_label(const struct holding *h)
{
	struct holding_label out;

	if (h->cell != NULL)
		snprintf(out.text, sizeof(out.text), "cell '%s': %s", h->cell->name, h->what);
	else
		snprintf(out.text, sizeof(out.text), "monitor: %s", h->what);
	return out;
}
