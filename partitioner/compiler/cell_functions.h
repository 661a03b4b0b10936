/* SPDX-License-Identifier: Apache-2.0 */
/* Which PCI functions a cell owns, and where it finds them. */
#ifndef SEPTUM_COMPILER_CELL_FUNCTIONS_H
#define SEPTUM_COMPILER_CELL_FUNCTIONS_H

#include "model.h"

#define CELL_SLOTS 32u /* of its one bus; slot 0 stays free, as for a host bridge */
#define CELL_ECAM_BYTES 0x100000u /* configuration space of one bus */

/**
 * cell_functions() - the enabled functions of a cell, in the order of septum,devices.
 * @out: NULL, or room for cell->device_count of them.
 * The one at index i is function 0 of the cell's slot i + 1.  Return: how many.
 */
size_t cell_functions(const struct model *model, const struct model_cell *cell,
		      const struct model_function **out);

/** cell_functions_list() - the same as an array of its own; free() it. */
const struct model_function **cell_functions_list(const struct model *model,
						  const struct model_cell *cell, size_t *count);

/** cell_slot_page() - GPA of the configuration space of function 0 of a slot. */
uint64_t cell_slot_page(const struct model *model, size_t slot);

/** function_page() - HPA of a function's configuration space. */
uint64_t function_page(const struct model *model, const struct model_function *function);

#endif
