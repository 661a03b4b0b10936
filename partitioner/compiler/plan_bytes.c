/* SPDX-License-Identifier: Apache-2.0 */
/* A growing area of memory that will lie at a known host-physical address. */
#include "plan_bytes.h"

#include <stdlib.h>
#include <string.h>

static void grow(struct plan_bytes *area, size_t needed)
{
	size_t room = area->room ? area->room : (size_t)64 * PLAN_PAGE_BYTES;
	uint8_t *bytes;

	while (room < needed)
		room *= 2;
	bytes = realloc(area->bytes, room);
	if (!bytes)
		abort();
	memset(bytes + area->room, 0, room - area->room);
	area->bytes = bytes;
	area->room = room;
}

hpa_t plan_bytes_take(struct plan_bytes *area, size_t size, size_t align)
{
	const uint64_t start = (area->base.raw + area->used + align - 1) & ~((uint64_t)align - 1);
	const size_t end = (size_t)(start - area->base.raw) + size;

	if (end > area->room)
		grow(area, end);
	area->used = end;
	return (hpa_t){ start };
}

void *plan_bytes_at(const struct plan_bytes *area, hpa_t address)
{
	if (address.raw < area->base.raw || address.raw - area->base.raw >= area->used)
		abort();
	return area->bytes + (address.raw - area->base.raw);
}

void plan_bytes_free(struct plan_bytes *area)
{
	free(area->bytes);
	*area = (struct plan_bytes){ .base = area->base };
}
