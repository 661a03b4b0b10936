/* SPDX-License-Identifier: Apache-2.0 */
#include "diag.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static void *checked(void *memory)
{
	if (memory == NULL) {
		fprintf(stderr, "septum-partitioner: out of memory\n");
		abort();
	}
	return memory;
}

/* Names come from files of unknown origin: none may end a line or drive a terminal. */
static void blank_controls(char *text)
{
	for (; *text != '\0'; text++) {
		unsigned char byte = (unsigned char)*text;

		if (byte < 0x20 || byte == 0x7f)
			*text = '?';
	}
}

/*
 * Text and file name share one allocation, so a finding outlives whatever its
 * position was read from.
 */
static char *format_text(const char *file, const char **file_copy, const char *fmt, va_list args)
{
	size_t file_bytes = file != NULL ? strlen(file) + 1 : 0;
	va_list again;
	size_t text_bytes;
	char *text;
	int length;

	va_copy(again, args);
	length = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	text_bytes = length < 0 ? 1 : (size_t)length + 1;
	text = checked(calloc(1, text_bytes + file_bytes));
	if (length > 0)
		vsnprintf(text, text_bytes, fmt, args);
	blank_controls(text);
	*file_copy = NULL;
	if (file != NULL) {
		memcpy(text + text_bytes, file, file_bytes);
		blank_controls(text + text_bytes);
		*file_copy = text + text_bytes;
	}
	return text;
}

void diag_add(struct diag_sink *sink, const char *rule, enum diag_severity severity,
	      struct src_pos pos, const char *fmt, ...)
{
	struct diag *diag;
	va_list args;

	if (sink->count == sink->room) {
		sink->room = sink->room != 0 ? 2 * sink->room : 16;
		sink->items = checked(reallocarray(sink->items, sink->room, sizeof(*sink->items)));
	}
	diag = &sink->items[sink->count++];
	*diag = (struct diag){ .rule = rule, .severity = severity, .pos.line = pos.line };
	va_start(args, fmt);
	diag->text = format_text(pos.file, &diag->pos.file, fmt, args);
	va_end(args);
}

static size_t count_severity(const struct diag_sink *sink, enum diag_severity severity)
{
	size_t count = 0;

	for (size_t i = 0; i < sink->count; i++)
		count += sink->items[i].severity == severity && !sink->items[i].waived;
	return count;
}

size_t diag_errors(const struct diag_sink *sink)
{
	return count_severity(sink, DIAG_ERROR);
}

size_t diag_warnings(const struct diag_sink *sink)
{
	return count_severity(sink, DIAG_WARNING);
}

/* Findings without a file come first; equal ones stay in the order they were made. */
static int compare(const void *left, const void *right)
{
	const struct diag *a = *(const struct diag *const *)left;
	const struct diag *b = *(const struct diag *const *)right;
	int order = strcmp(a->pos.file != NULL ? a->pos.file : "",
			   b->pos.file != NULL ? b->pos.file : "");

	if (order == 0)
		order = (a->pos.line > b->pos.line) - (a->pos.line < b->pos.line);
	if (order == 0)
		order = strcmp(a->rule, b->rule);
	if (order == 0)
		order = (a > b) - (a < b);
	return order;
}

static void print_one(const struct diag *diag, FILE *out)
{
	const char *kind = diag->severity == DIAG_ERROR ? "error" : "warning";

	if (diag->pos.file != NULL && diag->pos.line != 0)
		fprintf(out, "%s:%u: ", diag->pos.file, diag->pos.line);
	else if (diag->pos.file != NULL)
		fprintf(out, "%s: ", diag->pos.file);
	fprintf(out, "%s: %s [rule %s]", diag->waived ? "allowed" : kind, diag->text, diag->rule);
	if (diag->waived && diag->waiver != NULL)
		fprintf(out, " because: %s", diag->waiver);
	fputc('\n', out);
}

void diag_print(const struct diag_sink *sink, FILE *out)
{
	const struct diag **order;

	if (sink->count == 0)
		return;
	order = checked(calloc(sink->count, sizeof(struct diag *)));
	for (size_t i = 0; i < sink->count; i++)
		order[i] = &sink->items[i];
	qsort(order, sink->count, sizeof(struct diag *), compare);
	for (size_t i = 0; i < sink->count; i++)
		print_one(order[i], out);
	free(order);
}

void diag_free(struct diag_sink *sink)
{
	for (size_t i = 0; i < sink->count; i++)
		free(sink->items[i].text);
	free(sink->items);
	*sink = (struct diag_sink){ 0 };
}
