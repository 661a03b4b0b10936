/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Placement: host addresses for RAM that the author did not place, guest
 * addresses for RAM that got none.  Pure arithmetic on the model.
 */
#include "gaps.h"
#include "model.h"
#include "place.h"

#include <stdlib.h>

/* Page sizes of all x86 long-mode and nested formats, largest first. */
const uint64_t place_page_sizes[PLACE_PAGE_SIZES] = { 1ull << 30, 1ull << 21, 1ull << 12 };

struct request { /* RAM that the placer is asked for */
	struct model_memory *memory;
	const struct model_cell *cell;
	size_t order; /* in the file */
};

static bool first_fit(const struct gaps *gaps, uint64_t size, uint64_t align, uint64_t *start)
{
	for (size_t i = 0; i < gaps->count; i++) {
		uint64_t candidate = gap_round_up(gaps->items[i].start, align);

		if (candidate <= gaps->items[i].end && gaps->items[i].end - candidate >= size) {
			*start = candidate;
			return true;
		}
	}
	return false;
}

/* The first gap at the largest useful alignment of at most @largest bytes that has one. */
static bool find_room(const struct gaps *gaps, const struct model_memory *memory, uint64_t largest,
		      uint64_t *start)
{
	uint64_t size = gap_round_up(memory->size, PLAN_PAGE_BYTES);

	if (memory->align != 0)
		return first_fit(gaps, size, memory->align, start);
	for (size_t i = 0; i < PLACE_PAGE_SIZES; i++)
		if (place_page_sizes[i] <= largest && place_page_sizes[i] <= size &&
		    first_fit(gaps, size, place_page_sizes[i], start))
			return true;
	return false;
}

static int compare_requests(const void *left, const void *right)
{
	const struct request *a = left, *b = right;

	if (a->memory->size != b->memory->size)
		return a->memory->size > b->memory->size ? -1 : 1;
	return (a->order > b->order) - (a->order < b->order);
}

static struct request *collect_requests(const struct model *model, size_t *count)
{
	struct request *requests;
	size_t room = 1; /* calloc(0) may give NULL */

	*count = 0;
	for (size_t c = 0; c < model->cell_count; c++)
		room += model->cells[c].memory_count;
	requests = calloc(room, sizeof(*requests));
	if (requests == NULL)
		abort();
	for (size_t c = 0; c < model->cell_count; c++) {
		const struct model_cell *cell = &model->cells[c];

		for (size_t i = 0; i < cell->memory_count; i++)
			if (!cell->memory[i].placed && cell->memory[i].size != 0) {
				requests[*count] = (struct request){ &cell->memory[i], cell,
								     *count };
				(*count)++;
			}
	}
	qsort(requests, *count, sizeof(*requests), compare_requests);
	return requests;
}

static void report_no_room(const struct request *request, const struct gaps *gaps,
			   struct diag_sink *sink)
{
	const struct model_memory *memory = request->memory;
	unsigned long long largest = 0, at = 0, size = memory->size;

	for (size_t i = 0; i < gaps->count; i++)
		if (gaps->items[i].end - gaps->items[i].start > largest) {
			at = gaps->items[i].start;
			largest = gaps->items[i].end - at;
		}
	if (largest == 0)
		diag_add(sink, "ram-placed", DIAG_ERROR, memory->pos,
			 "cell '%s': no RAM is left for %s of 0x%llx bytes; all of it is missing; "
			 "make other requests smaller",
			 request->cell->name, memory->name, size);
	else if (largest < size)
		diag_add(sink, "ram-placed", DIAG_ERROR, memory->pos,
			 "cell '%s': no room for %s of 0x%llx bytes: the largest free hole, "
			 "0x%llx-0x%llx, has 0x%llx, so 0x%llx bytes are missing; ask for less, or "
			 "move what stands beside the hole",
			 request->cell->name, memory->name, size, at, at + largest - 1, largest,
			 size - largest);
	else
		diag_add(sink, "ram-placed", DIAG_ERROR, memory->pos,
			 "cell '%s': no room for %s of 0x%llx bytes aligned to 0x%llx: the largest "
			 "free hole, 0x%llx-0x%llx, is large enough but not at such an address; "
			 "give a smaller septum,align",
			 request->cell->name, memory->name, size, (unsigned long long)memory->align,
			 at, at + largest - 1);
}

/* One attempt at all requests; failures are reported only to a @sink. */
static bool place_all(const struct model *model, const struct request *requests, size_t count,
		      uint64_t largest_page, struct diag_sink *sink)
{
	struct gaps gaps = gaps_of_ram(model, false);
	bool complete = true;

	for (size_t i = 0; i < count; i++) {
		struct model_memory *memory = requests[i].memory;

		if (find_room(&gaps, memory, largest_page, &memory->hpa)) {
			gaps_take(&gaps, memory->hpa, memory->size);
			continue;
		}
		complete = false;
		if (sink != NULL)
			report_no_room(&requests[i], &gaps, sink);
	}
	gaps_free(&gaps);
	return complete;
}

/* Alignment costs gaps: where not all find room, smaller pages are better than none. */
static void place_hpas(struct model *model, struct diag_sink *sink)
{
	size_t count;
	struct request *requests = collect_requests(model, &count);
	bool complete = false;

	for (size_t i = 0; i < PLACE_PAGE_SIZES && !complete; i++)
		complete = place_all(model, requests, count, place_page_sizes[i],
				     i + 1 == PLACE_PAGE_SIZES ? sink : NULL);
	free(requests);
}

void model_place(struct model *model, struct diag_sink *sink)
{
	if (model->pci.present)
		place_pci(model, sink);
	place_hpas(model, sink);
	for (size_t c = 0; c < model->cell_count; c++)
		place_guest_memory(model, &model->cells[c]);
}
