/* SPDX-License-Identifier: Apache-2.0 */
#include "image_elf.h"

#include "sample_system.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static const uint8_t text[] = { 1, 2, 3, 4, 5 };
static const uint8_t first_load[] = { 6, 7 };
static const uint8_t second_load[] = { 8 };
static const struct image_piece text_piece = { 0x10000000, text, sizeof(text) };
static const struct image_piece loads[] = {
	{ 0x10002000, first_load, sizeof(first_load) },
	{ 0x10003000, second_load, sizeof(second_load) },
};
static const struct image_segment segments[] = {
	{ 0x10000000, 0x1000, PLAN_RIGHT_READ | PLAN_RIGHT_EXEC, &text_piece, 1 },
	{ 0x10001000, 0, PLAN_RIGHT_READ, NULL, 0 },
	{ 0x10002000, 0x2000, PLAN_RIGHT_READ, loads, 2 },
	{ 0x10004000, 0x8000, PLAN_RIGHT_READ | PLAN_RIGHT_WRITE, NULL, 0 },
};

struct written {
	char *bytes;
	size_t size;
	Elf64_Ehdr header;
	Elf64_Phdr programs[4];
};

static void write_sample(struct written *out)
{
	FILE *stream = open_memstream(&out->bytes, &out->size);

	assert_non_null(stream);
	assert_true(image_elf_write(stream, 0x10000004, segments, 4));
	fclose(stream);
	assert_true(out->size > 0x1000);
	memcpy(&out->header, out->bytes, sizeof(out->header));
	memcpy(out->programs, out->bytes + out->header.e_phoff,
	       out->header.e_phnum * sizeof(out->programs[0]));
}

static void the_file_is_a_64_bit_x86_executable(void **unused)
{
	struct written out;

	(void)unused;
	write_sample(&out);
	assert_memory_equal(out.header.e_ident, "\177ELF\2\1\1", 7);
	assert_int_equal(out.header.e_type, ET_EXEC);
	assert_int_equal(out.header.e_machine, EM_X86_64);
	assert_int_equal(out.header.e_entry, 0x10000004);
	assert_int_equal(out.header.e_phnum, 3);
	free(out.bytes);
}

/* Some loaders refuse a file without a table of sections; none may find one to load. */
static void the_only_section_is_the_null_one(void **unused)
{
	static const Elf64_Shdr null_section;
	struct written out;

	(void)unused;
	write_sample(&out);
	assert_int_equal(out.header.e_shnum, 1);
	assert_int_equal(out.header.e_shentsize, sizeof(null_section));
	assert_int_equal(out.header.e_shstrndx, SHN_UNDEF);
	assert_int_equal(out.header.e_shoff, 64 + 3 * 56);
	assert_memory_equal(out.bytes + out.header.e_shoff, &null_section, sizeof(null_section));
	free(out.bytes);
}

static void the_text_lands_on_the_second_page_of_the_file(void **unused)
{
	struct written out;

	(void)unused;
	write_sample(&out);
	assert_int_equal(out.programs[0].p_offset, 4096);
	assert_int_equal(out.programs[0].p_flags, PF_R | PF_X);
	assert_int_equal(out.programs[0].p_filesz, sizeof(text));
	assert_int_equal(out.programs[0].p_memsz, 0x1000);
	assert_memory_equal(out.bytes + 4096, text, sizeof(text));
	free(out.bytes);
}

static void every_segment_is_loaded_where_it_runs(void **unused)
{
	struct written out;

	(void)unused;
	write_sample(&out);
	for (size_t i = 0; i < out.header.e_phnum; i++) {
		assert_int_equal(out.programs[i].p_type, PT_LOAD);
		assert_int_equal(out.programs[i].p_paddr, out.programs[i].p_vaddr);
		assert_int_equal(out.programs[i].p_offset % 4096, 0);
		assert_int_equal(out.programs[i].p_align, 4096);
		assert_in_range(out.programs[i].p_filesz, 0, out.programs[i].p_memsz);
		assert_in_range(out.programs[i].p_offset + out.programs[i].p_filesz, 0,
				(out.size + 4095) / 4096 * 4096);
	}
	free(out.bytes);
}

static void pieces_keep_their_distance_and_the_gap_is_zero(void **unused)
{
	struct written out;

	(void)unused;
	write_sample(&out);
	assert_int_equal(out.programs[1].p_filesz, 0x1001);
	assert_memory_equal(out.bytes + out.programs[1].p_offset, first_load, 2);
	assert_memory_equal(out.bytes + out.programs[1].p_offset + 0x1000, second_load, 1);
	for (size_t i = 2; i < 0x1000; i++)
		assert_int_equal(out.bytes[out.programs[1].p_offset + i], 0);
	free(out.bytes);
}

static void memory_without_content_takes_no_room_in_the_file(void **unused)
{
	struct written out;

	(void)unused;
	write_sample(&out);
	assert_int_equal(out.programs[2].p_filesz, 0);
	assert_int_equal(out.programs[2].p_memsz, 0x8000);
	assert_int_equal(out.size, out.programs[1].p_offset + out.programs[1].p_filesz);
	free(out.bytes);
}

static void a_stream_that_takes_no_more_is_noticed(void **unused)
{
	char room[4200];
	FILE *stream = fmemopen(room, sizeof(room), "wb");
	bool fine;

	(void)unused;
	assert_non_null(stream);
	setvbuf(stream, NULL, _IONBF, 0);
	fine = image_elf_write(stream, 0, segments, 4);
	fclose(stream);
	assert_false(fine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_file_is_a_64_bit_x86_executable),
		cmocka_unit_test(the_only_section_is_the_null_one),
		cmocka_unit_test(the_text_lands_on_the_second_page_of_the_file),
		cmocka_unit_test(every_segment_is_loaded_where_it_runs),
		cmocka_unit_test(pieces_keep_their_distance_and_the_gap_is_zero),
		cmocka_unit_test(memory_without_content_takes_no_room_in_the_file),
		cmocka_unit_test(a_stream_that_takes_no_more_is_noticed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
