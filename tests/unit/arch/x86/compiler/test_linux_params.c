/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "../../../fake_bzimage.h"

#include "gpa_map.h"
#include "linux_params.h"

/* Offsets by zero-page.rst and boot.rst, read as bytes: not through the struct under test. */
static uint64_t get(const struct linux_boot_params *params, unsigned int offset, unsigned int width)
{
	const uint8_t *p = (const uint8_t *)params + offset;
	uint64_t value = 0;

	while (width--)
		value = value << 8 | p[width];
	return value;
}

static void build(struct linux_boot_params *params)
{
	const struct linux_places places = {
		.kernel = { 0x1200000 },
		.cmdline = { GPA_CMDLINE },
		.initrd = { 0x7654000 },
		.initrd_size = 0x1234,
		.rsdp = { GPA_ACPI },
	};
	struct blob kernel;

	fake_bzimage(&kernel);
	memset(params, 0xee, sizeof(*params));
	linux_params_build(&kernel, &places, params);
	blob_free(&kernel);
}

static void the_loader_fills_in_its_own_fields(void **state)
{
	struct linux_boot_params params;

	(void)state;
	build(&params);
	assert_int_equal(get(&params, 0x210, 1), 0xff);
	assert_int_equal(get(&params, 0x214, 4), 0x1200000);
	assert_int_equal(get(&params, 0x218, 4), 0x7654000);
	assert_int_equal(get(&params, 0x21c, 4), 0x1234);
	assert_int_equal(get(&params, 0x228, 4), GPA_CMDLINE);
	assert_int_equal(get(&params, 0x070, 8), GPA_ACPI);
}

static void the_setup_header_is_the_kernels_own(void **state)
{
	struct linux_boot_params params;

	(void)state;
	build(&params);
	assert_int_equal(get(&params, 0x1f1, 1), 2);
	assert_int_equal(get(&params, 0x1f4, 4), FAKE_KERNEL_BYTES / 16);
	assert_int_equal(get(&params, 0x1fe, 2), 0xaa55);
	assert_int_equal(get(&params, 0x202, 4), 0x53726448);
	assert_int_equal(get(&params, 0x206, 2), 0x020f);
	assert_int_equal(get(&params, 0x211, 1), 1);
	assert_int_equal(get(&params, 0x22c, 4), 0x7fffffff);
	assert_int_equal(get(&params, 0x258, 8), FAKE_PREF);
	assert_int_equal(get(&params, 0x268, 4), 0x1234);
}

static void what_is_no_setup_header_stays_zero(void **state)
{
	struct linux_boot_params params;

	(void)state;
	build(&params);
	for (unsigned int i = 0; i < 0x1f1; i++)
		assert_int_equal(get(&params, i, 1), i == 0x72 ? GPA_ACPI >> 16 : 0);
	for (unsigned int i = 0x26c; i < sizeof(params); i++)
		assert_int_equal(get(&params, i, 1), 0);
}

static void a_header_that_claims_too_much_stops_at_its_room(void **state)
{
	const struct linux_places places = { .kernel = { 0x1200000 } };
	struct linux_boot_params params;
	struct blob kernel;

	(void)state;
	fake_bzimage(&kernel);
	put(kernel.bytes, 0x201, 1, 0xff);
	linux_params_build(&kernel, &places, &params);
	assert_int_equal(get(&params, 0x28f, 1), 0xdd);
	assert_int_equal(get(&params, 0x290, 1), 0);
	blob_free(&kernel);
}

static void assert_entry(const struct linux_e820 *entry, uint64_t start, uint64_t end,
			 uint32_t type)
{
	assert_int_equal(entry->start, start);
	assert_int_equal(entry->start + entry->size, end);
	assert_int_equal(entry->type, type);
}

static void ram_from_0_is_split_around_the_reserved_part_of_the_first_mib(void **state)
{
	const struct model_memory ram = { .gpa = 0, .size = 0x10000000 };
	struct linux_e820 map[E820_MAX];

	(void)state;
	assert_int_equal(linux_e820_build(&ram, 1, 0, map), 5);
	assert_entry(&map[0], 0, 0x9f000, E820_USABLE);
	assert_entry(&map[1], 0x9f000, 0xe0000, E820_RESERVED);
	assert_entry(&map[2], 0xe0000, 0xff000, E820_ACPI);
	assert_entry(&map[3], 0xff000, 0x100000, E820_RESERVED); /* the reset vector */
	assert_entry(&map[4], 0x100000, 0x10000000, E820_USABLE);
}

static void regions_that_touch_are_merged_whatever_their_order(void **state)
{
	const struct model_memory ram[] = {
		{ .gpa = 0x140000000, .size = 0x40000000 }, { .gpa = 0x4000000, .size = 0x4000000 },
		{ .gpa = 0x100000000, .size = 0x40000000 }, { .gpa = 0, .size = 0x4000000 },
		{ .gpa = 0x10000000, .size = 0x1000 },
	};
	struct linux_e820 map[E820_MAX];

	(void)state;
	assert_int_equal(linux_e820_build(ram, 5, 0, map), 7);
	assert_entry(&map[0], 0, 0x9f000, E820_USABLE);
	assert_entry(&map[4], 0x100000, 0x8000000, E820_USABLE);
	assert_entry(&map[5], 0x10000000, 0x10001000, E820_USABLE);
	assert_entry(&map[6], 0x100000000, 0x180000000, E820_USABLE);
}

static void a_region_inside_the_reserved_part_is_not_offered(void **state)
{
	const struct model_memory ram[] = {
		{ .gpa = 0, .size = 0x80000 },
		{ .gpa = 0xa0000, .size = 0x1000 },
	};
	struct linux_e820 map[E820_MAX];

	(void)state;
	assert_int_equal(linux_e820_build(ram, 2, 0, map), 4);
	assert_entry(&map[0], 0, 0x80000, E820_USABLE);
	assert_int_equal(map[1].type, E820_RESERVED);
	assert_int_equal(map[2].type, E820_ACPI);
	assert_int_equal(map[3].type, E820_RESERVED);
}

static void a_map_of_128_entries_fits_and_one_more_does_not(void **state)
{
	struct model_memory ram[125];
	struct linux_e820 map[E820_MAX];

	(void)state;
	memset(ram, 0, sizeof(ram));
	for (unsigned int i = 0; i < 125; i++) {
		ram[i].gpa = 0x200000ull * (i + 1);
		ram[i].size = 0x1000;
	}
	assert_int_equal(linux_e820_build(ram, 125, 0, map), 128);
	ram[0].gpa = 0; /* now a low and a high part */
	ram[0].size = 0x200000;
	assert_int_equal(linux_e820_build(ram, 125, 0, map), 0);
}

static void configuration_space_is_reserved_where_it_lies_among_the_ram(void **state)
{
	const struct model_memory ram[] = {
		{ .gpa = 0x100000000, .size = 0x40000000 },
		{ .gpa = 0, .size = 0xb0000000 },
	};
	struct linux_e820 map[E820_MAX];

	(void)state;
	assert_int_equal(linux_e820_build(ram, 2, 0xb0000000, map), 7);
	assert_entry(&map[4], 0x100000, 0xb0000000, E820_USABLE);
	assert_entry(&map[5], 0xb0000000, 0xb0100000, E820_RESERVED);
	assert_entry(&map[6], 0x100000000, 0x140000000, E820_USABLE);
	assert_int_equal(linux_e820_build(ram, 2, 0x1040000000, map), 7);
	assert_entry(&map[5], 0x100000000, 0x140000000, E820_USABLE);
	assert_entry(&map[6], 0x1040000000, 0x1040100000, E820_RESERVED);
}

/* No cell has RAM there; if one had, Linux would not be told to use it. */
static void ram_under_configuration_space_is_not_offered(void **state)
{
	const struct model_memory ram = { .gpa = 0, .size = 0x10000000 };
	struct linux_e820 map[E820_MAX];

	(void)state;
	assert_int_equal(linux_e820_build(&ram, 1, 0x8000000, map), 7);
	assert_entry(&map[4], 0x100000, 0x8000000, E820_USABLE);
	assert_entry(&map[5], 0x8000000, 0x8100000, E820_RESERVED);
	assert_entry(&map[6], 0x8100000, 0x10000000, E820_USABLE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_loader_fills_in_its_own_fields),
		cmocka_unit_test(the_setup_header_is_the_kernels_own),
		cmocka_unit_test(what_is_no_setup_header_stays_zero),
		cmocka_unit_test(a_header_that_claims_too_much_stops_at_its_room),
		cmocka_unit_test(ram_from_0_is_split_around_the_reserved_part_of_the_first_mib),
		cmocka_unit_test(regions_that_touch_are_merged_whatever_their_order),
		cmocka_unit_test(a_region_inside_the_reserved_part_is_not_offered),
		cmocka_unit_test(configuration_space_is_reserved_where_it_lies_among_the_ram),
		cmocka_unit_test(ram_under_configuration_space_is_not_offered),
		cmocka_unit_test(a_map_of_128_entries_fits_and_one_more_does_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
