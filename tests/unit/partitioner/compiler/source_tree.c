/* SPDX-License-Identifier: Apache-2.0 */
#include "source_tree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char *whole_file(const char *path, size_t *bytes)
{
	FILE *file = fopen(path, "rb");
	char *content;
	long end;

	assert_non_null(file);
	assert_int_equal(fseek(file, 0, SEEK_END), 0);
	end = ftell(file);
	assert_true(end >= 0);
	*bytes = (size_t)end;
	assert_int_equal(fseek(file, 0, SEEK_SET), 0);
	content = calloc(1, *bytes + 1);
	assert_non_null(content);
	assert_int_equal(fread(content, 1, *bytes, file), *bytes);
	fclose(file);
	return content;
}

struct tree_text compile_tree(const char *source)
{
	char folder[] = "/tmp/septum-model-XXXXXX", path[64], command[256];
	struct tree_text text;
	size_t lines_bytes;
	FILE *file;

	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/s.dts", folder);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(source, file) >= 0);
	assert_int_equal(fclose(file), 0);
	snprintf(command, sizeof(command),
		 "cd %s && dtc -q -I dts -O dtb -o s.dtb s.dts && "
		 "dtc -q -I dts -O dts -T -T -o s.lines s.dts",
		 folder);
	assert_int_equal(system(command), 0);
	snprintf(path, sizeof(path), "%s/s.dtb", folder);
	text.dtb = whole_file(path, &text.dtb_bytes);
	snprintf(path, sizeof(path), "%s/s.lines", folder);
	text.lines = whole_file(path, &lines_bytes);
	snprintf(command, sizeof(command), "rm -r %s", folder);
	assert_int_equal(system(command), 0);
	return text;
}

struct fixture read_source(const char *source)
{
	struct fixture f = { .text = compile_tree(source) };

	f.model = model_read(f.text.dtb, f.text.dtb_bytes, f.text.lines, NULL, &f.sink);
	assert_non_null(f.model);
	return f;
}

void done(struct fixture *f)
{
	model_free(f->model);
	diag_free(&f->sink);
	free(f->text.dtb);
	free(f->text.lines);
}

void assert_clean(const struct fixture *f)
{
	if (f->sink.count != 0)
		print_error("%s\n", f->sink.items[0].text);
	assert_int_equal(f->sink.count, 0);
}

void assert_refused(const char *source, const char *rule, unsigned int line, const char *word,
		    const char *other_word)
{
	struct fixture f = read_source(source);

	for (size_t i = 1; i < f.sink.count; i++)
		print_error("also: %s\n", f.sink.items[i].text);
	assert_int_equal(f.sink.count, 1);
	assert_string_equal(f.sink.items[0].rule, rule);
	assert_int_equal(f.sink.items[0].severity, DIAG_ERROR);
	assert_string_equal(f.sink.items[0].pos.file, "s.dts");
	assert_int_equal(f.sink.items[0].pos.line, line);
	if (strstr(f.sink.items[0].text, word) == NULL ||
	    strstr(f.sink.items[0].text, other_word) == NULL)
		fail_msg("'%s' lacks '%s' or '%s'", f.sink.items[0].text, word, other_word);
	done(&f);
}
