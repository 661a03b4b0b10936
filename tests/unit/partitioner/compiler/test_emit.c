/* SPDX-License-Identifier: Apache-2.0 */
/* The outputs as files: whole, the same each time, or absent. */
#include "emit.h"

#include "output_file.h"
#include "sample_system.h"

#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

struct scene {
	struct sample *sample;
	uint8_t program[64]; /* the cells' payload */
	char folder[64];
	char monitor[96], output[96], report[96], work[96];
};

static void write_file(const char *path, const void *bytes, size_t size)
{
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

static void give_payload(struct scene *scene, struct model_cell *cell)
{
	const gpa_t load = { 0x100000 };

	cell->payload.kind = PAYLOAD_FLAT;
	cell->payload.load = load.raw;
	cell->payload.image = (struct blob){ .path = "flat.bin",
					     .bytes = scene->program,
					     .size = sizeof(scene->program) };
	payload_parse(PAYLOAD_FLAT, &cell->payload.image, load, 0, &cell->payload.info);
	assert_null(cell->payload.info.error);
}

static int setup(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));
	void *sample;

	assert_non_null(scene);
	assert_int_equal(sample_setup(&sample), 0);
	scene->sample = sample;
	memset(scene->program, 0xf4, sizeof(scene->program));
	give_payload(scene, &scene->sample->cells[0]);
	give_payload(scene, &scene->sample->cells[1]);
	strcpy(scene->folder, "/tmp/septum-emit-XXXXXX");
	assert_non_null(mkdtemp(scene->folder));
	snprintf(scene->monitor, sizeof(scene->monitor), "%s/monitor.elf", scene->folder);
	snprintf(scene->output, sizeof(scene->output), "%s/septum.elf", scene->folder);
	snprintf(scene->report, sizeof(scene->report), "%s/layout.json", scene->folder);
	snprintf(scene->work, sizeof(scene->work), "%s/work", scene->folder);
	write_file(scene->monitor, scene->sample->monitor.file.bytes,
		   scene->sample->monitor.file.size);
	*state = scene;
	return 0;
}

static int teardown(void **state)
{
	struct scene *scene = *state;
	void *sample = scene->sample;

	unlink(scene->monitor);
	unlink(scene->output);
	unlink(scene->report);
	/* Fails if anything else was left behind. */
	rmdir(scene->work);
	assert_int_equal(rmdir(scene->folder), 0);
	sample_teardown(&sample);
	free(scene);
	return 0;
}

static bool emit(struct scene *scene)
{
	return emit_image(&scene->sample->model, scene->monitor, scene->output, scene->report,
			  scene->work, &scene->sample->sink);
}

static bool exists(const char *path)
{
	return access(path, F_OK) == 0;
}

static struct blob read_back(const char *path)
{
	struct blob blob;

	blob_read(&blob, path, NULL);
	assert_non_null(blob.bytes);
	return blob;
}

static void an_image_and_its_report_appear_together(void **state)
{
	struct scene *scene = *state;
	struct monitor_header header;
	struct blob image;
	struct stat status;

	assert_true(emit(scene));
	assert_int_equal(scene->sample->sink.count, 0);
	assert_true(exists(scene->report));
	image = read_back(scene->output);
	memcpy(&header, image.bytes + 4096 + SAMPLE_HEADER, sizeof(header));
	assert_int_equal(header.magic, MONITOR_HEADER_MAGIC);
	assert_true(header.plan.raw > SAMPLE_BASE && header.boot_cr3.raw > header.plan.raw);
	assert_int_equal(stat(scene->output, &status), 0);
	assert_true(status.st_mode & S_IRUSR);
	blob_free(&image);
}

static void two_images_of_one_input_are_byte_identical(void **state)
{
	struct scene *scene = *state;
	struct blob first, second, first_report, second_report;

	assert_true(emit(scene));
	first = read_back(scene->output);
	first_report = read_back(scene->report);
	assert_true(emit(scene));
	second = read_back(scene->output);
	second_report = read_back(scene->report);
	assert_int_equal(first.size, second.size);
	assert_memory_equal(first.bytes, second.bytes, first.size);
	assert_int_equal(first_report.size, second_report.size);
	assert_memory_equal(first_report.bytes, second_report.bytes, first_report.size);
	blob_free(&first);
	blob_free(&second);
	blob_free(&first_report);
	blob_free(&second_report);
}

static void a_failure_removes_the_image_of_an_earlier_run(void **state)
{
	struct scene *scene = *state;

	assert_true(emit(scene));
	scene->sample->model.monitor.size = 0x10000;
	assert_false(emit(scene));
	assert_string_equal(sample_only_rule(scene->sample), "monitor-fits");
	assert_false(exists(scene->output));
	assert_false(exists(scene->report));
}

static void a_missing_monitor_leaves_no_image(void **state)
{
	struct scene *scene = *state;

	write_file(scene->output, "old", 3);
	unlink(scene->monitor);
	assert_false(emit(scene));
	assert_string_equal(sample_only_rule(scene->sample), "monitor-file");
	assert_false(exists(scene->output));
}

static void a_report_that_cannot_be_written_leaves_no_image(void **state)
{
	struct scene *scene = *state;

	snprintf(scene->report, sizeof(scene->report), "%s/absent/layout.json", scene->folder);
	assert_false(emit(scene));
	assert_string_equal(sample_only_rule(scene->sample), "output-file");
	assert_false(exists(scene->output));
}

static void an_output_keeps_its_old_content_until_it_is_committed(void **state)
{
	struct scene *scene = *state;
	struct output_file file;
	struct blob now;

	write_file(scene->output, "old", 3);
	assert_true(output_open(&file, scene->output));
	fputs("newer", file.stream);
	now = read_back(scene->output);
	assert_int_equal(now.size, 3);
	blob_free(&now);
	assert_true(output_commit(&file));
	now = read_back(scene->output);
	assert_int_equal(now.size, 5);
	blob_free(&now);
}

static void an_abandoned_output_leaves_nothing(void **state)
{
	struct scene *scene = *state;
	struct output_file file;

	assert_true(output_open(&file, scene->output));
	fputs("half", file.stream);
	output_abandon(&file);
	/* The empty folder in teardown shows that the temporary file is gone too. */
	assert_false(exists(scene->output));
}

#define IN_SCENE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SCENE(an_image_and_its_report_appear_together),
		IN_SCENE(two_images_of_one_input_are_byte_identical),
		IN_SCENE(a_failure_removes_the_image_of_an_earlier_run),
		IN_SCENE(a_missing_monitor_leaves_no_image),
		IN_SCENE(a_report_that_cannot_be_written_leaves_no_image),
		IN_SCENE(an_output_keeps_its_old_content_until_it_is_committed),
		IN_SCENE(an_abandoned_output_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
