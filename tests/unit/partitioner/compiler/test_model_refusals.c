/* SPDX-License-Identifier: Apache-2.0 */
/* What the reader refuses or warns of, fed with source text by way of dtc. */
#include "source_tree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void a_misspelt_property_is_refused_offering_the_nearest_name(void **state)
{
	(void)state;
	assert_refused(SYSTEM("septum,cpu = <&cpu0>;\n"), "unknown-property", CELL_LINE,
		       "'septum,cpu'", "write 'septum,cpus'");
	assert_refused(SYSTEM("devices = <&com2>;\n"), "unknown-property", CELL_LINE, "'devices'",
		       "write 'septum,devices'");
	assert_refused(SYSTEM("septum,frobnicate;\n"), "unknown-property", CELL_LINE,
		       "'septum,frobnicate'", "remove it");
}

static void a_misspelt_node_is_refused_offering_the_nearest_name(void **state)
{
	(void)state;
	assert_refused(SYSTEM("memroy { };\n"), "unknown-property", CELL_LINE, "'memroy'",
		       "write 'memory'");
}

static void a_misspelt_value_is_refused_offering_the_nearest_one(void **state)
{
	(void)state;
	assert_refused(SYSTEM("septum,hole = \"one\";\n"), "unknown-property", CELL_LINE, "'one'",
		       "write 'ones'");
}

static void a_property_that_means_nothing_for_this_payload_is_refused(void **state)
{
	(void)state;
	assert_refused(BOARD NAMES MONITOR "cells { rt { payload {\n"
					   "septum,initrd = \"x\"; compatible = \"septum,elf\"; "
					   "septum,image = \"none.elf\"; }; }; }; };\n",
		       "unknown-property", CELL_LINE, "'septum,initrd'", "septum,elf payload");
}

static void a_value_of_the_wrong_shape_is_refused(void **state)
{
	(void)state;
	assert_refused(SYSTEM("septum,hole = <1>;\n"), "shape", CELL_LINE, "septum,hole", "string");
	assert_refused(SYSTEM("septum,io-ports = <0x80>;\n"), "shape", CELL_LINE, "septum,io-ports",
		       "pairs");
	assert_refused(SYSTEM("septum,cpus = [00 01];\n"), "shape", CELL_LINE, "septum,cpus",
		       "references");
	assert_refused(SYSTEM("memory@1000 { reg = <0 0x1000>; };\n"), "shape", CELL_LINE, "reg",
		       "(address, size)");
	assert_refused(SYSTEM("septum,allow = \"a: b\", \"\";\n"), "shape", CELL_LINE,
		       "septum,allow", "not empty");
}

static void an_alignment_that_is_no_power_of_two_is_refused(void **state)
{
	(void)state;
	assert_refused(BOARD NAMES MONITOR "cells { rt { memory { septum,size = <0x200000>;\n"
					   "septum,align = <0x300000>; }; " PAYLOAD "}; }; };\n",
		       "shape", CELL_LINE, "0x300000", "power of two");
}

static void a_missing_property_is_refused_at_its_node(void **state)
{
	(void)state;
	assert_refused(BOARD NAMES MONITOR "cells { rt {\nmemory { }; " PAYLOAD "}; }; };\n",
		       "shape", CELL_LINE, "'septum,size' is missing", "/cells/rt/memory");
}

static void a_missing_monitor_is_refused(void **state)
{
	(void)state;
	assert_refused(BOARD NAMES "cells { }; };\n", "shape", 28, "'monitor'", "add one");
}

static void a_cell_name_with_other_characters_is_refused(void **state)
{
	(void)state;
	assert_refused(BOARD NAMES MONITOR "cells {\nRT_cell { " PAYLOAD "}; }; };\n", "name-valid",
		       CELL_LINE, "'RT_cell'", "a-z");
	assert_refused(BOARD NAMES MONITOR "cells {\nabcdefghijklmnopqrstuvwxyz-123456 { " PAYLOAD
					   "}; }; };\n",
		       "name-valid", CELL_LINE, "31", "abcdefghijklmnopqrstuvwxyz-123456");
}

static void a_name_of_31_characters_is_accepted(void **state)
{
	struct fixture f = read_source(BOARD NAMES MONITOR
				       "cells { abcdefghijklmnopqrstuvwxyz-1234 { " PAYLOAD
				       "}; }; };\n");

	(void)state;
	assert_clean(&f);
	done(&f);
}

static void another_version_of_the_language_is_refused(void **state)
{
	(void)state;
	assert_refused(SYSTEM("") "/ {\nseptum,version = <2>; };\n", "version", 36, "2", "1");
}

static void a_cell_written_twice_is_refused_naming_both_lines(void **state)
{
	(void)state;
	assert_refused(SYSTEM("") "/ { cells {\nrt { septum,cpus = <&cpu0>; }; }; };\n",
		       "duplicate-node", 36, "/cells/rt", "s.dts:31");
}

static void a_cell_reopened_through_its_label_is_accepted(void **state)
{
	struct fixture f = read_source(
		SYSTEM("") "&rt { septum,cpus = <&cpu0>; memory { septum,size = <0x1000>; }; };\n");

	(void)state;
	assert_clean(&f);
	assert_int_equal(f.model->cells[0].memory[0].size, 0x1000);
	done(&f);
}

static void cells_in_two_blocks_are_accepted(void **state)
{
	struct fixture f = read_source(SYSTEM("") "/ { cells { other { " PAYLOAD "}; }; };\n");

	(void)state;
	assert_clean(&f);
	assert_int_equal(f.model->cell_count, 2);
	done(&f);
}

static void an_address_that_differs_from_the_nodes_name_is_warned_of(void **state)
{
	struct fixture f =
		read_source(SYSTEM("memory@30000000 { reg = <0 0x31000000 0x100000>; };\n"));

	(void)state;
	assert_int_equal(f.sink.count, 1);
	assert_int_equal(f.sink.items[0].severity, DIAG_WARNING);
	assert_non_null(strstr(f.sink.items[0].text, "0x31000000"));
	assert_int_equal(f.model->cells[0].memory[0].hpa, 0x31000000);
	done(&f);
}

static void all_mistakes_are_reported_in_one_run(void **state)
{
	struct fixture f = read_source(SYSTEM("septum,cpu = <&cpu0>;\nseptum,hole = \"one\";\n"
					      "septum,io-ports = <1>;\nmemroy { };\n"));

	(void)state;
	assert_int_equal(diag_errors(&f.sink), 4);
	done(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_misspelt_property_is_refused_offering_the_nearest_name),
		cmocka_unit_test(a_misspelt_node_is_refused_offering_the_nearest_name),
		cmocka_unit_test(a_misspelt_value_is_refused_offering_the_nearest_one),
		cmocka_unit_test(a_property_that_means_nothing_for_this_payload_is_refused),
		cmocka_unit_test(a_value_of_the_wrong_shape_is_refused),
		cmocka_unit_test(an_alignment_that_is_no_power_of_two_is_refused),
		cmocka_unit_test(a_missing_property_is_refused_at_its_node),
		cmocka_unit_test(a_missing_monitor_is_refused),
		cmocka_unit_test(a_cell_name_with_other_characters_is_refused),
		cmocka_unit_test(a_name_of_31_characters_is_accepted),
		cmocka_unit_test(another_version_of_the_language_is_refused),
		cmocka_unit_test(a_cell_written_twice_is_refused_naming_both_lines),
		cmocka_unit_test(a_cell_reopened_through_its_label_is_accepted),
		cmocka_unit_test(cells_in_two_blocks_are_accepted),
		cmocka_unit_test(an_address_that_differs_from_the_nodes_name_is_warned_of),
		cmocka_unit_test(all_mistakes_are_reported_in_one_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
