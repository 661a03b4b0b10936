/* SPDX-License-Identifier: Apache-2.0 */
/* The known name that a misspelt one most likely means. */
#ifndef SEPTUM_COMPILER_NEAREST_NAME_H
#define SEPTUM_COMPILER_NEAREST_NAME_H

#include <stddef.h>

struct nearest {
	const char *word;
	const char *best; /* NULL: nothing is near enough to be offered */
	size_t distance; /* of best: letters added, dropped, changed or swapped */
};

/** nearest_to() - start a search for the name nearest to @word. */
struct nearest nearest_to(const char *word);

/**
 * nearest_try() - consider one known name, with and without its vendor prefix
 * ("septum,cpus" is near "cpus").
 */
void nearest_try(struct nearest *nearest, const char *name);

#endif
