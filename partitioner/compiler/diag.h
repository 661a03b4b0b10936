/* SPDX-License-Identifier: Apache-2.0 */
/* Diagnostics: collected, sorted by source position, printed together. */
#ifndef SEPTUM_COMPILER_DIAG_H
#define SEPTUM_COMPILER_DIAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Where something stands in a source file.  file may be NULL: unknown. */
struct src_pos {
	const char *file;
	unsigned int line; /* 1-based; 0 = unknown */
};

enum diag_severity { DIAG_WARNING, DIAG_ERROR };

struct diag {
	const char *rule; /* rule id, e.g. "ram-overlap" */
	enum diag_severity severity;
	struct src_pos pos;
	char *text; /* one line: claimants and the mend */
	bool waived; /* allowed by a named waiver; printed as such, no error */
	const char *waiver; /* the waiver's reason */
};

struct diag_sink {
	struct diag *items;
	size_t count, room;
};

/**
 * diag_add() - record one finding.
 * @sink: collects; grows as needed, aborts the program when memory ends.
 * @rule: static string, the rule's id.
 * @fmt: printf format; a single line without newline.  Says who claims what,
 *       names both sides, and ends with the mend ("; move one of them").
 *       A cell is named as: cell 'rt' (waivers are matched by that).
 */
void diag_add(struct diag_sink *sink, const char *rule, enum diag_severity severity,
	      struct src_pos pos, const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/** diag_errors() - number of errors that no waiver allows. */
size_t diag_errors(const struct diag_sink *sink);

/** diag_warnings() - number of warnings that no waiver allows. */
size_t diag_warnings(const struct diag_sink *sink);

/**
 * diag_print() - all findings, sorted by file, line, rule:
 * "file:line: error: text [rule id]" ("warning:", "allowed:" with the reason).
 */
void diag_print(const struct diag_sink *sink, FILE *out);

void diag_free(struct diag_sink *sink);

#endif
