/* SPDX-License-Identifier: Apache-2.0 */
#include "guest_tables.h"

#include <assert.h>
#include <string.h>

/* Segment descriptors, APM volume 2, 4.7 and 4.8: base 0, limit 4 GiB, accessed. */
#define DESCRIPTOR_CODE_64 0x00af9b000000ffffull /* L = 1, D = 0 */
#define DESCRIPTOR_CODE_32 0x00cf9b000000ffffull /* L = 0, D = 1 */
#define DESCRIPTOR_DATA 0x00cf93000000ffffull

void guest_gdt_build(uint64_t gdt[GUEST_GDT_ENTRIES], bool long_mode)
{
	gdt[0] = 0;
	gdt[1] = 0;
	gdt[2] = long_mode ? DESCRIPTOR_CODE_64 : DESCRIPTOR_CODE_32;
	gdt[3] = DESCRIPTOR_DATA;
}

/* Long-mode page tables, APM volume 2, 5.3 and 5.4. */
#define ENTRIES 512ul
#define PAGE_PRESENT (1ull << 0)
#define PAGE_WRITE (1ull << 1)
#define PAGE_ACCESSED (1ull << 5)
#define PAGE_DIRTY (1ull << 6)
#define PAGE_LARGE (1ull << 7)
#define LARGE_BYTES 0x200000ull
#define DIRECTORIES 4ul /* 1 GiB each */

static_assert(GUEST_TABLES_BYTES == (2 + DIRECTORIES) * 4096, "PML4, PDPT, four directories");
static_assert(DIRECTORIES * ENTRIES * LARGE_BYTES == GUEST_TABLES_REACH, "reach");

void guest_tables_build(uint64_t tables[GUEST_TABLES_BYTES / 8])
{
	const uint64_t branch = PAGE_PRESENT | PAGE_WRITE | PAGE_ACCESSED;
	uint64_t *pdpt = tables + ENTRIES;
	uint64_t *directories = tables + 2 * ENTRIES;

	memset(tables, 0, GUEST_TABLES_BYTES);
	tables[0] = (GPA_BOOT_TABLES + 4096u) | branch;
	for (unsigned int i = 0; i < DIRECTORIES; i++)
		pdpt[i] = (GPA_BOOT_TABLES + (2u + i) * 4096u) | branch;
	for (unsigned int i = 0; i < DIRECTORIES * ENTRIES; i++)
		directories[i] = i * LARGE_BYTES | branch | PAGE_DIRTY | PAGE_LARGE;
}
