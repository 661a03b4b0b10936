/* SPDX-License-Identifier: Apache-2.0 */
/* Linear addresses through page tables that a cell has built in its RAM. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "cell_paging.h"
#include "host_arch.h"

#include <septum/x86/registers.h>
#include <string.h>

static void assert_maps(const struct guest_paging *paging, uint64_t linear, uint64_t expected)
{
	uint64_t gpa;

	assert_true(cell_translate(paging, linear, &gpa));
	assert_int_equal(gpa, expected);
}

static void assert_not_mapped(const struct guest_paging *paging, uint64_t linear)
{
	uint64_t gpa;

	assert_false(cell_translate(paging, linear, &gpa));
}

static bool is_leaf(const struct format *format, unsigned int level)
{
	return level + 1 == format->levels ||
	       (level >= format->first_large && level <= format->last_large);
}

/* Calls @visit for every format, leaf level and a number of random paths. */
static void for_each_path(unsigned int rounds, void (*visit)(struct path *path))
{
	for (unsigned int f = 0; f < FORMATS; f++)
		for (unsigned int leaf = 0; leaf < formats[f]->levels; leaf++)
			for (unsigned int i = 0; is_leaf(formats[f], leaf) && i < rounds; i++) {
				struct path path = random_path(formats[f], leaf);

				visit(&path);
			}
}

static void visit_mapped(struct path *path)
{
	const struct guest_paging paging = path_build(path);
	const uint64_t mask = path_page_bytes(path) - 1, first = path->linear & ~mask;

	assert_maps(&paging, path->linear, path->base | (path->linear & mask));
	assert_maps(&paging, first, path->base);
	assert_maps(&paging, first | mask, path->base | mask);
}

static void every_page_size_of_every_format_is_translated(void **state)
{
	(void)state;
	for_each_path(500, visit_mapped);
}

static void visit_not_present(struct path *path)
{
	const struct guest_paging paging = path_build(path);

	for (unsigned int level = 0; level <= path->leaf; level++) {
		const unsigned int index = index_of(path->format, level, path->linear);

		put_entry(path->format, path->tables[level], index,
			  path_entry(path, level) & ~PRESENT);
		assert_not_mapped(&paging, path->linear);
		put_entry(path->format, path->tables[level], index, path_entry(path, level));
	}
	assert_maps(&paging, path->linear & ~(path_page_bytes(path) - 1), path->base);
}

static void an_entry_that_is_not_present_at_any_level_maps_nothing(void **state)
{
	(void)state;
	for_each_path(50, visit_not_present);
}

/* In a hole, at the end of RAM, in another cell's RAM, and beyond everything. */
static const uint64_t outside[] = {
	CELL_HIGH_END,	  0xfffff000,	CELL_LOW_END,	OTHER,
	OTHER_END - PAGE, CELL_TOP_END, 0x7ffffffff000, 0xffffffffff000
};

static void visit_outside(struct path *path)
{
	const uint64_t limit = path->format == &legacy ? CELL_TOP : 1ull << 52;

	path_build(path);
	for (unsigned int level = 1; level <= path->leaf; level++) {
		const unsigned int index = index_of(path->format, level - 1, path->linear);

		for (unsigned int i = 0; i < sizeof(outside) / sizeof(outside[0]); i++) {
			struct guest_paging paging = path->format->paging;

			if (outside[i] >= limit)
				continue;
			paging.cr3 = path->tables[0];
			put_entry(path->format, path->tables[level - 1], index,
				  outside[i] | PRESENT);
			assert_not_mapped(&paging, path->linear);
		}
		put_entry(path->format, path->tables[level - 1], index,
			  path_entry(path, level - 1));
	}
}

static void a_table_outside_the_cells_ram_maps_nothing(void **state)
{
	(void)state;
	/* The other cell's RAM looks like tables that map everything. */
	memset(cell_at(OTHER), 0xe3, OTHER_END - OTHER);
	for_each_path(20, visit_outside);
}

static void a_first_table_outside_the_cells_ram_maps_nothing(void **state)
{
	(void)state;
	for (unsigned int f = 0; f < FORMATS; f++)
		for (unsigned int i = 0; i < sizeof(outside) / sizeof(outside[0]); i++) {
			struct guest_paging paging = formats[f]->paging;

			/* CR3 has 32 bits outside long mode: the rest is not looked at. */
			if (formats[f] != &four_level && outside[i] >= CELL_TOP)
				continue;
			paging.cr3 = outside[i];
			assert_not_mapped(&paging, random_linear(formats[f]));
		}
}

static void without_pse_the_large_bit_is_not_looked_at(void **state)
{
	struct path path = random_path(&legacy, 1);
	struct guest_paging paging;

	(void)state;
	path.linear = 0x12345678;
	paging = path_build(&path);
	put_entry(&legacy, path.tables[0], 0x12345678 >> 22, path.tables[1] | LARGE | PRESENT);
	paging.cr4 = 0;
	assert_maps(&paging, path.linear, path.base | 0x678);
}

/* PAE and long mode have large pages whatever CR4.PSE says. */
static void with_pae_the_pse_bit_is_not_looked_at(void **state)
{
	const struct format *const both[] = { &pae, &four_level };

	(void)state;
	for (unsigned int i = 0; i < 2; i++) {
		struct path path = random_path(both[i], both[i]->last_large);
		struct guest_paging paging = path_build(&path);

		assert_maps(&paging, path.linear & ~0x1fffffull, path.base);
		paging.cr4 |= CR4_PSE;
		assert_maps(&paging, path.linear & ~0x1fffffull, path.base);
	}
}

static void the_first_pae_table_is_aligned_to_32_bytes_only(void **state)
{
	(void)state;
	for (uint64_t offset = 0; offset < PAGE; offset += 32) {
		struct path path = random_path(&pae, 2);
		struct guest_paging paging;

		path.tables[0] += offset;
		paging = path_build(&path);
		assert_maps(&paging, path.linear & ~0xfffull, path.base);
		memset(cell_at(path.tables[0]), 0, 32);
	}
}

static void tables_above_4_gib_serve_the_formats_that_reach_them(void **state)
{
	struct path path = random_path(&four_level, 3);
	struct guest_paging paging;

	(void)state;
	for (unsigned int level = 0; level < 4; level++)
		path.tables[level] = CELL_TOP + level * PAGE;
	paging = path_build(&path);
	assert_maps(&paging, path.linear & ~0xfffull, path.base);
	path = random_path(&pae, 2);
	path.tables[1] = CELL_TOP + 4 * PAGE;
	path.tables[2] = CELL_TOP + 7 * PAGE;
	paging = path_build(&path);
	assert_maps(&paging, path.linear & ~0xfffull, path.base);
}

static void the_process_id_in_cr3_is_no_part_of_the_address(void **state)
{
	struct path path = random_path(&four_level, 3);
	struct guest_paging paging = path_build(&path);

	(void)state;
	paging.cr4 |= CR4_PCIDE;
	for (uint64_t id = 0; id < PAGE; id++) {
		paging.cr3 = path.tables[0] | id;
		assert_maps(&paging, path.linear & ~0xfffull, path.base);
	}
}

/* The bit is reserved there: the CPU would fault, so a walk that goes on does no harm. */
static void a_large_bit_at_the_top_level_makes_no_page(void **state)
{
	const struct format *const both[] = { &pae, &four_level };

	(void)state;
	for (unsigned int i = 0; i < 2; i++) {
		struct path path = random_path(both[i], both[i]->levels - 1);
		const uint64_t first = path.linear & ~0xfffull;
		const struct guest_paging paging = path_build(&path);
		uint64_t gpa;

		put_entry(both[i], path.tables[0], index_of(both[i], 0, path.linear),
			  path_entry(&path, 0) | LARGE);
		if (cell_translate(&paging, first, &gpa))
			assert_int_equal(gpa, path.base);
	}
}

static void an_address_that_is_not_canonical_is_not_mapped(void **state)
{
	struct path path = random_path(&four_level, 1);

	(void)state;
	for (unsigned int bit = 48; bit < 64; bit++) {
		struct guest_paging paging = path_build(&path);

		assert_not_mapped(&paging, path.linear ^ 1ull << bit);
		assert_not_mapped(&paging, path.linear ^ 0xffffull << 48);
	}
}

static void without_paging_an_address_is_itself(void **state)
{
	static const uint64_t same[] = { 0, 0xfff, 0x7c00, 0x100000, 0xfffffff0, 0xffffffff };
	const struct guest_paging off[] = {
		{ .cr0 = 0 },
		{ .cr0 = CR0_PE, .cr3 = 0xfffff000 },
		{ .cr0 = CR0_PE, .cr3 = 0xfffff000, .cr4 = CR4_PAE, .efer = EFER_LME },
	};

	(void)state;
	for (unsigned int i = 0; i < 3; i++)
		for (unsigned int j = 0; j < sizeof(same) / sizeof(same[0]); j++)
			assert_maps(&off[i], same[j], same[j]);
}

static void outside_long_mode_an_address_has_32_bits(void **state)
{
	const struct guest_paging off = { .cr0 = CR0_PE };

	(void)state;
	assert_maps(&off, 0x100007c00, 0x7c00);
	assert_maps(&off, 0xffffffff00000010, 0x10);
	for (unsigned int f = 0; f < 2; f++) {
		struct path path = random_path(formats[f], formats[f]->levels - 1);
		const struct guest_paging paging = path_build(&path);

		assert_maps(&paging, (path.linear & ~0xfffull) | 0xdeadbeef00000000, path.base);
	}
}

#define with_cell(test) cmocka_unit_test_setup_teardown(test, cell_make, cell_free)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_cell(every_page_size_of_every_format_is_translated),
		with_cell(an_entry_that_is_not_present_at_any_level_maps_nothing),
		with_cell(a_table_outside_the_cells_ram_maps_nothing),
		with_cell(a_first_table_outside_the_cells_ram_maps_nothing),
		with_cell(without_pse_the_large_bit_is_not_looked_at),
		with_cell(with_pae_the_pse_bit_is_not_looked_at),
		with_cell(the_first_pae_table_is_aligned_to_32_bytes_only),
		with_cell(tables_above_4_gib_serve_the_formats_that_reach_them),
		with_cell(the_process_id_in_cr3_is_no_part_of_the_address),
		with_cell(a_large_bit_at_the_top_level_makes_no_page),
		with_cell(an_address_that_is_not_canonical_is_not_mapped),
		with_cell(without_paging_an_address_is_itself),
		with_cell(outside_long_mode_an_address_has_32_bits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
