/* SPDX-License-Identifier: Apache-2.0 */
#include "monitor_elf.h"

#include "sample_system.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static Elf64_Ehdr *header_of(struct sample *s)
{
	return (void *)s->monitor.file.bytes;
}

static Elf64_Phdr *program_of(struct sample *s, size_t index)
{
	Elf64_Phdr *table = (void *)(s->monitor.file.bytes + sizeof(Elf64_Ehdr));

	return table + index;
}

/* What the file is refused for must be what was broken in it. */
static void refused_for(struct sample *s, const char *reason)
{
	const char *error = monitor_elf_parse(&s->monitor, SAMPLE_BASE);

	assert_non_null(error);
	assert_non_null(strstr(error, reason));
}

static void a_linked_monitor_shows_its_segments_and_entry(void **state)
{
	struct sample *s = *state;

	assert_null(monitor_elf_parse(&s->monitor, SAMPLE_BASE));
	assert_int_equal(s->monitor.segment_count, 3);
	assert_int_equal(s->monitor.entry, SAMPLE_ENTRY);
	assert_int_equal(s->monitor.segments[0].rights, PLAN_RIGHT_READ | PLAN_RIGHT_EXEC);
	assert_int_equal(s->monitor.segments[1].rights, PLAN_RIGHT_READ);
	assert_int_equal(s->monitor.segments[2].rights, PLAN_RIGHT_READ | PLAN_RIGHT_WRITE);
	assert_int_equal(s->monitor.segments[2].file_bytes, SAMPLE_DATA_BYTES);
	assert_int_equal(s->monitor.segments[2].memory_bytes, SAMPLE_DATA_MEMORY);
	assert_int_equal(s->monitor.header_offset, SAMPLE_FILE_TEXT + SAMPLE_HEADER);
}

static void the_header_is_completed_in_place(void **state)
{
	struct sample *s = *state;
	struct monitor_header header;

	monitor_elf_complete(&s->monitor, (hpa_t){ 0x1111000 }, (hpa_t){ 0x2222000 });
	memcpy(&header, s->monitor.file.bytes + SAMPLE_FILE_TEXT + SAMPLE_HEADER, sizeof(header));
	assert_int_equal(header.magic, MONITOR_HEADER_MAGIC);
	assert_int_equal(header.plan.raw, 0x1111000);
	assert_int_equal(header.boot_cr3.raw, 0x2222000);
}

static void a_monitor_for_another_address_is_refused(void **state)
{
	struct sample *s = *state;
	const char *error = monitor_elf_parse(&s->monitor, SAMPLE_BASE + 0x1000);

	assert_non_null(strstr(error, "another address"));
}

static void a_monitor_for_another_plan_version_is_refused(void **state)
{
	struct sample *s = *state;

	s->monitor.file.bytes[SAMPLE_FILE_TEXT + SAMPLE_HEADER + 8]++;
	refused_for(s, "another version");
}

static void a_foreign_or_short_file_is_refused(void **state)
{
	struct sample *s = *state;

	header_of(s)->e_machine = EM_AARCH64;
	refused_for(s, "no 64-bit x86 ELF");
	header_of(s)->e_machine = EM_X86_64;
	header_of(s)->e_type = ET_DYN;
	refused_for(s, "fixed address");
	s->monitor.file.size = sizeof(Elf64_Ehdr) - 1;
	refused_for(s, "too short");
}

static void a_program_header_table_outside_the_file_is_refused(void **state)
{
	struct sample *s = *state;

	header_of(s)->e_phoff = SAMPLE_FILE_BYTES - 1;
	refused_for(s, "damaged program header");
	header_of(s)->e_phoff = UINT64_MAX - 8;
	refused_for(s, "damaged program header");
}

static void segments_that_break_a_rule_are_refused(void **state)
{
	struct sample *s = *state;
	Elf64_Phdr *program = program_of(s, 1);
	const Elf64_Phdr good = *program;

	program->p_filesz = SAMPLE_FILE_BYTES;
	program->p_memsz = SAMPLE_FILE_BYTES;
	refused_for(s, "longer than the file");
	*program = good;
	program->p_memsz = program->p_filesz - 1;
	refused_for(s, "longer than the file");
	*program = good;
	program->p_vaddr += 8;
	refused_for(s, "does not start at a page");
	*program = good;
	program->p_vaddr = 1ull << 32;
	refused_for(s, "above 4 GiB");
	*program = good;
	program->p_flags = PF_R | PF_W | PF_X;
	refused_for(s, "writable and executable");
	*program = good;
	program->p_vaddr = SAMPLE_BASE;
	refused_for(s, "out of order or in one page");
	*program = good;
	assert_null(monitor_elf_parse(&s->monitor, SAMPLE_BASE));
}

static void an_entry_outside_the_text_is_refused(void **state)
{
	struct sample *s = *state;

	header_of(s)->e_entry = SAMPLE_BASE + SAMPLE_TEXT_BYTES;
	refused_for(s, "entry outside");
	header_of(s)->e_entry--;
	assert_null(monitor_elf_parse(&s->monitor, SAMPLE_BASE));
}

static void a_text_without_either_header_is_refused(void **state)
{
	struct sample *s = *state;
	uint8_t *text = s->monitor.file.bytes + SAMPLE_FILE_TEXT;

	text[0] ^= 1;
	refused_for(s, "no multiboot2 header");
	text[0] ^= 1;
	text[SAMPLE_HEADER] ^= 1;
	refused_for(s, "no monitor header");
}

/* GRUB looks for the header in the first 32 KiB of the file, of which 4 KiB come before. */
static void a_multiboot_header_too_far_back_is_refused(void **state)
{
	const uint64_t last = 32768 - 4096 - 16;
	struct sample *s = *state;
	Elf64_Phdr *text;
	struct blob *file = &s->monitor.file;
	uint8_t *bytes;

	program_of(s, 1)->p_type = PT_NULL;
	program_of(s, 2)->p_type = PT_NULL;
	bytes = realloc(file->bytes, 0x10000);
	assert_non_null(bytes);
	file->bytes = bytes;
	file->size = 0x10000;
	text = program_of(s, 0);
	text->p_filesz = 0xf000;
	text->p_memsz = 0xf000;
	memset(file->bytes + SAMPLE_FILE_TEXT + SAMPLE_FILE_BYTES, 0, 0xf000 - SAMPLE_FILE_BYTES);
	memmove(file->bytes + SAMPLE_FILE_TEXT + last, file->bytes + SAMPLE_FILE_TEXT, 16);
	memset(file->bytes + SAMPLE_FILE_TEXT, 0, 16);
	assert_null(monitor_elf_parse(&s->monitor, SAMPLE_BASE));
	memmove(file->bytes + SAMPLE_FILE_TEXT + last + 8, file->bytes + SAMPLE_FILE_TEXT + last,
		16);
	memset(file->bytes + SAMPLE_FILE_TEXT + last, 0, 8);
	refused_for(s, "no multiboot2 header");
}

static void a_missing_file_is_reported_by_name(void **state)
{
	struct sample *s = *state;
	struct monitor_elf monitor;

	assert_false(monitor_elf_read(&monitor, "no-such-monitor.elf", SAMPLE_BASE, &s->sink));
	blob_free(&monitor.file);
	assert_string_equal(sample_only_rule(s), "monitor-file");
	assert_non_null(strstr(s->sink.items[0].text, "no-such-monitor.elf"));
}

#define WITH_SAMPLE(test) cmocka_unit_test_setup_teardown(test, sample_setup, sample_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_SAMPLE(a_linked_monitor_shows_its_segments_and_entry),
		WITH_SAMPLE(the_header_is_completed_in_place),
		WITH_SAMPLE(a_monitor_for_another_address_is_refused),
		WITH_SAMPLE(a_monitor_for_another_plan_version_is_refused),
		WITH_SAMPLE(a_foreign_or_short_file_is_refused),
		WITH_SAMPLE(a_program_header_table_outside_the_file_is_refused),
		WITH_SAMPLE(segments_that_break_a_rule_are_refused),
		WITH_SAMPLE(an_entry_outside_the_text_is_refused),
		WITH_SAMPLE(a_text_without_either_header_is_refused),
		WITH_SAMPLE(a_multiboot_header_too_far_back_is_refused),
		WITH_SAMPLE(a_missing_file_is_reported_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
