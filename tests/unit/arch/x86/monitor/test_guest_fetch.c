/* SPDX-License-Identifier: Apache-2.0 */
/* Fetches through a cell's page tables, sound and hostile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "cell_paging.h"
#include "host_arch.h"

#include <septum/x86/registers.h>
#include <stdlib.h>
#include <string.h>

static const struct guest_paging unpaged = { .cr0 = CR0_PE };

static uint64_t step(const struct guest_paging *paging, uint64_t linear, unsigned int bytes)
{
	return paging->efer & EFER_LMA ? linear + bytes : (uint32_t)(linear + bytes);
}

/* Fetches into a buffer of exactly @room bytes and judges each byte by translating it alone. */
static unsigned int fetch(const struct guest_paging *paging, uint64_t linear, unsigned int room)
{
	uint8_t *bytes = malloc(room ? room : 1);
	const unsigned int count = cell_fetch(paging, linear, bytes, room);
	uint64_t gpa;

	assert_true(count <= room);
	for (unsigned int i = 0; i < count; i++) {
		assert_true(cell_translate(paging, step(paging, linear, i), &gpa));
		assert_true(cell_owns(gpa));
		assert_int_equal(bytes[i], *cell_at(gpa));
	}
	if (count < room && cell_translate(paging, step(paging, linear, count), &gpa))
		assert_false(cell_owns(gpa));
	free(bytes);
	return count;
}

static void a_fetch_gives_the_bytes_of_the_cells_ram(void **state)
{
	(void)state;
	cell_fill_random();
	for (unsigned int room = 0; room <= 32; room++) {
		assert_int_equal(fetch(&unpaged, 0x7c01, room), room);
		assert_int_equal(fetch(&unpaged, CELL_HIGH, room), room);
		assert_int_equal(fetch(&unpaged, PAGE - 5, room), room);
	}
}

static void a_fetch_goes_on_in_the_region_that_follows(void **state)
{
	(void)state;
	cell_fill_random();
	for (unsigned int before = 1; before < 15; before++)
		assert_int_equal(fetch(&unpaged, CELL_SPLIT - before, 15), 15);
}

static void a_fetch_ends_where_ram_ends(void **state)
{
	(void)state;
	cell_fill_random();
	for (unsigned int left = 0; left <= 20; left++) {
		assert_int_equal(fetch(&unpaged, CELL_HIGH_END - left, 15), left < 15 ? left : 15);
		assert_int_equal(fetch(&unpaged, CELL_LOW_END - left, 15), left < 15 ? left : 15);
	}
	assert_int_equal(fetch(&unpaged, 0x80000, 15), 0);
	assert_int_equal(fetch(&unpaged, 0xffffffff, 1), 0);
}

static void a_fetch_from_another_cells_ram_gives_nothing(void **state)
{
	(void)state;
	cell_fill_random();
	assert_int_equal(fetch(&unpaged, OTHER, 15), 0);
	assert_int_equal(fetch(&unpaged, OTHER_END - 8, 8), 0);
	assert_int_equal(fetch(&unpaged, OTHER - 8, 15), 0);
}

static void a_fetch_of_many_pages_is_complete(void **state)
{
	(void)state;
	cell_fill_random();
	assert_int_equal(fetch(&unpaged, PAGE - 1, 3 * PAGE + 2), 3 * PAGE + 2);
	assert_int_equal(fetch(&unpaged, 60 * PAGE + 9, 16 * PAGE), 8 * PAGE - 9);
}

/* Two linear pages in a row, mapped to @first and @second; 0: not present. */
static struct guest_paging map_two(const struct format *format, uint64_t linear, uint64_t first,
				   uint64_t second)
{
	struct path path = random_path(format, format->levels - 1);
	struct guest_paging paging;

	path.tables[0] = 0x1000;
	path.tables[1] = 0x2000;
	path.tables[2] = 0x3000;
	path.tables[3] = 0x4000;
	path.linear = linear;
	path.base = first;
	paging = path_build(&path);
	if (!second)
		return paging;
	path.linear = step(&paging, linear, PAGE);
	path.base = second;
	for (unsigned int level = 1; level <= path.leaf; level++)
		if (index_of(format, level - 1, path.linear) != index_of(format, level - 1, linear))
			for (unsigned int below = level; below <= path.leaf; below++)
				path.tables[below] = 0x8000 + below * PAGE;
	return path_build(&path);
}

static void a_fetch_across_pages_follows_each_pages_own_entry(void **state)
{
	static const uint64_t linears[] = { 0x400000, 0x3ff000, 0x3ffff000, 0x7fbff000 };

	(void)state;
	for (unsigned int f = 0; f < FORMATS; f++)
		for (unsigned int i = 0; i < 4; i++)
			for (unsigned int before = 0; before <= 16; before++) {
				const uint64_t start = linears[i] + PAGE - before;
				struct guest_paging paging;

				cell_fill_random();
				paging = map_two(formats[f], linears[i], 0x20000, 0x1f000);
				assert_int_equal(fetch(&paging, start, 15), 15);
				memset(cell_at(0x1000), 0, 15 * PAGE);
				paging = map_two(formats[f], linears[i], 0x20000, 0);
				assert_int_equal(fetch(&paging, start, 15),
						 before < 15 ? before : 15);
				memset(cell_at(0x1000), 0, 15 * PAGE);
				paging = map_two(formats[f], linears[i], 0x20000, CELL_HIGH_END);
				assert_int_equal(fetch(&paging, start, 15),
						 before < 15 ? before : 15);
			}
}

static void a_fetch_at_the_end_of_32_bits_goes_on_at_zero(void **state)
{
	(void)state;
	for (unsigned int f = 0; f < 2; f++) {
		struct guest_paging paging;
		uint8_t bytes[15];

		cell_fill_random();
		memset(cell_at(0x1000), 0, 15 * PAGE);
		paging = map_two(formats[f], 0xfffff000, 0x20000, 0x30000);
		assert_int_equal(fetch(&paging, 0xfffffff8, 15), 15);
		assert_int_equal(cell_fetch(&paging, 0xfffffff8, bytes, 15), 15);
		assert_memory_equal(bytes, cell_at(0x20ff8), 8);
		assert_memory_equal(bytes + 8, cell_at(0x30000), 7);
	}
}

static void a_fetch_in_long_mode_goes_on_above_4_gib(void **state)
{
	struct guest_paging paging;
	uint8_t bytes[15];

	(void)state;
	cell_fill_random();
	memset(cell_at(0x1000), 0, 15 * PAGE);
	paging = map_two(&four_level, 0xfffff000, 0x20000, 0x30000);
	assert_int_equal(cell_fetch(&paging, 0xfffffff8, bytes, 15), 15);
	assert_memory_equal(bytes, cell_at(0x20ff8), 8);
	assert_memory_equal(bytes + 8, cell_at(0x30000), 7);
}

static void a_fetch_at_the_edge_of_the_lower_half_ends_there(void **state)
{
	struct guest_paging paging;

	(void)state;
	cell_fill_random();
	memset(cell_at(0x1000), 0, 15 * PAGE);
	paging = map_two(&four_level, 0x7ffffffff000, 0x20000, 0x30000);
	assert_int_equal(fetch(&paging, 0x7ffffffffff8, 15), 8);
}

/* ---- hostile tables ---- */

/* Mostly present, mostly pointing into RAM, sometimes large, sometimes anything. */
static uint64_t random_entry(void)
{
	const uint64_t random = host_random();
	uint64_t entry = (random & 0xf3fff) | (random >> 20 & 7 ? PRESENT : 0);

	if ((random >> 24 & 15) == 0)
		entry = host_random();
	if ((random >> 28 & 3) == 0)
		entry |= CELL_TOP;
	if (random >> 32 & 7)
		entry &= ~LARGE;
	return entry;
}

static void fill_with_tables(void)
{
	for (uint64_t gpa = 0; gpa < CELL_TOP_END; gpa += 8) {
		const uint64_t entry = random_entry();

		if (gpa == OTHER_END)
			gpa = CELL_TOP;
		if (cell_at(gpa))
			memcpy(cell_at(gpa), &entry, 8);
	}
}

static struct guest_paging random_paging(void)
{
	struct guest_paging paging = formats[host_random() % FORMATS]->paging;
	const uint64_t random = host_random();

	paging.cr3 = random & 0x3ffff;
	if ((random >> 20 & 7) == 0)
		paging.cr3 = host_random();
	if ((random >> 24 & 3) == 0)
		paging.cr4 ^= 1ull << (random >> 32 & 63);
	if ((random >> 28 & 7) == 0)
		paging.efer ^= 1ull << (random >> 40 & 15);
	if ((random >> 48 & 15) == 0)
		paging.cr0 = host_random();
	return paging;
}

static void hostile_tables_lead_nowhere_but_to_the_cells_ram(void **state)
{
	unsigned int read = 0;

	(void)state;
	for (unsigned int round = 0; round < 30; round++) {
		fill_with_tables();
		for (unsigned int i = 0; i < 3000; i++) {
			const struct guest_paging paging = random_paging();
			const uint64_t linear = host_random() >> (host_random() & 63);

			read += fetch(&paging, linear | (i & 1 ? 0xff8 : 0), 15) != 0;
		}
	}
	assert_true(read > 1000); /* or the tables are so random that nothing is tried */
}

#define with_cell(test) cmocka_unit_test_setup_teardown(test, cell_make, cell_free)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_cell(a_fetch_gives_the_bytes_of_the_cells_ram),
		with_cell(a_fetch_goes_on_in_the_region_that_follows),
		with_cell(a_fetch_ends_where_ram_ends),
		with_cell(a_fetch_from_another_cells_ram_gives_nothing),
		with_cell(a_fetch_of_many_pages_is_complete),
		with_cell(a_fetch_across_pages_follows_each_pages_own_entry),
		with_cell(a_fetch_at_the_end_of_32_bits_goes_on_at_zero),
		with_cell(a_fetch_in_long_mode_goes_on_above_4_gib),
		with_cell(a_fetch_at_the_edge_of_the_lower_half_ends_there),
		with_cell(hostile_tables_lead_nowhere_but_to_the_cells_ram),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
