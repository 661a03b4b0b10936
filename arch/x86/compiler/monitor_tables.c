/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The monitor's own page tables, VA = HPA.  Isolation inside the monitor rests
 * on them: no CPU maps another cell's RAM, block or golden store, of a block in
 * its own cell only the mailbox, and nothing is writable and executable at once.
 */
#include "monitor_tables.h"

#include "nested_tables.h"
#include "pins.h"

#include <stdlib.h>

#define BOOT_REACH (1ull << 32) /* what the boot stage maps */
#define READ_WRITE (PLAN_RIGHT_READ | PLAN_RIGHT_WRITE)

struct map_list {
	struct page_mapping *items;
	size_t count;
};

static void list_open(struct map_list *list, size_t room)
{
	list->count = 0;
	list->items = calloc(room + 1, sizeof(*list->items));
	if (!list->items)
		abort();
}

static void add(struct map_list *list, uint64_t start, uint64_t size, uint32_t rights)
{
	list->items[list->count++] = (struct page_mapping){
		.input = start,
		.output = start,
		.size = size,
		.rights = rights,
	};
}

static void add_ranges(struct map_list *list, const struct monitor_range *ranges, size_t count)
{
	for (size_t i = 0; i < count; i++)
		add(list, ranges[i].start.raw, ranges[i].size, ranges[i].rights);
}

static bool writable_and_executable(const struct map_list *list)
{
	const uint32_t both = PLAN_RIGHT_WRITE | PLAN_RIGHT_EXEC;

	for (size_t i = 0; i < list->count; i++)
		if ((list->items[i].rights & both) == both)
			return true;
	return false;
}

static enum page_fault emit_list(struct map_list *list, const struct page_options *options,
				 struct plan_bytes *out, hpa_t *root)
{
	enum page_fault fault = PAGE_RIGHTS;

	if (!writable_and_executable(list))
		fault = page_emit(&page_format_monitor, options, list->items, list->count, out,
				  root);
	free(list->items);
	return fault;
}

static int by_start(const void *left, const void *right)
{
	const struct page_mapping *a = left;
	const struct page_mapping *b = right;

	return (a->input > b->input) - (a->input < b->input);
}

/* Adds what the list leaves open below BOOT_REACH, read-write. */
static void fill_gaps(struct map_list *list)
{
	const size_t shaped = list->count;
	uint64_t at = 0;

	qsort(list->items, shaped, sizeof(*list->items), by_start);
	for (size_t i = 0; i < shaped; i++) {
		const struct page_mapping *map = &list->items[i];

		if (map->input > at)
			add(list, at, map->input - at, READ_WRITE);
		if (map->input + map->size > at)
			at = map->input + map->size;
	}
	if (at < BOOT_REACH)
		add(list, at, BOOT_REACH - at, READ_WRITE);
}

enum page_fault boot_tables_emit(const struct model *model, const struct monitor_range *shaped,
				 size_t count, struct plan_bytes *out, hpa_t *root)
{
	/* 2 MiB at most: the boot stage runs before CPU features are checked. */
	const struct page_options options = {
		.largest_leaf = 2,
		.output_bits = model->phys_bits,
	};
	struct map_list list;

	for (size_t i = 0; i < count; i++)
		if (shaped[i].start.raw > BOOT_REACH ||
		    shaped[i].size > BOOT_REACH - shaped[i].start.raw)
			return PAGE_INPUT_REACH;
	list_open(&list, 2 * count + 1);
	add_ranges(&list, shaped, count);
	fill_gaps(&list);
	return emit_list(&list, &options, out, root);
}

enum page_fault cpu_tables_emit(const struct model *model, const struct cpu_view *view,
				struct plan_bytes *out, hpa_t *root)
{
	const struct page_options options = page_options_for(model);
	const size_t regions = view->cell ? view->cell->memory_count : 0;
	const uint64_t above_guard = CPU_BLOCK_GUARD + PLAN_PAGE_BYTES;
	struct window_list windows = { 0 };
	struct map_list list;

	if (view->cell)
		monitor_windows(model, view->cell, &windows);
	list_open(&list, view->shared_count + view->store_count + regions + view->peer_count +
				 view->device_count + windows.count + 5);
	for (size_t i = 0; i < windows.count; i++)
		list.items[list.count++] = windows.items[i];
	window_list_free(&windows);
	add_ranges(&list, view->devices, view->device_count);
	add_ranges(&list, view->shared, view->shared_count);
	add_ranges(&list, view->store, view->store_count);
	for (size_t i = 0; i < regions; i++)
		add(&list, view->cell->memory[i].hpa, view->cell->memory[i].size, READ_WRITE);
	add(&list, view->block.raw, CPU_BLOCK_GUARD, READ_WRITE);
	add(&list, view->block.raw + above_guard, CPU_BLOCK_BYTES - above_guard, READ_WRITE);
	for (size_t i = 0; i < view->peer_count; i++)
		add(&list, view->peers[i].raw + CPU_BLOCK_MAILBOX, PLAN_PAGE_BYTES, READ_WRITE);
	add(&list, view->crash.raw, PLAN_CRASH_BYTES, READ_WRITE);
	if (view->cell && cell_pins(model, view->cell, NULL) > 0)
		add(&list, model->ioapic.base, PLAN_PAGE_BYTES, READ_WRITE | PAGE_UNCACHED);
	/* A CPU that has just left real mode loads this CR3 while it still runs there. */
	add(&list, model->monitor.boot_page, PLAN_PAGE_BYTES, PLAN_RIGHT_READ | PLAN_RIGHT_EXEC);
	return emit_list(&list, &options, out, root);
}
