/* SPDX-License-Identifier: Apache-2.0 */
#include "source_lines.h"

#include <stdlib.h>
#include <string.h>

/* Deeper nodes than any system has are passed over, so that paths stay short. */
#define DEPTH_MAX 32u

struct parse {
	struct arena *arena;
	struct source_entry **entries;
	size_t count, room;
	const struct source_entry *node; /* whose braces are open */
	unsigned int depth; /* of open braces */
	const char *file; /* the last file name seen: most repeat */
};

/* One line of dtc's output, cut into its parts; none is NUL-terminated. */
struct piece {
	const char *text;
	size_t length;
};

static struct piece trimmed(const char *text, size_t length)
{
	while (length > 0 && (*text == ' ' || *text == '\t')) {
		text++;
		length--;
	}
	while (length > 0 && strchr(" \t\r", text[length - 1]) != NULL)
		length--;
	return (struct piece){ text, length };
}

static const char *file_name(struct parse *parse, const char *text, size_t length)
{
	if (parse->file == NULL || strlen(parse->file) != length ||
	    strncmp(parse->file, text, length) != 0)
		parse->file = arena_text(parse->arena, text, length);
	return parse->file;
}

/* The number that ends at *end, behind one of @separators; moves *end before the separator. */
static bool number_before(const char *start, const char **end, char separator, unsigned int *number)
{
	const char *digit = *end;
	unsigned int value = 0, weight = 1;

	while (digit > start && digit[-1] >= '0' && digit[-1] <= '9' && *end - digit < 9) {
		digit--;
		value += (unsigned int)(*digit - '0') * weight;
		weight *= 10;
	}
	if (digit == *end || digit == start || digit[-1] != separator)
		return false;
	*number = value;
	*end = digit - 1;
	return true;
}

/* "dts/systems/duo.dts:41:3-44:5", read from its end: a file name may hold anything. */
static bool parse_span(struct parse *parse, const char *start, const char *end,
		       struct src_span *span)
{
	if (!number_before(start, &end, ':', &span->last_column) ||
	    !number_before(start, &end, '-', &span->last_line) ||
	    !number_before(start, &end, ':', &span->column) ||
	    !number_before(start, &end, ':', &span->line))
		return false;
	span->file = file_name(parse, start, (size_t)(end - start));
	return true;
}

/* Comma-separated spans; those without a file ("<no-file>:<no-line>") are left out. */
static void parse_spans(struct parse *parse, struct source_entry *entry, struct piece note)
{
	const char *start = note.text;
	const char *end = note.text + note.length;
	size_t most = 1;

	for (const char *c = start; c < end; c++)
		most += *c == ',';
	entry->spans = arena_alloc(parse->arena, most, sizeof(*entry->spans));
	for (const char *c = start; c <= end; c++) {
		if (c != end && (*c != ',' || c + 1 == end || c[1] != ' '))
			continue;
		if (parse_span(parse, start, c, &entry->spans[entry->span_count])) {
			entry->span_count++;
			start = c != end ? c + 2 : end;
		} else if (c != end && strncmp(start, "<no-", 4) == 0) {
			start = c + 2;
		}
	}
}

/* Cut "note" out of a line that ends with a comment holding it. */
static struct piece cut_note(struct piece *line)
{
	struct piece note = { NULL, 0 };

	if (line->length < 4 || strncmp(line->text + line->length - 2, "*/", 2) != 0)
		return note;
	for (size_t i = line->length - 3; i-- > 0;) {
		if (strncmp(line->text + i, "/*", 2) != 0)
			continue;
		note = trimmed(line->text + i + 2, line->length - i - 4);
		*line = trimmed(line->text, i);
		break;
	}
	return note;
}

static struct source_entry *add_entry(struct parse *parse, struct piece note)
{
	struct source_entry *entry = arena_alloc(parse->arena, 1, sizeof(*entry));

	if (parse->count == parse->room) {
		struct source_entry **old = parse->entries;

		parse->room = parse->room != 0 ? 2 * parse->room : 64;
		parse->entries = arena_alloc(parse->arena, parse->room,
					     sizeof(struct source_entry *));
		if (old != NULL)
			memcpy(parse->entries, old, parse->count * sizeof(struct source_entry *));
	}
	parse->entries[parse->count++] = entry;
	entry->parent = parse->node;
	if (note.text != NULL)
		parse_spans(parse, entry, note);
	return entry;
}

/* Split leading "label:" words off; the first one is returned. */
static struct piece cut_labels(struct piece *line)
{
	struct piece label = { NULL, 0 };

	for (;;) {
		size_t word = 0;

		while (word < line->length && strchr(" \t=;{\"", line->text[word]) == NULL)
			word++;
		if (word < 2 || line->text[word - 1] != ':')
			return label;
		if (label.text == NULL)
			label = (struct piece){ line->text, word - 1 };
		*line = trimmed(line->text + word, line->length - word);
	}
}

static void open_node(struct parse *parse, struct piece line, struct piece note)
{
	struct piece label = cut_labels(&line);
	struct piece name = trimmed(line.text, line.length - 1); /* without its brace */
	const struct source_entry *parent = parse->node;
	struct source_entry *entry = add_entry(parse, note);
	char *text = arena_text(parse->arena, name.text, name.length);

	if (label.text != NULL)
		entry->label = arena_text(parse->arena, label.text, label.length);
	if (parent == NULL)
		entry->path = "/";
	else if (parent->parent == NULL)
		entry->path = arena_join(parse->arena, "/", text);
	else
		entry->path = arena_join(parse->arena, arena_join(parse->arena, parent->path, "/"),
					 text);
	parse->node = entry;
}

static void close_node(struct parse *parse)
{
	if (parse->depth == 0)
		return;
	if (parse->depth <= DEPTH_MAX)
		parse->node = parse->node->parent;
	parse->depth--;
}

static void add_property(struct parse *parse, struct piece line, struct piece note)
{
	struct source_entry *entry;
	size_t length = 0;

	cut_labels(&line);
	while (length < line.length && strchr(" =;", line.text[length]) == NULL)
		length++;
	entry = add_entry(parse, note);
	entry->path = parse->node->path;
	entry->property = arena_text(parse->arena, line.text, length);
}

/* dtc breaks lines only between nodes and properties: line breaks in strings are escaped. */
static void parse_line(struct parse *parse, const char *text, size_t length)
{
	struct piece line = trimmed(text, length);
	struct piece note = cut_note(&line);

	if (line.length == 0 || line.text == NULL)
		return;
	if (line.text[line.length - 1] == '{') {
		if (parse->depth++ < DEPTH_MAX)
			open_node(parse, line, note);
	} else if (line.text[0] == '}') {
		close_node(parse);
	} else if (parse->node != NULL && parse->depth <= DEPTH_MAX) {
		add_property(parse, line, note);
	}
}

static int compare(const char *a_path, const char *a_property, const char *b_path,
		   const char *b_property)
{
	int order = strcmp(a_path, b_path);

	if (order != 0)
		return order;
	return strcmp(a_property != NULL ? a_property : "", b_property != NULL ? b_property : "");
}

static int compare_entries(const void *left, const void *right)
{
	const struct source_entry *a = *(const struct source_entry *const *)left;
	const struct source_entry *b = *(const struct source_entry *const *)right;

	return compare(a->path, a->property, b->path, b->property);
}

struct source_lines source_lines_read(struct arena *arena, const char *text)
{
	struct parse parse = { .arena = arena };

	while (text != NULL && *text != '\0') {
		size_t length = strcspn(text, "\n");

		parse_line(&parse, text, length);
		text += length;
		text += *text == '\n';
	}
	if (parse.count != 0)
		qsort(parse.entries, parse.count, sizeof(struct source_entry *), compare_entries);
	return (struct source_lines){ parse.entries, parse.count };
}

const struct source_entry *source_entry_of(const struct source_lines *lines, const char *path,
					   const char *property)
{
	size_t low = 0, high = lines->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct source_entry *entry = lines->entries[middle];
		int order = compare(entry->path, entry->property, path, property);

		if (order == 0)
			return entry;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

struct src_pos source_pos(const struct source_lines *lines, const char *path, const char *property)
{
	const struct source_entry *entry = source_entry_of(lines, path, property);
	const struct src_span *span;

	if ((entry == NULL || entry->span_count == 0) && property != NULL)
		entry = source_entry_of(lines, path, NULL);
	if (entry == NULL || entry->span_count == 0)
		return (struct src_pos){ NULL, 0 };
	span = &entry->spans[entry->span_count - 1];
	return (struct src_pos){ span->file, span->line };
}

static bool before(unsigned int line, unsigned int column, unsigned int than_line,
		   unsigned int than_column)
{
	return line < than_line || (line == than_line && column < than_column);
}

static bool surrounds(const struct src_span *outer, const struct src_span *inner)
{
	return strcmp(inner->file, outer->file) == 0 &&
	       before(outer->line, outer->column, inner->line, inner->column) &&
	       before(inner->last_line, inner->last_column, outer->last_line, outer->last_column);
}

/* Within its parent's braces, these within theirs, and so on up to the root's? */
static bool written_out(const struct src_span *span, const struct source_entry *parent)
{
	while (parent != NULL) {
		const struct src_span *outer = NULL;

		for (size_t i = 0; i < parent->span_count && outer == NULL; i++)
			if (surrounds(&parent->spans[i], span))
				outer = &parent->spans[i];
		if (outer == NULL)
			return false;
		span = outer;
		parent = parent->parent;
	}
	return true;
}

bool source_duplicate(const struct source_entry *entry, bool across_files, struct src_pos *first,
		      struct src_pos *second)
{
	for (size_t i = 0; i < entry->span_count; i++) {
		const struct src_span *a = &entry->spans[i];

		for (size_t j = i + 1; j < entry->span_count; j++) {
			const struct src_span *b = &entry->spans[j];

			if (!written_out(a, entry->parent) || !written_out(b, entry->parent) ||
			    (!across_files && strcmp(a->file, b->file) != 0))
				continue;
			*first = (struct src_pos){ a->file, a->line };
			*second = (struct src_pos){ b->file, b->line };
			return true;
		}
	}
	return false;
}
