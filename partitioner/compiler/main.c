/* SPDX-License-Identifier: Apache-2.0 */
/* septum-partitioner: the command line. */
#include "emit.h"
#include "explain.h"
#include "model.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define TOOL "septum-partitioner"
#define MAX_DIRS 32u

enum exit_code { EXIT_OK = 0, EXIT_REFUSED = 1, EXIT_USAGE = 2 };

struct options {
	const char *tree; /* SYS.dtb */
	const char *lines;
	const char *payload_dirs[MAX_DIRS + 1]; /* ends with NULL */
	size_t dir_count;
	const char *monitor, *output, *report, *work_dir;
};

/* What a run holds from reading to printing. */
struct run {
	struct blob tree, lines;
	struct model *model;
	struct diag_sink sink;
	bool placed; /* all RAM has its address */
};

static int print_help(void)
{
	printf("usage: %s COMMAND [OPTIONS] [SYSTEM.dtb]\n"
	       "\n"
	       "Divides a machine among cells, as a compiled system file says.\n"
	       "\n"
	       "Commands:\n"
	       "  check SYSTEM.dtb         run all rules, write nothing\n"
	       "  explain SYSTEM.dtb       say who owns what and why\n"
	       "  build SYSTEM.dtb --monitor FILE --output FILE [--report FILE] [--work-dir DIR]\n"
	       "                           check, then write the bootable image\n"
	       "  monitor-base SYSTEM.dtb  print where the monitor is to be linked\n"
	       "  list-rules               print every rule that is checked\n"
	       "\n"
	       "Options:\n"
	       "  --lines FILE        annotated source (dtc -I dts -O dts -T -T): findings\n"
	       "                      then name file and line\n"
	       "  --payload-dir DIR   where payload files are looked up; may be repeated;\n"
	       "                      without it, in the current folder\n"
	       "  --monitor FILE      the linked monitor\n"
	       "  --output FILE       the image; whole or absent afterwards\n"
	       "  --report FILE       layout of the image, as JSON\n"
	       "  --work-dir DIR      for generated sources (default: beside the image)\n"
	       "  --help, --version\n"
	       "\n"
	       "Exit status: 0 accepted, 1 configuration refused, 2 wrong usage or I/O error.\n",
	       TOOL);
	return EXIT_OK;
}

static int usage_error(const char *text, const char *detail)
{
	fprintf(stderr, "%s: %s%s\nTry '%s --help'.\n", TOOL, text, detail, TOOL);
	return EXIT_USAGE;
}

static bool read_input(struct blob *blob, const char *path)
{
	blob_read(blob, path, NULL);
	if (blob->bytes == NULL)
		fprintf(stderr, "%s: cannot read %s: %s\n", TOOL, path, strerror(blob->error));
	return blob->bytes != NULL;
}

/* The reader takes text up to its NUL; a file has none. */
static char *text_of(const struct blob *blob)
{
	char *text = calloc(1, blob->size + 1);

	if (text != NULL && blob->size != 0)
		memcpy(text, blob->bytes, blob->size);
	return text;
}

static bool load_model(struct run *run, const struct options *options)
{
	char *lines = NULL;

	if (!read_input(&run->tree, options->tree))
		return false;
	if (options->lines != NULL) {
		if (!read_input(&run->lines, options->lines))
			return false;
		lines = text_of(&run->lines);
	}
	run->model = model_read(run->tree.bytes, run->tree.size, lines,
				options->dir_count != 0 ? options->payload_dirs : NULL, &run->sink);
	free(lines);
	return true;
}

/*
 * As many rules as the findings so far allow: placement copes with any model,
 * and rules that need addresses run whenever all addresses are known.
 */
static void judge(struct run *run)
{
	size_t before;

	if (run->model == NULL)
		return;
	rules_run(run->model, RULE_PRE, &run->sink);
	before = diag_errors(&run->sink);
	model_place(run->model, &run->sink);
	run->placed = diag_errors(&run->sink) == before;
	if (run->placed)
		rules_run(run->model, RULE_POST, &run->sink);
	model_apply_waivers(run->model, &run->sink);
}

static void print_count(const struct diag_sink *sink, const char *consequence)
{
	size_t errors = diag_errors(sink), warnings = diag_warnings(sink);

	if (errors == 0 && warnings == 0)
		return;
	fprintf(stderr, "%zu error%s, %zu warning%s%s\n", errors, errors == 1 ? "" : "s", warnings,
		warnings == 1 ? "" : "s", errors != 0 ? consequence : "");
}

static int conclude(struct run *run, const char *consequence)
{
	diag_print(&run->sink, stderr);
	print_count(&run->sink, consequence);
	return diag_errors(&run->sink) != 0 ? EXIT_REFUSED : EXIT_OK;
}

static void end_run(struct run *run)
{
	diag_free(&run->sink);
	model_free(run->model);
	blob_free(&run->tree);
	blob_free(&run->lines);
}

static int check_command(struct run *run, const struct options *options)
{
	int result;

	(void)options;
	judge(run);
	result = conclude(run, "; configuration refused");
	if (result == EXIT_OK)
		printf("system '%s' on board '%s': accepted\n", run->model->system,
		       run->model->board);
	return result;
}

static int explain_command(struct run *run, const struct options *options)
{
	int result;

	(void)options;
	judge(run);
	result = conclude(run, "; configuration refused");
	if (run->placed)
		explain(run->model, stdout);
	return result;
}

/* "DIR/septum.elf" -> "DIR"; the caller frees it. */
static char *folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		return strdup(".");
	return strndup(path, slash == path ? 1 : (size_t)(slash - path));
}

/* The emitter's findings about files of ours are no fault of the configuration. */
static bool file_failed(const struct diag_sink *sink)
{
	for (size_t i = 0; i < sink->count; i++)
		if (strcmp(sink->items[i].rule, "monitor-file") == 0 ||
		    strcmp(sink->items[i].rule, "output-file") == 0)
			return true;
	return false;
}

static int build_command(struct run *run, const struct options *options)
{
	char *beside;
	bool built;
	int result;

	if (options->monitor == NULL || options->output == NULL)
		return usage_error("build needs --monitor and --output", "");
	judge(run);
	if (diag_errors(&run->sink) != 0) {
		emit_discard(options->output, options->report);
		return conclude(run, "; no image written");
	}
	beside = folder_of(options->output);
	built = beside != NULL &&
		emit_image(run->model, options->monitor, options->output, options->report,
			   options->work_dir != NULL ? options->work_dir : beside, &run->sink);
	free(beside);
	result = conclude(run, "; no image written");
	if (file_failed(&run->sink))
		return EXIT_USAGE;
	return built || result != EXIT_OK ? result : usage_error("the image was not written", "");
}

static int monitor_base_command(struct run *run, const struct options *options)
{
	(void)options;
	if (run->model == NULL || !run->model->monitor.present)
		return conclude(run, "; no monitor range known");
	printf("0x%" PRIx64 "\n", run->model->monitor.base);
	return EXIT_OK;
}

static int list_rules(void)
{
	for (size_t i = 0; i < rule_count; i++)
		printf("%-18s %-8s %-9s %s\n", rules[i].id,
		       rules[i].severity == DIAG_ERROR ? "error" : "warning",
		       rules[i].waivable ? "waivable" : "", rules[i].summary);
	return EXIT_OK;
}

enum {
	OPTION_HELP = 1,
	OPTION_VERSION,
	OPTION_LINES,
	OPTION_DIR,
	OPTION_MONITOR,
	OPTION_OUTPUT,
	OPTION_REPORT,
	OPTION_WORK
};

static const struct option long_options[] = {
	{ "help", no_argument, NULL, OPTION_HELP },
	{ "version", no_argument, NULL, OPTION_VERSION },
	{ "lines", required_argument, NULL, OPTION_LINES },
	{ "payload-dir", required_argument, NULL, OPTION_DIR },
	{ "monitor", required_argument, NULL, OPTION_MONITOR },
	{ "output", required_argument, NULL, OPTION_OUTPUT },
	{ "report", required_argument, NULL, OPTION_REPORT },
	{ "work-dir", required_argument, NULL, OPTION_WORK },
	{ NULL, 0, NULL, 0 },
};

static bool set_option(struct options *options, int option)
{
	switch (option) {
	case OPTION_LINES:
		options->lines = optarg;
		return true;
	case OPTION_DIR:
		if (options->dir_count == MAX_DIRS)
			return false;
		options->payload_dirs[options->dir_count++] = optarg;
		return true;
	case OPTION_MONITOR:
		options->monitor = optarg;
		return true;
	case OPTION_OUTPUT:
		options->output = optarg;
		return true;
	case OPTION_REPORT:
		options->report = optarg;
		return true;
	case OPTION_WORK:
		options->work_dir = optarg;
		return true;
	default:
		return false;
	}
}

struct command {
	const char *name;
	int (*perform)(struct run *run, const struct options *options);
};

static const struct command commands[] = {
	{ "check", check_command },
	{ "explain", explain_command },
	{ "build", build_command },
	{ "monitor-base", monitor_base_command },
};

static int perform(const char *name, const struct options *options)
{
	struct run run = { .model = NULL };
	int result = EXIT_USAGE;

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(commands[i].name, name) != 0)
			continue;
		if (options->tree == NULL)
			return usage_error(name, " needs a SYSTEM.dtb");
		if (load_model(&run, options))
			result = commands[i].perform(&run, options);
		end_run(&run);
		return result;
	}
	return usage_error("unknown command ", name);
}

int main(int argc, char **argv)
{
	struct options options = { .dir_count = 0 };
	int option, operands, result;

	while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		if (option == OPTION_HELP)
			return print_help();
		if (option == OPTION_VERSION) {
			printf("%s: plan version %u\n", TOOL, PLAN_VERSION);
			return EXIT_OK;
		}
		if (!set_option(&options, option))
			return usage_error("cannot use these options", "");
	}
	operands = argc - optind;
	if (operands == 0)
		return usage_error("no command given", "");
	if (operands > 2)
		return usage_error("too many arguments: ", argv[optind + 2]);
	options.tree = operands == 2 ? argv[optind + 1] : NULL;
	result = strcmp(argv[optind], "list-rules") == 0 ? list_rules() :
							   perform(argv[optind], &options);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fprintf(stderr, "%s: cannot write: %s\n", TOOL, strerror(errno));
		return EXIT_USAGE;
	}
	return result;
}
