/* SPDX-License-Identifier: Apache-2.0 */
/* The system as a whole, its devices and the monitor's console. */
#include "sound_model.h"

static void system_for_another_board_is_refused(void **state)
{
	struct sound s;

	(void)state;
	sound_set_up(&s);
	s.model.for_board = "large";
	sound_breaks(&s, rule_board_match, 40,
		     "system 'duo' is written for board 'large', but includes board 'small' "
		     "(s.dts:41); include the other board or correct septum,board");
	s.model.for_board = ""; /* the reader has refused that */
	sound_keeps(&s, rule_board_match);
}

static void cells_that_differ_in_case_only_are_refused_naming_both(void **state)
{
	struct sound s;

	(void)state;
	sound_set_up(&s);
	s.cells[RT].name = "linuy";
	sound_keeps(&s, rule_name_unique);
	s.cells[RT].name = "Linux";
	sound_breaks(&s, rule_name_unique, 30,
		     "cell 'Linux' has the name of cell 'linux' (s.dts:20); rename one of them");
	s.cells[RT].name = "Monitor";
	sound_breaks(&s, rule_name_unique, 30,
		     "cell 'Monitor' has the name of the monitor (s.dts:50); rename the cell");
}

static void system_without_cells_is_refused(void **state)
{
	struct sound s;

	(void)state;
	sound_set_up(&s);
	s.model.cell_count = 0;
	sound_breaks(&s, rule_empty_system, 40, "system 'duo' has no cell; add one under /cells");
}

static void plan_holds_64_cells_and_no_more(void **state)
{
	struct model_cell cells[PLAN_MAX_CELLS + 2];
	struct sound s;

	(void)state;
	sound_set_up(&s);
	memset(cells, 0, sizeof(cells));
	for (unsigned int i = 0; i < PLAN_MAX_CELLS + 2; i++)
		cells[i] = (struct model_cell){ .name = "c", .pos = AT(100 + i) };
	s.model.cells = cells;
	s.model.cell_count = PLAN_MAX_CELLS;
	sound_keeps(&s, rule_cell_count);
	s.model.cell_count = PLAN_MAX_CELLS + 2;
	sound_breaks(&s, rule_cell_count, 100 + PLAN_MAX_CELLS,
		     "system has 66 cells but a plan holds 64, and 'c' is one too many; remove 2 "
		     "of them");
}

static void device_given_to_two_cells_is_refused_naming_both(void **state)
{
	struct sound s;

	(void)state;
	sound_set_up(&s);
	sound_keeps(&s, rule_dev_unique);
	s.device_refs[RT][0].index = 1;
	sound_breaks(&s, rule_dev_unique, 32,
		     "cell 'rt': com2 already belongs to cell 'linux' (s.dts:22); take it from "
		     "one of them");
}

static void reference_to_no_device_is_refused_in_cells_and_monitor(void **state)
{
	struct sound s;

	(void)state;
	sound_set_up(&s);
	s.device_refs[RT][0].index = MODEL_NONE;
	sound_breaks(&s, rule_dev_exists, 32,
		     "cell 'rt': entry 1 of septum,devices is no device of the board; name one of "
		     "the board's device nodes");
	s.device_refs[RT][0].index = 2;
	s.model.monitor.console = MODEL_NONE;
	sound_keeps(&s, rule_console_none);
	sound_breaks(&s, rule_dev_exists, 51,
		     "monitor: septum,console is no device of the board; name one of the board's "
		     "UARTs");
}

static void missing_console_is_a_warning(void **state)
{
	struct sound s;

	(void)state;
	sound_set_up(&s);
	s.model.monitor.console = MODEL_NONE;
	s.model.monitor.console_pos = (struct src_pos){ NULL, 0 };
	sound_keeps(&s, rule_dev_exists);
	rule_console_none(&s.model, &s.sink);
	assert_int_equal(s.sink.count, 1);
	assert_int_equal(s.sink.items[0].severity, DIAG_WARNING);
	diag_free(&s.sink);
}

static void disabled_device_is_refused_in_cells_and_monitor(void **state)
{
	struct sound s;

	(void)state;
	sound_set_up(&s);
	s.devices[2].enabled = false;
	sound_breaks(&s, rule_dev_status, 32,
		     "cell 'rt': com3 is disabled on the board (s.dts:10); name another device");
	s.devices[2].enabled = true;
	s.devices[0].enabled = false;
	sound_breaks(&s, rule_dev_status, 51,
		     "monitor: console com1 is disabled on the board (s.dts:8); name another UART");
}

static void only_uarts_are_given_away_by_name(void **state)
{
	struct sound s;

	(void)state;
	sound_set_up(&s);
	s.device_refs[RT][0].index = 3;
	sound_breaks(&s, rule_dev_compat, 32,
		     "cell 'rt': timer (s.dts:11) is readable in every cell and owned by none; "
		     "take it out of septum,devices");
	s.devices[3].kind = MODEL_DEV_OTHER;
	s.devices[3].compatible = "acme,gadget";
	sound_breaks(&s, rule_dev_compat, 32,
		     "cell 'rt': timer (s.dts:11) is 'acme,gadget', which no cell can be given by "
		     "name; give its ports by septum,io-ports");
	s.device_refs[RT][0].index = 2;
	s.model.monitor.console = 3;
	sound_breaks(&s, rule_dev_compat, 51,
		     "monitor: console timer (s.dts:11) is no 16550 UART; name one");
}

static void monitors_console_is_refused_to_cells(void **state)
{
	struct sound s;

	(void)state;
	sound_set_up(&s);
	s.device_refs[RT][0].index = 0;
	sound_keeps(&s, rule_port_reserved); /* its ports are the same fault */
	sound_breaks(&s, rule_uart_monitor, 32,
		     "cell 'rt': com1 is the monitor's console (s.dts:51); give the cell another "
		     "UART");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(system_for_another_board_is_refused),
		cmocka_unit_test(cells_that_differ_in_case_only_are_refused_naming_both),
		cmocka_unit_test(system_without_cells_is_refused),
		cmocka_unit_test(plan_holds_64_cells_and_no_more),
		cmocka_unit_test(device_given_to_two_cells_is_refused_naming_both),
		cmocka_unit_test(reference_to_no_device_is_refused_in_cells_and_monitor),
		cmocka_unit_test(missing_console_is_a_warning),
		cmocka_unit_test(disabled_device_is_refused_in_cells_and_monitor),
		cmocka_unit_test(only_uarts_are_given_away_by_name),
		cmocka_unit_test(monitors_console_is_refused_to_cells),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
