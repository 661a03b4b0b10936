/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A walker for extended page tables that shares nothing with the emitter: written
 * from Intel SDM volume 3C, 28.2.2, tables 28-1 to 28-6, with the bit numbers
 * spelled out.
 */
#ifndef TESTS_EPT_WALK_H
#define TESTS_EPT_WALK_H

#include "plan_bytes.h"

#include <stdbool.h>

struct ept_query {
	uint64_t input;
	bool found;
	uint64_t output, size; /* of the page */
	bool write, execute;
	unsigned int memory_type;
};

struct ept_totals {
	uint64_t bytes; /* mapped by all leaves */
	size_t pages[4]; /* by level: 4 KiB, 2 MiB, 1 GiB at 1, 2, 3 */
	size_t tables;
	bool odd_bits; /* a bit that must be 0 or 1 is not, somewhere */
};

#define EPT_ADDRESS_BITS 0x000ffffffffff000ull

/* A pointer: read, write, execute, accessed (8); memory type and 63:52 are reserved or unused. */
static inline bool ept_pointer_fine(uint64_t raw)
{
	return (raw & 0xfff) == 0x107 && (raw >> 52) == 0;
}

/* A page: readable, type write-back in 5:3, no ignore-PAT (6), large (7), accessed, dirty (9). */
static inline bool ept_page_fine(uint64_t raw, int level)
{
	const uint64_t span = 1ull << (12 + 9 * (level - 1));

	return level < 4 && (raw & 0xff9) == (0x331u | (level > 1 ? 0x80u : 0u)) &&
	       (raw >> 52) == 0 && (raw & EPT_ADDRESS_BITS & (span - 1)) == 0;
}

static inline void ept_page(uint64_t raw, uint64_t input, int level, struct ept_totals *totals,
			    struct ept_query *query)
{
	const uint64_t span = 1ull << (12 + 9 * (level - 1));

	totals->pages[level & 3]++;
	totals->bytes += span;
	totals->odd_bits |= !ept_page_fine(raw, level);
	if (!query || query->input < input || query->input - input >= span)
		return;
	query->found = true;
	query->output = raw & EPT_ADDRESS_BITS;
	query->size = span;
	query->write = raw >> 1 & 1;
	query->execute = raw >> 2 & 1;
	query->memory_type = raw >> 3 & 7;
}

/* Counts everything into @totals; @query may be NULL.  Depth is 4 at most. */
static inline void ept_walk(const struct plan_bytes *bytes, uint64_t table, int level,
			    uint64_t input, struct ept_totals *totals, struct ept_query *query)
{
	const uint64_t *entries = plan_bytes_at(bytes, (hpa_t){ table });
	const uint64_t span = 1ull << (12 + 9 * (level - 1));

	totals->tables++;
	for (uint64_t i = 0; i < 512; i++) {
		const uint64_t raw = entries[i];

		if ((raw & 7) == 0) {
			totals->odd_bits |= raw != 0;
		} else if (level == 1 || (raw & 0x80) != 0) {
			ept_page(raw, input + i * span, level, totals, query);
		} else {
			totals->odd_bits |= !ept_pointer_fine(raw);
			ept_walk(bytes, raw & EPT_ADDRESS_BITS, level - 1, input + i * span, totals,
				 query);
		}
	}
}

/* What one guest-physical address translates to. */
static inline struct ept_query ept_one(const struct plan_bytes *bytes, hpa_t root, uint64_t input)
{
	struct ept_query query = { .input = input };
	struct ept_totals totals = { 0 };

	ept_walk(bytes, root.raw, 4, 0, &totals, &query);
	return query;
}

#endif
