/* SPDX-License-Identifier: Apache-2.0 */
/* A cell's nested page table, APM volume 2, 15.25. */
#include "npt.h"

#include <stdlib.h>

struct page_options page_options_for(const struct model *model)
{
	return (struct page_options){
		.largest_leaf = model->features & PLAN_FEATURE_1G_PAGES ? 3 : 2,
		.output_bits = model->phys_bits,
	};
}

enum page_fault npt_emit(const struct model *model, const struct model_cell *cell,
			 struct plan_bytes *out, hpa_t *root)
{
	const struct page_options options = page_options_for(model);
	struct page_mapping *maps = calloc(cell->memory_count + 1, sizeof(*maps));
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
	fault = page_emit(&page_format_npt, &options, maps, cell->memory_count, out, root);
	free(maps);
	return fault;
}
