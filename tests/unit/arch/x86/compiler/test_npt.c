/* SPDX-License-Identifier: Apache-2.0 */
#include "npt.h"

#include "table_walk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define GIB1 0x40000000ull
#define MIB2 0x200000ull

static struct model_memory regions[] = {
	{ .name = "low", .gpa = 0, .hpa = 0x30000000, .size = 0x10000000 },
	{ .name = "high", .gpa = 0x100000000ull, .hpa = 0x140000000ull, .size = 2 * GIB1 },
};
static struct model_cell cell = { .name = "a", .memory = regions, .memory_count = 2 };
static struct model model = { .phys_bits = 40, .cells = &cell, .cell_count = 1 };

struct emitted {
	struct plan_bytes bytes;
	hpa_t root;
	struct walk_totals totals;
};

static void emit(struct emitted *out, uint32_t features)
{
	*out = (struct emitted){ .bytes = { .base = { 0x10000000 } } };
	model.features = features;
	assert_int_equal(npt_emit(&model, &cell, &out->bytes, &out->root), PAGE_OK);
	walk_tables(&out->bytes, out->root.raw, 4, 0, true, &out->totals, walk_ignore, NULL);
	assert_false(out->totals.odd_bits);
}

static void a_cell_reaches_its_ram_with_all_rights_and_nothing_else(void **unused)
{
	const struct {
		uint64_t gpa, hpa;
	} inside[] = {
		{ 0, 0x30000000 },
		{ 0x0fffffff, 0x3fffffff },
		{ 0x100000000ull, 0x140000000ull },
		{ 0x17fffffffull, 0x1bfffffffull },
	};
	const uint64_t outside[] = { 0x10000000, 0xfee00000, 0xffffffff, 0x180000000ull,
				     0xffffffffffffull };
	struct emitted out;

	(void)unused;
	emit(&out, PLAN_FEATURE_1G_PAGES);
	for (size_t i = 0; i < sizeof(inside) / sizeof(inside[0]); i++) {
		const struct walk_query at = walk_one(&out.bytes, out.root, true, inside[i].gpa);

		assert_true(at.found);
		assert_int_equal(at.leaf.output + (inside[i].gpa - at.leaf.input), inside[i].hpa);
		assert_true(at.leaf.write && at.leaf.execute && at.leaf.user);
	}
	for (size_t i = 0; i < sizeof(outside) / sizeof(outside[0]); i++)
		assert_false(walk_one(&out.bytes, out.root, true, outside[i]).found);
	assert_int_equal(out.totals.bytes, regions[0].size + regions[1].size);
	plan_bytes_free(&out.bytes);
}

static void gigabyte_pages_serve_only_where_the_board_has_them(void **unused)
{
	struct emitted out;

	(void)unused;
	emit(&out, 0);
	assert_int_equal(walk_one(&out.bytes, out.root, true, 0x100000000ull).leaf.size, MIB2);
	plan_bytes_free(&out.bytes);
	emit(&out, PLAN_FEATURE_1G_PAGES);
	assert_int_equal(walk_one(&out.bytes, out.root, true, 0x100000000ull).leaf.size, GIB1);
	assert_int_equal(walk_one(&out.bytes, out.root, true, 0).leaf.size, MIB2);
	plan_bytes_free(&out.bytes);
}

static void a_terabyte_of_large_pages_takes_as_many_tables_as_it_must(void **unused)
{
	struct model_memory huge = { .gpa = 0, .hpa = 0, .size = 1ull << 40 };
	struct model_cell big = { .name = "big", .memory = &huge, .memory_count = 1 };
	struct plan_bytes bytes = { .base = { 0x10000000 } };
	hpa_t root;

	(void)unused;
	model.features = 0;
	assert_int_equal(npt_emit(&model, &big, &bytes, &root), PAGE_OK);
	/* root, two third-level tables, one table of 2 MiB pages per GiB */
	assert_int_equal(bytes.used, (1 + 2 + 1024) * 4096);
	plan_bytes_free(&bytes);
	model.features = PLAN_FEATURE_1G_PAGES;
	assert_int_equal(npt_emit(&model, &big, &bytes, &root), PAGE_OK);
	assert_int_equal(bytes.used, (1 + 2) * 4096);
	plan_bytes_free(&bytes);
}

static void ram_beyond_the_boards_address_width_is_refused(void **unused)
{
	struct model_memory far = { .gpa = 0, .hpa = (1ull << 40) - MIB2, .size = 2 * MIB2 };
	struct model_cell bad = { .name = "far", .memory = &far, .memory_count = 1 };
	struct plan_bytes bytes = { .base = { 0x10000000 } };
	hpa_t root;

	(void)unused;
	assert_int_equal(npt_emit(&model, &bad, &bytes, &root), PAGE_OUTPUT_REACH);
	far.size = MIB2;
	assert_int_equal(npt_emit(&model, &bad, &bytes, &root), PAGE_OK);
	plan_bytes_free(&bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cell_reaches_its_ram_with_all_rights_and_nothing_else),
		cmocka_unit_test(gigabyte_pages_serve_only_where_the_board_has_them),
		cmocka_unit_test(a_terabyte_of_large_pages_takes_as_many_tables_as_it_must),
		cmocka_unit_test(ram_beyond_the_boards_address_width_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
