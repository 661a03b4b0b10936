/* SPDX-License-Identifier: Apache-2.0 */
#include "cell_functions.h"

#include "pins.h"

#include <stdlib.h>

size_t cell_functions(const struct model *model, const struct model_cell *cell,
		      const struct model_function **out)
{
	size_t count = 0;

	for (size_t i = 0; i < cell->device_count; i++) {
		const struct model_device *device = device_of_ref(model, &cell->devices[i]);

		if (!device || !device->function || !device->enabled)
			continue;
		if (out)
			out[count] = device->function;
		count++;
	}
	return count;
}

const struct model_function **cell_functions_list(const struct model *model,
						  const struct model_cell *cell, size_t *count)
{
	const struct model_function **list = calloc(cell->device_count + 1, sizeof(void *));

	if (!list)
		abort();
	*count = cell_functions(model, cell, list);
	return list;
}

/* PCI Express Base Specification, 7.2.2: bus 27:20, device 19:15, function 14:12 */
uint64_t cell_slot_page(const struct model *model, size_t slot)
{
	return model->pci.ecam + ((uint64_t)slot << 15);
}

uint64_t function_page(const struct model *model, const struct model_function *function)
{
	return model->pci.ecam + ((uint64_t)function->rid << 12);
}
