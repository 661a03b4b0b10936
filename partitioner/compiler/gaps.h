/* SPDX-License-Identifier: Apache-2.0 */
/* Host RAM that nobody holds, as a list of gaps between what is held. */
#ifndef SEPTUM_COMPILER_GAPS_H
#define SEPTUM_COMPILER_GAPS_H

#include "model.h"

struct gap { /* [start, end), whole pages */
	uint64_t start, end;
};

struct gaps { /* ascending, disjoint */
	struct gap *items;
	size_t count, room;
};

/** gap_end_of() - start + size, or UINT64_MAX where that leaves 64 bits. */
static inline uint64_t gap_end_of(uint64_t start, uint64_t size)
{
	return start + size >= start ? start + size : UINT64_MAX;
}

static inline uint64_t gap_round_down(uint64_t value, uint64_t unit)
{
	return value & ~(unit - 1);
}

/** gap_round_up() - @unit is a power of two; UINT64_MAX where the sum leaves 64 bits. */
static inline uint64_t gap_round_up(uint64_t value, uint64_t unit)
{
	return value <= UINT64_MAX - (unit - 1) ? gap_round_down(value + unit - 1, unit) :
						  UINT64_MAX;
}

/** gaps_add() - the whole pages in a range are free; ranges that meet become one. */
void gaps_add(struct gaps *gaps, uint64_t start, uint64_t size);

/** gaps_take() - no page that the range touches is free. */
void gaps_take(struct gaps *gaps, uint64_t start, uint64_t size);

/**
 * gaps_of_ram() - board RAM less the first MiB, firmware, device windows, the
 * monitor's ranges and cell RAM.
 * @placed: true: all cell RAM is held; false: only what the author placed.
 */
struct gaps gaps_of_ram(const struct model *model, bool placed);

void gaps_free(struct gaps *gaps);

#endif
