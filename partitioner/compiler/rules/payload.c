/* SPDX-License-Identifier: Apache-2.0 */
/* Rules about payload files: there, whole, and with a first instruction. */
#include "rules.h"

#include <inttypes.h>
#include <string.h>

/* A cell starts without paging, or on an identity map of the first 4 GiB. */
#define ENTRY_REACH 0x100000000ull

static void check_file(const struct model_cell *cell, const char *what, const struct blob *blob,
		       struct src_pos pos, struct diag_sink *sink)
{
	if (blob->path != NULL && blob->bytes == NULL)
		diag_add(sink, "payload-exists", DIAG_ERROR, pos,
			 "cell '%s': %s '%s' cannot be read (%s); correct the path or give its "
			 "folder by --payload-dir",
			 cell->name, what, blob->path, strerror(blob->error));
}

void rule_payload_exists(const struct model *m, struct diag_sink *sink)
{
	for (size_t c = 0; c < m->cell_count; c++) {
		const struct model_cell *cell = &m->cells[c];
		const struct model_payload *p = &cell->payload;

		check_file(cell, "payload", &p->image, p->image_pos, sink);
		check_file(cell, "initrd", &p->initrd, p->initrd_pos, sink);
		if (p->initrd.bytes != NULL && p->initrd.size == 0)
			diag_add(sink, "payload-exists", DIAG_ERROR, p->initrd_pos,
				 "cell '%s': initrd '%s' is empty; give another file or remove "
				 "septum,initrd",
				 cell->name, p->initrd.path);
	}
}

static const char *kind_name(enum payload_kind kind)
{
	switch (kind) {
	case PAYLOAD_LINUX:
		return "Linux bzImage";
	case PAYLOAD_ELF:
		return "ELF executable";
	case PAYLOAD_FLAT:
		return "flat binary";
	case PAYLOAD_NONE:
		break;
	}
	return "payload";
}

void rule_payload_format(const struct model *m, struct diag_sink *sink)
{
	for (size_t c = 0; c < m->cell_count; c++) {
		const struct model_payload *p = &m->cells[c].payload;

		if (p->kind != PAYLOAD_NONE && p->image.bytes != NULL && p->info.error != NULL)
			diag_add(sink, "payload-format", DIAG_ERROR, p->image_pos,
				 "cell '%s': '%s' is no usable %s: %s; replace the file or correct "
				 "the payload's compatible",
				 m->cells[c].name, p->image.path, kind_name(p->kind),
				 p->info.error);
	}
}

/* Bytes that come from the file: zeroed memory holds no first instruction. */
static bool entry_is_loaded(const struct payload_info *info)
{
	for (unsigned int i = 0; i < info->segment_count && i < PAYLOAD_MAX_SEGMENTS; i++) {
		const struct payload_segment *s = &info->segments[i];

		if (info->entry.raw >= s->dest.raw && info->entry.raw - s->dest.raw < s->file_bytes)
			return true;
	}
	return false;
}

static void check_entry(const struct model_cell *cell, struct diag_sink *sink)
{
	const struct model_payload *p = &cell->payload;

	if (!entry_is_loaded(&p->info))
		diag_add(sink, "payload-entry", DIAG_ERROR, p->image_pos,
			 "cell '%s': '%s' starts at GPA 0x%" PRIx64
			 ", where nothing of it is loaded; correct its entry point",
			 cell->name, p->image.path, p->info.entry.raw);
	else if (p->info.entry.raw >= ENTRY_REACH)
		diag_add(sink, "payload-entry", DIAG_ERROR, p->image_pos,
			 "cell '%s': '%s' starts at GPA 0x%" PRIx64
			 ", beyond the 4 GiB that a cell can start in; link it lower",
			 cell->name, p->image.path, p->info.entry.raw);
}

void rule_payload_entry(const struct model *m, struct diag_sink *sink)
{
	for (size_t c = 0; c < m->cell_count; c++) {
		const struct model_payload *p = &m->cells[c].payload;

		if (p->kind != PAYLOAD_NONE && p->image.bytes != NULL && p->info.error == NULL)
			check_entry(&m->cells[c], sink);
	}
}
