/* SPDX-License-Identifier: Apache-2.0 */
/* A cell's memory and CPU state at its first instruction. */
#ifndef SEPTUM_COMPILER_BOOT_IMAGE_H
#define SEPTUM_COMPILER_BOOT_IMAGE_H

#include "model.h"

struct load { /* bytes that go into the cell's RAM before it starts */
	char name[PLAN_NAME_BYTES]; /* "vmlinuz", "initrd", "acpi", "boot_params", ... */
	gpa_t dest;
	uint8_t *bytes; /* owned by the list */
	uint64_t size;
};

struct load_list {
	struct load *items;
	size_t count;
};

enum entry_mode {
	ENTRY_LONG64, /* 64-bit mode, first 4 GiB mapped one to one */
	ENTRY_PROTECTED32, /* 32-bit protected mode, flat segments, paging off */
};

struct entry_state {
	enum entry_mode mode;
	gpa_t rip;
	gpa_t rsp;
	gpa_t cr3; /* ENTRY_LONG64: page tables that are among the loads */
	gpa_t gdt; /* GDT that is among the loads: 0x08 unused, 0x10 code, 0x18 data */
	uint16_t gdt_limit;
	uint64_t rax, rbx, rsi, rdi;
};

/**
 * boot_image_build() - everything a cell finds in its RAM: payload, guest page
 * tables, GDT, and for Linux the boot parameters, command line, initrd and ACPI.
 * @work_dir: folder for generated ASL and its compiled form (kept, for reading).
 * Return: false after reporting to @sink.  Loads never overlap and lie in the cell's RAM.
 */
bool boot_image_build(const struct model *model, const struct model_cell *cell,
		      const char *work_dir, struct load_list *loads, struct entry_state *entry,
		      struct diag_sink *sink);
void load_list_free(struct load_list *loads);

#endif
