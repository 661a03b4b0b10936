/* SPDX-License-Identifier: Apache-2.0 */
#include "arena.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct arena_block {
	struct arena_block *next;
	_Alignas(max_align_t) unsigned char bytes[];
};

static _Noreturn void out_of_memory(void)
{
	fprintf(stderr, "septum-partitioner: out of memory\n");
	abort();
}

void *arena_alloc(struct arena *arena, size_t count, size_t item_bytes)
{
	struct arena_block *block;
	size_t bytes;

	if (__builtin_mul_overflow(count, item_bytes, &bytes) ||
	    __builtin_add_overflow(bytes, sizeof(*block), &bytes))
		out_of_memory();
	block = calloc(1, bytes);
	if (block == NULL)
		out_of_memory();
	block->next = arena->blocks;
	arena->blocks = block;
	return block->bytes;
}

char *arena_text(struct arena *arena, const char *text, size_t bytes)
{
	char *copy = arena_alloc(arena, bytes + 1, 1);

	if (bytes != 0)
		memcpy(copy, text, bytes);
	return copy;
}

char *arena_join(struct arena *arena, const char *a, const char *b)
{
	size_t a_bytes = strlen(a);
	size_t b_bytes = strlen(b);
	char *text = arena_alloc(arena, a_bytes + b_bytes + 1, 1);

	memcpy(text, a, a_bytes);
	memcpy(text + a_bytes, b, b_bytes);
	return text;
}

void arena_free(struct arena *arena)
{
	while (arena->blocks != NULL) {
		struct arena_block *block = arena->blocks;

		arena->blocks = block->next;
		free(block);
	}
}
