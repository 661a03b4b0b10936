/* SPDX-License-Identifier: Apache-2.0 */
/* One emitter that walks any page-table format. */
#include "page_emit.h"

#include <stdlib.h>

struct walk {
	const struct page_format *format;
	const struct page_options *options;
	struct plan_bytes *out;
	hpa_t root;
};

const char *page_fault_text(enum page_fault fault)
{
	switch (fault) {
	case PAGE_OK:
		return "no fault";
	case PAGE_MISALIGNED:
		return "a mapping is not made of whole 4 KiB pages";
	case PAGE_INPUT_REACH:
		return "a mapping lies beyond the addresses that the table translates";
	case PAGE_OUTPUT_REACH:
		return "a mapping leads beyond the physical address width of the board";
	case PAGE_OVERLAP:
		return "two mappings claim one address";
	case PAGE_RIGHTS:
		return "the table format has no such access rights";
	case PAGE_REQUESTER:
		return "a function or its interrupts cannot be written down in its IOMMU's tables";
	}
	return "unknown fault";
}

static int by_input(const void *left, const void *right)
{
	const struct page_mapping *a = left;
	const struct page_mapping *b = right;

	return (a->input > b->input) - (a->input < b->input);
}

static bool beyond(uint64_t start, uint64_t size, unsigned int bits)
{
	const uint64_t limit = 1ull << bits;

	return start > limit || size > limit - start;
}

static enum page_fault check_mapping(const struct walk *walk, const struct page_mapping *map)
{
	const uint64_t page = 1ull << walk->format->page_shift;
	const struct page_entry leaf = {
		.kind = PAGE_ENTRY_LEAF,
		.rights = map->rights,
	};
	uint64_t bits;
	unsigned int output_bits = walk->options->output_bits;

	if (output_bits > walk->format->output_bits)
		output_bits = walk->format->output_bits;
	if (((map->input | map->output | map->size) & (page - 1)) != 0)
		return PAGE_MISALIGNED;
	if (beyond(map->input, map->size, walk->format->input_bits))
		return PAGE_INPUT_REACH;
	if (beyond(map->output, map->size, output_bits))
		return PAGE_OUTPUT_REACH;
	return page_encode(walk->format, 1, &leaf, &bits) ? PAGE_OK : PAGE_RIGHTS;
}

static bool continues(const struct page_mapping *first, const struct page_mapping *next)
{
	return first->input + first->size == next->input &&
	       first->output + first->size == next->output && first->rights == next->rights;
}

/* Sorts, drops what is empty, joins what continues; *count shrinks accordingly. */
static enum page_fault join_mappings(const struct walk *walk, struct page_mapping *maps,
				     size_t *count)
{
	size_t kept = 0;

	qsort(maps, *count, sizeof(*maps), by_input);
	for (size_t i = 0; i < *count; i++) {
		const enum page_fault fault = check_mapping(walk, &maps[i]);
		struct page_mapping *last = kept > 0 ? &maps[kept - 1] : NULL;

		if (fault != PAGE_OK)
			return fault;
		if (maps[i].size == 0)
			continue;
		if (last && last->input + last->size > maps[i].input)
			return PAGE_OVERLAP;
		if (last && continues(last, &maps[i]))
			last->size += maps[i].size;
		else
			maps[kept++] = maps[i];
	}
	*count = kept;
	return PAGE_OK;
}

static size_t index_at(const struct page_format *format, unsigned int level, uint64_t input)
{
	return (input >> page_shift_at(format, level)) & ((1u << format->index_bits) - 1);
}

static hpa_t new_table(const struct walk *walk)
{
	const size_t bytes = sizeof(uint64_t) << walk->format->index_bits;

	return plan_bytes_take(walk->out, bytes, bytes);
}

/* The table of @level that covers @input; tables on the way are made as needed. */
static hpa_t table_for(const struct walk *walk, unsigned int level, uint64_t input)
{
	hpa_t table = walk->root;

	for (unsigned int at = walk->format->levels; at > level; at--) {
		const size_t index = index_at(walk->format, at, input);
		const uint64_t *entries = plan_bytes_at(walk->out, table);
		struct page_entry entry;

		if (!page_decode(walk->format, at, entries[index], &entry))
			abort();
		if (entry.kind == PAGE_ENTRY_EMPTY) {
			entry.kind = PAGE_ENTRY_TABLE;
			entry.address = new_table(walk).raw;
			/* The area may have moved: look the parent up again. */
			uint64_t *parent = plan_bytes_at(walk->out, table);

			if (!page_encode(walk->format, at, &entry, &parent[index]))
				abort();
		}
		table.raw = entry.address;
	}
	return table;
}

static unsigned int largest_level(const struct walk *walk, const struct page_mapping *map)
{
	unsigned int level = walk->options->largest_leaf;

	if (walk->options->small_code && map->rights & PLAN_RIGHT_EXEC)
		return 1;
	if (level > walk->format->largest_leaf)
		level = walk->format->largest_leaf;
	for (; level > 1; level--) {
		const uint64_t page = 1ull << page_shift_at(walk->format, level);

		if (((map->input | map->output) & (page - 1)) == 0 && map->size >= page)
			break;
	}
	return level;
}

/*
 * Fills one table from the start of @map on and takes what it mapped off @map.
 * Larger pages can begin only at the next table, so nothing is lost by going on
 * to the end of this one.
 */
static void fill_table(const struct walk *walk, struct page_mapping *map)
{
	const unsigned int level = largest_level(walk, map);
	const uint64_t page = 1ull << page_shift_at(walk->format, level);
	uint64_t *entries = plan_bytes_at(walk->out, table_for(walk, level, map->input));
	struct page_entry leaf = { .kind = PAGE_ENTRY_LEAF, .rights = map->rights };

	for (size_t i = index_at(walk->format, level, map->input);
	     i < 1u << walk->format->index_bits && map->size >= page; i++) {
		leaf.address = map->output;
		if (!page_encode(walk->format, level, &leaf, &entries[i]))
			abort();
		map->input += page;
		map->output += page;
		map->size -= page;
	}
}

enum page_fault page_emit(const struct page_format *format, const struct page_options *options,
			  const struct page_mapping *maps, size_t count, struct plan_bytes *out,
			  hpa_t *root)
{
	struct walk walk = { .format = format, .options = options, .out = out };
	struct page_mapping *work = calloc(count + 1, sizeof(*work));
	enum page_fault fault;

	if (!work)
		abort();
	for (size_t i = 0; i < count; i++)
		work[i] = maps[i];
	fault = join_mappings(&walk, work, &count);
	if (fault == PAGE_OK) {
		walk.root = new_table(&walk);
		*root = walk.root;
		for (size_t i = 0; i < count; i++)
			while (work[i].size > 0)
				fill_table(&walk, &work[i]);
	}
	free(work);
	return fault;
}
