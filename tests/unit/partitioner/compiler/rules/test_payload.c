/* SPDX-License-Identifier: Apache-2.0 */
#include "sound_model.h"

#include <errno.h>

#define MIB 0x100000ull

/* "linux" boots a kernel at 16 MiB that needs 16 MiB, with a page of initrd, in 48 MiB. */
static struct model_payload *set_up_linux(struct sound *s)
{
	struct model_payload *p;

	sound_set_up(s);
	p = &s->cells[LINUX].payload;
	s->memory[LINUX][0].size = 48 * MIB;
	p->kind = PAYLOAD_LINUX;
	p->info.pref_address = 16 * MIB;
	p->info.init_size = 16 * MIB;
	p->info.kernel_alignment = 2 * MIB;
	p->info.initrd_addr_max = 0x7fffffff;
	p->info.cmdline_size = 2047;
	p->initrd = (struct blob){ .path = "initrd", .bytes = s->bytes, .size = 0x1000 };
	return p;
}

static void unreadable_files_are_refused_with_the_systems_reason(void **state)
{
	struct model_payload *p;
	struct sound s;

	(void)state;
	p = set_up_linux(&s);
	sound_keeps(&s, rule_payload_exists);
	p->image = (struct blob){ .path = "vmlinuz", .error = ENOENT };
	sound_breaks(&s, rule_payload_exists, 24,
		     "cell 'linux': payload 'vmlinuz' cannot be read (No such file or directory); "
		     "correct the path or give its folder by --payload-dir");
	/* Rules that would need its content stay silent. */
	sound_keeps(&s, rule_payload_format);
	sound_keeps(&s, rule_payload_fits);
	sound_keeps(&s, rule_payload_entry);
	p->image = (struct blob){ .path = "vmlinuz", .bytes = s.bytes, .size = 1 };
	p->initrd = (struct blob){ .path = "initrd", .error = EACCES };
	sound_breaks(&s, rule_payload_exists, 25,
		     "cell 'linux': initrd 'initrd' cannot be read (Permission denied); correct "
		     "the path or give its folder by --payload-dir");
}

static void foreign_file_is_refused_with_the_parsers_reason(void **state)
{
	struct model_payload *p;
	struct sound s;

	(void)state;
	p = set_up_linux(&s);
	p->info.error = "file ends before syssize says";
	sound_keeps(&s, rule_payload_entry);
	sound_keeps(&s, rule_payload_overlap);
	sound_breaks(&s, rule_payload_format, 24,
		     "cell 'linux': 'p.bin' is no usable Linux bzImage: file ends before syssize "
		     "says; replace the file or correct the payload's compatible");
}

static void entry_must_lie_in_loaded_bytes_below_4_gib(void **state)
{
	struct payload_info *info;
	struct sound s;

	(void)state;
	sound_set_up(&s);
	info = &s.cells[RT].payload.info;
	info->entry.raw = 0x100fff;
	sound_keeps(&s, rule_payload_entry);
	info->segments[0].memory_bytes = 0x2000;
	info->entry.raw = 0x101000;
	sound_breaks(&s, rule_payload_entry, 34,
		     "cell 'rt': 'p.bin' starts at GPA 0x101000, where nothing of it is loaded; "
		     "correct its entry point");
	info->segments[0].dest.raw = info->entry.raw = 0x100000000;
	sound_breaks(&s, rule_payload_entry, 34,
		     "cell 'rt': 'p.bin' starts at GPA 0x100000000, beyond the 4 GiB that a cell "
		     "can start in; link it lower");
}

static void segment_over_the_boot_area_or_another_segment_is_refused(void **state)
{
	struct payload_info *info;
	struct sound s;

	(void)state;
	sound_set_up(&s);
	info = &s.cells[RT].payload.info;
	info->segments[0].dest.raw = 0x9000;
	sound_keeps(&s, rule_payload_overlap);
	info->segments[0].dest.raw = 0;
	sound_keeps(&s, rule_payload_overlap);
	info->segments[0].memory_bytes++;
	sound_breaks(&s, rule_payload_overlap, 34,
		     "cell 'rt': a segment of 'p.bin' at GPA 0x0-0x1000 overlaps the boot area at "
		     "GPA 0x1000-0x8fff; link or load it elsewhere");
	info->segments[0].dest.raw = 0x9000;
	info->segments[1] = info->segments[0];
	info->segment_count = 2;
	rule_payload_overlap(&s.model, &s.sink);
	assert_int_equal(s.sink.count, 1);
	diag_free(&s.sink);
}

static void segment_must_end_within_one_region(void **state)
{
	struct payload_info *info;
	struct sound s;

	(void)state;
	sound_set_up(&s);
	info = &s.cells[RT].payload.info;
	info->segments[0].dest.raw = 0x3ff000;
	sound_keeps(&s, rule_payload_fits);
	info->segments[0].dest.raw = 0x3ff001;
	sound_breaks(&s, rule_payload_fits, 34,
		     "cell 'rt': a segment of 'p.bin' needs GPA 0x3ff001-0x400000, which lies in "
		     "no one RAM region of the cell; enlarge its memory");
}

static void kernel_needs_all_of_its_init_size(void **state)
{
	struct model_payload *p;
	struct sound s;

	(void)state;
	p = set_up_linux(&s);
	p->initrd = (struct blob){ 0 };
	s.memory[LINUX][0].size = 32 * MIB;
	sound_keeps(&s, rule_payload_fits);
	s.memory[LINUX][0].size -= 0x1000;
	sound_breaks(&s, rule_payload_fits, 24,
		     "cell 'linux': kernel 'p.bin' needs 0x1000000 bytes in one RAM region from "
		     "GPA 0x1000000 on, below 4 GiB; enlarge the cell's memory to 0x2000000");
}

static void relocatable_kernel_may_go_to_a_higher_region(void **state)
{
	struct model_payload *p;
	struct sound s;

	(void)state;
	p = set_up_linux(&s);
	s.memory[LINUX][0].size = 8 * MIB;
	s.memory[LINUX][1] = (struct model_memory){ .gpa = 32 * MIB, .size = 17 * MIB };
	s.cells[LINUX].memory_count = 2;
	p->info.relocatable = true;
	sound_keeps(&s, rule_payload_fits);
	p->info.relocatable = false;
	rule_payload_fits(&s.model, &s.sink);
	assert_int_equal(s.sink.count, 1);
	diag_free(&s.sink);
}

static void initrd_needs_room_above_or_below_the_kernel(void **state)
{
	struct model_payload *p;
	struct sound s;

	(void)state;
	p = set_up_linux(&s);
	p->initrd.size = 16 * MIB; /* exactly what is left above */
	sound_keeps(&s, rule_payload_fits);
	s.memory[LINUX][0].size = 32 * MIB;
	p->initrd.size = 15 * MIB; /* exactly what is left between 1 MiB and the kernel */
	sound_keeps(&s, rule_payload_fits);
	p->initrd.size++;
	sound_breaks(&s, rule_payload_fits, 25,
		     "cell 'linux': initrd 'initrd' has 0xf00001 bytes, but beside the kernel are "
		     "0xf00000; enlarge the cell's memory by 0x1");
}

static void initrd_beyond_the_kernels_limit_is_refused_though_ram_is_there(void **state)
{
	struct model_payload *p;
	struct sound s;

	(void)state;
	p = set_up_linux(&s);
	s.memory[LINUX][0].size = 256 * MIB;
	p->info.initrd_addr_max = 64 * MIB - 1;
	p->initrd.size = 32 * MIB;
	sound_keeps(&s, rule_initrd_limit);
	p->initrd.size++;
	sound_keeps(&s, rule_payload_fits);
	sound_breaks(&s, rule_initrd_limit, 25,
		     "cell 'linux': initrd 'initrd' has 0x2000001 bytes, but only 0x2000000 are "
		     "free up to 0x3ffffff, the last address that 'p.bin' accepts; use a smaller "
		     "initrd");
	s.memory[LINUX][0].size = 48 * MIB; /* too little RAM is another rule's finding */
	sound_keeps(&s, rule_initrd_limit);
}

static void command_line_longer_than_the_kernel_or_its_place_is_refused(void **state)
{
	char text[4097];
	struct model_payload *p;
	struct sound s;

	(void)state;
	p = set_up_linux(&s);
	memset(text, 'x', sizeof(text));
	p->cmdline = text;
	text[2047] = '\0';
	sound_keeps(&s, rule_cmdline_length);
	text[2047] = 'x';
	text[2048] = '\0';
	sound_breaks(&s, rule_cmdline_length, 26,
		     "cell 'linux': bootargs have 2048 characters, but 'p.bin' takes 2047; "
		     "shorten them");
	p->info.cmdline_size = 100000;
	text[2048] = 'x';
	text[4095] = '\0';
	sound_keeps(&s, rule_cmdline_length);
	text[4095] = 'x';
	text[4096] = '\0';
	sound_breaks(&s, rule_cmdline_length, 26,
		     "cell 'linux': bootargs have 4096 characters, but 'p.bin' takes 4095; "
		     "shorten them");
}

static void consoles_that_the_cell_owns_or_that_are_no_uart_are_fine(void **state)
{
	struct model_payload *p;
	struct sound s;

	(void)state;
	p = set_up_linux(&s);
	p->cmdline = "quiet  console=ttyS1 console=ttyS1,115200n8 earlycon=uart8250,io,0x2f8 "
		     "console=uart,io,0x2f8,9600 earlyprintk=serial,ttyS1 console=tty0 "
		     "earlyprintk=serial,0x2f8,9600 earlyprintk=serial,1,9600 earlyprintk=vga "
		     "console=hvc0 earlycon=uart8250,mmio,0x3f8 xconsole=ttyS0 earlycon";
	sound_keeps(&s, rule_cmdline_console);
	p->cmdline = "";
	sound_keeps(&s, rule_cmdline_console);
	s.ports[LINUX][0] = (struct model_ports){ 0x3e8, 8, AT(27) };
	s.cells[LINUX].port_count = 1;
	p->cmdline = "console=ttyS2";
	sound_keeps(&s, rule_cmdline_console);
}

static void consoles_of_others_are_refused(void **state)
{
	static const char *const bad[] = {
		"console=ttyS0",     "console=ttyS0,115200",  "earlycon=uart8250,io,0x3f8,115200",
		"earlyprintk=ttyS0", "earlyprintk=serial",    "earlyprintk=serial,0x3f8",
		"console=ttyS4",     "console=uart,io,0x3f8", "earlycon=uart8250,io,0x2f7",
	};
	struct model_payload *p;
	struct sound s;

	(void)state;
	p = set_up_linux(&s);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		p->cmdline = bad[i];
		rule_cmdline_console(&s.model, &s.sink);
		if (s.sink.count != 1)
			fail_msg("'%s' passes", bad[i]);
		diag_free(&s.sink);
	}
	p->cmdline = "console=ttyS1 console=ttyS2";
	sound_breaks(&s, rule_cmdline_console, 26,
		     "cell 'linux': 'console=ttyS2' is the UART at port 0x3e8, which the cell "
		     "does not own; add it to septum,devices or name another");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unreadable_files_are_refused_with_the_systems_reason),
		cmocka_unit_test(foreign_file_is_refused_with_the_parsers_reason),
		cmocka_unit_test(entry_must_lie_in_loaded_bytes_below_4_gib),
		cmocka_unit_test(segment_over_the_boot_area_or_another_segment_is_refused),
		cmocka_unit_test(segment_must_end_within_one_region),
		cmocka_unit_test(kernel_needs_all_of_its_init_size),
		cmocka_unit_test(relocatable_kernel_may_go_to_a_higher_region),
		cmocka_unit_test(initrd_needs_room_above_or_below_the_kernel),
		cmocka_unit_test(initrd_beyond_the_kernels_limit_is_refused_though_ram_is_there),
		cmocka_unit_test(command_line_longer_than_the_kernel_or_its_place_is_refused),
		cmocka_unit_test(consoles_that_the_cell_owns_or_that_are_no_uart_are_fine),
		cmocka_unit_test(consoles_of_others_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
