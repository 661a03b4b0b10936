/* SPDX-License-Identifier: Apache-2.0 */
/* Long-mode page tables: APM volume 2, 5.3. */
#include "paging.h"

#include "cpu.h"

#define ENTRIES 512u
#define LARGE_BYTES 0x200000ull
#define ADDRESS_MASK 0x000ffffffffff000ull
#define IDENTITY_LIMIT 0x100000000ull
#define SPARE_WINDOW 0xfe200000ull /* nothing of ours is reached through it */

static uint64_t spare_pdpt[ENTRIES] __attribute__((aligned(4096)));
static uint64_t spare_pd[ENTRIES] __attribute__((aligned(4096)));

static uint64_t *table_of(uint64_t entry)
{
	return (uint64_t *)(uintptr_t)(entry & ADDRESS_MASK);
}

/* The next table below *entry; @spare is put in where there is none. */
static uint64_t *descend(uint64_t *entry, const uint64_t *spare)
{
	if (!(*entry & PTE_PRESENT))
		*entry = (uintptr_t)spare | PTE_PRESENT | PTE_WRITE;
	return table_of(*entry);
}

static uint64_t *large_entry(uint64_t address)
{
	uint64_t *pml4 = table_of(cr3_read());
	uint64_t *pdpt = descend(&pml4[address >> 39 & 511], spare_pdpt);
	uint64_t *pd = descend(&pdpt[address >> 30 & 511], spare_pd);

	return &pd[address >> 21 & 511];
}

void *paging_reach(uint64_t gpa)
{
	if (gpa >= IDENTITY_LIMIT) {
		*large_entry(gpa) = (gpa & ~(LARGE_BYTES - 1)) | PTE_LARGE | PTE_WRITE |
				    PTE_PRESENT;
		cr3_write(cr3_read());
	}
	return (void *)(uintptr_t)gpa;
}

static void allow(uint64_t *entry, bool user)
{
	*entry = user ? *entry | PTE_USER : *entry & ~PTE_USER;
}

void paging_allow_user(bool user)
{
	uint64_t *pml4 = table_of(cr3_read());
	uint64_t *pdpt = table_of(pml4[0]);

	allow(&pml4[0], user);
	for (unsigned int i = 0; i < 4; i++) {
		uint64_t *pd = table_of(pdpt[i]);

		allow(&pdpt[i], user);
		for (unsigned int j = 0; j < ENTRIES; j++)
			allow(&pd[j], user);
	}
	cr3_write(cr3_read());
}

void *paging_table_at(uint64_t gpa)
{
	*large_entry(SPARE_WINDOW) = (gpa & ADDRESS_MASK) | PTE_PRESENT | PTE_WRITE;
	cr3_write(cr3_read());
	return (void *)(uintptr_t)SPARE_WINDOW;
}

uint64_t paging_directory(unsigned int gib)
{
	const uint64_t *pml4 = table_of(cr3_read());

	return table_of(pml4[0])[gib] & ADDRESS_MASK;
}
