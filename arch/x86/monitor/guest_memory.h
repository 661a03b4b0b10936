/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading a cell's memory as its CPU would: only its own RAM, through its own
 * page tables (APM volume 2, chapter 5).  Nothing here writes, and nothing is
 * trusted: the cell may change its tables at any time and harms only itself.
 */
#ifndef SEPTUM_X86_GUEST_MEMORY_H
#define SEPTUM_X86_GUEST_MEMORY_H

#include <septum/plan.h>
#include <stdbool.h>

#define GUEST_FETCH_BYTES 16u /* room that is quickest to fill; holds the longest instruction */

struct guest_paging {
	uint64_t cr0, cr3, cr4, efer;
};

/**
 * guest_translate() - linear to guest-physical address.
 * Permissions are not checked: the CPU has just executed what is read.
 * Return: false if not mapped, or if a table lies outside the cell's RAM.
 */
bool guest_translate(const struct plan *plan, const struct plan_cell *cell,
		     const struct guest_paging *paging, uint64_t linear, gpa_t *gpa);

/**
 * guest_fetch() - up to @room bytes of instructions at a linear address.
 * Return: how many could be read: 0 .. room.
 */
unsigned int guest_fetch(const struct plan *plan, const struct plan_cell *cell,
			 const struct guest_paging *paging, uint64_t linear, uint8_t *bytes,
			 unsigned int room);

#endif
