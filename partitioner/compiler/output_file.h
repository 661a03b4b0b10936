/* SPDX-License-Identifier: Apache-2.0 */
/* Output files that are either whole or absent. */
#ifndef SEPTUM_COMPILER_OUTPUT_FILE_H
#define SEPTUM_COMPILER_OUTPUT_FILE_H

#include <stdbool.h>
#include <stdio.h>

struct output_file {
	const char *path; /* the final name */
	char *temporary; /* beside it, until committed */
	FILE *stream; /* write here */
};

/** output_open() - start a file that will replace @path.  Return: false with errno set. */
bool output_open(struct output_file *file, const char *path);

/**
 * output_commit() - put the file on stable storage and under its final name.
 * Return: false with errno set; the temporary file is gone then.
 */
bool output_commit(struct output_file *file);

/** output_abandon() - drop the temporary file; harmless after a commit. */
void output_abandon(struct output_file *file);

#endif
