/* SPDX-License-Identifier: Apache-2.0 */
#include "nearest_name.h"

#include <stdint.h>
#include <string.h>

#define WORD_MAX 64u

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/*
 * Edit distance with neighbouring letters swapped counting as one slip
 * (optimal string alignment); three rows of the usual table suffice.
 */
static size_t edit_distance(const char *a, const char *b)
{
	size_t rows[3][WORD_MAX + 1];
	size_t *before = rows[0], *above = rows[1], *row = rows[2];
	size_t a_length = strlen(a), b_length = strlen(b);

	if (a_length > WORD_MAX || b_length > WORD_MAX)
		return SIZE_MAX;
	for (size_t j = 0; j <= b_length; j++)
		above[j] = before[j] = j;
	for (size_t i = 1; i <= a_length; i++) {
		size_t *spare = before;

		row[0] = i;
		for (size_t j = 1; j <= b_length; j++) {
			row[j] = least(least(above[j], row[j - 1]) + 1,
				       above[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = least(row[j], before[j - 2] + 1);
		}
		before = above;
		above = row;
		row = spare;
	}
	return above[b_length];
}

struct nearest nearest_to(const char *word)
{
	/* A third of the letters may be wrong; more would be guessing. */
	return (struct nearest){ .word = word, .distance = least(strlen(word) / 3, 4) + 2 };
}

static void try_form(struct nearest *nearest, const char *form, const char *name)
{
	size_t distance = edit_distance(nearest->word, form);

	if (distance < nearest->distance) {
		nearest->distance = distance;
		nearest->best = name;
	}
}

void nearest_try(struct nearest *nearest, const char *name)
{
	const char *comma = strchr(name, ',');

	try_form(nearest, name, name);
	if (comma != NULL)
		try_form(nearest, comma + 1, name);
}
