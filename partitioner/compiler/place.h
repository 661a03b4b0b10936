/* SPDX-License-Identifier: Apache-2.0 */
/* The two halves of model_place(). */
#ifndef SEPTUM_COMPILER_PLACE_H
#define SEPTUM_COMPILER_PLACE_H

#include "model.h"

#define PLACE_PAGE_SIZES 3u
extern const uint64_t place_page_sizes[PLACE_PAGE_SIZES]; /* bytes, largest first */

/** place_guest_memory() - GPAs of one cell, once its HPAs are known. */
void place_guest_memory(const struct model *model, struct model_cell *cell);

/**
 * place_pci() - an address for each BAR of an enabled function that has none, and the
 * windows of all bridges.  Reports bar-unassigned.
 */
void place_pci(struct model *model, struct diag_sink *sink);

#endif
