/* SPDX-License-Identifier: Apache-2.0 */
#include "pins.h"

#include <stdlib.h>

const struct model_device *device_of_ref(const struct model *model, const struct model_ref *ref)
{
	if (ref->index < 0 || (size_t)ref->index >= model->device_count)
		return NULL;
	return &model->devices[ref->index];
}

size_t pin_users(const struct model *model, const struct model_cell *cell, uint32_t pin)
{
	size_t users = 0;

	for (size_t i = 0; i < cell->device_count; i++) {
		const struct model_device *device = device_of_ref(model, &cell->devices[i]);

		if (device != NULL && device->has_pin && device->pin == pin)
			users++;
	}
	return users;
}

int pin_owner(const struct model *model, uint32_t pin)
{
	int owner = MODEL_NONE;

	for (size_t c = 0; c < model->cell_count; c++) {
		if (pin_users(model, &model->cells[c], pin) == 0)
			continue;
		if (owner != MODEL_NONE)
			return MODEL_NONE;
		owner = (int)c;
	}
	return owner;
}

/* The pin of the cell's @index-th device, if the cell owns it and no earlier device brought it. */
static bool brings_pin(const struct model *model, const struct model_cell *cell, size_t index,
		       struct plan_pin *pin)
{
	const struct model_device *device = device_of_ref(model, &cell->devices[index]);
	const int self = (int)(cell - model->cells);

	if (device == NULL || !device->has_pin || pin_owner(model, device->pin) != self)
		return false;
	for (size_t i = 0; i < index; i++) {
		const struct model_device *other = device_of_ref(model, &cell->devices[i]);

		if (other != NULL && other->has_pin && other->pin == device->pin)
			return false;
	}
	*pin = (struct plan_pin){ .pin = device->pin,
				  .cell = (uint32_t)self,
				  .flags = device->pin_flags };
	return true;
}

static int by_pin(const void *left, const void *right)
{
	const struct plan_pin *a = left;
	const struct plan_pin *b = right;

	return (a->pin > b->pin) - (a->pin < b->pin);
}

size_t cell_pins(const struct model *model, const struct model_cell *cell, struct plan_pin *pins)
{
	struct plan_pin pin;
	size_t count = 0;

	for (size_t i = 0; i < cell->device_count; i++) {
		if (!brings_pin(model, cell, i, &pin))
			continue;
		if (pins != NULL)
			pins[count] = pin;
		count++;
	}
	if (pins != NULL && count > 0)
		qsort(pins, count, sizeof(*pins), by_pin);
	return count;
}
