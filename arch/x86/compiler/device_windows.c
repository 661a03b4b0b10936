/* SPDX-License-Identifier: Apache-2.0 */
#include "device_windows.h"

#include "cell_functions.h"

#include <stdlib.h>

#define MSIX_ENTRY_BYTES 16u /* PCI Local Bus Specification 3.0, 6.8.2 */
#define FUNCTIONS_PER_SLOT 8u
#define REGISTERS_READ (PLAN_RIGHT_READ | PAGE_UNCACHED)
#define REGISTERS (PLAN_RIGHT_READ | PLAN_RIGHT_WRITE | PAGE_UNCACHED)

static void add(struct window_list *list, uint64_t input, uint64_t output, uint64_t size,
		uint32_t rights)
{
	if (size == 0)
		return;
	if (list->count == list->room) {
		list->room = list->room ? 2 * list->room : 64;
		list->items = reallocarray(list->items, list->room, sizeof(*list->items));
		if (!list->items)
			abort();
	}
	list->items[list->count++] = (struct page_mapping){ input, output, size, rights };
}

static uint64_t page_down(uint64_t value)
{
	return value & ~(uint64_t)(PLAN_PAGE_BYTES - 1);
}

static uint64_t page_up(uint64_t value)
{
	return page_down(value + PLAN_PAGE_BYTES - 1);
}

/* The pages of a function's MSI-X table; none: both 0. */
static void table_pages(const struct model_function *function, uint64_t *start, uint64_t *end)
{
	uint64_t table;

	*start = 0;
	*end = 0;
	if (!function->msix || function->msix_table_bar >= MODEL_BARS)
		return;
	table = function->bars[function->msix_table_bar].address + function->msix_table_offset;
	*start = page_down(table);
	*end = page_up(table + (uint64_t)function->msix_vectors * MSIX_ENTRY_BYTES);
}

static void add_bar(struct window_list *list, const struct model_bar *bar, uint64_t table_start,
		    uint64_t table_end)
{
	const uint64_t start = page_down(bar->address), end = page_up(bar->address + bar->size);
	uint64_t from = table_start, to = table_end;

	if (bar->kind != MODEL_BAR_MEM32 && bar->kind != MODEL_BAR_MEM64)
		return;
	if (from < start || to > end || from == to) {
		add(list, start, start, end - start, REGISTERS);
		return;
	}
	add(list, start, start, from - start, REGISTERS);
	add(list, from, from, to - from, REGISTERS_READ);
	add(list, to, to, end - to, REGISTERS);
}

static void add_slots(const struct model *model, const struct model_function *const *owned,
		      size_t count, hpa_t ones, struct window_list *list)
{
	for (size_t page = 0; page < (size_t)CELL_SLOTS * FUNCTIONS_PER_SLOT; page++) {
		const size_t slot = page / FUNCTIONS_PER_SLOT;
		const bool is_owned = page % FUNCTIONS_PER_SLOT == 0 && slot >= 1 && slot <= count;

		add(list, model->pci.ecam + (uint64_t)page * PLAN_PAGE_BYTES,
		    is_owned ? function_page(model, owned[slot - 1]) : ones.raw, PLAN_PAGE_BYTES,
		    is_owned ? REGISTERS_READ : PLAN_RIGHT_READ);
	}
}

void cell_windows(const struct model *model, const struct model_cell *cell, hpa_t ones,
		  struct window_list *list)
{
	uint64_t start, end;
	size_t count;
	const struct model_function **owned = cell_functions_list(model, cell, &count);

	if (count > 0)
		add_slots(model, owned, count, ones, list);
	for (size_t i = 0; i < count; i++) {
		table_pages(owned[i], &start, &end);
		for (size_t bar = 0; bar < MODEL_BARS; bar++)
			add_bar(list, &owned[i]->bars[bar], start, end);
	}
	free(owned);
}

void monitor_windows(const struct model *model, const struct model_cell *cell,
		     struct window_list *list)
{
	uint64_t start, end;
	size_t count;
	const struct model_function **owned = cell_functions_list(model, cell, &count);

	for (size_t i = 0; i < count; i++) {
		const uint64_t page = function_page(model, owned[i]);

		add(list, page, page, PLAN_PAGE_BYTES, REGISTERS);
		table_pages(owned[i], &start, &end);
		add(list, start, start, end - start, REGISTERS);
	}
	free(owned);
}

void window_list_free(struct window_list *list)
{
	free(list->items);
	*list = (struct window_list){ 0 };
}
