/* SPDX-License-Identifier: Apache-2.0 */
/* Ranges that must be RAM, held against the boot loader's memory map (Multiboot2, 3.6.8). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "host_arch.h"
#include "multiboot.h"

#include <stdlib.h>
#include <string.h>

#define RAM 1u
#define RESERVED 2u
#define MIB 0x100000u

struct entry {
	uint64_t base, length;
	uint32_t type;
};

static const struct entry pc[] = {
	{ 0, 0x9fc00, RAM },
	{ 0x9fc00, 0x400, RESERVED },
	{ MIB, 0x7fe00000 - MIB, RAM },
	{ 0xfffc0000, 0x40000, RESERVED },
	{ 0x100000000, 0x80000000, RAM },
};

/* The entries in exactly as much memory as they take: a read beyond is caught. */
static uint8_t *make_map(struct memory_map *map, const struct entry *entries, uint32_t count)
{
	uint8_t *copy = malloc(count ? count * 24 : 1);

	for (uint32_t i = 0; i < count; i++) {
		memcpy(copy + i * 24, &entries[i].base, 8);
		memcpy(copy + i * 24 + 8, &entries[i].length, 8);
		memcpy(copy + i * 24 + 16, &entries[i].type, 4);
		memset(copy + i * 24 + 20, 0xee, 4);
	}
	*map = (struct memory_map){ .entries = copy, .entry_bytes = 24, .count = count };
	return copy;
}

static void check(const struct entry *entries, uint32_t count, uint64_t start, uint64_t size,
		  bool has_gap, uint64_t where)
{
	struct memory_map map;
	uint8_t *copy = make_map(&map, entries, count);
	uint64_t gap = 0x5a5a5a5a5a5a5a5a;

	assert_int_equal(memory_map_gap(&map, start, size, &gap), has_gap);
	if (has_gap)
		assert_int_equal(gap, where);
	free(copy);
}

static void covered(const struct entry *entries, uint32_t count, uint64_t start, uint64_t size)
{
	check(entries, count, start, size, false, 0);
}

static void gap_at(const struct entry *entries, uint32_t count, uint64_t start, uint64_t size,
		   uint64_t where)
{
	check(entries, count, start, size, true, where);
}

static void a_range_inside_one_entry_has_no_gap(void **state)
{
	(void)state;
	covered(pc, 5, MIB, 1);
	covered(pc, 5, MIB, 0x7fe00000 - MIB);
	covered(pc, 5, 0x200000, 0x1000);
	covered(pc, 5, 0x7fdff000, 0x1000);
	covered(pc, 5, 0, 0x9fc00);
	covered(pc, 5, 0x17fffffff, 1);
}

static void a_gap_is_found_at_the_beginning_the_middle_and_the_end(void **state)
{
	static const struct entry two[] = { { 0x10000, 0x8000, RAM }, { 0x20000, 0x8000, RAM } };

	(void)state;
	gap_at(two, 2, 0xf000, 0x2000, 0xf000);
	gap_at(two, 2, 0xffff, 1, 0xffff);
	gap_at(two, 2, 0x10000, 0x18000, 0x18000);
	gap_at(two, 2, 0x17fff, 0x8002, 0x18000);
	gap_at(two, 2, 0x24000, 0x4001, 0x28000);
	gap_at(two, 2, 0x20000, 0x100000, 0x28000);
	gap_at(two, 2, 0x28000, 1, 0x28000);
	gap_at(two, 2, 0, 0x40000, 0);
}

static void entries_that_touch_or_overlap_are_one_range(void **state)
{
	static const struct entry touching[] = {
		{ 0x1000, 0x1000, RAM }, { 0x2000, 0x1000, RAM }, { 0x3000, 0x1000, RAM },
		{ 0x3800, 0x2000, RAM }, { 0x3000, 0x800, RAM },
	};

	(void)state;
	covered(touching, 5, 0x1000, 0x4800);
	covered(touching, 5, 0x1fff, 2);
	gap_at(touching, 5, 0x1000, 0x4801, 0x5800);
}

static void entries_may_come_in_any_order(void **state)
{
	static const unsigned int orders[][4] = {
		{ 0, 1, 2, 3 }, { 3, 2, 1, 0 }, { 1, 3, 0, 2 }, { 2, 0, 3, 1 }, { 3, 0, 2, 1 },
	};

	(void)state;
	for (unsigned int i = 0; i < 5; i++) {
		struct entry entries[4];

		for (unsigned int j = 0; j < 4; j++)
			entries[j] = (struct entry){ 0x1000 * (orders[i][j] + 1), 0x1000, RAM };
		covered(entries, 4, 0x1000, 0x4000);
		gap_at(entries, 4, 0x1000, 0x4001, 0x5000);
		gap_at(entries, 4, 0xfff, 0x4001, 0xfff);
	}
}

/* 3 is ACPI tables, 4 to be kept for hibernation, 5 broken: the firmware did not give it away. */
static void only_available_ram_counts(void **state)
{
	static const uint32_t others[] = { 0, 2, 3, 4, 5, 6, 0x101, 0x80000001, 0xffffffff };

	(void)state;
	for (unsigned int i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		const struct entry entries[] = { { 0x1000, 0x1000, RAM },
						 { 0x2000, 0x1000, others[i] },
						 { 0x3000, 0x1000, RAM } };

		gap_at(entries, 3, 0x1000, 0x3000, 0x2000);
		gap_at(entries, 3, 0x2800, 1, 0x2800);
	}
}

static void an_empty_map_is_all_gap_and_an_empty_range_has_none(void **state)
{
	static const struct entry none[] = { { 0x1000, 0, RAM } };

	(void)state;
	gap_at(none, 0, 0x1000, 1, 0x1000);
	gap_at(none, 1, 0x1000, 1, 0x1000);
	covered(none, 0, 0x1000, 0);
	covered(pc, 5, 0x9fc00, 0);
}

static void addresses_above_4_gib_are_not_cut(void **state)
{
	static const struct entry low[] = { { 0, 0x80000000, RAM } };
	static const struct entry long_one[] = { { 0, 0x300000000, RAM } };

	(void)state;
	gap_at(low, 1, 0x100000000, 0x1000, 0x100000000);
	gap_at(low, 1, 0x1000, 0x100001000, 0x80000000);
	covered(long_one, 1, 0x1ffffffff, 0x100000001);
	gap_at(long_one, 1, 0x2ffffffff, 2, 0x300000000);
}

static void entries_and_ranges_at_the_end_of_all_addresses_do_not_wrap(void **state)
{
	static const struct entry last[] = { { -0x1000ull, 0x1000, RAM } };
	static const struct entry wraps[] = { { -0x1000ull, 0x3000, RAM } };
	static const struct entry all[] = { { 0, UINT64_MAX, RAM } };

	(void)state;
	covered(last, 1, -0x1000ull, 0xfff);
	covered(last, 1, -0x1000ull, 0x1000);
	gap_at(last, 1, -0x1001ull, 2, -0x1001ull);
	gap_at(wraps, 1, 0, 0x1000, 0);
	gap_at(wraps, 1, 0x1000, 0x1000, 0x1000);
	covered(all, 1, 0, UINT64_MAX);
	covered(all, 1, 0x1000, UINT64_MAX - 0x1000);
}

/* A range that leaves the address space cannot be RAM to its end. */
static void a_range_that_wraps_has_a_gap(void **state)
{
	static const struct entry both[] = { { -0x1000ull, 0x1000, RAM }, { 0, 0x10000, RAM } };
	struct memory_map map;
	uint8_t *copy = make_map(&map, both, 2);
	uint64_t gap;

	(void)state;
	assert_true(memory_map_gap(&map, -0x1000ull, 0x2000, &gap));
	assert_true(memory_map_gap(&map, 0x1000, UINT64_MAX, &gap));
	assert_int_equal(gap, 0x10000);
	free(copy);
}

/* Judged byte by byte in a space of 64 addresses. */
static void random_maps_agree_with_a_look_at_every_byte(void **state)
{
	(void)state;
	for (unsigned int round = 0; round < 5000; round++) {
		struct entry entries[6];
		const uint32_t count = (uint32_t)(host_random() % 7);
		const uint64_t start = host_random() % 64, size = host_random() % 40;
		uint64_t given = 0, where = start;

		for (uint32_t i = 0; i < count; i++) {
			entries[i].base = host_random() % 64;
			entries[i].length = host_random() % (64 - entries[i].base + 1);
			entries[i].type = RAM;
			for (uint64_t at = 0; at < entries[i].length; at++)
				given |= 1ull << (entries[i].base + at);
		}
		while (where < start + size && where < 64 && given >> where & 1)
			where++;
		check(entries, count, start, size, where < start + size, where);
	}
}

static void what_one_entry_keeps_back_is_not_ram_whatever_another_says(void **state)
{
	static const struct entry overlapping[] = {
		{ 0, 16 * MIB, RAM },
		{ 4 * MIB, MIB, RESERVED },
		{ 8 * MIB, 0, RESERVED },
	};

	(void)state;
	check(overlapping, 3, 0, 16 * MIB, true, 4 * MIB);
	check(overlapping, 3, 4 * MIB + 0x1000, 0x1000, true, 4 * MIB + 0x1000);
	check(overlapping, 3, 0, 4 * MIB, false, 0);
	check(overlapping, 3, 5 * MIB, 11 * MIB, false, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_one_entry_keeps_back_is_not_ram_whatever_another_says),
		cmocka_unit_test(a_range_inside_one_entry_has_no_gap),
		cmocka_unit_test(a_gap_is_found_at_the_beginning_the_middle_and_the_end),
		cmocka_unit_test(entries_that_touch_or_overlap_are_one_range),
		cmocka_unit_test(entries_may_come_in_any_order),
		cmocka_unit_test(only_available_ram_counts),
		cmocka_unit_test(an_empty_map_is_all_gap_and_an_empty_range_has_none),
		cmocka_unit_test(addresses_above_4_gib_are_not_cut),
		cmocka_unit_test(entries_and_ranges_at_the_end_of_all_addresses_do_not_wrap),
		cmocka_unit_test(a_range_that_wraps_has_a_gap),
		cmocka_unit_test(random_maps_agree_with_a_look_at_every_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
