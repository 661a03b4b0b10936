/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that lives exactly as long as the model: taken in pieces, freed at once. */
#ifndef SEPTUM_COMPILER_ARENA_H
#define SEPTUM_COMPILER_ARENA_H

#include <stddef.h>

struct arena_block;

struct arena {
	struct arena_block *blocks;
};

/**
 * arena_alloc() - zeroed memory for @count items of @item_bytes each.
 * Never returns NULL: the program ends when memory does.
 */
void *arena_alloc(struct arena *arena, size_t count, size_t item_bytes);

/** arena_text() - a NUL-terminated copy of @bytes characters at @text. */
char *arena_text(struct arena *arena, const char *text, size_t bytes);

/** arena_join() - @a and @b in one string. */
char *arena_join(struct arena *arena, const char *a, const char *b);

void arena_free(struct arena *arena);

#endif
