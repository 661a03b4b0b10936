/* SPDX-License-Identifier: Apache-2.0 */
/* Placing a Linux kernel and all it reads at its 64-bit entry (boot.rst). */
#include "boot_layout.h"
#include "cell_pci.h"
#include "gpa_map.h"
#include "guest_tables.h"
#include "linux_params.h"

#include <inttypes.h>
#include <string.h>

#define ENTRY_64_OFFSET 0x200u
#define PAGE_MASK ((uint64_t)PLAN_PAGE_BYTES - 1)

static bool kernel_fits(const struct model_cell *cell, uint64_t load)
{
	uint64_t need = cell->payload.info.init_size;

	return load <= GUEST_TABLES_REACH && need <= GUEST_TABLES_REACH - load &&
	       boot_layout_in_ram(cell, load, need);
}

/*
 * The preferred address, else the lowest aligned one above it.  Not below: a
 * relocatable kernel loaded below pref_address unpacks itself at pref_address
 * all the same, so the RAM must be there anyway.
 */
static bool find_kernel(const struct model_cell *cell, uint64_t *load)
{
	const struct payload_info *info = &cell->payload.info;
	uint64_t align = info->kernel_alignment;
	uint64_t lowest = info->pref_address > GPA_HIGH_RAM ? info->pref_address : GPA_HIGH_RAM;
	bool found = kernel_fits(cell, info->pref_address) && info->pref_address >= GPA_HIGH_RAM;

	*load = info->pref_address;
	for (size_t i = 0; i < cell->memory_count && info->relocatable; i++) {
		uint64_t start = cell->memory[i].gpa;

		if (start < lowest)
			start = lowest;
		if (start > GUEST_TABLES_REACH)
			continue;
		start = (start + align - 1) & ~(align - 1);
		if (kernel_fits(cell, start) && (!found || start < *load)) {
			*load = start;
			found = true;
		}
	}
	return found;
}

static bool add_kernel(struct boot_layout *layout, uint64_t *load)
{
	const struct model_payload *p = &layout->cell->payload;
	const struct payload_segment *s = &p->info.segments[0];

	if (!find_kernel(layout->cell, load)) {
		diag_add(layout->sink, "payload-fits", DIAG_ERROR, p->image_pos,
			 "cell '%s': kernel '%s' needs 0x%" PRIx64
			 " bytes of RAM in one region at GPA 0x%" PRIx64
			 "%s, below 4 GiB; enlarge the cell's memory to at least 0x%" PRIx64,
			 layout->cell->name, p->image.path, p->info.init_size, p->info.pref_address,
			 p->info.relocatable ? " or above" : "",
			 p->info.pref_address + p->info.init_size);
		return false;
	}
	boot_layout_add(layout, "vmlinuz", *load, p->image.bytes + s->file_offset, s->file_bytes,
			s->memory_bytes);
	return true;
}

/* Highest page-aligned start in [low, high) for @size bytes; 0 = none. */
static uint64_t highest_in(uint64_t low, uint64_t high, uint64_t size)
{
	uint64_t start;

	if (high <= low || high - low < size)
		return 0;
	start = (high - size) & ~PAGE_MASK;
	return start >= low ? start : 0;
}

/* Highest place from 1 MiB up to @limit in one RAM region, clear of the kernel; 0 = none. */
static uint64_t find_initrd(const struct model_cell *cell, uint64_t kernel, uint64_t limit,
			    uint64_t size)
{
	uint64_t kernel_end = kernel + cell->payload.info.init_size;
	uint64_t best = 0;

	for (size_t i = 0; i < cell->memory_count; i++) {
		const struct model_memory *m = &cell->memory[i];
		uint64_t low = m->gpa > GPA_HIGH_RAM ? m->gpa : GPA_HIGH_RAM;
		uint64_t high = m->gpa < limit && m->size < limit - m->gpa ? m->gpa + m->size :
									     limit;
		uint64_t above = highest_in(low > kernel_end ? low : kernel_end, high, size);
		uint64_t below = highest_in(low, high < kernel ? high : kernel, size);

		if (above > best)
			best = above;
		if (below > best)
			best = below;
	}
	return best;
}

static bool add_initrd(struct boot_layout *layout, struct linux_places *places)
{
	const struct model_payload *p = &layout->cell->payload;
	uint64_t limit = p->info.initrd_addr_max + 1;
	uint64_t at;

	if (!p->initrd.path)
		return true;
	if (!p->initrd.bytes || p->initrd.size == 0) {
		diag_add(layout->sink, "payload-exists", DIAG_ERROR, p->initrd_pos,
			 "cell '%s': initrd '%s' is %s; give a readable file or remove "
			 "septum,initrd",
			 layout->cell->name, p->initrd.path,
			 p->initrd.bytes ? "empty" : strerror(p->initrd.error));
		return false;
	}
	at = find_initrd(layout->cell, places->kernel.raw, limit, p->initrd.size);
	if (at == 0) {
		diag_add(layout->sink, "initrd-limit", DIAG_ERROR, p->initrd_pos,
			 "cell '%s': no room for the %" PRIu64
			 " bytes of initrd '%s' below GPA 0x%" PRIx64
			 " beside the kernel; enlarge the cell's memory or shrink the initrd",
			 layout->cell->name, p->initrd.size, p->initrd.path, limit);
		return false;
	}
	places->initrd.raw = at;
	places->initrd_size = p->initrd.size;
	boot_layout_add(layout, "initrd", at, p->initrd.bytes, p->initrd.size, p->initrd.size);
	return true;
}

static bool add_cmdline(struct boot_layout *layout)
{
	const struct model_payload *p = &layout->cell->payload;
	const char *text = p->cmdline ? p->cmdline : "";
	uint64_t room = GPA_CMDLINE_END - GPA_CMDLINE;
	uint64_t length = strlen(text);
	uint64_t most = p->info.cmdline_size < room ? p->info.cmdline_size : room - 1;

	if (length > most) {
		diag_add(layout->sink, "cmdline-length", DIAG_ERROR, p->cmdline_pos,
			 "cell '%s': command line has %" PRIu64 " bytes, kernel '%s' takes %" PRIu64
			 "; shorten bootargs",
			 layout->cell->name, length, p->image.path, most);
		return false;
	}
	boot_layout_add(layout, "cmdline", GPA_CMDLINE, text, length + 1, room);
	return true;
}

/*
 * With hardware-reduced ACPI, Linux restarts by EFI or else by a jump to the
 * BIOS.  There is none: these instructions ask for the cell's reset instead.
 */
static void add_reset_vector(struct boot_layout *layout)
{
	static const uint8_t code[] = {
		0xba,
		PORT_CELL_RESET & 0xff,
		PORT_CELL_RESET >> 8, /* mov dx, port */
		0xb0,
		PORT_CELL_RESET_VALUE, /* mov al, value */
		0xee, /* out dx, al */
		0xf4, /* hlt */
		0xeb,
		0xfd, /* jmp to the hlt */
	};

	boot_layout_add(layout, "reset vector", GPA_RESET_VECTOR, code, sizeof(code),
			GPA_HIGH_RAM - GPA_RESET_VECTOR);
}

static bool add_params(struct boot_layout *layout, const struct model *model,
		       const struct linux_places *places)
{
	const struct model_cell *cell = layout->cell;
	struct linux_boot_params params;
	unsigned int entries;

	linux_params_build(&cell->payload.image, places, &params);
	entries = linux_e820_build(cell->memory, cell->memory_count, cell_ecam(model, cell),
				   params.e820_table);
	if (entries == 0) {
		diag_add(layout->sink, "payload-fits", DIAG_ERROR, cell->pos,
			 "cell '%s': its memory map has more than %u entries, which is all that "
			 "Linux takes; give the cell fewer memory regions",
			 cell->name, E820_MAX);
		return false;
	}
	params.e820_entries = (uint8_t)entries;
	boot_layout_add(layout, "boot_params", GPA_BOOT_PARAMS, &params, sizeof(params),
			sizeof(params));
	return true;
}

bool boot_linux_add(struct boot_layout *layout, const struct model *model, const char *work_dir,
		    struct entry_state *entry)
{
	struct linux_places places = {
		.cmdline = { GPA_CMDLINE },
		.rsdp = { GPA_ACPI },
	};
	bool fine = add_kernel(layout, &places.kernel.raw);

	/* Each of these reports on its own, so that one run names all that is wrong. */
	fine = fine && add_initrd(layout, &places);
	fine = add_cmdline(layout) && fine;
	fine = boot_acpi_add(layout, model, work_dir) && fine;
	if (!fine)
		return false;
	add_reset_vector(layout);
	entry->rip.raw = places.kernel.raw + ENTRY_64_OFFSET;
	entry->rsi = GPA_BOOT_PARAMS;
	return add_params(layout, model, &places);
}
