/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "payload.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

static void parse(const struct blob *blob, struct payload_info *info)
{
	payload_parse(PAYLOAD_ELF, blob, (gpa_t){ 0 }, 0, info);
}

/* Parses a copy of exactly @size bytes, so that a read beyond them is caught. */
static const char *error_of(const uint8_t *bytes, uint64_t size)
{
	struct blob cut = { .path = "cut", .bytes = malloc(size ? size : 1), .size = size };
	struct payload_info info;

	memcpy(cut.bytes, bytes, size);
	parse(&cut, &info);
	blob_free(&cut);
	return info.error;
}

#define ELF_SEGMENTS_MAX 20

struct elf64_file {
	Elf64_Ehdr header;
	Elf64_Phdr programs[ELF_SEGMENTS_MAX];
	uint8_t text[64];
};

static void make_elf64(struct elf64_file *f)
{
	memset(f, 0, sizeof(*f));
	memcpy(f->header.e_ident, ELFMAG, SELFMAG);
	f->header.e_ident[EI_CLASS] = ELFCLASS64;
	f->header.e_ident[EI_DATA] = ELFDATA2LSB;
	f->header.e_ident[EI_VERSION] = EV_CURRENT;
	f->header.e_type = ET_EXEC;
	f->header.e_machine = EM_X86_64;
	f->header.e_version = EV_CURRENT;
	f->header.e_entry = 0x100010;
	f->header.e_phoff = offsetof(struct elf64_file, programs);
	f->header.e_phentsize = sizeof(Elf64_Phdr);
	f->header.e_phnum = 2;
	f->programs[0] = (Elf64_Phdr){
		.p_type = PT_LOAD,
		.p_offset = offsetof(struct elf64_file, text),
		.p_vaddr = 0x100000,
		.p_paddr = 0x100000,
		.p_filesz = 64,
		.p_memsz = 4096,
	};
	f->programs[1] = (Elf64_Phdr){ .p_type = PT_GNU_STACK };
}

static const char *elf64_error(const struct elf64_file *f)
{
	return error_of((const uint8_t *)f, sizeof(*f));
}

static void parse_elf64(struct elf64_file *f, struct payload_info *info)
{
	struct blob blob = { .path = "x.elf", .bytes = (uint8_t *)f, .size = sizeof(*f) };

	parse(&blob, info);
}

static void an_elf64_executable_gives_segments_and_entry(void **state)
{
	struct elf64_file f;
	struct payload_info info;

	(void)state;
	make_elf64(&f);
	parse_elf64(&f, &info);
	assert_null(info.error);
	assert_true(info.long_mode);
	assert_int_equal(info.segment_count, 1);
	assert_int_equal(info.segments[0].dest.raw, 0x100000);
	assert_int_equal(info.segments[0].file_offset, offsetof(struct elf64_file, text));
	assert_int_equal(info.segments[0].file_bytes, 64);
	assert_int_equal(info.segments[0].memory_bytes, 4096);
	assert_int_equal(info.entry.raw, 0x100010);
}

static void an_elf_linked_high_enters_at_its_physical_address(void **state)
{
	struct elf64_file f;
	struct payload_info info;

	(void)state;
	make_elf64(&f);
	f.programs[0].p_vaddr = 0xffffffff80100000;
	f.header.e_entry = 0xffffffff80100fff;
	parse_elf64(&f, &info);
	assert_null(info.error);
	assert_int_equal(info.segments[0].dest.raw, 0x100000);
	assert_int_equal(info.entry.raw, 0x100fff);
	f.header.e_entry = 0x100020; /* in no segment's virtual range: taken as it is */
	parse_elf64(&f, &info);
	assert_int_equal(info.entry.raw, 0x100020);
}

static void an_elf32_i386_executable_runs_in_protected_mode(void **state)
{
	struct {
		Elf32_Ehdr header;
		Elf32_Phdr program;
		uint8_t text[32];
	} f = { .header = { .e_type = ET_EXEC,
			    .e_machine = EM_386,
			    .e_version = EV_CURRENT,
			    .e_entry = 0x200000,
			    .e_phoff = sizeof(Elf32_Ehdr),
			    .e_phentsize = sizeof(Elf32_Phdr),
			    .e_phnum = 1 },
		.program = { .p_type = PT_LOAD,
			     .p_offset = 84,
			     .p_vaddr = 0x200000,
			     .p_paddr = 0x200000,
			     .p_filesz = 32,
			     .p_memsz = 32 } };
	struct blob blob = { .path = "x.elf", .bytes = (uint8_t *)&f, .size = sizeof(f) };
	struct payload_info info;

	(void)state;
	memcpy(f.header.e_ident, ELFMAG, SELFMAG);
	f.header.e_ident[EI_CLASS] = ELFCLASS32;
	f.header.e_ident[EI_DATA] = ELFDATA2LSB;
	parse(&blob, &info);
	assert_null(info.error);
	assert_false(info.long_mode);
	assert_int_equal(info.segments[0].file_offset, 84);
	assert_int_equal(info.entry.raw, 0x200000);
	f.program.p_paddr = 0xfffffff0;
	parse(&blob, &info);
	assert_string_equal(info.error, "ELF segment ends beyond the address space of its class");
	f.header.e_machine = EM_X86_64; /* the x32 ABI */
	parse(&blob, &info);
	assert_string_equal(info.error, "ELF file is for another machine: need x86-64 (64-bit) or "
					"i386 (32-bit)");
}

static void foreign_elf_files_are_refused_by_name(void **state)
{
	struct elf64_file f;

	(void)state;
	make_elf64(&f);
	f.header.e_type = ET_REL;
	assert_string_equal(elf64_error(&f), "ELF file is a relocatable object: link it first");
	f.header.e_type = ET_DYN;
	assert_string_equal(elf64_error(&f), "ELF file is position-independent: link it at a fixed "
					     "address (-no-pie)");
	f.header.e_type = ET_CORE;
	assert_string_equal(elf64_error(&f), "ELF file is not an executable");
	make_elf64(&f);
	f.header.e_machine = EM_AARCH64;
	assert_non_null(strstr(elf64_error(&f), "another machine"));
	make_elf64(&f);
	f.header.e_ident[EI_DATA] = ELFDATA2MSB;
	assert_string_equal(elf64_error(&f), "ELF file is not little-endian");
	make_elf64(&f);
	f.header.e_ident[0] = 'M';
	assert_string_equal(elf64_error(&f), "not an ELF file");
	make_elf64(&f);
	f.programs[1].p_type = PT_INTERP;
	assert_string_equal(elf64_error(&f), "ELF file is dynamically linked");
	make_elf64(&f);
	f.programs[0].p_type = PT_NOTE;
	assert_string_equal(elf64_error(&f), "ELF file has nothing to load");
}

static void hostile_elf_offsets_and_sizes_are_refused(void **state)
{
	struct elf64_file f;

	(void)state;
	make_elf64(&f);
	f.header.e_phoff = UINT64_MAX - 8;
	assert_string_equal(elf64_error(&f), "file ends before its ELF program headers");
	make_elf64(&f);
	f.header.e_phentsize = 1;
	assert_string_equal(elf64_error(&f), "ELF program headers have a foreign size");
	make_elf64(&f);
	f.header.e_phnum = 0xffff;
	assert_string_equal(elf64_error(&f), "file ends before its ELF program headers");
	make_elf64(&f);
	f.programs[0].p_offset = UINT64_MAX;
	assert_string_equal(elf64_error(&f), "file ends before an ELF segment does");
	make_elf64(&f);
	f.programs[0].p_filesz = 4097;
	assert_string_equal(elf64_error(&f), "ELF segment is larger in the file than in memory");
	make_elf64(&f);
	f.programs[0].p_memsz = UINT64_MAX;
	assert_string_equal(elf64_error(&f),
			    "ELF segment ends beyond the address space of its class");
}

static void an_elf_truncated_anywhere_is_refused(void **state)
{
	struct elf64_file f;

	(void)state;
	make_elf64(&f);
	for (uint64_t size = 0; size < sizeof(f); size++)
		assert_non_null(error_of((const uint8_t *)&f, size));
	assert_null(elf64_error(&f));
}

static void the_seventeenth_elf_segment_is_one_too_many(void **state)
{
	struct elf64_file f;
	struct payload_info info;

	(void)state;
	make_elf64(&f);
	for (unsigned int i = 0; i < ELF_SEGMENTS_MAX; i++)
		f.programs[i] = f.programs[0];
	f.header.e_phnum = PAYLOAD_MAX_SEGMENTS;
	parse_elf64(&f, &info);
	assert_null(info.error);
	assert_int_equal(info.segment_count, PAYLOAD_MAX_SEGMENTS);
	f.header.e_phnum = PAYLOAD_MAX_SEGMENTS + 1;
	assert_string_equal(elf64_error(&f), "ELF file has more than 16 loadable segments");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_elf64_executable_gives_segments_and_entry),
		cmocka_unit_test(an_elf_linked_high_enters_at_its_physical_address),
		cmocka_unit_test(an_elf32_i386_executable_runs_in_protected_mode),
		cmocka_unit_test(foreign_elf_files_are_refused_by_name),
		cmocka_unit_test(hostile_elf_offsets_and_sizes_are_refused),
		cmocka_unit_test(an_elf_truncated_anywhere_is_refused),
		cmocka_unit_test(the_seventeenth_elf_segment_is_one_too_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
