/* SPDX-License-Identifier: Apache-2.0 */
/* The reader, fed with source text by way of dtc. */
#include "source_tree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void a_board_is_read_whole(void **state)
{
	struct fixture f = read_source(SYSTEM(""));
	const struct model *m = f.model;

	(void)state;
	assert_clean(&f);
	assert_string_equal(m->board, "bench-board");
	assert_int_equal(m->phys_bits, 40);
	assert_int_equal(m->features, PLAN_FEATURE_SVM | PLAN_FEATURE_NPT | PLAN_FEATURE_X2APIC |
					      PLAN_FEATURE_1G_PAGES);
	assert_int_equal(m->cpu_count, 3);
	assert_string_equal(m->cpus[1].name, "cpu@5");
	assert_int_equal(m->cpus[1].apic_id, 5);
	assert_int_equal(m->cpus[1].core, 1);
	assert_int_equal(m->cpus[1].cluster, 7);
	assert_int_equal(m->cpus[0].cluster, MODEL_NONE);
	assert_true(m->cpus[1].enabled && m->cpus[1].features & PLAN_FEATURE_X2APIC);
	assert_false(m->cpus[2].enabled || m->cpus[2].features & PLAN_FEATURE_X2APIC);
	assert_int_equal(m->ram_count, 2);
	assert_int_equal(m->ram[1].start, 0x100000000);
	assert_int_equal(m->ram[1].size, 0x80000000);
	assert_int_equal(m->reserved_count, 1);
	assert_int_equal(m->reserved[0].size, 0x1000000);
	assert_int_equal(m->mmio_count, 1);
	assert_int_equal(m->mmio[0].start, 0xfee00000); /* in cells of its own bus */
	assert_int_equal(m->mmio[0].size, 0x1000);
	done(&f);
}

/* SYSTEM("") with other words for what its CPUs have. */
static char *with_cpus(const char *properties)
{
	static const char own[] =
		"septum,cpu-features = \"svm\", \"npt\", \"x2apic\", \"1g-pages\";\n";
	const char *source = SYSTEM("");
	const char *at = strstr(source, own);
	const size_t room = strlen(source) + strlen(properties) + 1;
	char *text = malloc(room);

	assert_non_null(at);
	assert_non_null(text);
	snprintf(text, room, "%.*s%s%s", (int)(at - source), source, properties, at + strlen(own));
	return text;
}

static void intels_features_and_errata_are_read_too(void **state)
{
	char *source = with_cpus("septum,cpu-features = \"vmx\", \"ept\", \"ept-1g\", \"nx\";"
				 "septum,cpu-errata = \"itlb-multihit\";\n");
	struct fixture f = read_source(source);

	(void)state;
	assert_clean(&f);
	assert_int_equal(f.model->features, PLAN_FEATURE_VMX | PLAN_FEATURE_EPT |
						    PLAN_FEATURE_EPT_1G | PLAN_FEATURE_NX);
	assert_int_equal(f.model->errata, MODEL_ERRATUM_ITLB_MULTIHIT);
	done(&f);
	free(source);
}

/* What a disabled CPU lacks does not count, what an enabled one lacks does. */
static void the_boards_features_are_those_that_every_enabled_cpu_has(void **state)
{
	struct fixture f = read_source(SYSTEM("") "&cpu5 { septum,cpu-features = \"svm\", \"npt\", "
						  "\"vmx\"; };");

	(void)state;
	assert_clean(&f);
	assert_int_equal(f.model->features, PLAN_FEATURE_SVM | PLAN_FEATURE_NPT);
	assert_int_equal(f.model->errata, 0);
	done(&f);
}

static void devices_are_read_with_label_kind_and_defaults(void **state)
{
	struct fixture f = read_source(SYSTEM(""));
	const struct model *m = f.model;

	(void)state;
	assert_int_equal(m->device_count, 3);
	assert_string_equal(m->devices[0].label, "com1");
	assert_int_equal(m->devices[0].kind, MODEL_DEV_UART);
	assert_int_equal(m->devices[0].port, 0x3f8);
	assert_int_equal(m->devices[0].port_count, 8);
	assert_int_equal(m->devices[0].clock_hz, 1843200);
	assert_true(m->devices[0].enabled);
	assert_int_equal(m->devices[1].clock_hz, 3686400);
	assert_false(m->devices[1].enabled);
	assert_int_equal(m->devices[2].kind, MODEL_DEV_PM_TIMER);
	assert_int_equal(m->devices[2].timer_bits, 24);
	done(&f);
}

static void a_cell_is_read_with_places(void **state)
{
	struct fixture f = read_source(SYSTEM(
		"septum,cpus = <&cpu5 &cpu0>; septum,devices = <&com2>; septum,hole = \"ones\";\n"
		"septum,io-ports = <0x80 1 0x300 16>;\n"
		"septum,allow = \"cpu-smt: both: ours\", \"cpu-cluster\";\n"));
	const struct model_cell *cell = &f.model->cells[0];

	(void)state;
	assert_clean(&f);
	assert_int_equal(f.model->cell_count, 1);
	assert_string_equal(cell->name, "rt");
	assert_int_equal(cell->pos.line, 31);
	assert_int_equal(cell->cpu_count, 2);
	assert_int_equal(cell->cpus[0].index, 1);
	assert_int_equal(cell->cpus[1].index, 0);
	assert_int_equal(cell->cpus[0].pos.line, CELL_LINE);
	assert_int_equal(cell->devices[0].index, 1);
	assert_int_equal(cell->hole, PLAN_HOLE_ONES);
	assert_int_equal(cell->port_count, 2);
	assert_int_equal(cell->ports[1].first, 0x300);
	assert_int_equal(cell->ports[1].count, 16);
	assert_int_equal(cell->ports[1].pos.line, CELL_LINE + 1);
	assert_int_equal(cell->waiver_count, 2);
	assert_string_equal(cell->waivers[0].rule, "cpu-smt");
	assert_string_equal(cell->waivers[0].reason, "both: ours");
	assert_string_equal(cell->waivers[1].rule, "cpu-cluster");
	assert_string_equal(cell->waivers[1].reason, "");
	assert_int_equal(cell->payload.kind, PAYLOAD_ELF);
	assert_string_equal(cell->payload.image.path, "none.elf");
	assert_null(cell->payload.image.bytes);
	assert_int_not_equal(cell->payload.image.error, 0);
	assert_null(cell->payload.initrd.path);
	done(&f);
}

static void the_monitor_is_read(void **state)
{
	struct fixture f = read_source(SYSTEM(""));
	const struct model_monitor *monitor = &f.model->monitor;

	(void)state;
	assert_true(monitor->present);
	assert_int_equal(monitor->base, 0x10000000);
	assert_int_equal(monitor->size, 0x1000000);
	assert_int_equal(monitor->boot_page, 0x8000);
	assert_int_equal(monitor->crash, 0x20000000);
	assert_int_equal(monitor->crash_size, 0x10000);
	assert_int_equal(monitor->console, 0);
	assert_int_equal(monitor->pos.line, 29);
	assert_int_equal(monitor->boot_page_pos.line, 30);
	done(&f);
}

static void memory_is_placed_or_sized(void **state)
{
	struct fixture f = read_source(
		SYSTEM("#address-cells = <2>; #size-cells = <1>;\n"
		       "memory@30000000 { reg = <0 0x30000000 0x100000>; };\n"
		       "memory@31000000 { reg = <0 0x31000000 0x1000>; septum,gpa = <0>; };\n"));
	const struct model_cell *cell = &f.model->cells[0];

	(void)state;
	assert_clean(&f);
	assert_int_equal(cell->memory_count, 3);
	assert_true(cell->memory[0].placed);
	assert_int_equal(cell->memory[0].hpa, 0x30000000);
	assert_int_equal(cell->memory[0].size, 0x100000);
	assert_false(cell->memory[0].gpa_given);
	assert_true(cell->memory[1].gpa_given);
	assert_false(cell->memory[2].placed);
	assert_int_equal(cell->memory[2].size, 0x200000);
	assert_int_equal(cell->memory[2].align, 0);
	done(&f);
}

static void unplaced_regions_have_names_of_their_own(void **state)
{
	struct fixture f = read_source(SYSTEM("memory-low { septum,size = <0x1000>; };\n"
					      "memory-high { septum,size = <1 0>; };\n"));
	const struct model_cell *cell = &f.model->cells[0];

	(void)state;
	assert_clean(&f);
	assert_int_equal(cell->memory_count, 3);
	assert_string_equal(cell->memory[1].name, "memory-high");
	assert_int_equal(cell->memory[1].size, 0x100000000);
	done(&f);
}

static void reg_is_read_in_default_cells_where_the_parent_declares_none(void **state)
{
	struct fixture f =
		read_source(SYSTEM("memory@30000000 { reg = <0 0x30000000 0x100000>; };\n"));

	(void)state;
	assert_clean(&f);
	assert_int_equal(f.model->cells[0].memory[0].hpa, 0x30000000);
	assert_int_equal(f.model->cells[0].memory[0].size, 0x100000);
	done(&f);
}

static void a_reference_to_the_wrong_kind_of_node_is_to_nothing(void **state)
{
	struct fixture f =
		read_source(SYSTEM("septum,cpus = <&com1 &cpu0>; septum,devices = <&cpu0>;\n"));
	const struct model_cell *cell = &f.model->cells[0];

	(void)state;
	assert_int_equal(cell->cpus[0].index, MODEL_NONE);
	assert_int_equal(cell->cpus[1].index, 0);
	assert_int_equal(cell->devices[0].index, MODEL_NONE);
	done(&f);
}

static void without_source_lines_everything_but_positions_and_labels_is_read(void **state)
{
	struct tree_text text = compile_tree(SYSTEM("septum,cpus = <&cpu5>;\n"));
	struct diag_sink sink = { 0 };
	struct model *model = model_read(text.dtb, text.dtb_bytes, NULL, NULL, &sink);

	(void)state;
	assert_non_null(model);
	assert_int_equal(sink.count, 0);
	assert_int_equal(model->cells[0].cpus[0].index, 1);
	assert_null(model->cells[0].pos.file);
	assert_null(model->devices[0].label);
	model_free(model);
	free(text.dtb);
	free(text.lines);
}

/* Whatever a blob holds, reading ends without a fault; the sanitizers judge. */
static void read_hostile(const char *dtb, size_t bytes)
{
	struct diag_sink sink = { 0 };
	struct model *model = model_read(dtb, bytes, NULL, NULL, &sink);

	if (model == NULL)
		assert_true(diag_errors(&sink) != 0);
	model_free(model);
	diag_free(&sink);
}

static void a_tree_cut_off_anywhere_is_refused(void **state)
{
	struct tree_text text = compile_tree(SYSTEM("septum,cpus = <&cpu5>;\n"));

	(void)state;
	for (size_t bytes = 0; bytes < text.dtb_bytes; bytes++) {
		struct diag_sink sink = { 0 };
		char *copy = malloc(bytes + 1);

		assert_non_null(copy);
		memcpy(copy, text.dtb, bytes);
		assert_null(model_read(copy, bytes, NULL, NULL, &sink));
		assert_int_equal(diag_errors(&sink), 1);
		diag_free(&sink);
		free(copy);
	}
	free(text.dtb);
	free(text.lines);
}

static void a_tree_with_any_byte_changed_is_survived(void **state)
{
	static const unsigned char masks[] = { 0xff, 0x01, 0x80, 0x04 };
	struct tree_text text = compile_tree(SYSTEM("septum,cpus = <&cpu5>;\n"));

	(void)state;
	for (size_t i = 0; i < text.dtb_bytes; i++)
		for (size_t mask = 0; mask < sizeof(masks); mask++) {
			text.dtb[i] = (char)(text.dtb[i] ^ masks[mask]);
			read_hostile(text.dtb, text.dtb_bytes);
			text.dtb[i] = (char)(text.dtb[i] ^ masks[mask]);
		}
	free(text.dtb);
	free(text.lines);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_board_is_read_whole),
		cmocka_unit_test(intels_features_and_errata_are_read_too),
		cmocka_unit_test(the_boards_features_are_those_that_every_enabled_cpu_has),
		cmocka_unit_test(devices_are_read_with_label_kind_and_defaults),
		cmocka_unit_test(a_cell_is_read_with_places),
		cmocka_unit_test(the_monitor_is_read),
		cmocka_unit_test(memory_is_placed_or_sized),
		cmocka_unit_test(unplaced_regions_have_names_of_their_own),
		cmocka_unit_test(reg_is_read_in_default_cells_where_the_parent_declares_none),
		cmocka_unit_test(a_reference_to_the_wrong_kind_of_node_is_to_nothing),
		cmocka_unit_test(without_source_lines_everything_but_positions_and_labels_is_read),
		cmocka_unit_test(a_tree_cut_off_anywhere_is_refused),
		cmocka_unit_test(a_tree_with_any_byte_changed_is_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
