/* SPDX-License-Identifier: Apache-2.0 */
/* The reader, fed with source text by way of dtc. */
#include "model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Line 1 to 27; a test's own lines follow from 28 on. */
#define BOARD                                                                            \
	"/dts-v1/;\n"                                                                    \
	"/ {\n"                                                                          \
	"#address-cells = <2>; #size-cells = <2>;\n"                                     \
	"septum,board-name = \"bench-board\";\n"                                         \
	"cpus {\n"                                                                       \
	"#address-cells = <1>; #size-cells = <0>;\n"                                     \
	"septum,phys-bits = <40>;\n"                                                     \
	"septum,cpu-features = \"svm\", \"npt\", \"x2apic\", \"1g-pages\";\n"            \
	"cpu0: cpu@0 { reg = <0>; septum,core = <0>; };\n"                               \
	"cpu5: cpu@5 { reg = <5>; septum,core = <1>; septum,cluster = <7>; };\n"         \
	"cpu6: cpu@6 { reg = <6>; septum,core = <1>; status = \"disabled\";\n"           \
	"septum,cpu-features = \"svm\"; };\n"                                            \
	"};\n"                                                                           \
	"memory@0 { reg = <0 0 0 0x40000000>, <1 0 0 0x80000000>; };\n"                  \
	"reserved-memory { #address-cells = <2>; #size-cells = <2>; ranges;\n"           \
	"acpi@3f000000 { reg = <0 0x3f000000 0 0x1000000>; no-map; };\n"                 \
	"};\n"                                                                           \
	"soc { #address-cells = <1>; #size-cells = <1>; ranges;\n"                       \
	"lapic@fee00000 { reg = <0xfee00000 0x1000>; };\n"                               \
	"};\n"                                                                           \
	"isa { #address-cells = <2>; #size-cells = <1>;\n"                               \
	"com1: serial@3f8 { compatible = \"ns16550a\"; reg = <1 0x3f8 8>; };\n"          \
	"com2: serial@2f8 { compatible = \"ns16550a\"; reg = <1 0x2f8 8>;\n"             \
	"clock-frequency = <3686400>; status = \"disabled\"; };\n"                       \
	"pm: timer@608 { compatible = \"septum,acpi-pm-timer\"; reg = <1 0x608 4>; };\n" \
	"};\n"                                                                           \
	"};\n"

#define NAMES "/ { septum,system = \"s\"; septum,board = \"bench-board\"; septum,version = <1>;\n"
#define MONITOR                                                                            \
	"monitor@10000000 { reg = <0 0x10000000 0 0x1000000>; septum,console = <&com1>;\n" \
	"septum,boot-page = <0x8000>; septum,crash = <0 0x20000000 0 0x10000>; };\n"
#define PAYLOAD "payload { compatible = \"septum,elf\"; septum,image = \"none.elf\"; };\n"
/* The cell's own text stands on line 32. */
#define SYSTEM(cell)                                  \
	BOARD NAMES MONITOR "cells { rt: rt {\n" cell \
			    " memory { septum,size = <0x200000>; };\n" PAYLOAD "}; }; };\n"
#define CELL_LINE 32

struct tree_text {
	char *dtb;
	size_t dtb_bytes;
	char *lines;
};

struct fixture {
	struct tree_text text;
	struct model *model;
	struct diag_sink sink;
};

static char *whole_file(const char *path, size_t *bytes)
{
	FILE *file = fopen(path, "rb");
	char *content;

	assert_non_null(file);
	assert_int_equal(fseek(file, 0, SEEK_END), 0);
	*bytes = (size_t)ftell(file);
	rewind(file);
	content = calloc(1, *bytes + 1);
	assert_non_null(content);
	assert_int_equal(fread(content, 1, *bytes, file), *bytes);
	fclose(file);
	return content;
}

/* dtc runs in a folder of its own, so that positions name "s.dts". */
static struct tree_text compile(const char *source)
{
	char folder[] = "/tmp/septum-model-XXXXXX", path[64], command[256];
	struct tree_text text;
	size_t lines_bytes;
	FILE *file;

	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/s.dts", folder);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(source, file) >= 0);
	assert_int_equal(fclose(file), 0);
	snprintf(command, sizeof(command),
		 "cd %s && dtc -q -I dts -O dtb -o s.dtb s.dts && "
		 "dtc -q -I dts -O dts -T -T -o s.lines s.dts",
		 folder);
	assert_int_equal(system(command), 0);
	snprintf(path, sizeof(path), "%s/s.dtb", folder);
	text.dtb = whole_file(path, &text.dtb_bytes);
	snprintf(path, sizeof(path), "%s/s.lines", folder);
	text.lines = whole_file(path, &lines_bytes);
	snprintf(command, sizeof(command), "rm -r %s", folder);
	assert_int_equal(system(command), 0);
	return text;
}

static struct fixture read_source(const char *source)
{
	struct fixture f = { .text = compile(source) };

	f.model = model_read(f.text.dtb, f.text.dtb_bytes, f.text.lines, NULL, &f.sink);
	assert_non_null(f.model);
	return f;
}

static void done(struct fixture *f)
{
	model_free(f->model);
	diag_free(&f->sink);
	free(f->text.dtb);
	free(f->text.lines);
}

static void assert_clean(const struct fixture *f)
{
	if (f->sink.count != 0)
		print_error("%s\n", f->sink.items[0].text);
	assert_int_equal(f->sink.count, 0);
}

/* Exactly one finding, at that line, with both words in its text. */
static void assert_refused(const char *source, const char *rule, unsigned int line,
			   const char *word, const char *other_word)
{
	struct fixture f = read_source(source);

	for (size_t i = 1; i < f.sink.count; i++)
		print_error("also: %s\n", f.sink.items[i].text);
	assert_int_equal(f.sink.count, 1);
	assert_string_equal(f.sink.items[0].rule, rule);
	assert_int_equal(f.sink.items[0].severity, DIAG_ERROR);
	assert_string_equal(f.sink.items[0].pos.file, "s.dts");
	assert_int_equal(f.sink.items[0].pos.line, line);
	if (strstr(f.sink.items[0].text, word) == NULL ||
	    strstr(f.sink.items[0].text, other_word) == NULL)
		fail_msg("'%s' lacks '%s' or '%s'", f.sink.items[0].text, word, other_word);
	done(&f);
}

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
	assert_true(m->cpus[1].enabled && m->cpus[1].has_x2apic);
	assert_false(m->cpus[2].enabled || m->cpus[2].has_x2apic);
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

static void without_source_lines_everything_but_positions_and_labels_is_read(void **state)
{
	struct tree_text text = compile(SYSTEM("septum,cpus = <&cpu5>;\n"));
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
	struct tree_text text = compile(SYSTEM("septum,cpus = <&cpu5>;\n"));

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
	struct tree_text text = compile(SYSTEM("septum,cpus = <&cpu5>;\n"));

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
		cmocka_unit_test(devices_are_read_with_label_kind_and_defaults),
		cmocka_unit_test(a_cell_is_read_with_places),
		cmocka_unit_test(the_monitor_is_read),
		cmocka_unit_test(memory_is_placed_or_sized),
		cmocka_unit_test(unplaced_regions_have_names_of_their_own),
		cmocka_unit_test(reg_is_read_in_default_cells_where_the_parent_declares_none),
		cmocka_unit_test(a_reference_to_the_wrong_kind_of_node_is_to_nothing),
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
		cmocka_unit_test(without_source_lines_everything_but_positions_and_labels_is_read),
		cmocka_unit_test(a_tree_cut_off_anywhere_is_refused),
		cmocka_unit_test(a_tree_with_any_byte_changed_is_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
