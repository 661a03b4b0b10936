/* SPDX-License-Identifier: Apache-2.0 */
#include "source_lines.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* As dtc 1.6.1 writes it: a board file, and a system file that adds to it. */
static const char annotated[] =
	"/dts-v1/;\n"
	"\n"
	"/ { /* b.dtsi:1:3-6:3, s.dts:3:3-10:3, s.dts:11:3-13:3 */\n"
	"\tmodel = \"a; /* not */ { \\\"q\\\" \\\\ }\\n\"; /* b.dtsi:2:2-2:40 */\n"
	"\n"
	"\tb1: l2: soc { /* b.dtsi:3:14-5:4, s.dts:4:6-4:26 */\n"
	"\n"
	"\t\tx@1 { /* b.dtsi:4:7-4:86 */\n"
	"\t\t\tpl: q = <0x01>, pq: <0x02>; /* b.dtsi:4:24-4:43, s.dts:14:3-14:9 */\n"
	"\t\t\tempty; /* b.dtsi:4:60-4:66 */\n"
	"\t\t\tphandle = <0x01>; /* <no-file>:<no-line> */\n"
	"\t\t}; /* b.dtsi:4:7-4:86 */\n"
	"\t}; /* b.dtsi:3:14-5:4, s.dts:4:6-4:26 */\n"
	"\n"
	"\tcells { /* s.dts:5:8-9:4, s.dts:12:8-12:40 */\n"
	"\n"
	"\t\ta { /* s.dts:6:5-6:18, s.dts:12:12-12:25 */\n"
	"\t\t}; /* s.dts:6:5-6:18, s.dts:12:12-12:25 */\n"
	"\n"
	"\t\tb { /* s.dts:7:5-7:18, s.dts:15:4-15:20 */\n"
	"\n"
	"\t\t\tmemory { /* s.dts:7:8-7:16, s.dts:15:9-15:18 */\n"
	"\t\t\t}; /* s.dts:7:8-7:16, s.dts:15:9-15:18 */\n"
	"\t\t}; /* s.dts:7:5-7:18, s.dts:15:4-15:20 */\n"
	"\t}; /* s.dts:5:8-9:4, s.dts:12:8-12:40 */\n"
	"}; /* b.dtsi:1:3-6:3, s.dts:3:3-10:3, s.dts:11:3-13:3 */\n";

struct fixture {
	struct arena arena;
	struct source_lines lines;
};

static int read_annotated(void **state)
{
	static struct fixture fixture;

	fixture.lines = source_lines_read(&fixture.arena, annotated);
	*state = &fixture;
	return 0;
}

static int forget(void **state)
{
	struct fixture *fixture = *state;

	arena_free(&fixture->arena);
	return 0;
}

static void assert_pos(void **state, const char *path, const char *property, const char *file,
		       unsigned int line)
{
	const struct fixture *fixture = *state;
	struct src_pos pos = source_pos(&fixture->lines, path, property);

	assert_non_null(pos.file);
	assert_string_equal(pos.file, file);
	assert_int_equal(pos.line, line);
}

static void a_node_stands_where_it_was_last_written(void **state)
{
	assert_pos(state, "/soc/x@1", NULL, "b.dtsi", 4);
	assert_pos(state, "/soc", NULL, "s.dts", 4);
	assert_pos(state, "/", NULL, "s.dts", 11);
}

static void a_property_stands_where_it_was_last_set(void **state)
{
	assert_pos(state, "/soc/x@1", "q", "s.dts", 14);
	assert_pos(state, "/soc/x@1", "empty", "b.dtsi", 4);
}

static void text_that_looks_like_syntax_inside_a_string_is_passed_over(void **state)
{
	assert_pos(state, "/", "model", "b.dtsi", 2);
	assert_pos(state, "/cells/a", NULL, "s.dts", 12);
}

static void a_property_without_a_place_gets_that_of_its_node(void **state)
{
	assert_pos(state, "/soc/x@1", "phandle", "b.dtsi", 4);
	assert_pos(state, "/cells/b", "septum,cpus", "s.dts", 15);
}

static void an_unknown_node_has_no_place(void **state)
{
	const struct fixture *fixture = *state;

	assert_null(source_pos(&fixture->lines, "/cells/none", NULL).file);
	assert_null(source_pos(&fixture->lines, "/cells/none", "reg").file);
}

static void the_first_label_of_a_node_is_known(void **state)
{
	const struct fixture *fixture = *state;
	const struct source_entry *soc = source_entry_of(&fixture->lines, "/soc", NULL);
	const struct source_entry *cell = source_entry_of(&fixture->lines, "/cells/a", NULL);

	assert_non_null(soc);
	assert_string_equal(soc->label, "b1");
	assert_non_null(cell);
	assert_null(cell->label);
}

static void a_node_written_out_in_two_blocks_of_one_file_is_a_duplicate(void **state)
{
	const struct fixture *fixture = *state;
	struct src_pos first, second;

	assert_true(source_duplicate(source_entry_of(&fixture->lines, "/cells/a", NULL), false,
				     &first, &second));
	assert_string_equal(first.file, "s.dts");
	assert_int_equal(first.line, 6);
	assert_int_equal(second.line, 12);
}

static void a_node_reopened_through_its_label_is_no_duplicate(void **state)
{
	const struct fixture *fixture = *state;
	struct src_pos first, second;

	assert_false(source_duplicate(source_entry_of(&fixture->lines, "/cells/b", NULL), true,
				      &first, &second));
	assert_false(source_duplicate(source_entry_of(&fixture->lines, "/cells/b/memory", NULL),
				      true, &first, &second));
}

static void a_node_of_another_file_is_a_duplicate_only_if_asked_so(void **state)
{
	const struct fixture *fixture = *state;
	const struct source_entry *soc = source_entry_of(&fixture->lines, "/soc", NULL);
	struct src_pos first, second;

	assert_false(source_duplicate(soc, false, &first, &second));
	assert_true(source_duplicate(soc, true, &first, &second));
	assert_string_equal(first.file, "b.dtsi");
	assert_string_equal(second.file, "s.dts");
}

static void a_file_name_with_colons_commas_and_blanks_is_read_whole(void **state)
{
	struct arena arena = { NULL };
	struct source_lines lines = source_lines_read(
		&arena, "/ { /* a: b, c-1:2.dts:5:3-9:3, d,e.dts:10:3-12:3 */\n}; /* x */\n");
	struct src_pos pos = source_pos(&lines, "/", NULL);

	(void)state;
	assert_string_equal(pos.file, "d,e.dts");
	assert_int_equal(pos.line, 10);
	assert_string_equal(lines.entries[0]->spans[0].file, "a: b, c-1:2.dts");
	assert_int_equal(lines.entries[0]->spans[0].line, 5);
	arena_free(&arena);
}

static void no_text_means_no_places(void **state)
{
	struct arena arena = { NULL };
	struct source_lines lines = source_lines_read(&arena, NULL);

	(void)state;
	assert_int_equal(lines.count, 0);
	assert_null(source_pos(&lines, "/", NULL).file);
	arena_free(&arena);
}

static void text_cut_off_anywhere_is_survived(void **state)
{
	(void)state;
	for (size_t length = 0; length < sizeof(annotated); length++) {
		struct arena arena = { NULL };
		char *text = strndup(annotated, length);
		struct source_lines lines = source_lines_read(&arena, text);

		for (size_t i = 0; i < lines.count; i++)
			assert_non_null(source_entry_of(&lines, lines.entries[i]->path,
							lines.entries[i]->property));
		free(text);
		arena_free(&arena);
	}
}

static void braces_nested_without_end_are_survived(void **state)
{
	struct arena arena = { NULL };
	size_t count = 20000;
	char *text = calloc(count, 4);
	struct source_lines lines;

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < count; i++)
		memcpy(text + 3 * i, "a{\n", 3);
	lines = source_lines_read(&arena, text);
	assert_true(lines.count > 0 && lines.count < 100);
	free(text);
	arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_node_stands_where_it_was_last_written),
		cmocka_unit_test(a_property_stands_where_it_was_last_set),
		cmocka_unit_test(text_that_looks_like_syntax_inside_a_string_is_passed_over),
		cmocka_unit_test(a_property_without_a_place_gets_that_of_its_node),
		cmocka_unit_test(an_unknown_node_has_no_place),
		cmocka_unit_test(the_first_label_of_a_node_is_known),
		cmocka_unit_test(a_node_written_out_in_two_blocks_of_one_file_is_a_duplicate),
		cmocka_unit_test(a_node_reopened_through_its_label_is_no_duplicate),
		cmocka_unit_test(a_node_of_another_file_is_a_duplicate_only_if_asked_so),
		cmocka_unit_test(a_file_name_with_colons_commas_and_blanks_is_read_whole),
		cmocka_unit_test(no_text_means_no_places),
		cmocka_unit_test(text_cut_off_anywhere_is_survived),
		cmocka_unit_test(braces_nested_without_end_are_survived),
	};

	return cmocka_run_group_tests(tests, read_annotated, forget);
}
