/* SPDX-License-Identifier: Apache-2.0 */
#include "nested_tables.h"

#include "ept_walk.h"
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
	assert_int_equal(npt_emit(&model, &cell, NULL, &out->bytes, &out->root), PAGE_OK);
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
	assert_int_equal(npt_emit(&model, &big, NULL, &bytes, &root), PAGE_OK);
	/* root, two third-level tables, one table of 2 MiB pages per GiB */
	assert_int_equal(bytes.used, (1 + 2 + 1024) * 4096);
	plan_bytes_free(&bytes);
	model.features = PLAN_FEATURE_1G_PAGES;
	assert_int_equal(npt_emit(&model, &big, NULL, &bytes, &root), PAGE_OK);
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
	assert_int_equal(npt_emit(&model, &bad, NULL, &bytes, &root), PAGE_OUTPUT_REACH);
	far.size = MIB2;
	assert_int_equal(npt_emit(&model, &bad, NULL, &bytes, &root), PAGE_OK);
	plan_bytes_free(&bytes);
}

struct emitted_ept {
	struct plan_bytes bytes;
	hpa_t root;
	struct ept_totals totals;
};

static void emit_ept(struct emitted_ept *out, const struct model_cell *of, uint32_t features,
		     uint32_t errata)
{
	*out = (struct emitted_ept){ .bytes = { .base = { 0x10000000 } } };
	model.features = features;
	model.errata = errata;
	assert_int_equal(ept_emit(&model, of, NULL, &out->bytes, &out->root), PAGE_OK);
	model.errata = 0;
	ept_walk(&out->bytes, out->root.raw, 4, 0, &out->totals, NULL);
	assert_false(out->totals.odd_bits);
}

static void ept_maps_ram_write_back_with_all_rights_and_nothing_else(void **unused)
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
	struct emitted_ept out;

	(void)unused;
	emit_ept(&out, &cell, PLAN_FEATURE_EPT_1G, 0);
	for (size_t i = 0; i < sizeof(inside) / sizeof(inside[0]); i++) {
		const struct ept_query at = ept_one(&out.bytes, out.root, inside[i].gpa);

		assert_true(at.found && at.write && at.execute);
		assert_int_equal(at.memory_type, 6);
		assert_int_equal(at.output + (inside[i].gpa & (at.size - 1)), inside[i].hpa);
	}
	for (size_t i = 0; i < sizeof(outside) / sizeof(outside[0]); i++)
		assert_false(ept_one(&out.bytes, out.root, outside[i]).found);
	assert_int_equal(out.totals.bytes, regions[0].size + regions[1].size);
	plan_bytes_free(&out.bytes);
}

/* Long-mode 1 GiB pages are another feature than those of EPT. */
static void gigabyte_pages_of_ept_need_a_feature_of_their_own(void **unused)
{
	struct emitted_ept out;

	(void)unused;
	emit_ept(&out, &cell, PLAN_FEATURE_1G_PAGES, 0);
	assert_int_equal(out.totals.pages[3], 0);
	assert_int_equal(out.totals.pages[2], (regions[0].size + regions[1].size) / MIB2);
	plan_bytes_free(&out.bytes);
	emit_ept(&out, &cell, PLAN_FEATURE_EPT_1G, 0);
	assert_int_equal(out.totals.pages[3], 2);
	assert_int_equal(out.totals.pages[2], regions[0].size / MIB2);
	assert_int_equal(out.totals.pages[1], 0);
	plan_bytes_free(&out.bytes);
}

static void ept_takes_the_largest_page_that_both_addresses_allow(void **unused)
{
	/* From one page before 1 GiB to one page after 3 GiB + 2 MiB, host and guest in step. */
	struct model_memory odd = { .gpa = GIB1 - 0x1000,
				    .hpa = 5 * GIB1 - 0x1000,
				    .size = 2 * GIB1 + MIB2 + 0x2000 };
	const struct model_cell in_step = { .name = "odd", .memory = &odd, .memory_count = 1 };
	struct emitted_ept out;

	(void)unused;
	emit_ept(&out, &in_step, PLAN_FEATURE_EPT_1G, 0);
	assert_int_equal(out.totals.pages[1], 2);
	assert_int_equal(out.totals.pages[2], 1);
	assert_int_equal(out.totals.pages[3], 2);
	plan_bytes_free(&out.bytes);
	/* Out of step by 2 MiB: no 1 GiB page; by 4 KiB: no large page at all. */
	odd.hpa += MIB2;
	emit_ept(&out, &in_step, PLAN_FEATURE_EPT_1G, 0);
	assert_int_equal(out.totals.pages[1], 2);
	assert_int_equal(out.totals.pages[2], 2 * 512 + 1);
	plan_bytes_free(&out.bytes);
	odd.hpa += 0x1000;
	emit_ept(&out, &in_step, PLAN_FEATURE_EPT_1G, 0);
	assert_int_equal(out.totals.pages[1], odd.size / 0x1000);
	plan_bytes_free(&out.bytes);
}

static void the_itlb_multihit_erratum_leaves_no_executable_large_page(void **unused)
{
	struct emitted_ept out;
	struct emitted npt;

	(void)unused;
	emit_ept(&out, &cell, PLAN_FEATURE_EPT_1G, MODEL_ERRATUM_ITLB_MULTIHIT);
	assert_int_equal(out.totals.pages[3] + out.totals.pages[2], 0);
	assert_int_equal(out.totals.pages[1], (regions[0].size + regions[1].size) / 0x1000);
	assert_true(ept_one(&out.bytes, out.root, 0x12345000).found == false);
	assert_int_equal(ept_one(&out.bytes, out.root, 0x5678000).output, 0x35678000);
	plan_bytes_free(&out.bytes);
	/* An erratum of processors that have EPT: the other tables stay as they are. */
	model.errata = MODEL_ERRATUM_ITLB_MULTIHIT;
	emit(&npt, PLAN_FEATURE_1G_PAGES);
	model.errata = 0;
	assert_int_equal(walk_one(&npt.bytes, npt.root, true, 0x100000000ull).leaf.size, GIB1);
	plan_bytes_free(&npt.bytes);
}

static void ept_and_npt_lead_to_the_same_memory(void **unused)
{
	struct emitted_ept ept;
	struct emitted npt;

	(void)unused;
	emit_ept(&ept, &cell, 0, 0);
	emit(&npt, 0);
	assert_int_equal(ept.totals.bytes, npt.totals.bytes);
	for (uint64_t gpa = 0; gpa < 0x200000000ull; gpa += 0x3f5b000) {
		const struct ept_query here = ept_one(&ept.bytes, ept.root, gpa);
		const struct walk_query there = walk_one(&npt.bytes, npt.root, true, gpa);

		assert_int_equal(here.found, there.found);
		assert_true(!here.found || here.output == there.leaf.output);
	}
	plan_bytes_free(&ept.bytes);
	plan_bytes_free(&npt.bytes);
}

static void ept_beyond_the_boards_address_width_is_refused(void **unused)
{
	struct model_memory far = { .gpa = 0, .hpa = (1ull << 40) - MIB2, .size = 2 * MIB2 };
	const struct model_cell bad = { .name = "far", .memory = &far, .memory_count = 1 };
	struct plan_bytes bytes = { .base = { 0x10000000 } };
	hpa_t root;

	(void)unused;
	assert_int_equal(ept_emit(&model, &bad, NULL, &bytes, &root), PAGE_OUTPUT_REACH);
	far.size = MIB2;
	assert_int_equal(ept_emit(&model, &bad, NULL, &bytes, &root), PAGE_OK);
	plan_bytes_free(&bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cell_reaches_its_ram_with_all_rights_and_nothing_else),
		cmocka_unit_test(gigabyte_pages_serve_only_where_the_board_has_them),
		cmocka_unit_test(a_terabyte_of_large_pages_takes_as_many_tables_as_it_must),
		cmocka_unit_test(ram_beyond_the_boards_address_width_is_refused),
		cmocka_unit_test(ept_maps_ram_write_back_with_all_rights_and_nothing_else),
		cmocka_unit_test(gigabyte_pages_of_ept_need_a_feature_of_their_own),
		cmocka_unit_test(ept_takes_the_largest_page_that_both_addresses_allow),
		cmocka_unit_test(the_itlb_multihit_erratum_leaves_no_executable_large_page),
		cmocka_unit_test(ept_and_npt_lead_to_the_same_memory),
		cmocka_unit_test(ept_beyond_the_boards_address_width_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
