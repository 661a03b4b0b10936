/* SPDX-License-Identifier: Apache-2.0 */
#include "sound_model.h"

static void every_rule_has_a_name_of_its_own_and_a_summary(void **state)
{
	(void)state;
	for (size_t i = 0; i < rule_count; i++) {
		assert_non_null(rules[i].summary);
		assert_true(strlen(rules[i].summary) > 10);
		assert_int_equal(strspn(rules[i].id, "abcdefghijklmnopqrstuvwxyz0123456789-"),
				 strlen(rules[i].id));
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(rules[i].id, rules[j].id);
	}
}

static void no_function_is_registered_twice(void **state)
{
	(void)state;
	for (size_t i = 0; i < rule_count; i++)
		for (size_t j = 0; j < i; j++)
			assert_true(rules[i].check == NULL || rules[i].check != rules[j].check);
}

static void a_sound_model_breaks_no_rule_but_for_spare_cpus(void **state)
{
	struct sound s;

	(void)state;
	sound_set_up(&s);
	rules_run(&s.model, RULE_PRE, &s.sink);
	rules_run(&s.model, RULE_POST, &s.sink);
	for (size_t i = 0; i < s.sink.count; i++)
		assert_string_equal(s.sink.items[i].rule, "cpu-unused");
	assert_int_equal(s.sink.count, 2); /* cpu@0 and cpu@3 */
	diag_free(&s.sink);
}

/* Whatever a rule reports, it reports as the table says: id, and no more than its severity. */
static void findings_carry_the_registered_id_and_severity(void **state)
{
	struct sound s;

	(void)state;
	sound_set_up(&s);
	s.model.monitor.console = 3;
	s.cpu_refs[RT][0].index = 1;
	s.memory[RT][0].hpa = 0x80000800;
	s.cells[RT].payload.info.entry.raw = 7;
	s.cells[LINUX].payload.image.bytes = NULL;
	s.device_refs[RT][0].index = 1;
	s.cpus[3].apic_id = 2;
	for (size_t i = 0; i < rule_count; i++) {
		if (rules[i].check == NULL)
			continue;
		rules[i].check(&s.model, &s.sink);
		for (size_t j = 0; j < s.sink.count; j++) {
			assert_string_equal(s.sink.items[j].rule, rules[i].id);
			assert_true(s.sink.items[j].severity <= rules[i].severity);
		}
		diag_free(&s.sink);
	}
}

static void isolation_rules_cannot_be_waived(void **state)
{
	static const char *const firm[] = { "cpu-unique", "ram-overlap",   "ram-monitor",
					    "ram-exists", "port-overlap",  "port-reserved",
					    "dev-unique", "uart-monitor",  "ram-firmware",
					    "gpa-mmio",	  "apic-id-unique" };
	size_t found = 0;

	(void)state;
	for (size_t i = 0; i < rule_count; i++)
		for (size_t j = 0; j < sizeof(firm) / sizeof(firm[0]); j++)
			if (strcmp(rules[i].id, firm[j]) == 0) {
				assert_false(rules[i].waivable);
				found++;
			}
	assert_int_equal(found, sizeof(firm) / sizeof(firm[0]));
}

/* References to nothing, no lists at all, and sizes that wrap, in every combination. */
static void rules_survive_a_model_full_of_nothing(void **state)
{
	static const uint64_t odd[] = { 0, 1, 0xfff, 0x1000, UINT64_MAX, UINT64_MAX - 0xfff };
	const size_t n = sizeof(odd) / sizeof(odd[0]);
	struct sound s;

	(void)state;
	for (size_t i = 0; i < n * n * 2; i++) {
		sound_set_up(&s);
		s.cpu_refs[LINUX][0].index = i % 2 != 0 ? MODEL_NONE : 1000;
		s.device_refs[RT][0].index = i % 2 != 0 ? MODEL_NONE : 1000;
		s.model.monitor.console = i % 2 != 0 ? MODEL_NONE : 1000;
		s.model.monitor.base = s.memory[RT][0].hpa = s.memory[RT][0].gpa = odd[i / 2 % n];
		s.model.monitor.crash = s.ram[0].start = s.mmio[0].start = odd[i / 2 % n];
		s.model.monitor.size = s.memory[RT][0].size = s.ram[0].size = odd[i / 2 / n];
		s.mmio[0].size = s.reserved[0].size = odd[i / 2 / n];
		s.cells[LINUX].payload.kind = PAYLOAD_LINUX;
		s.cells[LINUX].payload.info.init_size = odd[i / 2 / n];
		s.cells[LINUX].payload.info.pref_address = odd[i / 2 % n];
		s.cells[LINUX].payload.info.relocatable = i % 2 != 0;
		s.cells[LINUX].payload.info.initrd_addr_max = odd[i / 2 % n];
		s.cells[LINUX].payload.initrd = s.cells[LINUX].payload.image;
		s.cells[RT].memory_count = i % 2;
		rules_run(&s.model, RULE_PRE, &s.sink);
		rules_run(&s.model, RULE_POST, &s.sink);
		assert_true(s.sink.count > 0);
		diag_free(&s.sink);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_rule_has_a_name_of_its_own_and_a_summary),
		cmocka_unit_test(no_function_is_registered_twice),
		cmocka_unit_test(a_sound_model_breaks_no_rule_but_for_spare_cpus),
		cmocka_unit_test(findings_carry_the_registered_id_and_severity),
		cmocka_unit_test(isolation_rules_cannot_be_waived),
		cmocka_unit_test(rules_survive_a_model_full_of_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
