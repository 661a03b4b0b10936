/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "boot_machine.h"

static void a_linux_cell_enters_its_kernel_by_the_64_bit_protocol(void **state)
{
	struct machine m;

	(void)state;
	machine_with_linux(&m, 256 * MIB);
	build_fine(&m);
	assert_int_equal(m.entry.mode, ENTRY_LONG64);
	assert_int_equal(m.entry.rip.raw, FAKE_PREF + 0x200);
	assert_int_equal(m.entry.rsi, GPA_BOOT_PARAMS);
	assert_int_equal(m.entry.cr3.raw, GPA_BOOT_TABLES);
	assert_int_equal(m.entry.gdt.raw, GPA_BOOT_GDT);
	assert_int_equal(m.entry.gdt_limit, 31);
	assert_int_equal(m.entry.rsp.raw, GPA_BOOT_STACK);
	machine_free(&m);
}

static void the_kernel_is_the_files_own_byte_for_byte_without_its_trailer(void **state)
{
	struct machine m;
	const struct load *kernel;

	(void)state;
	machine_with_linux(&m, 256 * MIB);
	build_fine(&m);
	kernel = find(&m, "vmlinuz");
	assert_non_null(kernel);
	assert_int_equal(kernel->dest.raw, FAKE_PREF);
	assert_int_equal(kernel->size, FAKE_KERNEL_BYTES);
	assert_memory_equal(kernel->bytes, m.cell.payload.image.bytes + FAKE_SETUP_BYTES,
			    FAKE_KERNEL_BYTES);
	machine_free(&m);
}

static void boot_params_name_every_thing_where_it_was_put(void **state)
{
	struct machine m;
	const struct load *params, *initrd, *cmdline, *acpi;

	(void)state;
	machine_with_linux(&m, 256 * MIB);
	give_initrd(&m, 0x1801);
	build_fine(&m);
	params = find(&m, "boot_params");
	initrd = find(&m, "initrd");
	cmdline = find(&m, "cmdline");
	acpi = find(&m, "acpi");
	assert_int_equal(params->dest.raw, GPA_BOOT_PARAMS);
	assert_int_equal(params->size, 4096);
	assert_int_equal(get(params, 0x218, 4), initrd->dest.raw);
	assert_int_equal(get(params, 0x21c, 4), 0x1801);
	assert_int_equal(get(params, 0x228, 4), cmdline->dest.raw);
	assert_string_equal((const char *)cmdline->bytes, "console=ttyS1,115200");
	assert_int_equal(cmdline->size, strlen("console=ttyS1,115200") + 1);
	assert_int_equal(get(params, 0x070, 8), acpi->dest.raw);
	assert_memory_equal(acpi->bytes, "RSD PTR ", 8);
	assert_int_equal(get(params, 0x1e8, 1), 5);
	assert_int_equal(get(params, 0x2d0 + 4 * 20, 8), MIB);
	assert_int_equal(get(params, 0x2d0 + 4 * 20 + 8, 8), 255 * MIB);
	machine_free(&m);
}

static void a_jump_to_the_bios_asks_for_the_cells_reset(void **state)
{
	/* mov dx, 0xcf9; mov al, 6; out dx, al; hlt; jmp back: as objdump -m i8086 reads it */
	static const uint8_t code[] = { 0xba, 0xf9, 0x0c, 0xb0, 0x06, 0xee, 0xf4, 0xeb, 0xfd };
	struct machine m;
	const struct load *vector;

	(void)state;
	machine_with_linux(&m, 256 * MIB);
	build_fine(&m);
	vector = find(&m, "reset vector");
	assert_int_equal(vector->dest.raw, 0xffff0);
	assert_int_equal(vector->size, sizeof(code));
	assert_memory_equal(vector->bytes, code, sizeof(code));
	machine_free(&m);
}

static void acpi_names_the_owned_uart_and_the_pm_timer_only(void **state)
{
	struct machine m;
	const struct load *acpi;
	struct blob asl;
	char path[128];

	(void)state;
	machine_with_linux(&m, 256 * MIB);
	build_fine(&m);
	acpi = find(&m, "acpi");
	assert_int_equal(get(acpi,
			     (unsigned int)(get(acpi,
						(unsigned int)(get(acpi, 24, 8) - GPA_ACPI) + 36,
						8) -
					    GPA_ACPI) +
				     212,
			     8),
			 0x608);
	snprintf(path, sizeof(path), "%s/box/dsdt.asl", folder);
	blob_read(&asl, path, NULL);
	assert_int_equal(asl.error, 0);
	asl.bytes[asl.size] = '\0'; /* blob_read() keeps one byte of room */
	assert_non_null(strstr((const char *)asl.bytes, "0x02F8"));
	assert_null(strstr((const char *)asl.bytes, "0x03F8"));
	assert_null(strstr((const char *)asl.bytes, "0608"));
	blob_free(&asl);
	machine_free(&m);
}

static void an_initrd_goes_as_high_as_ram_allows(void **state)
{
	struct machine m;

	(void)state;
	machine_with_linux(&m, 256 * MIB);
	give_initrd(&m, 0x1801);
	build_fine(&m);
	assert_int_equal(find(&m, "initrd")->dest.raw, 256 * MIB - 0x2000);
	machine_free(&m);
}

static void an_initrds_last_byte_is_not_above_initrd_addr_max(void **state)
{
	struct machine m;

	(void)state;
	machine_with_linux(&m, 3072 * MIB);
	give_initrd(&m, 0x2000);
	build_fine(&m);
	assert_int_equal(find(&m, "initrd")->dest.raw, 0x7fffe000);
	machine_free(&m);
}

static void an_initrd_that_fits_nowhere_above_the_kernel_goes_below(void **state)
{
	struct machine m;

	(void)state;
	machine_with_linux(&m, FAKE_PREF + FAKE_INIT_SIZE);
	give_initrd(&m, 0x1801);
	build_fine(&m);
	assert_int_equal(find(&m, "initrd")->dest.raw, FAKE_PREF - 0x2000);
	machine_free(&m);
}

static void an_initrd_fits_exactly_or_is_refused(void **state)
{
	const uint64_t room = FAKE_PREF - MIB;
	struct machine m;

	(void)state;
	machine_with_linux(&m, FAKE_PREF + FAKE_INIT_SIZE);
	give_initrd(&m, room);
	build_fine(&m);
	assert_int_equal(find(&m, "initrd")->dest.raw, MIB);
	machine_free(&m);
	machine_with_linux(&m, FAKE_PREF + FAKE_INIT_SIZE);
	give_initrd(&m, room + 1);
	build_refused(&m, "initrd-limit", "'initrd'");
}

static void an_initrd_may_lie_in_another_region_than_the_kernel(void **state)
{
	struct machine m;

	(void)state;
	machine_with_linux(&m, FAKE_PREF + FAKE_INIT_SIZE);
	m.memory[1] = (struct model_memory){ .gpa = 0x40000000, .size = MIB };
	m.cell.memory_count = 2;
	give_initrd(&m, MIB);
	build_fine(&m);
	assert_int_equal(find(&m, "initrd")->dest.raw, 0x40000000);
	machine_free(&m);
}

static void an_empty_or_unread_initrd_is_refused(void **state)
{
	struct machine m;

	(void)state;
	machine_with_linux(&m, 256 * MIB);
	give_initrd(&m, 0);
	build_refused(&m, "payload-exists", "is empty");
	machine_with_linux(&m, 256 * MIB);
	m.cell.payload.initrd = (struct blob){ .path = "gone", .error = 2 };
	build_refused(&m, "payload-exists", "'gone' is No such file");
}

static void ram_that_just_holds_init_size_is_enough(void **state)
{
	struct machine m;

	(void)state;
	machine_with_linux(&m, FAKE_PREF + FAKE_INIT_SIZE);
	build_fine(&m);
	assert_int_equal(find(&m, "vmlinuz")->dest.raw, FAKE_PREF);
	machine_free(&m);
	machine_with_linux(&m, FAKE_PREF + FAKE_INIT_SIZE - 4096);
	build_refused(&m, "payload-fits", "enlarge the cell's memory to at least 0x1300000");
}

static void a_relocatable_kernel_moves_up_when_its_place_is_no_ram(void **state)
{
	struct machine m;

	(void)state;
	machine_with_linux(&m, 8 * MIB);
	m.memory[1] = (struct model_memory){ .gpa = 0x2100000, .size = 8 * MIB };
	m.cell.memory_count = 2;
	build_fine(&m);
	assert_int_equal(find(&m, "vmlinuz")->dest.raw, 0x2200000);
	assert_int_equal(m.entry.rip.raw, 0x2200200);
	assert_int_equal(get(find(&m, "boot_params"), 0x214, 4), 0x2200000);
	machine_free(&m);
}

static void a_fixed_kernel_does_not_move(void **state)
{
	struct machine m;

	(void)state;
	machine_with_linux(&m, 8 * MIB);
	m.cell.payload.info.relocatable = false;
	m.memory[1] = (struct model_memory){ .gpa = 0x2100000, .size = 8 * MIB };
	m.cell.memory_count = 2;
	build_refused(&m, "payload-fits", "at GPA 0x1000000, below");
}

static void a_command_line_of_cmdline_size_fits_and_one_byte_more_does_not(void **state)
{
	struct machine m;
	char text[0x801];

	(void)state;
	memset(text, 'x', sizeof(text));
	text[0x7ff] = '\0';
	machine_with_linux(&m, 256 * MIB);
	m.cell.payload.cmdline = text;
	build_fine(&m);
	machine_free(&m);
	text[0x7ff] = 'x';
	text[0x800] = '\0';
	machine_with_linux(&m, 256 * MIB);
	m.cell.payload.cmdline = text;
	build_refused(&m, "cmdline-length", "has 2048 bytes, kernel 'vmlinuz' takes 2047");
}

static void a_kernel_that_takes_more_is_held_to_the_page_kept_for_it(void **state)
{
	static char text[8192];
	struct machine m;

	(void)state;
	memset(text, 'x', 4095);
	machine_with_linux(&m, 256 * MIB);
	m.cell.payload.info.cmdline_size = UINT32_MAX;
	m.cell.payload.cmdline = text;
	build_fine(&m);
	machine_free(&m);
	memset(text, 'x', 4096);
	machine_with_linux(&m, 256 * MIB);
	m.cell.payload.info.cmdline_size = UINT32_MAX;
	m.cell.payload.cmdline = text;
	build_refused(&m, "cmdline-length", "takes 4095");
}

static void everything_wrong_is_said_in_one_run(void **state)
{
	static char text[4096];
	struct machine m;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	machine_with_linux(&m, 16 * MIB);
	m.cell.payload.cmdline = text;
	m.work_dir = "/dev/null/work";
	assert_false(build(&m));
	assert_int_equal(m.sink.count, 3);
	assert_string_equal(m.sink.items[0].rule, "payload-fits");
	assert_string_equal(m.sink.items[1].rule, "cmdline-length");
	assert_string_equal(m.sink.items[2].rule, "acpi");
	machine_free(&m);
}

static void a_cell_name_cannot_lead_out_of_the_work_folder(void **state)
{
	struct machine m;

	(void)state;
	machine_with_linux(&m, 256 * MIB);
	m.cell.name = "../escape";
	build_refused(&m, "acpi", "a folder named after the cell");
	machine_with_linux(&m, 256 * MIB);
	m.cell.name = "..";
	build_refused(&m, "acpi", "a folder named after the cell");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_linux_cell_enters_its_kernel_by_the_64_bit_protocol),
		cmocka_unit_test(the_kernel_is_the_files_own_byte_for_byte_without_its_trailer),
		cmocka_unit_test(boot_params_name_every_thing_where_it_was_put),
		cmocka_unit_test(a_jump_to_the_bios_asks_for_the_cells_reset),
		cmocka_unit_test(acpi_names_the_owned_uart_and_the_pm_timer_only),
		cmocka_unit_test(an_initrd_goes_as_high_as_ram_allows),
		cmocka_unit_test(an_initrds_last_byte_is_not_above_initrd_addr_max),
		cmocka_unit_test(an_initrd_that_fits_nowhere_above_the_kernel_goes_below),
		cmocka_unit_test(an_initrd_fits_exactly_or_is_refused),
		cmocka_unit_test(an_initrd_may_lie_in_another_region_than_the_kernel),
		cmocka_unit_test(an_empty_or_unread_initrd_is_refused),
		cmocka_unit_test(ram_that_just_holds_init_size_is_enough),
		cmocka_unit_test(a_relocatable_kernel_moves_up_when_its_place_is_no_ram),
		cmocka_unit_test(a_fixed_kernel_does_not_move),
		cmocka_unit_test(a_command_line_of_cmdline_size_fits_and_one_byte_more_does_not),
		cmocka_unit_test(a_kernel_that_takes_more_is_held_to_the_page_kept_for_it),
		cmocka_unit_test(everything_wrong_is_said_in_one_run),
		cmocka_unit_test(a_cell_name_cannot_lead_out_of_the_work_folder),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
