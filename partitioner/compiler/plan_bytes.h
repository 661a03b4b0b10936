/* SPDX-License-Identifier: Apache-2.0 */
/* A growing area of memory that will lie at a known host-physical address. */
#ifndef SEPTUM_COMPILER_PLAN_BYTES_H
#define SEPTUM_COMPILER_PLAN_BYTES_H

#include <septum/plan.h>
#include <stddef.h>

struct plan_bytes {
	hpa_t base; /* where bytes[0] will lie, page aligned */
	uint8_t *bytes;
	size_t used; /* bytes taken so far */
	size_t room;
};

/**
 * plan_bytes_take() - reserve zeroed bytes.
 * @align: a power of two, at most PLAN_PAGE_BYTES unless base is aligned better.
 * Return: their host-physical address.  Aborts the program when memory ends.
 */
hpa_t plan_bytes_take(struct plan_bytes *area, size_t size, size_t align);

/** plan_bytes_at() - the bytes at @address; valid until the next take. */
void *plan_bytes_at(const struct plan_bytes *area, hpa_t address);

void plan_bytes_free(struct plan_bytes *area);

#endif
