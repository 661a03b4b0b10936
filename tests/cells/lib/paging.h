/* SPDX-License-Identifier: Apache-2.0 */
/* Changes to the guest page tables that the cell was started with. */
#ifndef CELL_PAGING_H
#define CELL_PAGING_H

#include <stdbool.h>
#include <stdint.h>

#define PTE_PRESENT (1ull << 0)
#define PTE_WRITE (1ull << 1)
#define PTE_USER (1ull << 2)
#define PTE_LARGE (1ull << 7)

/** paging_reach() - make @gpa usable at the same virtual address, also above 4 GiB. */
void *paging_reach(uint64_t gpa);

/** paging_allow_user() - let ring 3 use the first 4 GiB, or not. */
void paging_allow_user(bool user);

/**
 * paging_table_at() - let the CPU use the page at @gpa as a page table for one
 * 2 MiB window.  Return: an address in that window.
 */
void *paging_table_at(uint64_t gpa);

/** paging_directory() - address of the page directory that maps one of the first four GiB. */
uint64_t paging_directory(unsigned int gib);

#endif
