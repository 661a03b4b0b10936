/* SPDX-License-Identifier: Apache-2.0 */
/* What a run without the monitor is told; a cell is told nothing. */
#ifndef CELL_BOOT_WORD_H
#define CELL_BOOT_WORD_H

#include <stdint.h>

/**
 * boot_word() - last word of the multiboot command line; some loaders put the file's name first.
 * @boot_argument: cell_main()'s.  Return: NULL in a cell, or without a command line.
 */
const char *boot_word(uint64_t boot_argument);

#endif
