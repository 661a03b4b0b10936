/* SPDX-License-Identifier: Apache-2.0 */
/* Writing septum.elf: ELF-64, one program header per segment, no section but the null one. */
#include "image_elf.h"

#include "monitor_elf.h"

#include <elf.h>
#include <errno.h>
#include <string.h>

static_assert(sizeof(Elf64_Ehdr) + IMAGE_SEGMENTS_MAX * sizeof(Elf64_Phdr) + sizeof(Elf64_Shdr) <=
		      IMAGE_TEXT_OFFSET,
	      "headers fit before the text");

/* What is needed of a segment in the file: up to its last piece's end. */
static uint64_t file_bytes(const struct image_segment *segment)
{
	const struct image_piece *last;

	if (segment->piece_count == 0)
		return 0;
	last = &segment->pieces[segment->piece_count - 1];
	return last->address + last->size - segment->start;
}

static uint64_t page_up(uint64_t value)
{
	return (value + PLAN_PAGE_BYTES - 1) & ~(uint64_t)(PLAN_PAGE_BYTES - 1);
}

static void fill_program_header(Elf64_Phdr *program, const struct image_segment *segment,
				uint64_t offset)
{
	program->p_type = PT_LOAD;
	program->p_flags = (segment->rights & PLAN_RIGHT_READ ? PF_R : 0u) |
			   (segment->rights & PLAN_RIGHT_WRITE ? PF_W : 0u) |
			   (segment->rights & PLAN_RIGHT_EXEC ? PF_X : 0u);
	program->p_offset = offset;
	program->p_vaddr = segment->start;
	program->p_paddr = segment->start;
	program->p_filesz = file_bytes(segment);
	program->p_memsz = segment->memory_bytes;
	program->p_align = PLAN_PAGE_BYTES;
}

static void fill_file_header(Elf64_Ehdr *header, uint64_t entry, size_t programs)
{
	memcpy(header->e_ident, ELFMAG, SELFMAG);
	header->e_ident[EI_CLASS] = ELFCLASS64;
	header->e_ident[EI_DATA] = ELFDATA2LSB;
	header->e_ident[EI_VERSION] = EV_CURRENT;
	header->e_type = ET_EXEC;
	header->e_machine = EM_X86_64;
	header->e_version = EV_CURRENT;
	header->e_entry = entry;
	header->e_phoff = sizeof(*header);
	header->e_ehsize = sizeof(*header);
	header->e_phentsize = sizeof(Elf64_Phdr);
	header->e_phnum = (uint16_t)programs;
	/* GRUB 2.12 refuses files without a section header table: the null section's is enough. */
	header->e_shoff = header->e_phoff + programs * sizeof(Elf64_Phdr);
	header->e_shentsize = sizeof(Elf64_Shdr);
	header->e_shnum = 1;
}

static bool put(FILE *out, const void *bytes, uint64_t size, uint64_t *at)
{
	*at += size;
	return size == 0 || fwrite(bytes, 1, size, out) == size;
}

static bool pad_to(FILE *out, uint64_t target, uint64_t *at)
{
	static const uint8_t zeros[PLAN_PAGE_BYTES];

	while (*at < target) {
		const uint64_t left = target - *at;

		if (!put(out, zeros, left < sizeof(zeros) ? left : sizeof(zeros), at))
			return false;
	}
	return true;
}

static bool write_segment(FILE *out, const struct image_segment *segment, uint64_t offset,
			  uint64_t *at)
{
	for (size_t i = 0; i < segment->piece_count; i++) {
		const struct image_piece *piece = &segment->pieces[i];

		if (!pad_to(out, offset + (piece->address - segment->start), at) ||
		    !put(out, piece->bytes, piece->size, at))
			return false;
	}
	return true;
}

bool image_elf_write(FILE *out, uint64_t entry, const struct image_segment *segments, size_t count)
{
	Elf64_Phdr programs[IMAGE_SEGMENTS_MAX] = { 0 };
	const Elf64_Shdr null_section = { 0 };
	Elf64_Ehdr header = { 0 };
	size_t used = 0;
	uint64_t offset = IMAGE_TEXT_OFFSET;
	uint64_t at = 0;

	if (count > IMAGE_SEGMENTS_MAX) {
		errno = E2BIG;
		return false;
	}
	for (size_t i = 0; i < count; i++) {
		if (segments[i].memory_bytes == 0)
			continue;
		fill_program_header(&programs[used++], &segments[i], offset);
		offset += page_up(file_bytes(&segments[i]));
	}
	fill_file_header(&header, entry, used);
	if (!put(out, &header, sizeof(header), &at) ||
	    !put(out, programs, used * sizeof(programs[0]), &at) ||
	    !put(out, &null_section, sizeof(null_section), &at))
		return false;
	used = 0;
	for (size_t i = 0; i < count; i++)
		if (segments[i].memory_bytes != 0 &&
		    !write_segment(out, &segments[i], programs[used++].p_offset, &at))
			return false;
	return true;
}
