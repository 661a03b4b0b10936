/* SPDX-License-Identifier: Apache-2.0 */
/* The descriptor table and page tables a cell starts on, in its own RAM. */
#ifndef SEPTUM_X86_GUEST_TABLES_H
#define SEPTUM_X86_GUEST_TABLES_H

#include "gpa_map.h"

#include <stdbool.h>
#include <stdint.h>

#define GUEST_GDT_ENTRIES 4u /* null, unused, code (0x10), data (0x18) */
#define GUEST_GDT_BYTES (GUEST_GDT_ENTRIES * 8u)
#define GUEST_TABLES_BYTES (GPA_BOOT_TABLES_END - GPA_BOOT_TABLES)
#define GUEST_TABLES_REACH 0x100000000ull /* bytes mapped one to one, from 0 */

/**
 * guest_gdt_build() - flat 4 GiB code and data segments, as the Linux boot
 * protocol wants them at 0x10 and 0x18.
 * @long_mode: the code segment is a 64-bit one, else a 32-bit one.
 */
void guest_gdt_build(uint64_t gdt[GUEST_GDT_ENTRIES], bool long_mode);

/**
 * guest_tables_build() - PML4, PDPT and four page directories that map the
 * first 4 GiB one to one with 2 MiB pages, to be placed at GPA_BOOT_TABLES.
 * @tables: GUEST_TABLES_BYTES, all of it written.
 */
void guest_tables_build(uint64_t tables[GUEST_TABLES_BYTES / 8]);

#endif
