/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where each node and property of the tree stands in its source files, from
 * the annotated text that `dtc -I dts -O dts -T -T` writes.
 */
#ifndef SEPTUM_COMPILER_SOURCE_LINES_H
#define SEPTUM_COMPILER_SOURCE_LINES_H

#include "arena.h"
#include "diag.h"

struct src_span { /* from an opening brace (or a name) to its closing semicolon */
	const char *file;
	unsigned int line, column, last_line, last_column;
};

struct source_entry {
	const char *path; /* of the node, "/cells/linux" */
	const char *property; /* NULL: the node itself */
	const char *label; /* a node's first label, or NULL */
	const struct source_entry *parent; /* the node it stands in; NULL for the root */
	struct src_span *spans; /* in the order of definition */
	size_t span_count;
};

struct source_lines {
	struct source_entry **entries; /* sorted by path, then property */
	size_t count;
};

/**
 * source_lines_read() - understand annotated device tree source.
 * @text: what dtc wrote, or NULL.  Lines that are not understood are skipped.
 * The result lives in @arena.
 */
struct source_lines source_lines_read(struct arena *arena, const char *text);

/** source_entry_of() - a node (@property NULL) or property, or NULL if unknown. */
const struct source_entry *source_entry_of(const struct source_lines *lines, const char *path,
					   const char *property);

/**
 * source_pos() - where a node or property was last defined.
 * A property without a position of its own gets that of its node.
 */
struct src_pos source_pos(const struct source_lines *lines, const char *path, const char *property);

/**
 * source_duplicate() - find a node that was written out twice.
 * @across_files: a second definition in another file counts, too.
 * dtc merges such nodes without a word.  What stands in a node that was
 * reopened through its label (&label { }) is no duplicate: it does not stand in
 * the braces of the nodes around it.
 * Return: whether there are two; their positions in @first and @second.
 */
bool source_duplicate(const struct source_entry *entry, bool across_files, struct src_pos *first,
		      struct src_pos *second);

#endif
