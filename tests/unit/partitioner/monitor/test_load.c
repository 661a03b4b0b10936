/* SPDX-License-Identifier: Apache-2.0 */
/* Filling a cell: its RAM is scrubbed, its payload comes from the golden store. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "host_arch.h"
#include "load.h"

#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGE PLAN_PAGE_BYTES
#define REGIONS 4u
#define LOADS 4u

/*
 * Cell 0 has RAM at GPA 0 (3 pages), at 3 pages exactly behind it but elsewhere
 * in the machine, read-only, and at 1 MiB; cell 1 has RAM at GPA 0.  Loads 0..2
 * are cell 0's, load 3 is cell 1's.  Each region is memory of its own.
 */
struct machine {
	struct plan plan;
	struct plan_cell *cells; /* memory of their own: a third one is caught */
	struct plan_ram ram[REGIONS];
	struct plan_load loads[LOADS];
	uint8_t *memory[REGIONS];
	uint8_t *store[LOADS];
};

static const struct plan_ram layout[REGIONS] = {
	{ .gpa = { 0 }, .size = 3 * PAGE, .rights = 7 },
	{ .gpa = { 3 * PAGE }, .size = PAGE, .rights = PLAN_RIGHT_READ },
	{ .gpa = { 0x100000 }, .size = 2 * PAGE, .rights = 7 },
	{ .gpa = { 0 }, .size = 2 * PAGE, .rights = 7 },
};

static const struct {
	const char *name;
	uint64_t gpa, size;
} contents[LOADS] = {
	{ "kernel", 0x100000 + 5, PAGE + 100 },
	{ "boot-params", 3 * PAGE, PAGE },
	{ "tail", 2 * PAGE - 3, PAGE + 3 },
	{ "other", 0, 2 * PAGE },
};

static void add_load(struct machine *m, unsigned int i)
{
	struct sha256_ctx context;

	m->store[i] = malloc(contents[i].size);
	for (uint64_t b = 0; b < contents[i].size; b++)
		m->store[i][b] = (uint8_t)(host_random() >> 32);
	snprintf(m->loads[i].name, PLAN_NAME_BYTES, "%s", contents[i].name);
	m->loads[i].source = host_hpa(m->store[i]);
	m->loads[i].dest.raw = contents[i].gpa;
	m->loads[i].size = contents[i].size;
	sha256_init(&context);
	sha256_update(&context, contents[i].size, m->store[i]);
	sha256_digest(&context, PLAN_HASH_BYTES, m->loads[i].hash);
}

static int make_machine(void **state)
{
	struct machine *m = calloc(1, sizeof(*m));

	m->cells = malloc(2 * sizeof(*m->cells));
	m->plan.cells = HOST_TABLE(m->cells, 2);
	m->plan.ram = HOST_TABLE(m->ram, REGIONS);
	m->plan.loads = HOST_TABLE(m->loads, LOADS);
	m->cells[0] = (struct plan_cell){ .name = "linux", .ram_count = 3, .load_count = 3 };
	m->cells[1] = (struct plan_cell){
		.name = "rt", .first_ram = 3, .ram_count = 1, .first_load = 3, .load_count = 1
	};
	for (unsigned int i = 0; i < REGIONS; i++) {
		m->ram[i] = layout[i];
		m->memory[i] = malloc(layout[i].size);
		memset(m->memory[i], 0xee, layout[i].size);
		m->ram[i].hpa = host_hpa(m->memory[i]);
	}
	for (unsigned int i = 0; i < LOADS; i++)
		add_load(m, i);
	host_console_clear();
	*state = m;
	return 0;
}

static int free_machine(void **state)
{
	struct machine *m = *state;

	for (unsigned int i = 0; i < REGIONS; i++)
		free(m->memory[i]);
	for (unsigned int i = 0; i < LOADS; i++)
		free(m->store[i]);
	free(m->cells);
	free(m);
	return 0;
}

/* What the cell's RAM must hold, from @gpa: the load that covers it, or zero. */
static uint8_t expected_at(const struct machine *m, unsigned int cell, uint64_t gpa)
{
	const struct plan_cell *owner = &m->cells[cell];

	for (unsigned int i = owner->first_load; i < owner->first_load + owner->load_count; i++)
		if (gpa - contents[i].gpa < contents[i].size)
			return m->store[i][gpa - contents[i].gpa];
	return 0;
}

static void assert_filled(const struct machine *m, unsigned int cell)
{
	const struct plan_cell *owner = &m->cells[cell];

	for (unsigned int r = owner->first_ram; r < owner->first_ram + owner->ram_count; r++)
		for (uint64_t i = 0; i < layout[r].size; i++)
			assert_int_equal(m->memory[r][i],
					 expected_at(m, cell, layout[r].gpa.raw + i));
}

static void assert_untouched(const struct machine *m, unsigned int region)
{
	for (uint64_t i = 0; i < layout[region].size; i++)
		assert_int_equal(m->memory[region][i], 0xee);
}

/* ---- load_cell ---- */

static void all_ram_of_a_cell_holds_its_loads_and_else_zeros(void **state)
{
	const struct machine *m = *state;

	assert_true(load_cell(&m->plan, &m->cells[0]));
	assert_filled(m, 0);
	assert_string_equal(host_console(), "");
}

static void filling_one_cell_does_not_touch_another(void **state)
{
	const struct machine *m = *state;

	assert_true(load_cell(&m->plan, &m->cells[0]));
	assert_untouched(m, 3);
	assert_true(load_cell(&m->plan, &m->cells[1]));
	assert_filled(m, 0);
	assert_filled(m, 1);
}

static void a_cell_without_loads_is_only_scrubbed(void **state)
{
	struct machine *m = *state;

	m->cells[0].load_count = 0;
	assert_true(load_cell(&m->plan, &m->cells[0]));
	assert_filled(m, 0);
}

static void the_golden_store_is_not_changed_by_loading(void **state)
{
	const struct machine *m = *state;

	assert_true(load_cell(&m->plan, &m->cells[0]));
	assert_int_equal(load_check_store(&m->plan), 0);
}

static void assert_refused(struct machine *m, unsigned int load, uint64_t dest, uint64_t size)
{
	const struct plan_load sound = m->loads[load];

	m->loads[load].dest.raw = dest;
	m->loads[load].size = size;
	host_console_clear();
	assert_false(load_cell(&m->plan, &m->cells[0]));
	assert_non_null(strstr(host_console(), contents[load].name));
	assert_untouched(m, 3);
	m->loads[load] = sound;
}

static void a_load_that_does_not_fit_is_refused_by_name(void **state)
{
	struct machine *m = *state;

	assert_refused(m, 0, 0x100000 + PAGE, PAGE + 1); /* beyond the end of RAM */
	assert_refused(m, 0, 0x100000 + 2 * PAGE, 1); /* right behind it */
	assert_refused(m, 0, 0x100000 - 1, 2); /* before its start */
	assert_refused(m, 0, 0x80000, 16); /* in a hole */
	assert_refused(m, 0, UINT64_MAX, 2); /* wraps */
	assert_refused(m, 0, UINT64_MAX - 15, 0x100000 + 32);
	assert_refused(m, 0, 0x100000, UINT64_MAX);
	assert_refused(m, 0, 0x100001, UINT64_MAX - 0x100000); /* ends at the end of all */
	assert_refused(m, 2, 2 * PAGE, PAGE + 1); /* into the next region */
}

static void a_load_may_end_with_the_last_byte_of_ram(void **state)
{
	struct machine *m = *state;

	m->loads[0].dest.raw = 0x100000 + 2 * PAGE - m->loads[0].size;
	assert_true(load_cell(&m->plan, &m->cells[0]));
	assert_memory_equal(m->memory[2] + 2 * PAGE - m->loads[0].size, m->store[0],
			    m->loads[0].size);
}

/* ---- load_check_store ---- */

static void a_sound_store_has_no_damaged_load(void **state)
{
	const struct machine *m = *state;

	assert_int_equal(load_check_store(&m->plan), 0);
}

static void every_damaged_load_is_counted_and_named(void **state)
{
	const struct machine *m = *state;

	for (unsigned int damaged = 1; damaged < 1u << LOADS; damaged++) {
		host_console_clear();
		for (unsigned int i = 0; i < LOADS; i++)
			m->store[i][host_random() % contents[i].size] ^= (uint8_t)(damaged >> i &
										   1);
		assert_int_equal(load_check_store(&m->plan), __builtin_popcount(damaged));
		for (unsigned int i = 0; i < LOADS; i++) {
			const bool named = strstr(host_console(), contents[i].name);

			assert_int_equal(named, damaged >> i & 1);
		}
		for (unsigned int i = 0; i < LOADS; i++) {
			free(m->store[i]);
			add_load(*state, i);
		}
	}
}

static void the_first_and_the_last_byte_of_a_load_count(void **state)
{
	const struct machine *m = *state;

	for (unsigned int i = 0; i < LOADS; i++) {
		const uint64_t last = contents[i].size - 1;

		m->store[i][0] ^= 0x80;
		assert_int_equal(load_check_store(&m->plan), 1);
		m->store[i][0] ^= 0x80;
		m->store[i][last] ^= 1;
		assert_int_equal(load_check_store(&m->plan), 1);
		m->store[i][last] ^= 1;
	}
	assert_int_equal(load_check_store(&m->plan), 0);
}

static void a_load_with_a_wrong_hash_is_damaged(void **state)
{
	struct machine *m = *state;

	m->loads[1].hash[31] ^= 1;
	assert_int_equal(load_check_store(&m->plan), 1);
	assert_non_null(strstr(host_console(), "boot-params"));
}

#define with_machine(test) cmocka_unit_test_setup_teardown(test, make_machine, free_machine)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_machine(all_ram_of_a_cell_holds_its_loads_and_else_zeros),
		with_machine(filling_one_cell_does_not_touch_another),
		with_machine(a_cell_without_loads_is_only_scrubbed),
		with_machine(the_golden_store_is_not_changed_by_loading),
		with_machine(a_load_that_does_not_fit_is_refused_by_name),
		with_machine(a_load_may_end_with_the_last_byte_of_ram),
		with_machine(a_sound_store_has_no_damaged_load),
		with_machine(every_damaged_load_is_counted_and_named),
		with_machine(the_first_and_the_last_byte_of_a_load_count),
		with_machine(a_load_with_a_wrong_hash_is_damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
