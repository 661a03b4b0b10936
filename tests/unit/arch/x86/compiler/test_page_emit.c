/* SPDX-License-Identifier: Apache-2.0 */
#include "page_emit.h"

#include "table_walk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define BASE 0x10000000ull
#define KIB4 0x1000ull
#define MIB2 0x200000ull
#define GIB1 0x40000000ull
#define ROUNDS 100u
#define MAX_MAPS 12u
#define RW (PLAN_RIGHT_READ | PLAN_RIGHT_WRITE)
#define RX (PLAN_RIGHT_READ | PLAN_RIGHT_EXEC)

static uint64_t state = 0x9e3779b97f4a7c15ull;

static uint64_t next_random(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static uint64_t random_unit(void)
{
	static const uint64_t units[] = { KIB4, KIB4, MIB2, MIB2, GIB1 };

	return units[next_random() % 5];
}

struct request {
	struct page_mapping maps[MAX_MAPS];
	size_t count;
	uint64_t largest; /* bytes of the largest page allowed */
};

/* Ascending and disjoint; neighbours often touch, sometimes continue each other. */
static void random_request(struct request *request)
{
	uint64_t input = next_random() % 600 * random_unit();

	request->count = 1 + next_random() % MAX_MAPS;
	request->largest = next_random() % 2 ? GIB1 : MIB2;
	for (size_t i = 0; i < request->count; i++) {
		struct page_mapping *map = &request->maps[i];
		const uint64_t unit = random_unit();

		if (next_random() % 2)
			input += next_random() % 3 * random_unit();
		if (next_random() % 2)
			input = (input + unit - 1) / unit * unit;
		map->input = input;
		map->output = next_random() % 700 * random_unit();
		if (next_random() % 2)
			map->output = map->output / GIB1 * GIB1 + input % GIB1;
		if (i > 0 && next_random() % 4 == 0)
			map->output = map[-1].output + (input - map[-1].input);
		map->size = (1 + next_random() % 3) * random_unit();
		map->rights = next_random() % 2 ? RW : RX;
		input += map->size;
	}
}

static const struct page_mapping *find(const struct request *request, uint64_t input)
{
	for (size_t i = 0; i < request->count; i++)
		if (input >= request->maps[i].input &&
		    input - request->maps[i].input < request->maps[i].size)
			return &request->maps[i];
	return NULL;
}

/*
 * Is [start, start + size) asked for as one straight run to @output with equal
 * rights?  Steps from mapping to mapping.
 */
static bool straight(const struct request *request, uint64_t start, uint64_t size, uint64_t output,
		     uint32_t rights)
{
	for (uint64_t at = start; at < start + size;) {
		const struct page_mapping *map = find(request, at);

		if (!map || map->rights != rights ||
		    map->output + (at - map->input) != output + (at - start))
			return false;
		at = map->input + map->size;
	}
	return true;
}

static void judge_leaf(const struct walked_leaf *leaf, void *context)
{
	const struct request *request = context;
	const uint32_t rights = leaf->write ? RW : RX;
	const uint64_t larger = leaf->size * 512;
	const uint64_t start = leaf->input / larger * larger;
	const uint64_t output = leaf->output - (leaf->input - start);

	assert_int_equal(leaf->execute, !leaf->write);
	assert_true(straight(request, leaf->input, leaf->size, leaf->output, rights));
	if (larger > request->largest)
		return;
	/* A smaller page than possible: then the larger one must have been wrong. */
	assert_false(leaf->output >= leaf->input - start && output % larger == 0 &&
		     straight(request, start, larger, output, rights));
}

static void shuffle(struct request *request)
{
	for (size_t i = request->count; i > 1; i--) {
		const size_t other = next_random() % i;
		const struct page_mapping kept = request->maps[i - 1];

		request->maps[i - 1] = request->maps[other];
		request->maps[other] = kept;
	}
}

static void random_layouts_translate_exactly_with_the_largest_pages(void **unused)
{
	(void)unused;
	for (unsigned int round = 0; round < ROUNDS; round++) {
		const bool nested = round % 2;
		struct plan_bytes bytes = { .base = { BASE } };
		struct walk_totals totals = { 0 };
		struct page_options options = { .output_bits = 52 };
		struct request request;
		uint64_t asked = 0;
		hpa_t root;

		random_request(&request);
		shuffle(&request);
		options.largest_leaf = request.largest == GIB1 ? 3 : 2;
		for (size_t i = 0; i < request.count; i++)
			asked += request.maps[i].size;
		assert_int_equal(page_emit(nested ? &page_format_npt : &page_format_monitor,
					   &options, request.maps, request.count, &bytes, &root),
				 PAGE_OK);
		walk_tables(&bytes, root.raw, 4, 0, nested, &totals, judge_leaf, &request);
		/* All leaves lie in requests and are disjoint: equal sums mean nothing else. */
		assert_int_equal(totals.bytes, asked);
		assert_false(totals.odd_bits);
		assert_int_equal(bytes.used, totals.tables * KIB4);
		plan_bytes_free(&bytes);
	}
}

static enum page_fault emit_two(struct page_mapping first, struct page_mapping second,
				unsigned int output_bits, size_t *used)
{
	const struct page_mapping maps[] = { first, second };
	const struct page_options options = { .largest_leaf = 3, .output_bits = output_bits };
	struct plan_bytes bytes = { .base = { BASE } };
	hpa_t root;
	enum page_fault fault = page_emit(&page_format_npt, &options, maps, 2, &bytes, &root);

	*used = bytes.used;
	plan_bytes_free(&bytes);
	return fault;
}

static void impossible_mappings_are_refused_and_leave_nothing(void **unused)
{
	const struct page_mapping fine = { MIB2, MIB2, MIB2, RW };
	const struct {
		struct page_mapping map;
		enum page_fault fault;
	} bad[] = {
		{ { 0x800, 0, KIB4, RW }, PAGE_MISALIGNED },
		{ { 0, 0x800, KIB4, RW }, PAGE_MISALIGNED },
		{ { 0, 0, 0x800, RW }, PAGE_MISALIGNED },
		{ { 0, 0, MIB2 + KIB4, RW }, PAGE_OVERLAP },
		{ { 2 * MIB2 - KIB4, 0, KIB4, RW }, PAGE_OVERLAP },
		{ { 1ull << 48, 0, KIB4, RW }, PAGE_INPUT_REACH },
		{ { (1ull << 48) - KIB4, 0, 2 * KIB4, RW }, PAGE_INPUT_REACH },
		{ { UINT64_MAX - 0xfff, 0, KIB4, RW }, PAGE_INPUT_REACH },
		{ { 0, 1ull << 40, KIB4, RW }, PAGE_OUTPUT_REACH },
		{ { 0, (1ull << 40) - KIB4, 2 * KIB4, RW }, PAGE_OUTPUT_REACH },
		{ { 0, 0, KIB4, PLAN_RIGHT_WRITE }, PAGE_RIGHTS },
	};
	size_t used;

	(void)unused;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(emit_two(fine, bad[i].map, 40, &used), bad[i].fault);
		assert_int_equal(used, 0);
	}
}

static void mappings_at_the_very_edges_are_accepted(void **unused)
{
	const struct page_mapping fine = { MIB2, MIB2, MIB2, RW };
	const struct page_mapping last = { (1ull << 48) - KIB4, (1ull << 40) - KIB4, KIB4, RW };
	const struct page_mapping touching = { 2 * MIB2, 0, KIB4, RW };
	size_t used;

	(void)unused;
	assert_int_equal(emit_two(fine, last, 40, &used), PAGE_OK);
	assert_int_equal(emit_two(fine, touching, 40, &used), PAGE_OK);
}

static void no_mapping_gives_an_empty_root(void **unused)
{
	const struct page_options options = { .largest_leaf = 3, .output_bits = 40 };
	struct plan_bytes bytes = { .base = { BASE } };
	struct walk_totals totals = { 0 };
	hpa_t root;

	(void)unused;
	assert_int_equal(page_emit(&page_format_npt, &options, NULL, 0, &bytes, &root), PAGE_OK);
	walk_tables(&bytes, root.raw, 4, 0, true, &totals, walk_ignore, NULL);
	assert_int_equal(totals.tables, 1);
	assert_int_equal(totals.leaves, 0);
	plan_bytes_free(&bytes);
}

static void every_fault_has_its_own_text(void **unused)
{
	(void)unused;
	for (int i = PAGE_OK; i <= PAGE_RIGHTS; i++)
		for (int n = i + 1; n <= PAGE_RIGHTS; n++)
			assert_string_not_equal(page_fault_text((enum page_fault)i),
						page_fault_text((enum page_fault)n));
}

static void small_code_leaves_large_pages_to_what_cannot_be_executed(void **unused)
{
	const struct page_options options = { .largest_leaf = 3,
					      .small_code = true,
					      .output_bits = 40 };
	const struct page_mapping maps[] = {
		{ .size = 0x400000, .rights = PLAN_RIGHT_READ | PLAN_RIGHT_EXEC },
		{ .input = GIB1,
		  .output = GIB1,
		  .size = GIB1,
		  .rights = PLAN_RIGHT_READ | PLAN_RIGHT_WRITE },
	};
	struct plan_bytes bytes = { .base = { 0x10000000 } };
	hpa_t root;

	(void)unused;
	assert_int_equal(page_emit(&page_format_npt, &options, maps, 2, &bytes, &root), PAGE_OK);
	assert_int_equal(walk_one(&bytes, root, true, 0).leaf.size, 0x1000);
	assert_int_equal(walk_one(&bytes, root, true, 0x3fffff).leaf.size, 0x1000);
	assert_int_equal(walk_one(&bytes, root, true, GIB1).leaf.size, GIB1);
	plan_bytes_free(&bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_layouts_translate_exactly_with_the_largest_pages),
		cmocka_unit_test(impossible_mappings_are_refused_and_leave_nothing),
		cmocka_unit_test(mappings_at_the_very_edges_are_accepted),
		cmocka_unit_test(small_code_leaves_large_pages_to_what_cannot_be_executed),
		cmocka_unit_test(no_mapping_gives_an_empty_root),
		cmocka_unit_test(every_fault_has_its_own_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
