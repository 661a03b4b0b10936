/* SPDX-License-Identifier: Apache-2.0 */
/* A cell's nested page tables: APM volume 2, 15.25; Intel SDM volume 3C, 28.2. */
#include "nested_tables.h"

#include <stdlib.h>

struct page_options page_options_for(const struct model *model)
{
	return (struct page_options){
		.largest_leaf = model->features & PLAN_FEATURE_1G_PAGES ? 3 : 2,
		.output_bits = model->phys_bits,
	};
}

static enum page_fault emit_cell(const struct page_format *format,
				 const struct page_options *options, const struct model_cell *cell,
				 const struct window_list *windows, struct plan_bytes *out,
				 hpa_t *root)
{
	const size_t devices = windows ? windows->count : 0;
	struct page_mapping *maps = calloc(cell->memory_count + devices + 1, sizeof(*maps));
	enum page_fault fault;

	if (!maps)
		abort();
	for (size_t i = 0; i < cell->memory_count; i++)
		maps[i] = (struct page_mapping){
			.input = cell->memory[i].gpa,
			.output = cell->memory[i].hpa,
			.size = cell->memory[i].size,
			.rights = PLAN_RIGHT_READ | PLAN_RIGHT_WRITE | PLAN_RIGHT_EXEC,
		};
	for (size_t i = 0; i < devices; i++)
		maps[cell->memory_count + i] = windows->items[i];
	fault = page_emit(format, options, maps, cell->memory_count + devices, out, root);
	free(maps);
	return fault;
}

enum page_fault npt_emit(const struct model *model, const struct model_cell *cell,
			 const struct window_list *windows, struct plan_bytes *out, hpa_t *root)
{
	const struct page_options options = page_options_for(model);

	return emit_cell(&page_format_npt, &options, cell, windows, out, root);
}

enum page_fault ept_emit(const struct model *model, const struct model_cell *cell,
			 const struct window_list *windows, struct plan_bytes *out, hpa_t *root)
{
	const struct page_options options = {
		.largest_leaf = model->features & PLAN_FEATURE_EPT_1G ? 3 : 2,
		/*
		 * On some processors a fetch through a page that changes size under a
		 * cached translation raises a machine check, and a cell decides its half
		 * of the size; with 4 KiB here the effective size never changes.
		 */
		.small_code = model->errata & MODEL_ERRATUM_ITLB_MULTIHIT,
		.output_bits = model->phys_bits,
	};

	return emit_cell(&page_format_ept, &options, cell, windows, out, root);
}
