/* SPDX-License-Identifier: Apache-2.0 */
/* Address spans and source positions, as the rules compare and print them. */
#ifndef SEPTUM_COMPILER_SPAN_H
#define SEPTUM_COMPILER_SPAN_H

#include "diag.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Both ends belong to it, so that a span may end at 2^64 - 1. */
struct span {
	uint64_t first, last;
};

/** span_make() - false, and no span, when [start, start+size) is empty or passes 2^64. */
static inline bool span_make(uint64_t start, uint64_t size, struct span *span)
{
	if (size == 0 || start + (size - 1) < start)
		return false;
	*span = (struct span){ start, start + (size - 1) };
	return true;
}

static inline bool spans_meet(struct span a, struct span b)
{
	return a.first <= b.last && b.first <= a.last;
}

static inline bool span_inside(struct span inner, struct span outer)
{
	return inner.first >= outer.first && inner.last <= outer.last;
}

/* Room for a path as the preprocessor prints it; longer ones are cut. */
struct pos_text {
	char text[512];
};

/** pos_text() - "file:line" of the other side of a conflict. */
static inline struct pos_text pos_text(struct src_pos pos)
{
	struct pos_text out = { "position unknown" };

	if (pos.file != NULL && pos.line != 0)
		snprintf(out.text, sizeof(out.text), "%s:%u", pos.file, pos.line);
	else if (pos.file != NULL)
		snprintf(out.text, sizeof(out.text), "%s", pos.file);
	return out;
}

#endif
