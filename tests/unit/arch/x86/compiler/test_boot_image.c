/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "boot_machine.h"

static void an_elf64_gets_its_file_bytes_page_tables_gdt_and_stack(void **state)
{
	struct machine m;
	const struct load *segment;

	(void)state;
	machine_with_segment(&m, 2 * MIB, true, MIB);
	build_fine(&m);
	segment = find(&m, "payload segment 0");
	assert_int_equal(segment->dest.raw, MIB);
	assert_int_equal(segment->size, 0x2000); /* the rest is scrubbed RAM */
	assert_int_equal(m.loads.count, 3);
	assert_int_equal(find(&m, "boot page tables")->dest.raw, GPA_BOOT_TABLES);
	assert_int_equal(find(&m, "boot GDT")->dest.raw, GPA_BOOT_GDT);
	assert_int_equal(m.entry.mode, ENTRY_LONG64);
	assert_int_equal(m.entry.rip.raw, MIB + 8);
	assert_int_equal(m.entry.rsp.raw, GPA_BOOT_STACK);
	assert_int_equal(m.entry.rsi, 0);
	machine_free(&m);
}

static void a_flat_binary_runs_without_paging_and_may_use_the_tables_place(void **state)
{
	struct machine m;

	(void)state;
	machine_with_segment(&m, 2 * MIB, false, GPA_BOOT_TABLES);
	m.cell.payload.info.segments[0].memory_bytes = 0x2000;
	build_fine(&m);
	assert_int_equal(m.loads.count, 2);
	assert_int_equal(m.entry.mode, ENTRY_PROTECTED32);
	assert_int_equal(m.entry.cr3.raw, 0);
	assert_int_equal(m.entry.rip.raw, GPA_BOOT_TABLES + 8);
	machine_free(&m);
}

static void a_segment_over_the_boot_tables_or_the_stack_is_refused_naming_both(void **state)
{
	struct machine m;

	(void)state;
	machine_with_segment(&m, 2 * MIB, true, GPA_BOOT_TABLES_END - 0x2000);
	assert_false(build(&m));
	assert_int_equal(m.sink.count, 2);
	assert_string_equal(m.sink.items[0].rule, "payload-overlap");
	assert_non_null(strstr(m.sink.items[0].text, "payload segment 0 at GPA 0x6000-0xdfff "
						     "overlaps boot stack at GPA 0x8000-0x8fff"));
	assert_non_null(strstr(m.sink.items[1].text, "overlaps boot page tables"));
	machine_free(&m);
	machine_with_segment(&m, 2 * MIB, true, GPA_BOOT_STACK);
	build_fine(&m);
	machine_free(&m);
}

static void the_zero_part_of_a_segment_counts_as_occupied(void **state)
{
	struct machine m;

	(void)state;
	machine_with_segment(&m, 2 * MIB, true, MIB);
	m.cell.payload.info.segments[1] =
		(struct payload_segment){ { MIB + 0x8000 }, 0, 0x10, 0x10 };
	m.cell.payload.info.segment_count = 2;
	build_fine(&m);
	machine_free(&m);
	machine_with_segment(&m, 2 * MIB, true, MIB);
	m.cell.payload.info.segments[1] =
		(struct payload_segment){ { MIB + 0x7fff }, 0, 0x10, 0x10 };
	m.cell.payload.info.segment_count = 2;
	build_refused(&m, "payload-overlap", "segment 1");
}

static void a_segment_outside_ram_is_refused_at_the_first_byte_too_many(void **state)
{
	struct machine m;

	(void)state;
	machine_with_segment(&m, 2 * MIB, true, 2 * MIB - 0x8000);
	build_fine(&m);
	machine_free(&m);
	machine_with_segment(&m, 2 * MIB, true, 2 * MIB - 0x7fff);
	build_refused(&m, "payload-fits", "payload segment 0 needs 0x8000 bytes at GPA 0x1f8001");
	machine_with_segment(&m, 2 * MIB, true, UINT64_MAX - 0x8000);
	m.cell.payload.info.entry.raw = MIB;
	build_refused(&m, "payload-fits", "payload segment 0");
}

static void a_cell_without_ram_at_0_is_told_what_cannot_be_placed(void **state)
{
	struct machine m;

	(void)state;
	machine_with_segment(&m, 2 * MIB, true, MIB);
	m.memory[0].gpa = MIB;
	assert_false(build(&m));
	assert_int_equal(m.sink.count, 3); /* GDT, stack, page tables */
	assert_non_null(strstr(m.sink.items[0].text, "boot GDT"));
	machine_free(&m);
}

static void an_entry_beyond_the_identity_map_is_refused(void **state)
{
	struct machine m;

	(void)state;
	machine_with_segment(&m, 8192 * MIB, true, MIB);
	m.cell.payload.info.entry.raw = 0x100000000;
	build_refused(&m, "payload-entry", "beyond the 4 GiB");
}

static void a_payload_that_parsing_refused_is_refused_in_its_words(void **state)
{
	struct machine m;

	(void)state;
	machine_with_segment(&m, 2 * MIB, true, MIB);
	m.cell.payload.info.error = "not an ELF file";
	build_refused(&m, "payload-format", "payload 'x': not an ELF file");
	machine_init(&m, 2 * MIB);
	build_refused(&m, "payload-exists", "cell 'box' has no payload");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_elf64_gets_its_file_bytes_page_tables_gdt_and_stack),
		cmocka_unit_test(a_flat_binary_runs_without_paging_and_may_use_the_tables_place),
		cmocka_unit_test(
			a_segment_over_the_boot_tables_or_the_stack_is_refused_naming_both),
		cmocka_unit_test(the_zero_part_of_a_segment_counts_as_occupied),
		cmocka_unit_test(a_segment_outside_ram_is_refused_at_the_first_byte_too_many),
		cmocka_unit_test(a_cell_without_ram_at_0_is_told_what_cannot_be_placed),
		cmocka_unit_test(an_entry_beyond_the_identity_map_is_refused),
		cmocka_unit_test(a_payload_that_parsing_refused_is_refused_in_its_words),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
