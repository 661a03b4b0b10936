/* SPDX-License-Identifier: Apache-2.0 */
/* A cell's initial memory while it is put together: bytes, and room they need. */
#ifndef SEPTUM_X86_BOOT_LAYOUT_H
#define SEPTUM_X86_BOOT_LAYOUT_H

#include "boot_image.h"

#define BOOT_MAX_EXTENTS (PAYLOAD_MAX_SEGMENTS + 16u)

struct boot_extent { /* GPAs that something occupies, loaded or not */
	char name[PLAN_NAME_BYTES];
	uint64_t start;
	uint64_t size; /* bytes */
};

struct boot_layout {
	const struct model_cell *cell;
	struct load_list *loads;
	struct diag_sink *sink;
	struct boot_extent extents[BOOT_MAX_EXTENTS];
	unsigned int extent_count;
};

/**
 * boot_layout_add() - put @bytes at @dest and keep @room bytes there.
 * @bytes: copied; @size may be 0, then only the room is kept.
 * @room: at least @size.
 */
void boot_layout_add(struct boot_layout *layout, const char *name, uint64_t dest, const void *bytes,
		     uint64_t size, uint64_t room);

/** boot_layout_in_ram() - does [start, start + size) lie in one RAM region of the cell? */
bool boot_layout_in_ram(const struct model_cell *cell, uint64_t start, uint64_t size);

/**
 * boot_layout_check() - every extent in the cell's RAM, no two overlap.
 * Return: false after reporting payload-fits and payload-overlap, all of them.
 */
bool boot_layout_check(const struct boot_layout *layout);

/** boot_linux_add() - kernel, initrd, command line, ACPI and zero page; sets the entry. */
bool boot_linux_add(struct boot_layout *layout, const struct model *model, const char *work_dir,
		    struct entry_state *entry);

/** boot_acpi_add() - makes the cell's ACPI tables and puts them at GPA_ACPI. */
bool boot_acpi_add(struct boot_layout *layout, const struct model *model, const char *work_dir);

#endif
