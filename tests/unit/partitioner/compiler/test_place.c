/* SPDX-License-Identifier: Apache-2.0 */
#include "model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define KIB 1024ull
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)
#define MOST 8

/* A machine with @ram bytes from 0, its monitor at the end of the first MiB. */
struct machine {
	struct model model;
	struct model_range ram[2], reserved[2], mmio[1];
	struct model_cell cells[MOST];
	struct model_memory memory[MOST][MOST];
	struct diag_sink sink;
};

static void set_up(struct machine *machine, uint64_t ram)
{
	memset(machine, 0, sizeof(*machine));
	machine->ram[0] = (struct model_range){ .name = "memory@0", .size = ram };
	machine->model.ram = machine->ram;
	machine->model.ram_count = 1;
	machine->model.reserved = machine->reserved;
	machine->model.mmio = machine->mmio;
	machine->model.cells = machine->cells;
	machine->model.monitor = (struct model_monitor){ .present = true,
							 .base = MIB,
							 .size = MIB,
							 .boot_page = 0x8000,
							 .crash = 2 * MIB,
							 .crash_size = 64 * KIB };
}

static struct model_cell *add_cell(struct machine *machine, const char *name)
{
	size_t index = machine->model.cell_count++;
	struct model_cell *cell = &machine->cells[index];

	cell->name = name;
	cell->memory = machine->memory[index];
	return cell;
}

static struct model_memory *ask(struct model_cell *cell, uint64_t size)
{
	struct model_memory *memory = &cell->memory[cell->memory_count++];

	*memory = (struct model_memory){ .name = "memory", .size = size };
	return memory;
}

static struct model_memory *give(struct model_cell *cell, uint64_t hpa, uint64_t size)
{
	struct model_memory *memory = ask(cell, size);

	memory->placed = true;
	memory->hpa = hpa;
	return memory;
}

static void place(struct machine *machine, size_t errors)
{
	model_place(&machine->model, &machine->sink);
	assert_int_equal(diag_errors(&machine->sink), errors);
}

static bool meet(uint64_t a, uint64_t a_size, uint64_t b, uint64_t b_size)
{
	return a < b + b_size && b < a + a_size;
}

static void ram_that_its_author_placed_stays_there(void **state)
{
	struct machine m;
	struct model_memory *given;

	(void)state;
	set_up(&m, 64 * MIB);
	given = give(add_cell(&m, "a"), 16 * MIB, 4 * MIB);
	place(&m, 0);
	assert_int_equal(given->hpa, 16 * MIB);
	assert_true(given->placed);
}

static void placed_ram_avoids_firmware_monitor_crash_area_and_the_first_mib(void **state)
{
	struct machine m;
	struct model_memory *small[MOST];

	(void)state;
	set_up(&m, 4 * MIB);
	m.reserved[0] = (struct model_range){ .start = 3 * MIB, .size = 100 };
	m.reserved[1] = (struct model_range){ .start = 4 * MIB - 5, .size = 5 };
	m.model.reserved_count = 2;
	for (int i = 0; i < MOST; i++)
		small[i] = ask(add_cell(&m, "c"), 200 * KIB);
	place(&m, 0);
	for (int i = 0; i < MOST; i++) {
		assert_true(small[i]->hpa >= 2 * MIB + 64 * KIB);
		assert_true(small[i]->hpa + small[i]->size <= 4 * MIB - 4 * KIB);
		assert_false(meet(small[i]->hpa, small[i]->size, 3 * MIB, 4 * KIB));
		assert_int_equal(small[i]->hpa % (4 * KIB), 0);
		for (int j = 0; j < i; j++)
			assert_false(meet(small[i]->hpa, small[i]->size, small[j]->hpa,
					  small[j]->size));
	}
}

static void two_mib_and_more_get_2_mib_pages(void **state)
{
	struct machine m;
	struct model_memory *two, *three;

	(void)state;
	set_up(&m, 64 * MIB);
	two = ask(add_cell(&m, "a"), 2 * MIB);
	three = ask(add_cell(&m, "b"), 3 * MIB);
	place(&m, 0);
	assert_int_equal(two->hpa % (2 * MIB), 0);
	assert_int_equal(three->hpa % (2 * MIB), 0);
}

static void a_gib_gets_1_gib_pages_where_one_fits(void **state)
{
	struct machine m;
	struct model_memory *huge;

	(void)state;
	set_up(&m, 4 * GIB);
	huge = ask(add_cell(&m, "a"), 2 * GIB);
	place(&m, 0);
	assert_int_equal(huge->hpa, GIB);
}

static void a_gib_settles_for_2_mib_pages_where_no_gib_boundary_fits(void **state)
{
	struct machine m;
	struct model_memory *huge;

	(void)state;
	set_up(&m, 2 * GIB - 2 * MIB);
	huge = ask(add_cell(&m, "a"), GIB);
	place(&m, 0);
	assert_int_equal(huge->hpa, 4 * MIB);
}

static void alignment_is_given_up_before_a_request_is_refused(void **state)
{
	struct machine m;
	struct model_memory *first, *second;

	(void)state;
	/* On a GiB boundary the first would leave no room for the second. */
	set_up(&m, 3 * GIB);
	m.reserved[0] = (struct model_range){ .start = 2 * GIB + 512 * MIB, .size = 512 * MIB };
	m.model.reserved_count = 1;
	first = ask(add_cell(&m, "a"), GIB + 256 * MIB);
	second = ask(add_cell(&m, "b"), GIB + 128 * MIB);
	place(&m, 0);
	assert_int_equal(first->hpa % (2 * MIB), 0);
	assert_int_equal(second->hpa % (2 * MIB), 0);
	assert_false(meet(first->hpa, first->size, second->hpa, second->size));
}

static void the_authors_alignment_is_honoured(void **state)
{
	struct machine m;
	struct model_memory *coarse, *fine;

	(void)state;
	set_up(&m, 64 * MIB);
	coarse = ask(add_cell(&m, "a"), 64 * KIB);
	coarse->align = 16 * MIB;
	fine = ask(add_cell(&m, "b"), 2 * MIB);
	fine->align = 4 * KIB;
	place(&m, 0);
	assert_int_equal(coarse->hpa, 16 * MIB);
	assert_int_equal(fine->hpa, 2 * MIB + 64 * KIB);
}

static void the_largest_is_placed_first_and_equal_ones_in_file_order(void **state)
{
	struct machine m;
	struct model_memory *a, *b, *c;

	(void)state;
	set_up(&m, 32 * MIB);
	a = ask(add_cell(&m, "a"), 2 * MIB);
	b = ask(add_cell(&m, "b"), 8 * MIB);
	c = ask(add_cell(&m, "c"), 2 * MIB);
	place(&m, 0);
	assert_int_equal(b->hpa, 4 * MIB);
	assert_int_equal(a->hpa, 12 * MIB);
	assert_int_equal(c->hpa, 14 * MIB);
}

static void the_order_of_unequal_requests_changes_nothing(void **state)
{
	static const uint64_t sizes[] = { 3 * MIB, 64 * KIB, 5 * MIB, MIB, 2 * MIB };
	enum { COUNT = sizeof(sizes) / sizeof(sizes[0]) };
	struct machine m, turned;
	struct model_memory *forth[COUNT], *back[COUNT];

	(void)state;
	set_up(&m, 32 * MIB);
	set_up(&turned, 32 * MIB);
	for (int i = 0; i < COUNT; i++) {
		forth[i] = ask(add_cell(&m, "c"), sizes[i]);
		back[COUNT - 1 - i] = ask(add_cell(&turned, "c"), sizes[COUNT - 1 - i]);
	}
	place(&m, 0);
	place(&turned, 0);
	for (int i = 0; i < COUNT; i++)
		assert_int_equal(forth[i]->hpa, back[i]->hpa);
}

static void a_request_without_room_is_refused_naming_hole_and_shortage(void **state)
{
	struct machine m;

	(void)state;
	set_up(&m, 32 * MIB);
	give(add_cell(&m, "a"), 16 * MIB, 4 * MIB);
	ask(add_cell(&m, "b"), 20 * MIB);
	place(&m, 1);
	assert_string_equal(m.sink.items[0].rule, "ram-placed");
	assert_non_null(strstr(m.sink.items[0].text, "cell 'b'"));
	assert_non_null(strstr(m.sink.items[0].text, "0x210000-0xffffff")); /* largest hole */
	assert_non_null(strstr(m.sink.items[0].text, "0x610000 bytes are missing"));
	diag_free(&m.sink);
}

static void all_requests_without_room_are_refused_in_one_run(void **state)
{
	struct machine m;

	(void)state;
	set_up(&m, 32 * MIB);
	ask(add_cell(&m, "a"), 40 * MIB);
	ask(add_cell(&m, "b"), 41 * MIB);
	ask(add_cell(&m, "c"), 2 * MIB);
	place(&m, 2);
	diag_free(&m.sink);
}

static void ram_in_two_pieces_that_meet_is_one(void **state)
{
	struct machine m;
	struct model_memory *memory;

	(void)state;
	set_up(&m, 16 * MIB);
	m.ram[1] = (struct model_range){ .start = 16 * MIB, .size = 16 * MIB };
	m.model.ram_count = 2;
	memory = ask(add_cell(&m, "a"), 26 * MIB);
	place(&m, 0);
	assert_int_equal(memory->hpa, 4 * MIB);
}

static void impossible_ranges_are_survived(void **state)
{
	struct machine m;

	(void)state;
	set_up(&m, UINT64_MAX);
	m.reserved[0] = (struct model_range){ .start = UINT64_MAX - 5, .size = UINT64_MAX };
	m.model.reserved_count = 1;
	give(add_cell(&m, "a"), UINT64_MAX - 4095, 2 * MIB);
	ask(add_cell(&m, "b"), UINT64_MAX);
	ask(add_cell(&m, "c"), 0);
	place(&m, 1);
	diag_free(&m.sink);
}

static void guest_addresses_are_packed_from_0_on_page_boundaries(void **state)
{
	struct machine m;
	struct model_cell *cell;
	struct model_memory *small, *large, *last;

	(void)state;
	set_up(&m, 64 * MIB);
	cell = add_cell(&m, "a");
	small = ask(cell, 64 * KIB);
	large = ask(cell, 4 * MIB);
	last = ask(cell, 8 * KIB);
	place(&m, 0);
	assert_int_equal(small->gpa, 0);
	assert_int_equal(large->gpa, 2 * MIB); /* equal to its HPA modulo 2 MiB */
	assert_int_equal(last->gpa, 6 * MIB);
}

static void a_given_guest_address_is_kept_and_avoided(void **state)
{
	struct machine m;
	struct model_cell *cell;
	struct model_memory *free_one, *given;

	(void)state;
	set_up(&m, 64 * MIB);
	cell = add_cell(&m, "a");
	free_one = ask(cell, 4 * MIB);
	given = ask(cell, 2 * MIB);
	given->gpa_given = true;
	given->gpa = 0;
	place(&m, 0);
	assert_int_equal(given->gpa, 0);
	assert_int_equal(free_one->gpa, 2 * MIB);
}

static void guest_ram_steps_over_device_windows(void **state)
{
	struct machine m;
	struct model_cell *cell;
	struct model_memory *low, *high;

	(void)state;
	set_up(&m, 8 * GIB);
	m.mmio[0] = (struct model_range){ .start = 3 * GIB, .size = 256 * MIB };
	m.model.mmio_count = 1;
	cell = add_cell(&m, "a");
	low = ask(cell, 2 * GIB);
	high = ask(cell, GIB + 2 * MIB);
	high->align = 2 * MIB;
	place(&m, 0);
	assert_int_equal(low->gpa, 0);
	/* Between the window and the local APIC there is no room either. */
	assert_int_equal(high->gpa, 4 * GIB);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ram_that_its_author_placed_stays_there),
		cmocka_unit_test(placed_ram_avoids_firmware_monitor_crash_area_and_the_first_mib),
		cmocka_unit_test(two_mib_and_more_get_2_mib_pages),
		cmocka_unit_test(a_gib_gets_1_gib_pages_where_one_fits),
		cmocka_unit_test(a_gib_settles_for_2_mib_pages_where_no_gib_boundary_fits),
		cmocka_unit_test(alignment_is_given_up_before_a_request_is_refused),
		cmocka_unit_test(the_authors_alignment_is_honoured),
		cmocka_unit_test(the_largest_is_placed_first_and_equal_ones_in_file_order),
		cmocka_unit_test(the_order_of_unequal_requests_changes_nothing),
		cmocka_unit_test(a_request_without_room_is_refused_naming_hole_and_shortage),
		cmocka_unit_test(all_requests_without_room_are_refused_in_one_run),
		cmocka_unit_test(ram_in_two_pieces_that_meet_is_one),
		cmocka_unit_test(impossible_ranges_are_survived),
		cmocka_unit_test(guest_addresses_are_packed_from_0_on_page_boundaries),
		cmocka_unit_test(a_given_guest_address_is_kept_and_avoided),
		cmocka_unit_test(guest_ram_steps_over_device_windows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
