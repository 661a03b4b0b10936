/* SPDX-License-Identifier: Apache-2.0 */
/* Where everything lies in the monitor's range. */
#ifndef SEPTUM_COMPILER_LAYOUT_H
#define SEPTUM_COMPILER_LAYOUT_H

#include "boot_image.h"
#include "monitor_elf.h"

/* A cell's memory before it starts. */
struct cell_image {
	struct load_list loads;
	struct entry_state entry;
};

struct layout_segment {
	const char *name; /* "text", "rodata", "data", "plan", "store", "blocks", "devices" */
	hpa_t start; /* page aligned */
	uint64_t size; /* bytes, whole pages; may be 0 */
	uint32_t rights; /* PLAN_RIGHT_*, as each CPU's tables map it at most */
};

#define LAYOUT_SEGMENTS_MAX (MONITOR_SEGMENTS_MAX + 4u)

/* Ascending and back to back: the monitor's own segments, then these four. */
struct layout {
	struct layout_segment segments[LAYOUT_SEGMENTS_MAX];
	unsigned int count;
	const struct layout_segment *plan, *store, *blocks, *devices; /* among segments */
	hpa_t *sources; /* where each load lies in the store, all cells' loads in order */
	size_t source_count;
	uint64_t end; /* first address after the last segment */
};

/**
 * layout_make() - place plan, golden store, CPU blocks and devices' memory behind the monitor.
 * @images: one per cell of @model.
 * @plan_room: bytes to keep for the plan and its tables.
 * @cpu_count: CPUs that need a block.
 * @device_bytes: read-write memory behind the devices, whole pages.
 * A layout cannot be copied.  Free with layout_free().
 */
void layout_make(struct layout *layout, const struct model *model,
		 const struct monitor_elf *monitor, const struct cell_image *images,
		 uint64_t plan_room, size_t cpu_count, uint64_t device_bytes);
void layout_free(struct layout *layout);

/**
 * layout_check() - does it fit the range, the crash area and 4 GiB?
 * Return: false after reporting monitor-fits or table-reach, with numbers.
 */
bool layout_check(const struct layout *layout, const struct model *model, size_t cpu_count,
		  struct diag_sink *sink);

/** layout_block() - where the block of the CPU at @index in the plan lies. */
hpa_t layout_block(const struct layout *layout, size_t index);

/** layout_free_bytes() - what is left of the monitor's range. */
uint64_t layout_free_bytes(const struct layout *layout, const struct model *model);

#endif
