/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What Linux is told at its 64-bit entry: the zero page (the kernel's
 * Documentation/arch/x86/zero-page.rst and boot.rst).
 */
#ifndef SEPTUM_X86_LINUX_PARAMS_H
#define SEPTUM_X86_LINUX_PARAMS_H

#include "model.h"

#define E820_USABLE 1u
#define E820_RESERVED 2u
#define E820_ACPI 3u /* ACPI data: usable once the tables are read */
#define E820_MAX 128u /* entries in the zero page */

struct linux_e820 {
	uint64_t start; /* GPA, bytes */
	uint64_t size; /* bytes */
	uint32_t type; /* E820_* */
} __attribute__((packed));
static_assert(sizeof(struct linux_e820) == 20, "e820 entry layout");

/* boot.rst, "The Real-Mode Kernel Header": 0x1f1 to 0x268, of protocol 2.12 */
struct linux_setup_header {
	uint8_t setup_sects;
	uint16_t root_flags;
	uint32_t syssize;
	uint16_t ram_size;
	uint16_t vid_mode;
	uint16_t root_dev;
	uint16_t boot_flag;
	uint16_t jump;
	uint32_t header;
	uint16_t version;
	uint32_t realmode_swtch;
	uint16_t start_sys_seg;
	uint16_t kernel_version;
	uint8_t type_of_loader;
	uint8_t loadflags;
	uint16_t setup_move_size;
	uint32_t code32_start;
	uint32_t ramdisk_image;
	uint32_t ramdisk_size;
	uint32_t bootsect_kludge;
	uint16_t heap_end_ptr;
	uint8_t ext_loader_ver;
	uint8_t ext_loader_type;
	uint32_t cmd_line_ptr;
	uint32_t initrd_addr_max;
	uint32_t kernel_alignment;
	uint8_t relocatable_kernel;
	uint8_t min_alignment;
	uint16_t xloadflags;
	uint32_t cmdline_size;
	uint32_t hardware_subarch;
	uint64_t hardware_subarch_data;
	uint32_t payload_offset;
	uint32_t payload_length;
	uint64_t setup_data;
	uint64_t pref_address;
	uint32_t init_size;
	uint32_t handover_offset;
	uint8_t later[0x290 - 0x268]; /* fields of later protocols */
} __attribute__((packed));

/* zero-page.rst; what is not named here stays zero. */
struct linux_boot_params {
	uint8_t screen_info[0x40]; /* zero: no display */
	uint8_t unused0[0x30];
	uint64_t acpi_rsdp_addr;
	uint8_t unused1[0x1e8 - 0x78];
	uint8_t e820_entries;
	uint8_t unused2[0x1ef - 0x1e9];
	uint8_t sentinel; /* must stay zero, or Linux clears what it does not trust */
	uint8_t unused3;
	struct linux_setup_header hdr;
	uint8_t unused4[0x2d0 - 0x290];
	struct linux_e820 e820_table[E820_MAX];
	uint8_t unused5[0x1000 - 0xcd0];
} __attribute__((packed));
static_assert(sizeof(struct linux_boot_params) == 4096, "zero page layout");
static_assert(offsetof(struct linux_boot_params, acpi_rsdp_addr) == 0x70, "zero page layout");
static_assert(offsetof(struct linux_boot_params, e820_entries) == 0x1e8, "zero page layout");
static_assert(offsetof(struct linux_boot_params, sentinel) == 0x1ef, "zero page layout");
static_assert(offsetof(struct linux_boot_params, hdr) == 0x1f1, "zero page layout");
static_assert(offsetof(struct linux_boot_params, hdr.header) == 0x202, "zero page layout");
static_assert(offsetof(struct linux_boot_params, hdr.type_of_loader) == 0x210, "zero page layout");
static_assert(offsetof(struct linux_boot_params, hdr.ramdisk_image) == 0x218, "zero page layout");
static_assert(offsetof(struct linux_boot_params, hdr.cmd_line_ptr) == 0x228, "zero page layout");
static_assert(offsetof(struct linux_boot_params, hdr.xloadflags) == 0x236, "zero page layout");
static_assert(offsetof(struct linux_boot_params, hdr.pref_address) == 0x258, "zero page layout");
static_assert(offsetof(struct linux_boot_params, e820_table) == 0x2d0, "zero page layout");

struct linux_places { /* where the loader put things, below 4 GiB */
	gpa_t kernel; /* first byte of the protected-mode kernel */
	gpa_t cmdline;
	gpa_t initrd;
	uint64_t initrd_size; /* bytes; 0 = none */
	gpa_t rsdp;
};

/**
 * linux_e820_build() - the memory map of a cell, ascending and disjoint:
 * its RAM below GPA_LOW_RAM_END and from 1 MiB on, regions that touch merged;
 * reserved and ACPI data between, and the configuration space of its PCI reserved.
 * @ecam: GPA of that, CELL_ECAM_BYTES, page aligned above 1 MiB; 0: none.
 * @entries: room for E820_MAX.
 * Return: number of entries, or 0 if the map has more than E820_MAX.
 */
unsigned int linux_e820_build(const struct model_memory *memory, size_t count, uint64_t ecam,
			      struct linux_e820 *entries);

/**
 * linux_params_build() - the zero page, but for its e820 map.
 * @kernel: a bzImage that payload_parse() accepted; its setup header is copied.
 */
void linux_params_build(const struct blob *kernel, const struct linux_places *places,
			struct linux_boot_params *params);

#endif
