/* SPDX-License-Identifier: Apache-2.0 */
/* Who owns which pin of the I/O APIC: the cell that is given the device behind it. */
#ifndef SEPTUM_COMPILER_PINS_H
#define SEPTUM_COMPILER_PINS_H

#include "model.h"

/** device_of_ref() - the device that an entry of septum,devices names, or NULL. */
const struct model_device *device_of_ref(const struct model *model, const struct model_ref *ref);

/**
 * pin_owner() - index of the one cell that owns @pin.
 * Return: MODEL_NONE if no cell has a device there, or two have (a waived irq-shared).
 * The monitor's console does not count: it never uses interrupts.
 */
int pin_owner(const struct model *model, uint32_t pin);

/** pin_users() - how many devices of the cell are on @pin. */
size_t pin_users(const struct model *model, const struct model_cell *cell, uint32_t pin);

/**
 * cell_pins() - the cell's own pins, ascending.
 * @pins: room for cell->device_count of them, or NULL to count only; .cell is its index.
 * Return: how many.
 */
size_t cell_pins(const struct model *model, const struct model_cell *cell, struct plan_pin *pins);

#endif
