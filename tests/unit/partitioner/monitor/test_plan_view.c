/* SPDX-License-Identifier: Apache-2.0 */
/* Look-ups in a plan of two cells, a parked CPU and four owners. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "host_arch.h"
#include "plan_view.h"

#include <stdlib.h>
#include <string.h>

#define PAGE PLAN_PAGE_BYTES
#define REGIONS 5u

static uint8_t memory[REGIONS][4 * PAGE] __attribute__((aligned(PLAN_PAGE_BYTES)));
static uint8_t block[CPU_BLOCK_BYTES] __attribute__((aligned(PLAN_PAGE_BYTES)));

static struct plan_cpu cpus[] = {
	{ .apic_id = { 9 }, .cell = 1 },
	{ .apic_id = { 0 }, .cell = PLAN_NO_CELL },
	{ .apic_id = { 255 }, .cell = 0 },
	{ .apic_id = { 0xfffffffe }, .cell = 0, .virtual_id = 1 },
};
static struct plan_cell cells[] = {
	{ .name = "linux", .first_cpu = 2, .cpu_count = 2, .ram_count = 3, .load_count = 2 },
	{ .name = "rt",
	  .cpu_count = 1,
	  .first_ram = 3,
	  .ram_count = 2,
	  .first_load = 2,
	  .load_count = 1 },
};
static struct plan_ram ram[REGIONS] = {
	{ .gpa = { 0 }, .size = 4 * PAGE, .rights = 7 },
	{ .gpa = { 4 * PAGE }, .size = 2 * PAGE, .rights = PLAN_RIGHT_READ },
	{ .gpa = { 0x100000 }, .size = 4 * PAGE, .rights = 7 },
	{ .gpa = { 2 * PAGE }, .size = PAGE, .rights = 7 },
	{ .gpa = { -4ull * PAGE }, .size = 4 * PAGE, .rights = 7 },
};
static struct plan_load loads[3];
static const struct plan_owner owners[] = {
	{ { 0x1000 }, 0x1000, PLAN_OWNER_MONITOR, PLAN_NO_CELL, "boot page" },
	{ { 0x2000 }, 0x3000, PLAN_OWNER_CELL_RAM, 0, "linux" },
	{ { 0xfec00000 }, 0x1000, PLAN_OWNER_DEVICE, PLAN_NO_CELL, "I/O APIC" },
	{ { -4ull * PAGE }, 4 * PAGE, PLAN_OWNER_FIRMWARE, PLAN_NO_CELL, "flash" },
};
static struct plan plan;

static int make_plan(void **state)
{
	(void)state;
	plan.cpus = HOST_TABLE(cpus, 4);
	plan.cells = HOST_TABLE(cells, 2);
	plan.ram = HOST_TABLE(ram, REGIONS);
	plan.loads = HOST_TABLE(loads, 3);
	plan.owners = HOST_TABLE(owners, 4);
	for (unsigned int i = 0; i < REGIONS; i++)
		ram[i].hpa = host_hpa(memory[i]);
	cpus[2].block = host_hpa(block);
	return 0;
}

static void the_tables_are_where_the_plan_says(void **state)
{
	(void)state;
	assert_ptr_equal(plan_cpus(&plan), cpus);
	assert_ptr_equal(plan_cells(&plan), cells);
	assert_ptr_equal(plan_owners(&plan), owners);
	assert_ptr_equal(plan_block(&cpus[2], CPU_BLOCK_COUNTERS), block + 0x1000);
}

static void a_cpu_belongs_to_its_cell_and_a_parked_one_to_none(void **state)
{
	(void)state;
	assert_ptr_equal(plan_cell_of(&plan, &cpus[0]), &cells[1]);
	assert_null(plan_cell_of(&plan, &cpus[1]));
	assert_ptr_equal(plan_cell_of(&plan, &cpus[2]), &cells[0]);
	assert_ptr_equal(plan_cell_of(&plan, &cpus[3]), &cells[0]);
}

static void ram_and_loads_of_a_cell_start_at_its_first(void **state)
{
	(void)state;
	assert_ptr_equal(plan_ram_of(&plan, &cells[0]), &ram[0]);
	assert_ptr_equal(plan_ram_of(&plan, &cells[1]), &ram[3]);
	assert_ptr_equal(plan_loads_of(&plan, &cells[0]), &loads[0]);
	assert_ptr_equal(plan_loads_of(&plan, &cells[1]), &loads[2]);
}

static void a_cpu_is_found_by_its_apic_id(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++)
		assert_int_equal(plan_cpu_by_apic_id(&plan, cpus[i].apic_id), i);
}

static void an_apic_id_that_no_cpu_has_is_not_found(void **state)
{
	static const uint32_t absent[] = { 1, 8, 10, 254, 256, 0x80000009, 0xffffffff };

	(void)state;
	for (size_t i = 0; i < sizeof(absent) / sizeof(absent[0]); i++)
		assert_int_equal(plan_cpu_by_apic_id(&plan, (apic_id_t){ absent[i] }), -1);
}

static void an_address_has_the_owner_whose_range_holds_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < 4; i++) {
		const uint64_t first = owners[i].start.raw;

		assert_ptr_equal(plan_owner_at(&plan, first), &owners[i]);
		assert_ptr_equal(plan_owner_at(&plan, first + 0x123), &owners[i]);
		assert_ptr_equal(plan_owner_at(&plan, first + owners[i].size - 1), &owners[i]);
	}
}

static void an_address_between_the_ranges_has_no_owner(void **state)
{
	static const uint64_t unowned[] = { 0,		0xfff,	    0x5000,	     0xfebfffff,
					    0xfec01000, 1ull << 63, -4ull * PAGE - 1 };

	(void)state;
	for (size_t i = 0; i < sizeof(unowned) / sizeof(unowned[0]); i++)
		assert_null(plan_owner_at(&plan, unowned[i]));
}

static void a_plan_without_owners_has_none_anywhere(void **state)
{
	(void)state;
	plan.owners.count = 0;
	assert_null(plan_owner_at(&plan, 0x1000));
	assert_null(plan_owner_at(&plan, 0));
	plan.owners.count = 4;
}

static void *memory_at(unsigned int cell, uint64_t gpa, uint64_t bytes)
{
	return plan_cell_memory(&plan, &cells[cell], (gpa_t){ gpa }, bytes);
}

static void memory_of_a_cell_is_seen_at_its_place_in_the_region(void **state)
{
	(void)state;
	assert_ptr_equal(memory_at(0, 0, 1), memory[0]);
	assert_ptr_equal(memory_at(0, 0, 4 * PAGE), memory[0]);
	assert_ptr_equal(memory_at(0, 4 * PAGE - 1, 1), memory[0] + 4 * PAGE - 1);
	assert_ptr_equal(memory_at(0, 4 * PAGE, 2 * PAGE), memory[1]);
	assert_ptr_equal(memory_at(0, 5 * PAGE + 7, PAGE - 7), memory[1] + PAGE + 7);
	assert_ptr_equal(memory_at(0, 0x100008, 8), memory[2] + 8);
	assert_ptr_equal(memory_at(1, 2 * PAGE, 8), memory[3]);
	assert_ptr_equal(memory_at(1, -8ull, 8), memory[4] + 4 * PAGE - 8);
}

static void memory_that_one_region_does_not_hold_is_refused(void **state)
{
	(void)state;
	assert_null(memory_at(0, 0, 4 * PAGE + 1)); /* goes on in the next region */
	assert_null(memory_at(0, 4 * PAGE - 1, 2));
	assert_null(memory_at(0, 6 * PAGE - 4, 8)); /* goes on in a hole */
	assert_null(memory_at(0, 6 * PAGE, 1));
	assert_null(memory_at(0, 0xfffff, 1));
	assert_null(memory_at(0, 0xfffff, 2)); /* starts in a hole */
	assert_null(memory_at(0, 0x104000, 1));
}

static void memory_of_another_cell_is_refused(void **state)
{
	(void)state;
	assert_null(memory_at(1, 0, 1));
	assert_null(memory_at(1, PAGE, 1));
	assert_null(memory_at(1, 3 * PAGE, 1));
	assert_null(memory_at(1, 0x100000, 1));
	assert_null(memory_at(0, -8ull, 1));
}

static void sizes_and_addresses_that_wrap_are_refused(void **state)
{
	static const uint64_t edges[] = { 0,	     1,		 PAGE,	       4 * PAGE,
					  0x100000,  1ull << 63, -4ull * PAGE, -8ull,
					  UINT64_MAX };
	const size_t count = sizeof(edges) / sizeof(edges[0]);

	(void)state;
	for (size_t i = 0; i < count; i++) {
		assert_null(memory_at(0, edges[i], UINT64_MAX));
		if (edges[i] > 0x100000)
			assert_null(memory_at(0, edges[i], -edges[i] + 0x100008));
		assert_null(memory_at(1, edges[i], UINT64_MAX - PAGE));
		assert_null(memory_at(1, edges[i], 1ull << 63));
	}
	assert_null(memory_at(1, -8ull, 9));
	assert_null(memory_at(1, -8ull, 16));
}

static void every_event_has_a_name_of_its_own(void **state)
{
	(void)state;
	assert_string_equal(plan_event_name(PLAN_EVENT_FOREIGN_ACCESS), "foreign-access");
	for (uint32_t a = 0; a < PLAN_EVENT_KINDS; a++) {
		assert_true(strlen(plan_event_name(a)) > 0);
		for (uint32_t b = 0; b < a; b++)
			assert_string_not_equal(plan_event_name(a), plan_event_name(b));
	}
}

static void an_event_out_of_range_has_a_name_too(void **state)
{
	static const uint32_t strange[] = { PLAN_EVENT_KINDS, PLAN_EVENT_KINDS + 1, 255,       256,
					    0x7fffffff,	      0x80000000,	    0xffffffff };

	(void)state;
	for (size_t i = 0; i < sizeof(strange) / sizeof(strange[0]); i++) {
		assert_non_null(plan_event_name(strange[i]));
		for (uint32_t event = 0; event < PLAN_EVENT_KINDS; event++)
			assert_string_not_equal(plan_event_name(strange[i]),
						plan_event_name(event));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_tables_are_where_the_plan_says),
		cmocka_unit_test(a_cpu_belongs_to_its_cell_and_a_parked_one_to_none),
		cmocka_unit_test(ram_and_loads_of_a_cell_start_at_its_first),
		cmocka_unit_test(a_cpu_is_found_by_its_apic_id),
		cmocka_unit_test(an_apic_id_that_no_cpu_has_is_not_found),
		cmocka_unit_test(an_address_has_the_owner_whose_range_holds_it),
		cmocka_unit_test(an_address_between_the_ranges_has_no_owner),
		cmocka_unit_test(a_plan_without_owners_has_none_anywhere),
		cmocka_unit_test(memory_of_a_cell_is_seen_at_its_place_in_the_region),
		cmocka_unit_test(memory_that_one_region_does_not_hold_is_refused),
		cmocka_unit_test(memory_of_another_cell_is_refused),
		cmocka_unit_test(sizes_and_addresses_that_wrap_are_refused),
		cmocka_unit_test(every_event_has_a_name_of_its_own),
		cmocka_unit_test(an_event_out_of_range_has_a_name_too),
	};

	return cmocka_run_group_tests(tests, make_plan, NULL);
}
