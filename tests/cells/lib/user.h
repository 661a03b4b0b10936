/* SPDX-License-Identifier: Apache-2.0 */
/* Code in ring 3. */
#ifndef CELL_USER_H
#define CELL_USER_H

#include <stdbool.h>

/**
 * user_run() - call @act in ring 3, on a stack of its own, with I/O privilege level 0.
 * For CPU 0; meanwhile ring 3 may use the first 4 GiB.
 * Return: true if @act returned, false if it trapped: see trap_last().
 */
bool user_run(void (*act)(void));

#endif
