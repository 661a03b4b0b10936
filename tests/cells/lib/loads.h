/* SPDX-License-Identifier: Apache-2.0 */
/* Endless loops: what a hostile or busy neighbour runs. */
#ifndef CELL_LOADS_H
#define CELL_LOADS_H

typedef void load(void);

/** load_find() - "spin", "cpuid", "msr", "port", "halt"; Return: NULL if unknown. */
load *load_find(const char *name);

#endif
