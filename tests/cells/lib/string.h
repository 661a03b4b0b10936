/* SPDX-License-Identifier: Apache-2.0 */
/* The memory and string functions that the compiler and the cells call. */
#ifndef CELL_STRING_H
#define CELL_STRING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void *memcpy(void *dest, const void *source, size_t size);
void *memmove(void *dest, const void *source, size_t size);
void *memset(void *dest, int value, size_t size);
int memcmp(const void *a, const void *b, size_t size);
size_t strlen(const char *s);

bool string_equal(const char *a, const char *b);
bool string_contains(const char *s, const char *part);

/** string_number() - decimal or 0x-hexadecimal, up to a space; 0 for anything else. */
uint64_t string_number(const char *s);

/** string_next() - what follows the first space, or "". */
const char *string_next(const char *s);

#endif
