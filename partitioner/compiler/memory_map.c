/* SPDX-License-Identifier: Apache-2.0 */
/* The report's map of host-physical memory. */
#include "explain.h"
#include "gaps.h"

#include <inttypes.h>
#include <stdlib.h>

struct row {
	uint64_t start, size;
	const char *kind; /* "cell", "monitor", "firmware", "device", "free" */
	const char *name; /* of the cell or node */
	const char *part; /* what of it, or NULL */
};

struct rows {
	struct row *items;
	size_t count, room;
};

static void add_row(struct rows *rows, struct row row)
{
	if (row.size == 0)
		return;
	if (rows->count == rows->room) {
		rows->room = rows->room != 0 ? 2 * rows->room : 32;
		rows->items = reallocarray(rows->items, rows->room, sizeof(row));
		if (rows->items == NULL)
			abort();
	}
	rows->items[rows->count++] = row;
}

static void add_ranges(struct rows *rows, const struct model_range *ranges, size_t count,
		       const char *kind)
{
	for (size_t i = 0; i < count; i++)
		add_row(rows, (struct row){ ranges[i].start, ranges[i].size, kind, ranges[i].name,
					    NULL });
}

static void add_cells(struct rows *rows, const struct model *model)
{
	for (size_t c = 0; c < model->cell_count; c++) {
		const struct model_cell *cell = &model->cells[c];

		for (size_t i = 0; i < cell->memory_count; i++)
			add_row(rows, (struct row){ cell->memory[i].hpa, cell->memory[i].size,
						    "cell", cell->name, cell->memory[i].name });
	}
}

static void add_gaps(struct rows *rows, const struct model *model)
{
	struct gaps gaps = gaps_of_ram(model, true);

	for (size_t i = 0; i < gaps.count; i++)
		add_row(rows,
			(struct row){ gaps.items[i].start, gaps.items[i].end - gaps.items[i].start,
				      "free", "", NULL });
	gaps_free(&gaps);
}

static int compare(const void *left, const void *right)
{
	const struct row *a = left, *b = right;

	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	return (a->size < b->size) - (a->size > b->size);
}

void explain_memory_map(const struct model *model, FILE *out)
{
	const struct model_monitor *monitor = &model->monitor;
	struct rows rows = { NULL, 0, 0 };

	add_row(&rows, (struct row){ 0, 0x100000, "nobody", "first MiB, never given away", NULL });
	add_ranges(&rows, model->reserved, model->reserved_count, "firmware");
	add_ranges(&rows, model->mmio, model->mmio_count, "device");
	if (monitor->present) {
		add_row(&rows, (struct row){ monitor->base, monitor->size, "monitor",
					     "code, plan, payloads", NULL });
		add_row(&rows, (struct row){ monitor->boot_page, PLAN_PAGE_BYTES, "monitor",
					     "boot page", NULL });
		add_row(&rows, (struct row){ monitor->crash, monitor->crash_size, "monitor",
					     "crash records", NULL });
	}
	add_cells(&rows, model);
	add_gaps(&rows, model);
	if (rows.count != 0)
		qsort(rows.items, rows.count, sizeof(*rows.items), compare);
	fprintf(out, "Memory map (host-physical)\n");
	for (size_t i = 0; i < rows.count; i++) {
		const struct row *row = &rows.items[i];

		fprintf(out, "  0x%010" PRIx64 "-0x%010" PRIx64 "  %12s  %-8s  %s%s%s\n",
			row->start, row->start + (row->size - 1), explain_size(row->size).text,
			row->kind, row->name, row->part != NULL ? ", " : "",
			row->part != NULL ? row->part : "");
	}
	free(rows.items);
}
