/* SPDX-License-Identifier: Apache-2.0 */
/* Registers of PCI functions in somebody's address space. */
#ifndef SEPTUM_X86_DEVICE_WINDOWS_H
#define SEPTUM_X86_DEVICE_WINDOWS_H

#include "model.h"
#include "page_emit.h"

struct window_list {
	struct page_mapping *items;
	size_t count, room;
};

/**
 * cell_windows() - what a cell with functions sees: their configuration pages read-only
 * in its own slots, @ones everywhere else on its bus, their BARs where they are, of
 * which the pages of MSI-X tables are read-only.  Appends to @list.
 * @ones: HPA of a page of all-ones.
 */
void cell_windows(const struct model *model, const struct model_cell *cell, hpa_t ones,
		  struct window_list *list);

/**
 * monitor_windows() - what the monitor writes on the CPUs of that cell: the same
 * configuration pages and MSI-X tables, read-write.  Appends to @list.
 */
void monitor_windows(const struct model *model, const struct model_cell *cell,
		     struct window_list *list);

void window_list_free(struct window_list *list);

#endif
