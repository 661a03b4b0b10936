/* SPDX-License-Identifier: Apache-2.0 */
#include "model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct src_pos nowhere = { NULL, 0 };

/* A system whose cell "rt" carries one waiver. */
struct waived {
	struct model model;
	struct model_cell cells[2];
	struct model_waiver waiver;
	struct diag_sink sink;
};

static void set_up(struct waived *w, const char *rule, const char *reason)
{
	memset(w, 0, sizeof(*w));
	w->waiver = (struct model_waiver){ .rule = rule, .reason = reason };
	w->cells[0] = (struct model_cell){ .name = "rt", .waivers = &w->waiver, .waiver_count = 1 };
	w->cells[1] = (struct model_cell){ .name = "linux" };
	w->model.cells = w->cells;
	w->model.cell_count = 2;
}

static void assert_one_waiver_error(struct waived *w, const char *word)
{
	model_apply_waivers(&w->model, &w->sink);
	assert_int_equal(diag_errors(&w->sink), 1);
	assert_non_null(w->sink.items);
	assert_string_equal(w->sink.items[0].rule, "waiver");
	if (strstr(w->sink.items[0].text, word) == NULL)
		fail_msg("'%s' lacks '%s'", w->sink.items[0].text, word);
	diag_free(&w->sink);
}

static void a_named_finding_about_the_cell_passes(void **state)
{
	struct waived w;

	(void)state;
	set_up(&w, "cpu-smt", "both threads are ours");
	diag_add(&w.sink, "cpu-smt", DIAG_ERROR, nowhere, "cell 'rt': cpu@1 is a sibling");
	model_apply_waivers(&w.model, &w.sink);
	assert_int_equal(w.sink.count, 1);
	assert_true(w.sink.items[0].waived);
	assert_string_equal(w.sink.items[0].waiver, "both threads are ours");
	assert_int_equal(diag_errors(&w.sink), 0);
	diag_free(&w.sink);
}

static void a_finding_about_another_cell_or_rule_does_not_pass(void **state)
{
	struct waived w;

	(void)state;
	set_up(&w, "cpu-smt", "both threads are ours");
	diag_add(&w.sink, "cpu-smt", DIAG_ERROR, nowhere, "cell 'linux': cpu@1 is a sibling");
	diag_add(&w.sink, "cpu-smt", DIAG_ERROR, nowhere, "cell 'rt2': cpu@1 is a sibling");
	diag_add(&w.sink, "cpu-unique", DIAG_ERROR, nowhere, "cell 'rt': cpu@1 is taken");
	model_apply_waivers(&w.model, &w.sink);
	assert_int_equal(w.sink.count, 3);
	assert_int_equal(diag_errors(&w.sink), 3);
	diag_free(&w.sink);
}

static void a_waiver_of_no_rule_is_refused_offering_the_nearest(void **state)
{
	struct waived w;

	(void)state;
	set_up(&w, "cpu-smtt", "reason");
	assert_one_waiver_error(&w, "write 'cpu-smt'");
	set_up(&w, "everything", "reason");
	assert_one_waiver_error(&w, "list-rules");
}

static void a_waiver_without_a_reason_is_refused(void **state)
{
	struct waived w;

	(void)state;
	set_up(&w, "cpu-smt", "");
	assert_one_waiver_error(&w, "no reason");
}

static void a_waiver_of_a_rule_that_isolation_rests_on_is_refused(void **state)
{
	struct waived w;

	(void)state;
	set_up(&w, "ram-overlap", "we like it so");
	diag_add(&w.sink, "ram-overlap", DIAG_ERROR, nowhere, "cell 'rt': overlaps cell 'linux'");
	model_apply_waivers(&w.model, &w.sink);
	assert_int_equal(diag_errors(&w.sink), 2);
	assert_false(w.sink.items[0].waived);
	diag_free(&w.sink);
}

static void a_waiver_that_allows_nothing_is_warned_of(void **state)
{
	struct waived w;

	(void)state;
	set_up(&w, "cpu-smt", "both threads are ours");
	model_apply_waivers(&w.model, &w.sink);
	assert_int_equal(w.sink.count, 1);
	assert_int_equal(w.sink.items[0].severity, DIAG_WARNING);
	assert_string_equal(w.sink.items[0].rule, "waiver");
	diag_free(&w.sink);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_named_finding_about_the_cell_passes),
		cmocka_unit_test(a_finding_about_another_cell_or_rule_does_not_pass),
		cmocka_unit_test(a_waiver_of_no_rule_is_refused_offering_the_nearest),
		cmocka_unit_test(a_waiver_without_a_reason_is_refused),
		cmocka_unit_test(a_waiver_of_a_rule_that_isolation_rests_on_is_refused),
		cmocka_unit_test(a_waiver_that_allows_nothing_is_warned_of),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
