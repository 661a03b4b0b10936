/* SPDX-License-Identifier: Apache-2.0 */
/* Where everything lies in the monitor's range. */
#include "layout.h"

#include <stdlib.h>

#define BELOW_4G (1ull << 32)

typedef unsigned long long ull;

static uint64_t page_up(uint64_t value)
{
	return (value + PLAN_PAGE_BYTES - 1) & ~(uint64_t)(PLAN_PAGE_BYTES - 1);
}

static const char *monitor_segment_name(uint32_t rights)
{
	if (rights & PLAN_RIGHT_EXEC)
		return "text";
	return rights & PLAN_RIGHT_WRITE ? "data" : "rodata";
}

static const struct layout_segment *append(struct layout *layout, const char *name, uint64_t start,
					   uint64_t size, uint32_t rights)
{
	struct layout_segment *segment = &layout->segments[layout->count++];

	*segment = (struct layout_segment){ name, { start }, page_up(size), rights };
	layout->end = start + segment->size;
	return segment;
}

/* Each load begins a page, so that it can be mapped for its own cell alone. */
static uint64_t place_loads(struct layout *layout, const struct model *model,
			    const struct cell_image *images)
{
	uint64_t at = layout->end;
	size_t count = 0;

	for (size_t i = 0; i < model->cell_count; i++)
		count += images[i].loads.count;
	layout->sources = calloc(count + 1, sizeof(*layout->sources));
	if (!layout->sources)
		abort();
	for (size_t i = 0; i < model->cell_count; i++)
		for (size_t n = 0; n < images[i].loads.count; n++) {
			layout->sources[layout->source_count++] = (hpa_t){ at };
			at = page_up(at + images[i].loads.items[n].size);
		}
	return at - layout->end;
}

void layout_make(struct layout *layout, const struct model *model,
		 const struct monitor_elf *monitor, const struct cell_image *images,
		 uint64_t plan_room, size_t cpu_count, uint64_t device_bytes)
{
	*layout = (struct layout){ .count = 0, .end = model->monitor.base };
	for (unsigned int i = 0; i < monitor->segment_count; i++) {
		const struct monitor_segment *from = &monitor->segments[i];

		append(layout, monitor_segment_name(from->rights), from->start, from->memory_bytes,
		       from->rights);
	}
	layout->plan = append(layout, "plan", layout->end, plan_room, PLAN_RIGHT_READ);
	layout->store = append(layout, "store", layout->end, place_loads(layout, model, images),
			       PLAN_RIGHT_READ);
	layout->blocks = append(layout, "blocks", layout->end, cpu_count * CPU_BLOCK_BYTES,
				PLAN_RIGHT_READ | PLAN_RIGHT_WRITE);
	layout->devices = append(layout, "devices", layout->end, device_bytes,
				 PLAN_RIGHT_READ | PLAN_RIGHT_WRITE);
}

void layout_free(struct layout *layout)
{
	free(layout->sources);
	layout->sources = NULL;
	layout->source_count = 0;
}

static bool check_range(const struct layout *layout, const struct model_monitor *monitor,
			struct diag_sink *sink)
{
	const uint64_t needed = layout->end - monitor->base;

	if (needed <= monitor->size)
		return true;
	diag_add(sink, "monitor-fits", DIAG_ERROR, monitor->pos,
		 "monitor's range 0x%llx-0x%llx has 0x%llx bytes, but at least 0x%llx are needed "
		 "(0x%llx of them for the golden store); make it at least 0x%llx bytes larger",
		 (ull)monitor->base, (ull)(monitor->base + monitor->size - 1), (ull)monitor->size,
		 (ull)needed, (ull)layout->store->size, (ull)(needed - monitor->size));
	return false;
}

static bool check_crash(const struct layout *layout, const struct model_monitor *monitor,
			size_t cpu_count, struct diag_sink *sink)
{
	const uint64_t needed = cpu_count * PLAN_CRASH_BYTES;
	const uint64_t end = monitor->crash + monitor->crash_size;

	if (monitor->crash_size < needed) {
		diag_add(sink, "monitor-fits", DIAG_ERROR, monitor->crash_pos,
			 "crash area at 0x%llx has 0x%llx bytes, but %zu CPUs need 0x%llx; "
			 "make septum,crash larger",
			 (ull)monitor->crash, (ull)monitor->crash_size, cpu_count, (ull)needed);
		return false;
	}
	/* The loader fills the image's segments, so the records would not survive there. */
	if (monitor->crash < layout->end && end > monitor->base) {
		diag_add(sink, "monitor-fits", DIAG_ERROR, monitor->crash_pos,
			 "crash area 0x%llx-0x%llx overlaps the monitor's image 0x%llx-0x%llx; "
			 "move septum,crash",
			 (ull)monitor->crash, (ull)(end - 1), (ull)monitor->base,
			 (ull)(layout->end - 1));
		return false;
	}
	return true;
}

static bool check_reach(const struct model_monitor *monitor, struct diag_sink *sink)
{
	bool fine = true;

	if (monitor->base >= BELOW_4G || monitor->size > BELOW_4G - monitor->base) {
		diag_add(sink, "table-reach", DIAG_ERROR, monitor->pos,
			 "monitor's range at 0x%llx, 0x%llx bytes, reaches above 4 GiB, where the "
			 "boot stage cannot load its tables; move it below",
			 (ull)monitor->base, (ull)monitor->size);
		fine = false;
	}
	if (monitor->crash >= BELOW_4G || monitor->crash_size > BELOW_4G - monitor->crash) {
		diag_add(sink, "table-reach", DIAG_ERROR, monitor->crash_pos,
			 "crash area at 0x%llx, 0x%llx bytes, reaches above 4 GiB, which the boot "
			 "stage does not map; move it below",
			 (ull)monitor->crash, (ull)monitor->crash_size);
		fine = false;
	}
	return fine;
}

bool layout_check(const struct layout *layout, const struct model *model, size_t cpu_count,
		  struct diag_sink *sink)
{
	const bool fits = check_range(layout, &model->monitor, sink);
	const bool crash = check_crash(layout, &model->monitor, cpu_count, sink);

	return check_reach(&model->monitor, sink) && fits && crash;
}

hpa_t layout_block(const struct layout *layout, size_t index)
{
	return (hpa_t){ layout->blocks->start.raw + index * CPU_BLOCK_BYTES };
}

uint64_t layout_free_bytes(const struct layout *layout, const struct model *model)
{
	return model->monitor.base + model->monitor.size - layout->end;
}
