/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ELF executables, System V ABI (gABI) chapters 4 and 5: 64-bit x86-64 or
 * 32-bit i386, linked at fixed addresses.  A segment goes to its physical
 * address (p_paddr), taken as guest-physical.
 */
#include "payload_formats.h"

#include <elf.h>
#include <string.h>

/* What both classes have, widened. */
struct elf_header {
	uint16_t type, machine, phentsize, phnum;
	uint32_t version;
	uint64_t entry, phoff;
	uint16_t phdr_bytes; /* what phentsize must be */
	uint16_t machine_wanted;
	uint64_t address_end; /* first address beyond the class's reach */
};

struct elf_program {
	uint32_t type;
	uint64_t offset, vaddr, paddr, filesz, memsz;
};

static void header_from_64(const uint8_t *bytes, struct elf_header *h)
{
	Elf64_Ehdr e;

	memcpy(&e, bytes, sizeof(e));
	*h = (struct elf_header){
		.type = e.e_type,
		.machine = e.e_machine,
		.version = e.e_version,
		.entry = e.e_entry,
		.phoff = e.e_phoff,
		.phentsize = e.e_phentsize,
		.phnum = e.e_phnum,
		.phdr_bytes = sizeof(Elf64_Phdr),
		.machine_wanted = EM_X86_64,
		.address_end = UINT64_MAX,
	};
}

static void header_from_32(const uint8_t *bytes, struct elf_header *h)
{
	Elf32_Ehdr e;

	memcpy(&e, bytes, sizeof(e));
	*h = (struct elf_header){
		.type = e.e_type,
		.machine = e.e_machine,
		.version = e.e_version,
		.entry = e.e_entry,
		.phoff = e.e_phoff,
		.phentsize = e.e_phentsize,
		.phnum = e.e_phnum,
		.phdr_bytes = sizeof(Elf32_Phdr),
		.machine_wanted = EM_386,
		.address_end = PAYLOAD_LIMIT_32,
	};
}

static const char *read_header(const struct blob *blob, struct elf_header *h, bool *is_64)
{
	const uint8_t *ident = blob->bytes;

	if (blob->size < EI_NIDENT || memcmp(ident, ELFMAG, SELFMAG) != 0)
		return "not an ELF file";
	if (ident[EI_DATA] != ELFDATA2LSB)
		return "ELF file is not little-endian";
	*is_64 = ident[EI_CLASS] == ELFCLASS64;
	if (!*is_64 && ident[EI_CLASS] != ELFCLASS32)
		return "ELF class is neither 32-bit nor 64-bit";
	if (blob->size < (*is_64 ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr)))
		return "file ends inside the ELF header";
	if (*is_64)
		header_from_64(ident, h);
	else
		header_from_32(ident, h);
	return NULL;
}

static const char *check_header(const struct blob *blob, const struct elf_header *h)
{
	if (h->version != EV_CURRENT)
		return "unknown ELF version";
	if (h->machine != h->machine_wanted)
		return "ELF file is for another machine: need x86-64 (64-bit) or i386 (32-bit)";
	if (h->type == ET_REL)
		return "ELF file is a relocatable object: link it first";
	if (h->type == ET_DYN)
		return "ELF file is position-independent: link it at a fixed address (-no-pie)";
	if (h->type != ET_EXEC)
		return "ELF file is not an executable";
	if (h->phnum == 0)
		return "ELF file has no program headers";
	if (h->phentsize != h->phdr_bytes)
		return "ELF program headers have a foreign size";
	/* PN_XNUM (0xffff) would need 0xffff real headers to pass here. */
	if (!payload_range_ends_by(h->phoff, (uint64_t)h->phnum * h->phentsize, blob->size))
		return "file ends before its ELF program headers";
	return NULL;
}

static void read_program(const uint8_t *bytes, bool is_64, struct elf_program *p)
{
	if (is_64) {
		Elf64_Phdr e;

		memcpy(&e, bytes, sizeof(e));
		*p = (struct elf_program){ e.p_type,  e.p_offset, e.p_vaddr,
					   e.p_paddr, e.p_filesz, e.p_memsz };
	} else {
		Elf32_Phdr e;

		memcpy(&e, bytes, sizeof(e));
		*p = (struct elf_program){ e.p_type,  e.p_offset, e.p_vaddr,
					   e.p_paddr, e.p_filesz, e.p_memsz };
	}
}

static const char *check_segment(const struct blob *blob, const struct elf_header *h,
				 const struct elf_program *p)
{
	if (p->filesz > p->memsz)
		return "ELF segment is larger in the file than in memory";
	if (!payload_range_ends_by(p->offset, p->filesz, blob->size))
		return "file ends before an ELF segment does";
	if (!payload_range_ends_by(p->paddr, p->memsz, h->address_end))
		return "ELF segment ends beyond the address space of its class";
	return NULL;
}

/*
 * e_entry is a virtual address, the cell starts on guest-physical ones: follow
 * the segment that holds it.  An entry in no segment stays as it is.
 */
static void take_entry(const struct elf_header *h, const struct elf_program *p,
		       struct payload_info *info)
{
	if (h->entry >= p->vaddr && h->entry - p->vaddr < p->memsz)
		info->entry.raw = p->paddr + (h->entry - p->vaddr);
}

static const char *take_segment(const struct blob *blob, const struct elf_header *h,
				const struct elf_program *p, struct payload_info *info)
{
	const char *error;

	if (p->type == PT_INTERP)
		return "ELF file is dynamically linked";
	if (p->type != PT_LOAD || p->memsz == 0)
		return NULL;
	error = check_segment(blob, h, p);
	if (error)
		return error;
	if (info->segment_count == PAYLOAD_MAX_SEGMENTS)
		return "ELF file has more than 16 loadable segments";
	info->segments[info->segment_count++] = (struct payload_segment){
		.dest = { p->paddr },
		.file_offset = p->offset,
		.file_bytes = p->filesz,
		.memory_bytes = p->memsz,
	};
	take_entry(h, p, info);
	return NULL;
}
static_assert(PAYLOAD_MAX_SEGMENTS == 16, "the message above names the limit");

void payload_parse_elf(const struct blob *blob, struct payload_info *info)
{
	struct elf_header h;

	info->error = read_header(blob, &h, &info->long_mode);
	if (!info->error)
		info->error = check_header(blob, &h);
	if (info->error)
		return;
	info->entry.raw = h.entry;
	for (unsigned int i = 0; i < h.phnum && !info->error; i++) {
		struct elf_program p;

		read_program(blob->bytes + h.phoff + (uint64_t)i * h.phentsize, info->long_mode,
			     &p);
		info->error = take_segment(blob, &h, &p, info);
	}
	if (!info->error && info->segment_count == 0)
		info->error = "ELF file has nothing to load";
}
