/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A walker for long-mode tables that shares nothing with the emitter: written
 * from APM volume 2, figures 5-17 to 5-27, with the bit numbers spelled out.
 */
#ifndef TESTS_TABLE_WALK_H
#define TESTS_TABLE_WALK_H

#include "plan_bytes.h"

#include <stdbool.h>

struct walked_leaf {
	uint64_t input, output, size;
	bool write, execute, user;
	uint64_t raw;
};

typedef void walk_visitor(const struct walked_leaf *leaf, void *context);

struct walk_totals {
	uint64_t bytes; /* mapped by all leaves */
	size_t leaves, tables;
	bool odd_bits; /* a bit that must be 0 or 1 is not, somewhere */
};

#define WALK_ADDRESS_BITS 0x000ffffffffff000ull

/* Bits 11:0 of each kind of entry apart from R/W: present, user, accessed, dirty, PS. */
static inline bool walk_bits_fine(uint64_t raw, bool leaf, bool large, bool user)
{
	uint64_t expected = 1u | (1u << 5) | (user ? 1u << 2 : 0u);

	if (leaf)
		expected |= 1u << 6;
	if (large)
		expected |= 1u << 7;
	if (!leaf && ((raw >> 1 & 1) == 0 || raw >> 63 != 0))
		return false;
	return (raw & 0xffdu) == expected && (raw >> 52 & 0x7ff) == 0;
}

/* Calls @visit for each leaf in ascending order; depth is 4 at most. */
static inline void walk_tables(const struct plan_bytes *bytes, uint64_t table, int level,
			       uint64_t input, bool user, struct walk_totals *totals,
			       walk_visitor *visit, void *context)
{
	const uint64_t *entries = plan_bytes_at(bytes, (hpa_t){ table });
	const uint64_t span = 1ull << (12 + 9 * (level - 1));

	totals->tables++;
	for (uint64_t i = 0; i < 512; i++) {
		const uint64_t raw = entries[i];
		const bool large = level > 1 && (raw & 0x80) != 0;
		const bool leaf = level == 1 || large;
		struct walked_leaf found;

		if ((raw & 1) == 0) {
			totals->odd_bits |= raw != 0;
			continue;
		}
		totals->odd_bits |= !walk_bits_fine(raw, leaf, large, user);
		if (!leaf) {
			walk_tables(bytes, raw & WALK_ADDRESS_BITS, level - 1, input + i * span,
				    user, totals, visit, context);
			continue;
		}
		found.input = input + i * span;
		found.output = raw & WALK_ADDRESS_BITS;
		found.size = span;
		found.write = raw >> 1 & 1;
		found.user = raw >> 2 & 1;
		found.execute = (raw >> 63) == 0;
		found.raw = raw;
		/* An output inside the page would be a reserved bit: APM 5.3.4. */
		totals->odd_bits |= (found.output & (span - 1)) != 0 || level == 4;
		totals->leaves++;
		totals->bytes += span;
		visit(&found, context);
	}
}

static inline void walk_ignore(const struct walked_leaf *leaf, void *context)
{
	(void)leaf;
	(void)context;
}

struct walk_query {
	uint64_t input;
	bool found;
	struct walked_leaf leaf;
};

static inline void walk_match(const struct walked_leaf *leaf, void *context)
{
	struct walk_query *query = context;

	if (query->input >= leaf->input && query->input - leaf->input < leaf->size) {
		query->found = true;
		query->leaf = *leaf;
	}
}

/* What one address translates to; found is false if it faults. */
static inline struct walk_query walk_one(const struct plan_bytes *bytes, hpa_t root, bool user,
					 uint64_t input)
{
	struct walk_query query = { .input = input };
	struct walk_totals totals = { 0 };

	walk_tables(bytes, root.raw, 4, 0, user, &totals, walk_match, &query);
	return query;
}

#endif
