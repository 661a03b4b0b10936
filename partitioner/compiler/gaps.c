/* SPDX-License-Identifier: Apache-2.0 */
#include "gaps.h"

#include <stdlib.h>
#include <string.h>

#define LOW_MEMORY_END 0x100000u /* interrupt vectors, EBDA, video, option ROMs */

static void gaps_insert(struct gaps *gaps, size_t at, struct gap gap)
{
	if (gaps->count == gaps->room) {
		gaps->room = gaps->room != 0 ? 2 * gaps->room : 32;
		gaps->items = reallocarray(gaps->items, gaps->room, sizeof(*gaps->items));
		if (gaps->items == NULL)
			abort();
	}
	memmove(&gaps->items[at + 1], &gaps->items[at], (gaps->count - at) * sizeof(gap));
	gaps->items[at] = gap;
	gaps->count++;
}

static void gaps_remove(struct gaps *gaps, size_t at)
{
	gaps->count--;
	memmove(&gaps->items[at], &gaps->items[at + 1], (gaps->count - at) * sizeof(*gaps->items));
}

void gaps_add(struct gaps *gaps, uint64_t start, uint64_t size)
{
	struct gap new = { gap_round_up(start, PLAN_PAGE_BYTES),
			   gap_round_down(gap_end_of(start, size), PLAN_PAGE_BYTES) };
	size_t at = 0;

	if (new.start >= new.end)
		return;
	while (at < gaps->count && gaps->items[at].end < new.start)
		at++;
	while (at < gaps->count && gaps->items[at].start <= new.end) {
		if (gaps->items[at].start < new.start)
			new.start = gaps->items[at].start;
		if (gaps->items[at].end > new.end)
			new.end = gaps->items[at].end;
		gaps_remove(gaps, at);
	}
	gaps_insert(gaps, at, new);
}

void gaps_take(struct gaps *gaps, uint64_t start, uint64_t size)
{
	uint64_t first = gap_round_down(start, PLAN_PAGE_BYTES);
	uint64_t end = gap_round_up(gap_end_of(start, size), PLAN_PAGE_BYTES);

	if (size == 0)
		return;
	for (size_t i = 0; i < gaps->count;) {
		struct gap old = gaps->items[i];

		if (old.end <= first || old.start >= end) {
			i++;
			continue;
		}
		gaps_remove(gaps, i);
		if (old.start < first)
			gaps_insert(gaps, i++, (struct gap){ old.start, first });
		if (old.end > end)
			gaps_insert(gaps, i++, (struct gap){ end, old.end });
	}
}

static void take_ranges(struct gaps *gaps, const struct model_range *ranges, size_t count)
{
	for (size_t i = 0; i < count; i++)
		gaps_take(gaps, ranges[i].start, ranges[i].size);
}

struct gaps gaps_of_ram(const struct model *model, bool placed)
{
	const struct model_monitor *monitor = &model->monitor;
	struct gaps gaps = { NULL, 0, 0 };

	for (size_t i = 0; i < model->ram_count; i++)
		gaps_add(&gaps, model->ram[i].start, model->ram[i].size);
	gaps_take(&gaps, 0, LOW_MEMORY_END);
	take_ranges(&gaps, model->reserved, model->reserved_count);
	take_ranges(&gaps, model->mmio, model->mmio_count);
	gaps_take(&gaps, monitor->base, monitor->size);
	gaps_take(&gaps, monitor->boot_page, PLAN_PAGE_BYTES);
	gaps_take(&gaps, monitor->crash, monitor->crash_size);
	for (size_t c = 0; c < model->cell_count; c++)
		for (size_t i = 0; i < model->cells[c].memory_count; i++) {
			const struct model_memory *memory = &model->cells[c].memory[i];

			if (placed || memory->placed)
				gaps_take(&gaps, memory->hpa, memory->size);
		}
	return gaps;
}

void gaps_free(struct gaps *gaps)
{
	free(gaps->items);
	*gaps = (struct gaps){ NULL, 0, 0 };
}
