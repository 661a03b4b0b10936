/* SPDX-License-Identifier: Apache-2.0 */
#include "boot_layout.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void add_load(struct load_list *loads, const char *name, uint64_t dest, const void *bytes,
		     uint64_t size)
{
	struct load *load = realloc(loads->items, (loads->count + 1) * sizeof(*load));

	if (!load)
		abort();
	loads->items = load;
	load += loads->count++;
	*load = (struct load){ .dest = { dest }, .bytes = malloc(size), .size = size };
	if (!load->bytes)
		abort();
	memcpy(load->bytes, bytes, size);
	snprintf(load->name, sizeof(load->name), "%s", name);
}

void boot_layout_add(struct boot_layout *layout, const char *name, uint64_t dest, const void *bytes,
		     uint64_t size, uint64_t room)
{
	struct boot_extent *extent;

	if (layout->extent_count == BOOT_MAX_EXTENTS)
		abort(); /* the payload's segments and a fixed few: cannot be */
	extent = &layout->extents[layout->extent_count++];
	*extent = (struct boot_extent){ .start = dest, .size = room };
	snprintf(extent->name, sizeof(extent->name), "%s", name);
	if (size > 0)
		add_load(layout->loads, name, dest, bytes, size);
}

bool boot_layout_in_ram(const struct model_cell *cell, uint64_t start, uint64_t size)
{
	for (size_t i = 0; i < cell->memory_count; i++) {
		const struct model_memory *m = &cell->memory[i];

		if (start >= m->gpa && start - m->gpa <= m->size &&
		    size <= m->size - (start - m->gpa))
			return true;
	}
	return false;
}

/* Call only with extents that boot_layout_in_ram(): their ends do not wrap. */
static bool overlap(const struct boot_extent *a, const struct boot_extent *b)
{
	return a->start < b->start + b->size && b->start < a->start + a->size;
}

static bool check_in_ram(const struct boot_layout *layout)
{
	bool fine = true;

	for (unsigned int i = 0; i < layout->extent_count; i++) {
		const struct boot_extent *e = &layout->extents[i];

		if (boot_layout_in_ram(layout->cell, e->start, e->size))
			continue;
		diag_add(layout->sink, "payload-fits", DIAG_ERROR, layout->cell->payload.pos,
			 "cell '%s': %s needs 0x%" PRIx64 " bytes at GPA 0x%" PRIx64
			 ", which no one memory region of the cell holds; enlarge the region or "
			 "link the payload elsewhere",
			 layout->cell->name, e->name, e->size, e->start);
		fine = false;
	}
	return fine;
}

bool boot_layout_check(const struct boot_layout *layout)
{
	bool fine = check_in_ram(layout);

	if (!fine)
		return false;
	for (unsigned int i = 0; i < layout->extent_count; i++) {
		for (unsigned int j = 0; j < i; j++) {
			const struct boot_extent *a = &layout->extents[j];
			const struct boot_extent *b = &layout->extents[i];

			if (!overlap(a, b))
				continue;
			diag_add(layout->sink, "payload-overlap", DIAG_ERROR,
				 layout->cell->payload.pos,
				 "cell '%s': %s at GPA 0x%" PRIx64 "-0x%" PRIx64
				 " overlaps %s at GPA 0x%" PRIx64 "-0x%" PRIx64
				 "; link or load the payload elsewhere",
				 layout->cell->name, b->name, b->start, b->start + b->size - 1,
				 a->name, a->start, a->start + a->size - 1);
			fine = false;
		}
	}
	return fine;
}
