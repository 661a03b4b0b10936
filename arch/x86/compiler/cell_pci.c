/* SPDX-License-Identifier: Apache-2.0 */
#include "cell_pci.h"

#include "cell_functions.h"
#include "pins.h"

#include <stdlib.h>

#define USABLE_SLOTS (CELL_SLOTS - 1) /* all but slot 0 */

uint64_t cell_ecam(const struct model *model, const struct model_cell *cell)
{
	return cell_functions(model, cell, NULL) > 0 ? model->pci.ecam : 0;
}

static void *table(size_t count, size_t size)
{
	void *items = calloc(count, size);

	if (!items)
		abort();
	return items;
}

/* An expansion ROM gets no window: it has no place, and no cell can turn one on. */
static void add_windows(struct acpi_pci *pci, const struct model_function *function)
{
	for (unsigned int i = 0; i < MODEL_BARS; i++) {
		const struct model_bar *bar = &function->bars[i];
		const bool io = bar->kind == MODEL_BAR_IO;

		if (bar->kind == MODEL_BAR_NONE || !bar->placed || bar->size == 0)
			continue;
		pci->windows[pci->window_count++] = (struct acpi_pci_window){
			.io = io,
			.prefetchable = bar->prefetchable && !io,
			.base = bar->address,
			.size = bar->size,
		};
	}
}

static void add_route(struct acpi_pci *pci, const struct model *model,
		      const struct model_cell *cell, const struct model_function *function,
		      uint32_t slot)
{
	for (size_t i = 0; i < model->device_count; i++) {
		const struct model_device *device = &model->devices[i];

		if (device->function == function && device->has_pin &&
		    pin_owner(model, device->pin) == (int)(cell - model->cells))
			pci->routes[pci->route_count++] = (struct acpi_pci_route){ slot,
										   device->pin };
	}
}

bool cell_pci_describe(const struct model *model, const struct model_cell *cell,
		       struct acpi_pci *pci, struct diag_sink *sink)
{
	size_t count;
	const struct model_function **functions = cell_functions_list(model, cell, &count);

	*pci = (struct acpi_pci){ .ecam = cell_ecam(model, cell) };
	if (count > USABLE_SLOTS)
		diag_add(sink, "acpi", DIAG_ERROR, cell->pos,
			 "cell '%s': owns %zu PCI functions, its bus has slots for %u; give some "
			 "to another cell",
			 cell->name, count, USABLE_SLOTS);
	pci->windows = table(count * MODEL_BARS + 1, sizeof(*pci->windows));
	pci->routes = table(count + 1, sizeof(*pci->routes));
	for (size_t i = 0; i < count; i++) {
		add_windows(pci, functions[i]);
		add_route(pci, model, cell, functions[i], (uint32_t)i + 1);
	}
	acpi_pci_sort_windows(pci);
	free(functions);
	return count <= USABLE_SLOTS;
}

void cell_pci_free(struct acpi_pci *pci)
{
	free(pci->windows);
	free(pci->routes);
	*pci = (struct acpi_pci){ .ecam = 0 };
}
