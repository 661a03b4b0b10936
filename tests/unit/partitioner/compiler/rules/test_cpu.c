/* SPDX-License-Identifier: Apache-2.0 */
#include "sound_model.h"

static void cpu_given_to_two_cells_is_refused_naming_both(void **state)
{
	struct sound s;

	(void)state;
	sound_set_up(&s);
	sound_keeps(&s, rule_cpu_unique);
	s.cpu_refs[RT][0].index = 1;
	sound_breaks(&s, rule_cpu_unique, 31,
		     "cell 'rt': cpu@1 already belongs to cell 'linux' (s.dts:21); "
		     "take it from one of them");
}

static void cpu_in_three_places_is_reported_for_each_later_one(void **state)
{
	struct sound s;

	(void)state;
	sound_set_up(&s);
	s.cpu_refs[RT][0].index = 1;
	s.cpu_refs[RT][1] = (struct model_ref){ 1, AT(31) };
	s.cells[RT].cpu_count = 2;
	rule_cpu_unique(&s.model, &s.sink);
	assert_int_equal(s.sink.count, 2);
	diag_free(&s.sink);
}

static void reference_to_no_cpu_is_refused_by_its_place_in_the_list(void **state)
{
	struct sound s;

	(void)state;
	sound_set_up(&s);
	s.cpu_refs[RT][1] = (struct model_ref){ MODEL_NONE, AT(31) };
	s.cells[RT].cpu_count = 2;
	sound_keeps(&s, rule_cpu_unique);
	sound_breaks(&s, rule_cpu_exists, 31,
		     "cell 'rt': entry 2 of septum,cpus is no CPU of the board; "
		     "name one of the board's cpu nodes");
}

static void disabled_cpu_is_refused_once_whether_first_or_not(void **state)
{
	struct sound s;

	(void)state;
	sound_set_up(&s);
	s.cpus[2].enabled = false;
	sound_keeps(&s, rule_cpu_exists);
	sound_breaks(&s, rule_cpu_boot, 31,
		     "cell 'rt' starts on its first CPU, cpu@2, which the board disables "
		     "(s.dts:3); put an enabled CPU first");
	s.cpu_refs[RT][0].index = 3;
	s.cpu_refs[RT][1] = (struct model_ref){ 2, AT(31) };
	s.cells[RT].cpu_count = 2;
	sound_keeps(&s, rule_cpu_boot);
	sound_breaks(&s, rule_cpu_exists, 31,
		     "cell 'rt': cpu@2 is disabled on the board (s.dts:3); name another CPU");
}

static void cell_without_cpus_is_refused(void **state)
{
	struct sound s;

	(void)state;
	sound_set_up(&s);
	s.cells[LINUX].cpu_count = 0;
	sound_keeps(&s, rule_cpu_boot);
	sound_breaks(&s, rule_cpu_none, 20, "cell 'linux' has no CPU; give it one in septum,cpus");
}

static void plan_holds_256_cpus_and_no_more(void **state)
{
	struct model_cpu cpus[PLAN_MAX_CPUS + 1];
	struct sound s;

	(void)state;
	sound_set_up(&s);
	for (unsigned int i = 0; i <= PLAN_MAX_CPUS; i++)
		cpus[i] = (struct model_cpu){ .name = "cpu", .enabled = true, .pos = AT(100 + i) };
	s.model.cpus = cpus;
	s.model.cpu_count = PLAN_MAX_CPUS;
	sound_keeps(&s, rule_cpu_count);
	s.model.cpu_count = PLAN_MAX_CPUS + 1;
	cpus[7].enabled = false;
	sound_keeps(&s, rule_cpu_count);
	cpus[7].enabled = true;
	sound_breaks(&s, rule_cpu_count, 100 + PLAN_MAX_CPUS,
		     "board has 257 CPUs but a plan holds 256, and cpu is one too many; "
		     "set the status of 1 of them to \"disabled\"");
}

static void smt_siblings_in_two_cells_are_refused_naming_both(void **state)
{
	struct sound s;

	(void)state;
	sound_set_up(&s);
	s.cpus[2].core = 1;
	sound_keeps(&s, rule_cpu_smt); /* the same core number in another cluster */
	s.cpus[2].cluster = 1;
	sound_keeps(&s, rule_cpu_cluster);
	sound_breaks(&s, rule_cpu_smt, 31,
		     "cell 'rt': cpu@2 is an SMT sibling of cpu@1, which belongs to cell 'linux' "
		     "(s.dts:21); give both to one cell or leave one unused");
}

static void smt_siblings_in_one_cell_or_half_unused_are_fine(void **state)
{
	struct sound s;

	(void)state;
	sound_set_up(&s);
	s.cpus[0].core = s.cpus[0].cluster = 1; /* nobody's */
	sound_keeps(&s, rule_cpu_smt);
	s.cpu_refs[LINUX][1] = (struct model_ref){ 0, AT(21) };
	s.cells[LINUX].cpu_count = 2;
	sound_keeps(&s, rule_cpu_smt);
}

static void a_core_split_in_three_is_reported_for_each_pair(void **state)
{
	struct model_cell cells[3];
	struct model_ref third = { 3, AT(61) };
	struct sound s;

	(void)state;
	sound_set_up(&s);
	memcpy(cells, s.cells, sizeof(s.cells));
	cells[2] = (struct model_cell){ .name = "third", .cpus = &third, .cpu_count = 1 };
	s.model.cells = cells;
	s.model.cell_count = 3;
	for (int i = 1; i < 4; i++)
		s.cpus[i].core = s.cpus[i].cluster = 1;
	rule_cpu_smt(&s.model, &s.sink);
	assert_int_equal(s.sink.count, 3);
	diag_free(&s.sink);
}

static void shared_l2_cache_is_a_warning_once_for_each_cell(void **state)
{
	struct sound s;

	(void)state;
	sound_set_up(&s);
	s.cpus[1].cluster = s.cpus[2].cluster = s.cpus[3].cluster = 5;
	s.cpu_refs[RT][1] = (struct model_ref){ 3, AT(31) };
	s.cells[RT].cpu_count = 2;
	sound_breaks(&s, rule_cpu_cluster, 31,
		     "cell 'rt': cpu@2 shares an L2 cache with cpu@1 of cell 'linux' (s.dts:21), "
		     "so each can slow the other; give whole clusters to cells");
	s.cpus[1].cluster = s.cpus[2].cluster = s.cpus[3].cluster = MODEL_NONE;
	sound_keeps(&s, rule_cpu_cluster);
}

static void spare_cpus_are_named_unless_disabled(void **state)
{
	struct sound s;

	(void)state;
	sound_set_up(&s);
	s.cpus[0].enabled = false;
	sound_breaks(&s, rule_cpu_unused, 4,
		     "cpu@3 belongs to no cell and will be parked; name it in a cell's "
		     "septum,cpus to use it");
}

static void two_cpus_with_one_apic_id_are_refused_unless_one_is_disabled(void **state)
{
	struct sound s;

	(void)state;
	sound_set_up(&s);
	s.cpus[3].apic_id = 1;
	s.cpus[3].enabled = false;
	sound_keeps(&s, rule_apic_id_unique);
	s.cpus[3].enabled = true;
	sound_breaks(&s, rule_apic_id_unique, 4,
		     "cpu@3 has APIC id 1, and so has cpu@1 (s.dts:2); correct one reg");
}

static void cpu_without_x2apic_is_refused_unless_disabled(void **state)
{
	struct sound s;

	(void)state;
	sound_set_up(&s);
	s.cpus[3].features &= ~PLAN_FEATURE_X2APIC;
	sound_breaks(&s, rule_apic_id_x2apic, 4,
		     "cpu@3 has no x2APIC, the only mode the monitor drives; use a CPU with "
		     "x2APIC and say so in septum,cpu-features");
	s.cpus[3].enabled = false;
	sound_keeps(&s, rule_apic_id_x2apic);
}

static void a_vendors_features_come_together_or_not_at_all(void **state)
{
	static const struct {
		uint32_t features;
		const char *finding;
	} bad[] = {
		{ PLAN_FEATURE_SVM, "cpu@3 has \"svm\" but not \"npt\", and neither is of use "
				    "alone; name both in septum,cpu-features or none" },
		{ PLAN_FEATURE_NPT, "cpu@3 has \"npt\" but not \"svm\", and neither is of use "
				    "alone; name both in septum,cpu-features or none" },
		{ PLAN_FEATURE_VMX, "cpu@3 has \"vmx\" but not \"ept\", and neither is of use "
				    "alone; name both in septum,cpu-features or none" },
		{ PLAN_FEATURE_SVM | PLAN_FEATURE_NPT | PLAN_FEATURE_EPT_1G,
		  "cpu@3 has \"ept-1g\" but not \"ept\"; name both in septum,cpu-features or "
		  "none" },
		{ PLAN_FEATURE_X2APIC,
		  "cpu@3 has no virtualization that the monitor drives; name \"svm\" and "
		  "\"npt\" (AMD) or \"vmx\" and \"ept\" (Intel) in septum,cpu-features" },
	};
	struct sound s;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		sound_set_up(&s);
		s.cpus[3].features = bad[i].features;
		sound_breaks(&s, rule_cpu_virtualization, 4, bad[i].finding);
		s.cpus[3].enabled = false;
		sound_keeps(&s, rule_cpu_virtualization);
	}
}

static void a_board_may_be_of_one_vendor_or_stand_for_two_machines(void **state)
{
	const uint32_t amd = PLAN_FEATURE_SVM | PLAN_FEATURE_NPT;
	const uint32_t intel = PLAN_FEATURE_VMX | PLAN_FEATURE_EPT;
	const uint32_t boards[] = { amd, intel, intel | PLAN_FEATURE_EPT_1G, amd | intel };
	struct sound s;

	(void)state;
	sound_set_up(&s);
	for (size_t i = 0; i < sizeof(boards) / sizeof(boards[0]); i++) {
		for (size_t cpu = 0; cpu < s.model.cpu_count; cpu++)
			s.cpus[cpu].features = boards[i];
		sound_keeps(&s, rule_cpu_virtualization);
	}
	/* One of them sound on its own, but not together with those before it. */
	s.cpus[1].features = amd;
	s.cpus[2].features = intel;
	sound_breaks(&s, rule_cpu_virtualization, 3,
		     "cpu@2 has no virtualization in common with the CPUs before it, and a system "
		     "runs on one kind; disable it, or those");
	s.cpus[2].enabled = false;
	sound_keeps(&s, rule_cpu_virtualization);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cpu_given_to_two_cells_is_refused_naming_both),
		cmocka_unit_test(cpu_in_three_places_is_reported_for_each_later_one),
		cmocka_unit_test(reference_to_no_cpu_is_refused_by_its_place_in_the_list),
		cmocka_unit_test(disabled_cpu_is_refused_once_whether_first_or_not),
		cmocka_unit_test(cell_without_cpus_is_refused),
		cmocka_unit_test(plan_holds_256_cpus_and_no_more),
		cmocka_unit_test(smt_siblings_in_two_cells_are_refused_naming_both),
		cmocka_unit_test(smt_siblings_in_one_cell_or_half_unused_are_fine),
		cmocka_unit_test(a_core_split_in_three_is_reported_for_each_pair),
		cmocka_unit_test(shared_l2_cache_is_a_warning_once_for_each_cell),
		cmocka_unit_test(spare_cpus_are_named_unless_disabled),
		cmocka_unit_test(two_cpus_with_one_apic_id_are_refused_unless_one_is_disabled),
		cmocka_unit_test(cpu_without_x2apic_is_refused_unless_disabled),
		cmocka_unit_test(a_vendors_features_come_together_or_not_at_all),
		cmocka_unit_test(a_board_may_be_of_one_vendor_or_stand_for_two_machines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
