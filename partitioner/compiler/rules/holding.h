/* SPDX-License-Identifier: Apache-2.0 */
/* Host memory that somebody holds: the monitor's three areas and the cells' placed RAM. */
#ifndef SEPTUM_COMPILER_HOLDING_H
#define SEPTUM_COMPILER_HOLDING_H

#include "model.h"
#include "span.h"

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

struct holding_cursor { /* start from zeroes */
	size_t area, cell, region;
};

struct holding_label {
	char text[160];
};

/** monitor_area() - the @area-th (below MONITOR_AREAS) area; without its span. */
struct holding monitor_area(const struct model_monitor *mon, size_t area);

/**
 * next_given() - every holding with a given place, the monitor's first, then
 * the cells' in source order; without spans.
 */
bool next_given(const struct model *m, struct holding_cursor *at, struct holding *h);

/** next_holding() - the same with spans, and without what ram-size and ram-wrap refuse. */
bool next_holding(const struct model *m, struct holding_cursor *at, struct holding *h);

/** holding_label() - "cell 'rt': RAM" or "monitor: boot page". */
struct holding_label holding_label(const struct holding *h);

#endif
