/* SPDX-License-Identifier: Apache-2.0 */
/* Who owns which host-physical range: the plan's owners table. */
#include "plan_owners.h"

#include "pins.h"

#include <stdlib.h>
#include <string.h>

struct claim {
	uint64_t start;
	uint64_t size;
	enum plan_owner_kind kind;
	uint32_t cell;
	const char *name;
};

void plan_name(char out[PLAN_NAME_BYTES], const char *name)
{
	memset(out, 0, PLAN_NAME_BYTES);
	if (name)
		memcpy(out, name, strnlen(name, PLAN_NAME_BYTES - 1));
}

static void insert(struct owner_list *list, size_t index, const struct claim *claim, uint64_t start,
		   uint64_t end)
{
	struct plan_owner *item;

	if (list->count == list->room) {
		list->room = list->room ? list->room * 2 : 32;
		item = realloc(list->items, list->room * sizeof(*item));
		if (!item)
			abort();
		list->items = item;
	}
	item = &list->items[index];
	memmove(item + 1, item, (list->count - index) * sizeof(*item));
	list->count++;
	*item = (struct plan_owner){
		.start = { start },
		.size = end - start,
		.kind = (uint32_t)claim->kind,
		.cell = claim->cell,
	};
	plan_name(item->name, claim->name);
}

/* Enters what nobody has claimed before of [start, start + size). */
static void enter(struct owner_list *list, const struct claim *claim)
{
	const uint64_t end = claim->start + claim->size;
	uint64_t at = claim->start;

	for (size_t i = 0; at < end; i++) {
		uint64_t stop = end;

		if (i < list->count) {
			const struct plan_owner *item = &list->items[i];

			if (item->start.raw <= at) {
				if (item->start.raw + item->size > at)
					at = item->start.raw + item->size;
				continue;
			}
			if (item->start.raw < stop)
				stop = item->start.raw;
		}
		insert(list, i, claim, at, stop);
		at = stop;
	}
}

static void enter_monitor(struct owner_list *list, const struct model_monitor *monitor)
{
	const struct claim pieces[] = {
		{ monitor->base, monitor->size, PLAN_OWNER_MONITOR, PLAN_NO_CELL, "monitor" },
		{ monitor->boot_page, PLAN_PAGE_BYTES, PLAN_OWNER_MONITOR, PLAN_NO_CELL,
		  "boot page" },
		{ monitor->crash, monitor->crash_size, PLAN_OWNER_MONITOR, PLAN_NO_CELL,
		  "crash records" },
	};

	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++)
		enter(list, &pieces[i]);
}

static void enter_cell(struct owner_list *list, const struct model_cell *cell, uint32_t index)
{
	for (size_t i = 0; i < cell->memory_count; i++)
		enter(list, &(struct claim){ cell->memory[i].hpa, cell->memory[i].size,
					     PLAN_OWNER_CELL_RAM, index, cell->name });
}

/* Registers are their owner's, so that a report can say whose they are. */
static void enter_functions(struct owner_list *list, const struct model *model, uint32_t index)
{
	const struct model_cell *cell = &model->cells[index];

	for (size_t i = 0; i < cell->device_count; i++) {
		const struct model_device *device = device_of_ref(model, &cell->devices[i]);

		if (!device || !device->function)
			continue;
		for (size_t b = 0; b < MODEL_BARS; b++) {
			const struct model_bar *bar = &device->function->bars[b];

			if (bar->kind == MODEL_BAR_MEM32 || bar->kind == MODEL_BAR_MEM64)
				enter(list,
				      &(struct claim){ bar->address, bar->size, PLAN_OWNER_DEVICE,
						       index, device->name });
		}
	}
}

/* The host bridge's windows: what nobody was given in them is somebody's device. */
static void enter_windows(struct owner_list *list, const struct model_pci *pci)
{
	const struct model_window *windows[] = { &pci->memory32, &pci->memory64 };

	for (size_t i = 0; i < 2; i++)
		if (pci->present && windows[i]->size > 0)
			enter(list, &(struct claim){ windows[i]->base, windows[i]->size,
						     PLAN_OWNER_DEVICE, PLAN_NO_CELL, pci->name });
}

static void enter_board(struct owner_list *list, const struct model_range *ranges, size_t count,
			enum plan_owner_kind kind)
{
	for (size_t i = 0; i < count; i++)
		enter(list, &(struct claim){ ranges[i].start, ranges[i].size, kind, PLAN_NO_CELL,
					     ranges[i].name });
}

void plan_owners_make(const struct model *model, struct owner_list *list)
{
	*list = (struct owner_list){ 0 };
	enter_monitor(list, &model->monitor);
	for (size_t i = 0; i < model->cell_count; i++)
		enter_cell(list, &model->cells[i], (uint32_t)i);
	for (size_t i = 0; i < model->cell_count; i++)
		enter_functions(list, model, (uint32_t)i);
	enter_windows(list, &model->pci);
	enter_board(list, model->mmio, model->mmio_count, PLAN_OWNER_DEVICE);
	enter_board(list, model->reserved, model->reserved_count, PLAN_OWNER_FIRMWARE);
}

void plan_owners_free(struct owner_list *list)
{
	free(list->items);
	*list = (struct owner_list){ 0 };
}
