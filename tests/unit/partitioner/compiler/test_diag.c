/* SPDX-License-Identifier: Apache-2.0 */
#include "diag.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct src_pos nowhere = { NULL, 0 };

static char *printed(const struct diag_sink *sink)
{
	char *text = NULL;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);

	assert_non_null(out);
	diag_print(sink, out);
	fclose(out);
	return text;
}

static void assert_printed(const struct diag_sink *sink, const char *expected)
{
	char *text = printed(sink);

	assert_string_equal(text, expected);
	free(text);
}

static void a_finding_is_printed_with_place_severity_and_rule(void **state)
{
	struct diag_sink sink = { 0 };

	(void)state;
	diag_add(&sink, "ram-overlap", DIAG_ERROR, (struct src_pos){ "duo.dts", 41 },
		 "cell '%s': overlap; move one of them", "rt");
	diag_add(&sink, "cpu-unused", DIAG_WARNING, (struct src_pos){ "duo.dts", 7 }, "parked");
	assert_printed(&sink, "duo.dts:7: warning: parked [rule cpu-unused]\n"
			      "duo.dts:41: error: cell 'rt': overlap; move one of them "
			      "[rule ram-overlap]\n");
	diag_free(&sink);
}

static void findings_come_sorted_by_file_line_rule_and_then_age(void **state)
{
	struct diag_sink sink = { 0 };

	(void)state;
	diag_add(&sink, "b", DIAG_ERROR, (struct src_pos){ "z.dts", 1 }, "7");
	diag_add(&sink, "b", DIAG_ERROR, (struct src_pos){ "a.dts", 100 }, "6");
	diag_add(&sink, "b", DIAG_ERROR, (struct src_pos){ "a.dts", 9 }, "3");
	diag_add(&sink, "c", DIAG_ERROR, (struct src_pos){ "a.dts", 9 }, "5");
	diag_add(&sink, "b", DIAG_ERROR, (struct src_pos){ "a.dts", 9 }, "4");
	diag_add(&sink, "a", DIAG_ERROR, (struct src_pos){ "a.dts", 9 }, "2");
	diag_add(&sink, "z", DIAG_ERROR, nowhere, "1");
	assert_printed(&sink, "error: 1 [rule z]\n"
			      "a.dts:9: error: 2 [rule a]\n"
			      "a.dts:9: error: 3 [rule b]\n"
			      "a.dts:9: error: 4 [rule b]\n"
			      "a.dts:9: error: 5 [rule c]\n"
			      "a.dts:100: error: 6 [rule b]\n"
			      "z.dts:1: error: 7 [rule b]\n");
	diag_free(&sink);
}

static void a_waived_error_is_printed_as_allowed_and_does_not_count(void **state)
{
	struct diag_sink sink = { 0 };

	(void)state;
	diag_add(&sink, "cpu-smt", DIAG_ERROR, (struct src_pos){ "a.dts", 3 }, "siblings");
	diag_add(&sink, "cpu-smt", DIAG_ERROR, (struct src_pos){ "a.dts", 4 }, "siblings");
	diag_add(&sink, "cpu-unused", DIAG_WARNING, (struct src_pos){ "a.dts", 5 }, "parked");
	assert_int_equal(diag_errors(&sink), 2);
	assert_int_equal(diag_warnings(&sink), 1);
	sink.items[0].waived = true;
	sink.items[0].waiver = "both are ours";
	assert_int_equal(diag_errors(&sink), 1);
	assert_printed(&sink, "a.dts:3: allowed: siblings [rule cpu-smt] because: both are ours\n"
			      "a.dts:4: error: siblings [rule cpu-smt]\n"
			      "a.dts:5: warning: parked [rule cpu-unused]\n");
	diag_free(&sink);
}

static void a_hostile_name_can_neither_end_the_line_nor_drive_the_terminal(void **state)
{
	struct diag_sink sink = { 0 };

	(void)state;
	diag_add(&sink, "shape", DIAG_ERROR, (struct src_pos){ "a\n.dts", 1 }, "node %s",
		 "x\n\033[2Jy\177");
	assert_printed(&sink, "a?.dts:1: error: node x??[2Jy? [rule shape]\n");
	diag_free(&sink);
}

static void a_finding_outlives_the_name_of_its_file(void **state)
{
	struct diag_sink sink = { 0 };
	char *file = strdup("gone.dts");

	(void)state;
	diag_add(&sink, "shape", DIAG_ERROR, (struct src_pos){ file, 2 }, "text");
	free(file);
	assert_printed(&sink, "gone.dts:2: error: text [rule shape]\n");
	diag_free(&sink);
}

static void a_thousand_findings_are_all_kept(void **state)
{
	struct diag_sink sink = { 0 };

	(void)state;
	for (unsigned int i = 0; i < 1000; i++)
		diag_add(&sink, "r", DIAG_ERROR, (struct src_pos){ "f", 1000 - i }, "%u", i);
	assert_int_equal(diag_errors(&sink), 1000);
	assert_string_equal(sink.items[999].text, "999");
	diag_free(&sink);
	assert_int_equal(sink.count, 0);
	assert_int_equal(diag_errors(&sink), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_finding_is_printed_with_place_severity_and_rule),
		cmocka_unit_test(findings_come_sorted_by_file_line_rule_and_then_age),
		cmocka_unit_test(a_waived_error_is_printed_as_allowed_and_does_not_count),
		cmocka_unit_test(a_hostile_name_can_neither_end_the_line_nor_drive_the_terminal),
		cmocka_unit_test(a_finding_outlives_the_name_of_its_file),
		cmocka_unit_test(a_thousand_findings_are_all_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
