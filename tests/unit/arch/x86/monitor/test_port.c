/* SPDX-License-Identifier: Apache-2.0 */
/* Which writes to ports that nobody owns mean reset or power-off (docs/design.md, section 6). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "port.h"

#include <stdbool.h>

#define PORT_KEYBOARD 0x64u
#define PORT_FAST_A20 0x92u
#define PORT_RESET_CONTROL 0xcf9u
#define SLP_EN 0x20u /* ACPI 6.4, table 4.29: SLP_TYPx in 4:2, SLP_EN in 5 */
#define S5 (5u << 2)

static const struct plan_cell cell = {
	.name = "linux", .sleep_port = 0x5e0, .reset_port = 0x5e4, .reset_value = 0x42
};
static const struct plan_cell stock = {
	.name = "linux", .sleep_port = 0x5e0, .reset_port = 0xcf9, .reset_value = 0x06
};
static const uint32_t above_al[] = { 0, 0x100, 0x12345600, 0xffffff00 };

/* A byte write, whatever lies above AL in the register. */
static enum plan_event write_byte(const struct plan_cell *writer, uint16_t port, uint32_t value)
{
	const enum plan_event event = port_event(writer, port, 1, value);

	for (unsigned int i = 0; i < 4; i++)
		assert_int_equal(port_event(writer, port, 1, value | above_al[i]), event);
	return event;
}

static void the_reset_value_in_the_reset_register_is_a_reset(void **state)
{
	(void)state;
	for (uint32_t value = 0; value < 256; value++)
		assert_int_equal(write_byte(&cell, 0x5e4, value),
				 value == 0x42 ? PLAN_EVENT_RESET : PLAN_EVENT_NONE);
}

/* Bit 2 of the reset control register starts it, 1 and 3 only say how. */
static void port_cf9_is_a_reset_when_its_start_bit_is_set(void **state)
{
	(void)state;
	for (uint32_t value = 0; value < 256; value++) {
		const enum plan_event expected = value & 4 ? PLAN_EVENT_RESET : PLAN_EVENT_NONE;

		assert_int_equal(write_byte(&stock, PORT_RESET_CONTROL, value), expected);
		assert_int_equal(write_byte(&cell, PORT_RESET_CONTROL, value), expected);
	}
}

static void the_keyboard_controllers_pulse_is_a_reset(void **state)
{
	(void)state;
	assert_int_equal(write_byte(&cell, PORT_KEYBOARD, 0xfe), PLAN_EVENT_RESET);
	assert_int_equal(write_byte(&stock, PORT_KEYBOARD, 0xfe), PLAN_EVENT_RESET);
}

/* Commands below F0h do not pulse; FFh pulses no line. */
static void other_keyboard_commands_are_no_event(void **state)
{
	(void)state;
	for (uint32_t value = 0; value < 0xf0; value++)
		assert_int_equal(write_byte(&cell, PORT_KEYBOARD, value), PLAN_EVENT_NONE);
	assert_int_equal(write_byte(&cell, PORT_KEYBOARD, 0xff), PLAN_EVENT_NONE);
}

/* Bit 1 is the A20 gate, which stock boot code sets. */
static void port_92_is_a_reset_when_its_lowest_bit_is_set(void **state)
{
	(void)state;
	for (uint32_t value = 0; value < 256; value++)
		assert_int_equal(write_byte(&cell, PORT_FAST_A20, value),
				 value & 1 ? PLAN_EVENT_RESET : PLAN_EVENT_NONE);
}

static void sleep_type_5_with_its_enable_bit_is_power_off(void **state)
{
	(void)state;
	assert_int_equal(write_byte(&cell, 0x5e0, SLP_EN | S5), PLAN_EVENT_POWEROFF);
	assert_int_equal(write_byte(&stock, 0x5e0, SLP_EN | S5), PLAN_EVENT_POWEROFF);
}

static void a_sleep_type_without_the_enable_bit_is_no_event(void **state)
{
	(void)state;
	for (uint32_t value = 0; value < 256; value++)
		if (!(value & SLP_EN))
			assert_int_equal(write_byte(&cell, 0x5e0, value), PLAN_EVENT_NONE);
}

/* CF8h is the configuration address; only a byte at CF9h is the reset register. */
static void a_configuration_address_is_no_event(void **state)
{
	(void)state;
	for (uint32_t value = 0; value < 0x10000; value++)
		assert_int_equal(port_event(&stock, 0xcf8, 4, 0x80000000 | value), PLAN_EVENT_NONE);
	assert_int_equal(port_event(&stock, 0xcf8, 4, 0x0606), PLAN_EVENT_NONE);
	assert_int_equal(port_event(&stock, 0xcf8, 4, 0xffffffff), PLAN_EVENT_NONE);
	assert_int_equal(port_event(&stock, 0xcfc, 4, 0x06060606), PLAN_EVENT_NONE);
	assert_int_equal(write_byte(&stock, 0xcf8, 0x06), PLAN_EVENT_NONE);
	assert_int_equal(write_byte(&stock, 0xcfa, 0x06), PLAN_EVENT_NONE);
}

/* Wider writes may touch a register from below: three ports before each are left out. */
static bool near(uint32_t port, uint32_t special)
{
	return port <= special && port + 3 >= special;
}

static void no_other_port_is_an_event(void **state)
{
	static const uint32_t values[] = { 0,		0x06, 0x0e,	  0x42,	      0xfe,
					   SLP_EN | S5, 0xff, 0x3434fefe, 0x06060606, 0xffffffff };

	(void)state;
	for (uint32_t port = 0; port < 0x10000; port++) {
		if (near(port, 0x5e0) || near(port, 0x5e4) || near(port, PORT_KEYBOARD) ||
		    near(port, PORT_FAST_A20) || near(port, PORT_RESET_CONTROL))
			continue;
		for (unsigned int i = 0; i < sizeof(values) / sizeof(values[0]); i++)
			for (unsigned int bytes = 1; bytes <= 4; bytes *= 2)
				assert_int_equal(port_event(&cell, (uint16_t)port, bytes,
							    values[i]),
						 PLAN_EVENT_NONE);
	}
}

static void an_unowned_port_reads_all_ones_in_every_width(void **state)
{
	(void)state;
	for (uint32_t port = 0; port < 0x10000; port++) {
		if (near(port, 0x5e0) || near(port, 0x5e1))
			continue;
		assert_int_equal(port_read(&cell, (uint16_t)port, 1), 0xff);
		assert_int_equal(port_read(&cell, (uint16_t)port, 2), 0xffff);
		assert_int_equal(port_read(&cell, (uint16_t)port, 4), 0xffffffff);
	}
}

/* It follows the control register; all-ones there would mean "woken", the other bits are reserved. */
static void the_sleep_status_reads_as_zero(void **state)
{
	(void)state;
	assert_int_equal(port_read(&cell, 0x5e1, 1), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_reset_value_in_the_reset_register_is_a_reset),
		cmocka_unit_test(port_cf9_is_a_reset_when_its_start_bit_is_set),
		cmocka_unit_test(the_keyboard_controllers_pulse_is_a_reset),
		cmocka_unit_test(other_keyboard_commands_are_no_event),
		cmocka_unit_test(port_92_is_a_reset_when_its_lowest_bit_is_set),
		cmocka_unit_test(sleep_type_5_with_its_enable_bit_is_power_off),
		cmocka_unit_test(a_sleep_type_without_the_enable_bit_is_no_event),
		cmocka_unit_test(a_configuration_address_is_no_event),
		cmocka_unit_test(no_other_port_is_an_event),
		cmocka_unit_test(an_unowned_port_reads_all_ones_in_every_width),
		cmocka_unit_test(the_sleep_status_reads_as_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
