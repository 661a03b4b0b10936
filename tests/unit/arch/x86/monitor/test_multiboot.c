/* SPDX-License-Identifier: Apache-2.0 */
/* The boot loader's memory map (Multiboot2 specification, 3.6.8), sound and hostile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "host_arch.h"
#include "multiboot.h"

#include <stdlib.h>
#include <string.h>

#define TAG_END 0u
#define TAG_CMDLINE 1u
#define TAG_MMAP 6u
#define TAG_EFI_SERVICES 18u /* a tag of nothing but its header */
#define RAM 1u
#define RESERVED 2u
#define MIB 0x100000u

/* An information structure under construction, or a memory map alone. */
struct build {
	uint8_t bytes[4096];
	uint32_t used;
};

struct entry {
	uint64_t base, length;
	uint32_t type;
};

static void put(struct build *build, uint64_t value, unsigned int width)
{
	for (unsigned int i = 0; i < width; i++)
		build->bytes[build->used++] = (uint8_t)(value >> 8 * i);
}

static void set32(uint8_t *bytes, uint32_t value)
{
	for (unsigned int i = 0; i < 4; i++)
		bytes[i] = (uint8_t)(value >> 8 * i);
}

static void begin(struct build *build)
{
	build->used = 0;
	put(build, 0, 8); /* total size, reserved */
}

static void pad(struct build *build)
{
	while (build->used % 8)
		put(build, 0, 1);
}

static void add_tag(struct build *build, uint32_t type, uint32_t payload)
{
	put(build, type, 4);
	put(build, 8 + payload, 4);
	for (uint32_t i = 0; i < payload; i++)
		put(build, 'x', 1);
	pad(build);
}

static void add_map(struct build *build, const struct entry *entries, uint32_t count,
		    uint32_t entry_bytes)
{
	put(build, TAG_MMAP, 4);
	put(build, 16 + count * entry_bytes, 4);
	put(build, entry_bytes, 4);
	put(build, 0, 4); /* version */
	for (uint32_t i = 0; i < count; i++) {
		put(build, entries[i].base, 8);
		put(build, entries[i].length, 8);
		put(build, entries[i].type, 4);
		for (uint32_t j = 20; j < entry_bytes; j++)
			put(build, 0xee, 1);
	}
	pad(build);
}

static void end(struct build *build)
{
	add_tag(build, TAG_END, 0);
	set32(build->bytes, build->used);
}

/* Looks at a copy of exactly @room bytes, so that a read beyond them is caught. */
static bool find_in(const struct build *build, uint32_t room, struct memory_map *map,
		    uint8_t **copy)
{
	bool found;

	*copy = malloc(room ? room : 1);
	memcpy(*copy, build->bytes, room);
	found = multiboot_memory_map(*copy, map);
	if (found && map->count) {
		assert_true(map->entry_bytes >= 20);
		assert_true(map->entries >= *copy);
		assert_true((uint64_t)map->count * map->entry_bytes <=
			    (uint64_t)(*copy + room - map->entries));
	}
	return found;
}

static bool found(const struct build *build)
{
	struct memory_map map;
	uint8_t *copy;
	const bool result = find_in(build, build->used, &map, &copy);

	free(copy);
	return result;
}

static const struct entry pc[] = {
	{ 0, 0x9fc00, RAM },
	{ 0x9fc00, 0x400, RESERVED },
	{ MIB, 0x7fe00000 - MIB, RAM },
	{ 0xfffc0000, 0x40000, RESERVED },
	{ 0x100000000, 0x80000000, RAM },
};

static void build_pc(struct build *build)
{
	begin(build);
	add_tag(build, TAG_CMDLINE, 5);
	add_tag(build, TAG_EFI_SERVICES, 0);
	add_tag(build, 4, 8);
	add_map(build, pc, 5, 24);
	add_tag(build, 15, 20);
	end(build);
}

static void the_map_is_found_among_other_tags(void **state)
{
	struct build build;
	struct memory_map map;
	uint8_t *copy;

	(void)state;
	build_pc(&build);
	assert_true(find_in(&build, build.used, &map, &copy));
	assert_int_equal(map.count, 5);
	assert_int_equal(map.entry_bytes, 24);
	assert_memory_equal(map.entries, "\0\0\0\0\0\0\0\0\0\xfc\x09", 11);
	free(copy);
}

static void entries_that_a_later_version_made_longer_are_stepped_over(void **state)
{
	struct build build;
	struct memory_map map;
	uint8_t *copy;
	uint64_t gap;

	(void)state;
	begin(&build);
	add_map(&build, pc, 5, 40);
	end(&build);
	assert_true(find_in(&build, build.used, &map, &copy));
	assert_int_equal(map.count, 5);
	assert_false(memory_map_gap(&map, MIB, 4096, &gap));
	assert_false(memory_map_gap(&map, 0x100000000, 0x80000000, &gap));
	assert_true(memory_map_gap(&map, 0xfffc0000, 4096, &gap));
	free(copy);
}

static void a_map_without_entries_is_found_empty(void **state)
{
	struct build build;
	struct memory_map map;
	uint8_t *copy;
	uint64_t gap;

	(void)state;
	begin(&build);
	add_map(&build, pc, 0, 24);
	end(&build);
	assert_true(find_in(&build, build.used, &map, &copy));
	assert_int_equal(map.count, 0);
	assert_true(memory_map_gap(&map, MIB, 1, &gap));
	free(copy);
}

static void information_without_a_map_is_refused(void **state)
{
	struct build build;

	(void)state;
	begin(&build);
	end(&build);
	assert_false(found(&build));
	begin(&build);
	add_tag(&build, TAG_CMDLINE, 13);
	end(&build);
	assert_false(found(&build));
}

static void a_map_behind_the_end_tag_does_not_count(void **state)
{
	struct build build;

	(void)state;
	begin(&build);
	add_tag(&build, TAG_END, 0);
	add_map(&build, pc, 5, 24);
	end(&build);
	assert_false(found(&build));
}

/* The structure says that it is as short as the copy: nothing behind may be read. */
static void information_truncated_anywhere_is_not_read_beyond_its_end(void **state)
{
	struct build build;
	uint32_t map_end;

	(void)state;
	build_pc(&build);
	map_end = 8 + 16 + 16 + 8 + 16 + 5 * 24;
	for (uint32_t size = 8; size <= build.used; size++) {
		struct memory_map map;
		uint8_t *copy;
		bool result;

		set32(build.bytes, size);
		result = find_in(&build, size, &map, &copy);
		if (size >= map_end)
			assert_true(result && map.count == 5);
		if (size <= map_end - 5 * 24 - 16)
			assert_false(result);
		free(copy);
	}
}

static void a_total_size_below_the_header_is_refused(void **state)
{
	struct build build;

	(void)state;
	build_pc(&build);
	for (uint32_t size = 0; size < 16; size++) {
		struct memory_map map;
		uint8_t *copy;

		set32(build.bytes, size);
		assert_false(find_in(&build, size < 8 ? 8 : size, &map, &copy));
		free(copy);
	}
}

static void a_tag_of_impossible_size_ends_the_search(void **state)
{
	static const uint32_t sizes[] = { 0,	      1,	  7,	      0x1000,
					  MIB,	      0x7ffffff8, 0x80000000, 0xfffffff0,
					  0xfffffff8, 0xfffffff9, 0xffffffff };
	struct build build;

	(void)state;
	for (unsigned int i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		build_pc(&build);
		set32(build.bytes + 8 + 4, sizes[i]);
		assert_false(found(&build));
	}
}

static void a_map_tag_of_impossible_size_is_not_read_beyond_the_end(void **state)
{
	static const uint32_t sizes[] = {
		0, 7, 8, 15, 0x1000, 0x7fffffff, 0x80000000, 0xfffffff0, 0xfffffff8, 0xffffffff
	};
	struct build build;

	(void)state;
	for (unsigned int i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		begin(&build);
		add_map(&build, pc, 5, 24);
		end(&build);
		set32(build.bytes + 8 + 4, sizes[i]);
		assert_false(found(&build));
	}
}

/* The specification promises a multiple of 8, of at least the 24 bytes that it describes. */
static void entries_too_short_or_not_aligned_are_refused(void **state)
{
	struct build build;

	(void)state;
	for (uint32_t entry_bytes = 0; entry_bytes < 60; entry_bytes++) {
		if (entry_bytes >= 24 && entry_bytes % 8 == 0)
			continue;
		begin(&build);
		add_map(&build, pc, 5, 24);
		end(&build);
		set32(build.bytes + 8 + 8, entry_bytes);
		assert_false(found(&build));
	}
}

static void entries_of_huge_size_are_not_read_beyond_the_end(void **state)
{
	static const uint32_t sizes[] = { 121, 0x1000, 0x80000000, 0xfffffff8, 0xffffffff };
	struct build build;
	uint64_t gap;

	(void)state;
	for (unsigned int i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct memory_map map;
		uint8_t *copy;

		begin(&build);
		add_map(&build, pc, 5, 24);
		end(&build);
		set32(build.bytes + 8 + 8, sizes[i]);
		if (find_in(&build, build.used, &map, &copy))
			assert_true(memory_map_gap(&map, MIB, 4096, &gap));
		free(copy);
	}
}

/* Memory of exactly 1 MiB says that it is longer, and the map lies behind. */
static void no_more_than_a_mebibyte_is_read(void **state)
{
	static const uint32_t claims[] = { MIB, MIB + 8, 2 * MIB, 0x80000000, 0xffffffff };
	uint8_t *information = calloc(MIB, 1);
	struct memory_map map;

	(void)state;
	for (unsigned int i = 0; i < sizeof(claims) / sizeof(claims[0]); i++) {
		set32(information, claims[i]);
		set32(information + 8, TAG_CMDLINE);
		set32(information + 12, MIB - 8); /* the next tag would be just outside */
		assert_false(multiboot_memory_map(information, &map));
		for (uint32_t at = 8; at < MIB; at += 8) {
			set32(information + at, TAG_CMDLINE);
			set32(information + at + 4, 8);
		}
		assert_false(multiboot_memory_map(information, &map));
	}
	free(information);
}

static void any_damaged_information_is_read_only_inside(void **state)
{
	struct build sound;

	(void)state;
	build_pc(&sound);
	for (unsigned int round = 0; round < 20000; round++) {
		struct build build = sound;
		struct memory_map map;
		uint8_t *copy;
		uint64_t gap;

		for (unsigned int i = 0; i <= round % 4; i++)
			build.bytes[4 + host_random() % (sound.used - 4)] =
				(uint8_t)(host_random() >> 32);
		if (find_in(&build, build.used, &map, &copy))
			memory_map_gap(&map, host_random() >> round % 64, host_random() >> 40,
				       &gap);
		free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_map_is_found_among_other_tags),
		cmocka_unit_test(entries_that_a_later_version_made_longer_are_stepped_over),
		cmocka_unit_test(a_map_without_entries_is_found_empty),
		cmocka_unit_test(information_without_a_map_is_refused),
		cmocka_unit_test(a_map_behind_the_end_tag_does_not_count),
		cmocka_unit_test(information_truncated_anywhere_is_not_read_beyond_its_end),
		cmocka_unit_test(a_total_size_below_the_header_is_refused),
		cmocka_unit_test(a_tag_of_impossible_size_ends_the_search),
		cmocka_unit_test(a_map_tag_of_impossible_size_is_not_read_beyond_the_end),
		cmocka_unit_test(entries_too_short_or_not_aligned_are_refused),
		cmocka_unit_test(entries_of_huge_size_are_not_read_beyond_the_end),
		cmocka_unit_test(no_more_than_a_mebibyte_is_read),
		cmocka_unit_test(any_damaged_information_is_read_only_inside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
