/* SPDX-License-Identifier: Apache-2.0 */
/* Guest addresses for cell RAM that got none: packed from 0, large pages kept. */
#include "cell_functions.h"
#include "gaps.h"
#include "gpa_map.h"
#include "place.h"

/* The largest page whose boundary @memory's host address lies on and that it could fill. */
static uint64_t page_of(const struct model_memory *memory)
{
	for (size_t i = 0; i < PLACE_PAGE_SIZES; i++) {
		const uint64_t page = place_page_sizes[i];

		if (memory->size >= page && (memory->hpa & (page - 1)) == 0)
			return page;
	}
	return PLAN_PAGE_BYTES;
}

static bool touches(uint64_t start, uint64_t size, uint64_t other, uint64_t other_size)
{
	return start < gap_end_of(other, other_size) && other < gap_end_of(start, size);
}

/* The end of the window that [gpa, gpa+size) would cover, or 0. */
static uint64_t window_end(const struct model *model, const struct model_cell *cell, uint64_t gpa,
			   uint64_t size)
{
	const struct model_window *const bars[] = { &model->pci.memory32, &model->pci.memory64 };

	for (size_t i = 0; i < model->mmio_count; i++)
		if (touches(gpa, size, model->mmio[i].start, model->mmio[i].size))
			return gap_end_of(model->mmio[i].start, model->mmio[i].size);
	for (size_t i = 0; i < 2 && cell_functions(model, cell, NULL) != 0; i++)
		if (touches(gpa, size, bars[i]->base, bars[i]->size))
			return gap_end_of(bars[i]->base, bars[i]->size);
	if (touches(gpa, size, GPA_PC_HOLE, GPA_PC_HOLE_BYTES))
		return gap_end_of(GPA_PC_HOLE, GPA_PC_HOLE_BYTES);
	return 0;
}

/* The end of the RAM, given a GPA or among the first @placed, that it would cover, or 0. */
static uint64_t ram_end(const struct model_cell *cell, uint64_t gpa, uint64_t size, size_t placed)
{
	for (size_t i = 0; i < cell->memory_count; i++) {
		const struct model_memory *other = &cell->memory[i];

		if ((i < placed || other->gpa_given) && touches(gpa, size, other->gpa, other->size))
			return gap_end_of(other->gpa, other->size);
	}
	return 0;
}

/*
 * What starts at 0 stays there, even where it runs into a window: a cell
 * without RAM at 0 cannot boot, and rule gpa-mmio tells the author to split.
 */
static uint64_t obstacle(const struct model *model, const struct model_cell *cell, uint64_t gpa,
			 uint64_t size, size_t placed)
{
	uint64_t end = gpa != 0 ? window_end(model, cell, gpa, size) : 0;

	return end != 0 ? end : ram_end(cell, gpa, size, placed);
}

void place_guest_memory(const struct model *model, struct model_cell *cell)
{
	uint64_t next = 0;

	for (size_t i = 0; i < cell->memory_count; i++) {
		struct model_memory *memory = &cell->memory[i];
		uint64_t gpa = gap_round_up(next, page_of(memory)), end;

		if (memory->gpa_given)
			continue;
		while ((end = obstacle(model, cell, gpa, memory->size, i)) > gpa)
			gpa = gap_round_up(end, page_of(memory));
		memory->gpa = gpa;
		next = gap_end_of(gpa, memory->size);
	}
}
