/* SPDX-License-Identifier: Apache-2.0 */
#include "sound_model.h"

static void ram_given_to_two_cells_is_refused_naming_both(void **state)
{
	struct sound s;

	(void)state;
	sound_set_up(&s);
	s.memory[RT][0].hpa = 0x21400000;
	sound_keeps(&s, rule_ram_overlap); /* side by side */
	s.memory[RT][0].hpa = 0x213ff000;
	sound_breaks(&s, rule_ram_overlap, 33,
		     "cell 'rt': RAM 0x213ff000-0x217fefff overlaps cell 'linux' (s.dts:23); "
		     "move one of them");
}

static void ram_that_surrounds_another_cells_ram_is_refused(void **state)
{
	struct sound s;

	(void)state;
	sound_set_up(&s);
	s.memory[RT][0].hpa = 0x20000000;
	s.memory[RT][0].size = 0x8000000;
	sound_breaks(&s, rule_ram_overlap, 33,
		     "cell 'rt': RAM 0x20000000-0x27ffffff overlaps cell 'linux' (s.dts:23); "
		     "move one of them");
}

static void two_regions_of_one_cell_on_one_page_are_refused(void **state)
{
	struct sound s;

	(void)state;
	sound_set_up(&s);
	s.memory[RT][1] = s.memory[RT][0];
	s.memory[RT][1].pos = AT(34);
	s.cells[RT].memory_count = 2;
	sound_breaks(&s, rule_ram_overlap, 34,
		     "cell 'rt': RAM 0x22000000-0x223fffff overlaps its own 'memory' (s.dts:33); "
		     "move one of them");
}

static void unplaced_ram_is_no_rules_business_before_placement(void **state)
{
	struct sound s;

	(void)state;
	sound_set_up(&s);
	s.memory[RT][0].placed = false;
	s.memory[RT][0].hpa = 0; /* would touch the boot page and the first MiB */
	rules_run(&s.model, RULE_PRE, &s.sink);
	assert_int_equal(diag_errors(&s.sink), 0);
	diag_free(&s.sink);
}

static void ram_must_be_covered_by_board_ram_to_its_last_byte(void **state)
{
	struct sound s;

	(void)state;
	sound_set_up(&s);
	s.memory[RT][0].hpa = 0x1fe00000; /* across two adjacent banks */
	sound_keeps(&s, rule_ram_exists);
	s.memory[RT][0].hpa = 0x3fc00000;
	sound_keeps(&s, rule_ram_exists);
	s.memory[RT][0].hpa = 0x3fc01000;
	sound_breaks(&s, rule_ram_exists, 33,
		     "cell 'rt': RAM 0x3fc01000-0x40000fff: the board has no RAM at 0x40000000; "
		     "move it or make it smaller");
	s.ram[1].start = 0x20001000; /* a gap of one page between the banks */
	s.memory[RT][0].hpa = 0x1fe00000;
	rule_ram_exists(&s.model, &s.sink);
	assert_non_null(strstr(s.sink.items[0].text, "no RAM at 0x20000000;"));
	diag_free(&s.sink);
}

static void ram_up_to_the_last_address_does_not_wrap(void **state)
{
	struct sound s;

	(void)state;
	sound_set_up(&s);
	s.ram[1] = (struct model_range){ "memory", 0xfffffffff0000000, 0x10000000, AT(5) };
	s.model.cells[LINUX].memory_count = 0;
	s.memory[RT][0].hpa = 0xffffffffffc00000;
	sound_keeps(&s, rule_ram_wrap);
	sound_keeps(&s, rule_ram_exists);
	s.memory[RT][0].size += 0x1000;
	sound_keeps(&s, rule_ram_exists); /* left to ram-wrap */
	sound_breaks(&s, rule_ram_wrap, 33,
		     "cell 'rt': RAM at host address 0xffffffffffc00000 with size 0x401000 passes "
		     "the end of the address space; correct one of them");
}

static void monitor_memory_is_refused_to_cells_naming_what_it_is(void **state)
{
	struct sound s;

	(void)state;
	sound_set_up(&s);
	s.memory[RT][0].hpa = 0x0fc00000;
	sound_keeps(&s, rule_ram_monitor);
	s.memory[RT][0].hpa = 0x0fc01000;
	sound_breaks(&s, rule_ram_monitor, 33,
		     "cell 'rt': RAM 0xfc01000-0x10000fff overlaps the monitor's range "
		     "0x10000000-0x10ffffff (s.dts:50); move one of them");
	s.memory[RT][0].hpa = 0x11003000;
	sound_breaks(&s, rule_ram_monitor, 33,
		     "cell 'rt': RAM 0x11003000-0x11402fff overlaps the monitor's crash area "
		     "0x11000000-0x11003fff (s.dts:53); move one of them");
	s.memory[RT][0].hpa = 0x8fff;
	s.memory[RT][0].size = 1;
	sound_breaks(&s, rule_ram_monitor, 33,
		     "cell 'rt': RAM 0x8fff-0x8fff overlaps the monitor's boot page "
		     "0x8000-0x8fff (s.dts:52); move one of them");
}

static void firmware_memory_is_refused_to_cells_and_monitor(void **state)
{
	struct sound s;

	(void)state;
	sound_set_up(&s);
	s.memory[RT][0].hpa = 0x3ec00000;
	sound_keeps(&s, rule_ram_firmware);
	s.model.monitor.crash = 0x3effd000;
	sound_breaks(&s, rule_ram_firmware, 53,
		     "monitor: crash area 0x3effd000-0x3f000fff touches the firmware's 'firmware' "
		     "0x3f000000-0x3fffffff (s.dts:6); move it clear of that");
}

static void first_mib_is_refused_to_all_but_the_boot_page(void **state)
{
	struct sound s;

	(void)state;
	sound_set_up(&s);
	s.memory[RT][0].hpa = 0x100000;
	sound_keeps(&s, rule_ram_lowmem);
	s.memory[RT][0].hpa = 0xff000;
	sound_breaks(&s, rule_ram_lowmem, 33,
		     "cell 'rt': RAM 0xff000-0x4fefff reaches into the first MiB, where firmware "
		     "keeps its data; start it at 0x100000 or above");
}

static void boot_page_must_be_reachable_by_a_start_up_ipi(void **state)
{
	static const uint64_t good[] = { 0x1000, 0x9f000 }, bad[] = { 0, 0xa0000, 0x100000 };
	struct sound s;

	(void)state;
	sound_set_up(&s);
	for (size_t i = 0; i < 2; i++) {
		s.model.monitor.boot_page = good[i];
		sound_keeps(&s, rule_boot_page);
	}
	for (size_t i = 0; i < 3; i++) {
		s.model.monitor.boot_page = bad[i];
		rule_boot_page(&s.model, &s.sink);
		assert_int_equal(s.sink.count, i + 1);
	}
	diag_free(&s.sink);
}

static void odd_bytes_are_refused_wherever_they_are(void **state)
{
	struct sound s;

	(void)state;
	sound_set_up(&s);
	sound_keeps(&s, rule_ram_align);
	s.memory[RT][0].hpa++;
	s.memory[RT][0].size--;
	s.memory[RT][0].gpa_given = true;
	s.memory[RT][0].gpa = 0x800;
	s.model.monitor.boot_page++;
	rule_ram_align(&s.model, &s.sink);
	assert_int_equal(diag_errors(&s.sink), 4);
	assert_int_equal(s.sink.count, 4);
	diag_free(&s.sink);
}

static void lost_large_pages_are_counted_with_the_mend(void **state)
{
	struct sound s;

	(void)state;
	sound_set_up(&s);
	s.memory[RT][0].hpa = 0x22100000;
	s.memory[RT][0].gpa = 0x100000; /* equal modulo 2 MiB, but the ends are cut off */
	sound_breaks(&s, rule_ram_align, 33,
		     "cell 'rt': RAM at 0x22100000 (GPA 0x100000) loses 1 of 2 2 MiB pages; to "
		     "regain it, make each of the two a multiple of 0x200000");
	s.memory[RT][0].gpa = 0;
	sound_breaks(&s, rule_ram_align, 33,
		     "cell 'rt': RAM at 0x22100000 (GPA 0x0) loses 2 of 2 2 MiB pages; to regain "
		     "them, make its host address a multiple of 0x200000");
	s.memory[RT][0].size = 0x1ff000; /* too small for one */
	sound_keeps(&s, rule_ram_align);
}

static void sizes_of_nothing_are_refused(void **state)
{
	struct sound s;

	(void)state;
	sound_set_up(&s);
	s.model.monitor.crash_size = 0x3000;
	sound_breaks(&s, rule_ram_size, 53,
		     "monitor: crash area has 0x3000 bytes, but the records of 4 CPUs need "
		     "0x4000; enlarge it");
	s.cpus[3].enabled = false;
	sound_keeps(&s, rule_ram_size);
	s.memory[RT][0].size = 0;
	sound_breaks(&s, rule_ram_size, 33,
		     "cell 'rt': 'memory' has size 0; give it at least 0x1000 bytes");
	s.cells[RT].memory_count = 0;
	sound_breaks(&s, rule_ram_size, 30, "cell 'rt' has no RAM; give it a memory node");
}

static void two_regions_at_one_guest_address_are_refused(void **state)
{
	struct sound s;

	(void)state;
	sound_set_up(&s);
	s.cells[RT].memory_count = 2;
	s.memory[RT][1] = (struct model_memory){
		.name = "more", .gpa = 0x400000, .size = 0x1000, .pos = AT(34)
	};
	sound_keeps(&s, rule_gpa_overlap);
	s.memory[RT][1].gpa = 0x3ff000;
	sound_breaks(&s, rule_gpa_overlap, 34,
		     "cell 'rt': 'more' at GPA 0x3ff000-0x3fffff overlaps 'memory' at GPA "
		     "0x0-0x3fffff (s.dts:33); move one of them");
}

static void ram_over_a_device_window_is_refused(void **state)
{
	struct sound s;

	(void)state;
	sound_set_up(&s);
	s.memory[RT][0].size = 0xb0000000;
	sound_keeps(&s, rule_gpa_mmio);
	s.memory[RT][0].size += 0x1000;
	sound_breaks(&s, rule_gpa_mmio, 33,
		     "cell 'rt': 'memory' at GPA 0x0-0xb0000fff covers 'ecam' "
		     "0xb0000000-0xbfffffff (s.dts:7); split it around that");
	s.memory[RT][0].size = 0x1000;
	s.memory[RT][0].gpa = 0x100000000;
	sound_keeps(&s, rule_gpa_mmio);
	s.memory[RT][0].gpa = 0xfffff000;
	sound_breaks(&s, rule_gpa_mmio, 33,
		     "cell 'rt': 'memory' at GPA 0xfffff000-0xffffffff covers 'MMIO hole below 4 "
		     "GiB' 0xfec00000-0xffffffff (every x86 machine); split it around that");
}

static void guest_addresses_end_where_the_cpus_end(void **state)
{
	struct sound s;

	(void)state;
	sound_set_up(&s);
	s.memory[RT][0].gpa = 0xfffc00000;
	sound_keeps(&s, rule_gpa_limit);
	s.memory[RT][0].gpa += 0x1000;
	sound_breaks(&s, rule_gpa_limit, 33,
		     "cell 'rt': 'memory' ends at GPA 0x1000000fff, beyond the CPU's 36 physical "
		     "address bits; keep it below 0x1000000000");
	s.model.phys_bits = 0; /* the reader has refused it */
	sound_keeps(&s, rule_gpa_limit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ram_given_to_two_cells_is_refused_naming_both),
		cmocka_unit_test(ram_that_surrounds_another_cells_ram_is_refused),
		cmocka_unit_test(two_regions_of_one_cell_on_one_page_are_refused),
		cmocka_unit_test(unplaced_ram_is_no_rules_business_before_placement),
		cmocka_unit_test(ram_must_be_covered_by_board_ram_to_its_last_byte),
		cmocka_unit_test(ram_up_to_the_last_address_does_not_wrap),
		cmocka_unit_test(monitor_memory_is_refused_to_cells_naming_what_it_is),
		cmocka_unit_test(firmware_memory_is_refused_to_cells_and_monitor),
		cmocka_unit_test(first_mib_is_refused_to_all_but_the_boot_page),
		cmocka_unit_test(boot_page_must_be_reachable_by_a_start_up_ipi),
		cmocka_unit_test(odd_bytes_are_refused_wherever_they_are),
		cmocka_unit_test(lost_large_pages_are_counted_with_the_mend),
		cmocka_unit_test(sizes_of_nothing_are_refused),
		cmocka_unit_test(two_regions_at_one_guest_address_are_refused),
		cmocka_unit_test(ram_over_a_device_window_is_refused),
		cmocka_unit_test(guest_addresses_end_where_the_cpus_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
