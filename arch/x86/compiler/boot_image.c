/* SPDX-License-Identifier: Apache-2.0 */
#include "boot_image.h"

#include "boot_layout.h"
#include "gpa_map.h"
#include "guest_tables.h"

#include <inttypes.h>
#include <stdlib.h>

void load_list_free(struct load_list *loads)
{
	for (size_t i = 0; i < loads->count; i++)
		free(loads->items[i].bytes);
	free(loads->items);
	*loads = (struct load_list){ .count = 0 };
}

static bool payload_is_sound(const struct model_cell *cell, struct diag_sink *sink)
{
	const struct model_payload *p = &cell->payload;

	if (p->info.error) {
		diag_add(sink, "payload-format", DIAG_ERROR, p->image_pos,
			 "cell '%s': payload '%s': %s; replace the file", cell->name,
			 p->image.path ? p->image.path : "", p->info.error);
		return false;
	}
	if (!p->image.bytes || p->info.segment_count == 0) {
		diag_add(sink, "payload-exists", DIAG_ERROR, p->pos,
			 "cell '%s' has no payload; name one with septum,image", cell->name);
		return false;
	}
	return true;
}

static void add_tables(struct boot_layout *layout)
{
	uint64_t *tables = malloc(GUEST_TABLES_BYTES);

	if (!tables)
		abort();
	guest_tables_build(tables);
	boot_layout_add(layout, "boot page tables", GPA_BOOT_TABLES, tables, GUEST_TABLES_BYTES,
			GUEST_TABLES_BYTES);
	free(tables);
}

static void add_start_state(struct boot_layout *layout, struct entry_state *entry)
{
	uint64_t gdt[GUEST_GDT_ENTRIES];
	bool long_mode = layout->cell->payload.info.long_mode;

	*entry = (struct entry_state){
		.mode = long_mode ? ENTRY_LONG64 : ENTRY_PROTECTED32,
		.rip = layout->cell->payload.info.entry,
		.rsp = { GPA_BOOT_STACK },
		.cr3 = { long_mode ? GPA_BOOT_TABLES : 0 },
		.gdt = { GPA_BOOT_GDT },
		.gdt_limit = GUEST_GDT_BYTES - 1,
	};
	guest_gdt_build(gdt, long_mode);
	boot_layout_add(layout, "boot GDT", GPA_BOOT_GDT, gdt, sizeof(gdt), sizeof(gdt));
	boot_layout_add(layout, "boot stack", GPA_BOOT_TABLES_END, NULL, 0,
			GPA_BOOT_STACK - GPA_BOOT_TABLES_END);
	if (long_mode)
		add_tables(layout);
}

/* What a segment has beyond its file bytes is zero already: the monitor scrubs cell RAM. */
static void add_segments(struct boot_layout *layout)
{
	const struct model_payload *p = &layout->cell->payload;

	for (unsigned int i = 0; i < p->info.segment_count; i++) {
		const struct payload_segment *s = &p->info.segments[i];
		char name[PLAN_NAME_BYTES];

		snprintf(name, sizeof(name), "payload segment %u", i);
		boot_layout_add(layout, name, s->dest.raw, p->image.bytes + s->file_offset,
				s->file_bytes, s->memory_bytes);
	}
}

/* The CPU starts below 4 GiB: without paging, or on an identity map of that reach. */
static bool entry_is_reachable(const struct model_cell *cell, struct diag_sink *sink)
{
	uint64_t entry = cell->payload.info.entry.raw;

	if (entry < GUEST_TABLES_REACH)
		return true;
	diag_add(sink, "payload-entry", DIAG_ERROR, cell->payload.image_pos,
		 "cell '%s': payload '%s' starts at GPA 0x%" PRIx64
		 ", beyond the 4 GiB that are mapped at its start; link it lower",
		 cell->name, cell->payload.image.path, entry);
	return false;
}

static bool add_payload(struct boot_layout *layout, const struct model *model, const char *work_dir,
			struct entry_state *entry)
{
	if (layout->cell->payload.kind == PAYLOAD_LINUX)
		return boot_linux_add(layout, model, work_dir, entry);
	add_segments(layout);
	return entry_is_reachable(layout->cell, layout->sink);
}

bool boot_image_build(const struct model *model, const struct model_cell *cell,
		      const char *work_dir, struct load_list *loads, struct entry_state *entry,
		      struct diag_sink *sink)
{
	struct boot_layout layout = { .cell = cell, .loads = loads, .sink = sink };
	bool fine;

	*loads = (struct load_list){ .count = 0 };
	if (!payload_is_sound(cell, sink))
		return false;
	add_start_state(&layout, entry);
	fine = add_payload(&layout, model, work_dir, entry);
	fine = boot_layout_check(&layout) && fine;
	if (!fine)
		load_list_free(loads);
	return fine;
}
