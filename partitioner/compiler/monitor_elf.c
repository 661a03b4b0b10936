/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the linked monitor: ELF-64 object file format, x86-64 psABI. */
#include "monitor_elf.h"

#include <elf.h>
#include <string.h>

#define MULTIBOOT2_MAGIC 0xe85250d6u
#define MULTIBOOT2_ALIGN 8u
#define BELOW_4G (1ull << 32)

static bool inside(const struct blob *file, uint64_t offset, uint64_t bytes)
{
	return offset <= file->size && bytes <= file->size - offset;
}

static uint32_t rights_of(uint32_t flags)
{
	return (flags & PF_R ? PLAN_RIGHT_READ : 0) | (flags & PF_W ? PLAN_RIGHT_WRITE : 0) |
	       (flags & PF_X ? PLAN_RIGHT_EXEC : 0);
}

static uint64_t page_up(uint64_t value)
{
	return (value + PLAN_PAGE_BYTES - 1) & ~(uint64_t)(PLAN_PAGE_BYTES - 1);
}

static const char *check_file_header(const struct blob *file, Elf64_Ehdr *header)
{
	if (!file->bytes || file->size < sizeof(*header))
		return "is too short for an ELF file";
	memcpy(header, file->bytes, sizeof(*header));
	if (memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 ||
	    header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_ident[EI_DATA] != ELFDATA2LSB ||
	    header->e_machine != EM_X86_64)
		return "is no 64-bit x86 ELF file";
	if (header->e_type != ET_EXEC)
		return "is not statically linked at a fixed address";
	if (header->e_phentsize != sizeof(Elf64_Phdr) ||
	    !inside(file, header->e_phoff, (uint64_t)header->e_phnum * sizeof(Elf64_Phdr)))
		return "has a damaged program header table";
	return NULL;
}

static const char *check_segment(const struct blob *file, const Elf64_Phdr *program)
{
	const uint32_t both = PF_W | PF_X;

	if (!inside(file, program->p_offset, program->p_filesz) ||
	    program->p_filesz > program->p_memsz)
		return "has a segment that is longer than the file";
	if (program->p_vaddr % PLAN_PAGE_BYTES != 0)
		return "has a segment that does not start at a page";
	if (program->p_vaddr >= BELOW_4G || program->p_memsz > BELOW_4G - program->p_vaddr)
		return "has a segment above 4 GiB";
	if (!(program->p_flags & PF_R) || (program->p_flags & both) == both)
		return "has a segment that is writable and executable, or not readable";
	return NULL;
}

static const char *add_segment(struct monitor_elf *elf, const Elf64_Phdr *program)
{
	const char *error = check_segment(&elf->file, program);
	struct monitor_segment *last;

	if (error)
		return error;
	if (elf->segment_count == MONITOR_SEGMENTS_MAX)
		return "has too many segments";
	if (elf->segment_count > 0) {
		last = &elf->segments[elf->segment_count - 1];
		if (program->p_vaddr < page_up(last->start + last->memory_bytes))
			return "has segments out of order or in one page";
	}
	elf->segments[elf->segment_count++] = (struct monitor_segment){
		.start = program->p_vaddr,
		.memory_bytes = program->p_memsz,
		.file_bytes = program->p_filesz,
		.file_offset = program->p_offset,
		.rights = rights_of(program->p_flags),
	};
	return NULL;
}

static const char *read_segments(struct monitor_elf *elf, const Elf64_Ehdr *header)
{
	const char *error = NULL;

	for (unsigned int i = 0; i < header->e_phnum && !error; i++) {
		Elf64_Phdr program;

		memcpy(&program, elf->file.bytes + header->e_phoff + i * sizeof(program),
		       sizeof(program));
		if (program.p_type == PT_LOAD && program.p_memsz > 0)
			error = add_segment(elf, &program);
	}
	return error;
}

/* Offset into the file of an aligned value in the searched part of the text; 0 if absent. */
static uint64_t find_in_text(const struct monitor_elf *elf, uint64_t value, size_t width,
			     size_t whole)
{
	const struct monitor_segment *text = &elf->segments[0];
	const uint8_t *bytes = elf->file.bytes + text->file_offset;
	uint64_t limit = MULTIBOOT2_SEARCH_BYTES - IMAGE_TEXT_OFFSET;

	if (limit > text->file_bytes)
		limit = text->file_bytes;
	for (uint64_t at = 0; at + whole <= limit; at += MULTIBOOT2_ALIGN)
		if (memcmp(bytes + at, &value, width) == 0)
			return text->file_offset + at;
	return 0;
}

static const char *check_text(struct monitor_elf *elf, uint64_t base)
{
	const struct monitor_segment *text = &elf->segments[0];
	struct monitor_header header;

	if (elf->segment_count == 0 || !(text->rights & PLAN_RIGHT_EXEC))
		return "does not begin with a text segment";
	if (text->start != base)
		return "is linked at another address than the monitor's range";
	if (elf->entry < text->start || elf->entry - text->start >= text->file_bytes)
		return "has its entry outside the text segment";
	if (!find_in_text(elf, MULTIBOOT2_MAGIC, sizeof(uint32_t), 4 * sizeof(uint32_t)))
		return "has no multiboot2 header near its start";
	elf->header_offset = find_in_text(elf, MONITOR_HEADER_MAGIC, sizeof(uint64_t),
					  sizeof(header));
	if (!elf->header_offset)
		return "has no monitor header near its start";
	memcpy(&header, elf->file.bytes + elf->header_offset, sizeof(header));
	if (header.version != PLAN_VERSION)
		return "was built for another version of the plan";
	return NULL;
}

const char *monitor_elf_parse(struct monitor_elf *elf, uint64_t base)
{
	Elf64_Ehdr header;
	const char *error = check_file_header(&elf->file, &header);

	elf->segment_count = 0;
	if (!error) {
		elf->entry = header.e_entry;
		error = read_segments(elf, &header);
	}
	return error ? error : check_text(elf, base);
}

bool monitor_elf_read(struct monitor_elf *elf, const char *path, uint64_t base,
		      struct diag_sink *sink)
{
	const char *const here[] = { ".", NULL };
	const struct src_pos nowhere = { path, 0 };
	const char *error;

	memset(elf, 0, sizeof(*elf));
	blob_read(&elf->file, path, here);
	if (!elf->file.bytes) {
		diag_add(sink, "monitor-file", DIAG_ERROR, nowhere,
			 "monitor '%s' cannot be read: %s; build it first", path,
			 strerror(elf->file.error));
		return false;
	}
	error = monitor_elf_parse(elf, base);
	if (error)
		diag_add(sink, "monitor-file", DIAG_ERROR, nowhere,
			 "monitor '%s' %s (range starts at 0x%llx); build it for this system", path,
			 error, (unsigned long long)base);
	return !error;
}

void monitor_elf_complete(struct monitor_elf *elf, hpa_t plan, hpa_t boot_cr3)
{
	struct monitor_header header;

	memcpy(&header, elf->file.bytes + elf->header_offset, sizeof(header));
	header.plan = plan;
	header.boot_cr3 = boot_cr3;
	memcpy(elf->file.bytes + elf->header_offset, &header, sizeof(header));
}
