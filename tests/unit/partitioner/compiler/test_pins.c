/* SPDX-License-Identifier: Apache-2.0 */
/* Who owns which pin: two cells, five devices on three pins and one without. */
#include "pins.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { A, B };

static struct model_device devices[] = {
	{ .name = "first", .has_pin = true, .pin = 7 },
	{ .name = "second", .has_pin = true, .pin = 3, .pin_flags = PLAN_PIN_LEVEL },
	{ .name = "third", .has_pin = true, .pin = 3, .pin_flags = PLAN_PIN_LEVEL },
	{ .name = "fourth", .has_pin = true, .pin = 0 },
	{ .name = "polled" },
	{ .name = "fifth", .has_pin = true, .pin = 7 },
};
static struct model_ref refs[2][6];
static struct model_cell cells[2];
static struct model model = {
	.devices = devices, .device_count = 6, .cells = cells, .cell_count = 2
};

static void give(int cell, int device)
{
	refs[cell][cells[cell].device_count++].index = device;
}

static int set_up(void **state)
{
	(void)state;
	memset(cells, 0, sizeof(cells));
	cells[A].devices = refs[A];
	cells[B].devices = refs[B];
	return 0;
}

static void a_device_brings_its_pin(void **state)
{
	(void)state;
	give(B, 0);
	assert_int_equal(pin_owner(&model, 7), B);
	assert_int_equal(pin_owner(&model, 3), MODEL_NONE);
}

static void a_pin_of_two_cells_is_nobodys(void **state)
{
	struct plan_pin pins[6];

	(void)state;
	give(A, 0);
	give(A, 3);
	give(B, 5);
	assert_int_equal(pin_owner(&model, 7), MODEL_NONE);
	assert_int_equal(cell_pins(&model, &cells[A], pins), 1);
	assert_int_equal(pins[0].pin, 0);
	assert_int_equal(cell_pins(&model, &cells[B], pins), 0);
}

static void two_devices_of_one_cell_share_its_pin(void **state)
{
	struct plan_pin pins[6];

	(void)state;
	give(B, 1);
	give(B, 2);
	assert_int_equal(pin_owner(&model, 3), B);
	assert_int_equal(pin_users(&model, &cells[B], 3), 2);
	assert_int_equal(cell_pins(&model, &cells[B], pins), 1);
	assert_int_equal(pins[0].cell, B);
	assert_int_equal(pins[0].flags, PLAN_PIN_LEVEL);
}

static void pins_are_listed_ascending(void **state)
{
	static const uint32_t wanted[] = { 0, 3, 7 };
	struct plan_pin pins[6];

	(void)state;
	for (int i = 0; i < 6; i++)
		give(A, i);
	assert_int_equal(cell_pins(&model, &cells[A], NULL), 3);
	assert_int_equal(cell_pins(&model, &cells[A], pins), 3);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(pins[i].pin, wanted[i]);
}

static void a_reference_to_nothing_brings_nothing(void **state)
{
	(void)state;
	give(A, MODEL_NONE);
	give(A, 6);
	give(A, 4);
	assert_int_equal(cell_pins(&model, &cells[A], NULL), 0);
	assert_int_equal(pin_owner(&model, 0), MODEL_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_device_brings_its_pin, set_up),
		cmocka_unit_test_setup(a_pin_of_two_cells_is_nobodys, set_up),
		cmocka_unit_test_setup(two_devices_of_one_cell_share_its_pin, set_up),
		cmocka_unit_test_setup(pins_are_listed_ascending, set_up),
		cmocka_unit_test_setup(a_reference_to_nothing_brings_nothing, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
