/* SPDX-License-Identifier: Apache-2.0 */
/* From a placed model to septum.elf: monitor, plan, golden store, CPU blocks. */
#include "emit.h"

#include "image_elf.h"
#include "layout_report.h"
#include "output_file.h"
#include "plan_build.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool report_output(const char *path, struct diag_sink *sink)
{
	diag_add(sink, "output-file", DIAG_ERROR, (struct src_pos){ path, 0 },
		 "'%s' cannot be written: %s; check the folder and its free space", path,
		 strerror(errno));
	return false;
}

static bool build_cell_images(const struct model *model, const char *work_dir,
			      struct cell_image *images, struct diag_sink *sink)
{
	bool fine = true;

	if (work_dir && mkdir(work_dir, 0777) != 0 && errno != EEXIST)
		return report_output(work_dir, sink);
	/* Goes on after a failure: one run reports every cell. */
	for (size_t i = 0; i < model->cell_count; i++)
		if (!boot_image_build(model, &model->cells[i], work_dir, &images[i].loads,
				      &images[i].entry, sink))
			fine = false;
	return fine;
}

static void free_cell_images(const struct model *model, struct cell_image *images)
{
	for (size_t i = 0; i < model->cell_count; i++)
		load_list_free(&images[i].loads);
	free(images);
}

/* Pieces of the golden store, in the order the layout placed them. */
static struct image_piece *store_pieces(const struct plan_input *input, const struct layout *layout)
{
	struct image_piece *pieces = calloc(layout->source_count + 1, sizeof(*pieces));
	size_t at = 0;

	if (!pieces)
		abort();
	for (size_t i = 0; i < input->model->cell_count; i++) {
		const struct load_list *loads = &input->images[i].loads;

		for (size_t n = 0; n < loads->count; n++, at++)
			pieces[at] = (struct image_piece){
				layout->sources[at].raw,
				loads->items[n].bytes,
				loads->items[n].size,
			};
	}
	return pieces;
}

static bool write_image(FILE *out, const struct plan_input *input, const struct built_plan *built)
{
	const struct monitor_elf *monitor = input->monitor;
	const struct layout *layout = &built->layout;
	struct image_segment segments[LAYOUT_SEGMENTS_MAX] = { 0 };
	struct image_piece own[MONITOR_SEGMENTS_MAX + 1];
	struct image_piece *store = store_pieces(input, layout);
	bool fine;

	for (unsigned int i = 0; i < layout->count; i++) {
		segments[i].start = layout->segments[i].start.raw;
		segments[i].memory_bytes = layout->segments[i].size;
		segments[i].rights = layout->segments[i].rights;
	}
	for (unsigned int i = 0; i < monitor->segment_count; i++) {
		const struct monitor_segment *from = &monitor->segments[i];

		own[i] = (struct image_piece){ from->start, monitor->file.bytes + from->file_offset,
					       from->file_bytes };
		segments[i].pieces = &own[i];
		segments[i].piece_count = 1;
	}
	own[monitor->segment_count] = (struct image_piece){ built->bytes.base.raw,
							    built->bytes.bytes, built->bytes.used };
	segments[layout->plan - layout->segments].pieces = &own[monitor->segment_count];
	segments[layout->plan - layout->segments].piece_count = 1;
	segments[layout->store - layout->segments].pieces = store;
	segments[layout->store - layout->segments].piece_count = layout->source_count;
	fine = image_elf_write(out, monitor->entry, segments, layout->count);
	free(store);
	return fine;
}

static bool write_report(const char *path, const struct plan_input *input,
			 const struct built_plan *built, struct diag_sink *sink)
{
	struct output_file file;

	if (!path)
		return true;
	if (!output_open(&file, path))
		return report_output(path, sink);
	layout_report_write(file.stream, built, input->model);
	return output_commit(&file) || report_output(path, sink);
}

static bool write_outputs(const char *output_path, const char *report_path,
			  const struct plan_input *input, const struct built_plan *built,
			  struct diag_sink *sink)
{
	struct output_file file;

	if (!output_open(&file, output_path))
		return report_output(output_path, sink);
	if (!write_image(file.stream, input, built)) {
		output_abandon(&file);
		return report_output(output_path, sink);
	}
	/* The image last: where it is, its report is there too. */
	if (!write_report(report_path, input, built, sink)) {
		output_abandon(&file);
		return false;
	}
	return output_commit(&file) || report_output(output_path, sink);
}

static bool build_and_write(struct plan_input *input, struct monitor_elf *monitor,
			    const char *output_path, const char *report_path,
			    struct diag_sink *sink)
{
	struct built_plan built;
	bool fine = plan_build(input, &built, sink);

	if (fine) {
		monitor_elf_complete(monitor, plan_head(&built)->base, plan_head(&built)->boot_cr3);
		fine = write_outputs(output_path, report_path, input, &built, sink);
	}
	built_plan_free(&built);
	return fine;
}

bool emit_image(const struct model *model, const char *monitor_path, const char *output_path,
		const char *report_path, const char *work_dir, struct diag_sink *sink)
{
	struct cell_image *images = calloc(model->cell_count + 1, sizeof(*images));
	struct monitor_elf monitor;
	struct plan_input input = { model, &monitor, images };
	bool fine;

	if (!images)
		abort();
	fine = monitor_elf_read(&monitor, monitor_path, model->monitor.base, sink);
	fine = build_cell_images(model, work_dir, images, sink) && fine;
	fine = fine && build_and_write(&input, &monitor, output_path, report_path, sink);
	free_cell_images(model, images);
	blob_free(&monitor.file);
	if (!fine)
		emit_discard(output_path, report_path);
	return fine;
}

void emit_discard(const char *output_path, const char *report_path)
{
	if (output_path)
		unlink(output_path);
	if (report_path)
		unlink(report_path);
}
