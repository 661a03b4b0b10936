/* SPDX-License-Identifier: Apache-2.0 */
#include "owned.h"

#include "pins.h"

#include <stdio.h>

bool next_owned(const struct model *m, struct owned_cursor *at, struct owned *owned)
{
	for (; at->cell < m->cell_count; at->cell++, at->entry = 0) {
		const struct model_cell *cell = &m->cells[at->cell];

		while (at->entry < cell->device_count) {
			const struct model_ref *ref = &cell->devices[at->entry++];
			const struct model_device *device = device_of_ref(m, ref);

			if (device == NULL || device->function == NULL)
				continue;
			*owned = (struct owned){ cell, ref, device->function };
			return true;
		}
	}
	return false;
}

struct rid_text rid_text(uint16_t rid)
{
	struct rid_text out;

	snprintf(out.text, sizeof(out.text), "%02x:%02x.%x", PCI_BUS(rid), PCI_DEVICE(rid),
		 PCI_FUNCTION(rid));
	return out;
}
