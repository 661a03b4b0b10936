/* SPDX-License-Identifier: Apache-2.0 */
/* The PCI functions that cells are given, as the rules walk over them. */
#ifndef SEPTUM_COMPILER_OWNED_H
#define SEPTUM_COMPILER_OWNED_H

#include "model.h"

struct owned { /* an entry of a cell's septum,devices that is a PCI function */
	const struct model_cell *cell;
	const struct model_ref *ref;
	const struct model_function *function;
};

struct owned_cursor { /* start from zeroes */
	size_t cell, entry;
};

/** next_owned() - the functions of all cells in source order.  Return: false: no more. */
bool next_owned(const struct model *m, struct owned_cursor *at, struct owned *owned);

struct rid_text {
	char text[16];
};

/** rid_text() - "01:00.0". */
struct rid_text rid_text(uint16_t rid);

#endif
