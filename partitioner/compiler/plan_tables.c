/* SPDX-License-Identifier: Apache-2.0 */
/* The hardware tables of a plan: which tables there are, and for whom. */
#include "plan_tables.h"

#include "monitor_tables.h"
#include "npt.h"
#include "permission_maps.h"
#include "vmcb_emit.h"

#include <stdlib.h>

static const char *fault_rule(enum page_fault fault)
{
	switch (fault) {
	case PAGE_MISALIGNED:
		return "ram-align";
	case PAGE_OVERLAP:
		return "ram-overlap";
	case PAGE_RIGHTS:
		return "w-xor-x";
	case PAGE_OK:
	case PAGE_INPUT_REACH:
	case PAGE_OUTPUT_REACH:
		break;
	}
	return "table-reach";
}

/* Rules should have refused all of these; a table that cannot be built still stops the build. */
static bool report(enum page_fault fault, const char *table, const char *whose, struct src_pos pos,
		   struct diag_sink *sink)
{
	if (fault == PAGE_OK)
		return true;
	diag_add(sink, fault_rule(fault), DIAG_ERROR, pos,
		 "%s of '%s': %s; change the ranges named here", table, whose,
		 page_fault_text(fault));
	return false;
}

static bool emit_cell(const struct plan_input *input, size_t index, struct built_plan *built,
		      hpa_t *vmcb, struct diag_sink *sink)
{
	const struct model_cell *cell = &input->model->cells[index];
	struct plan_bytes *bytes = &built->bytes;
	struct vmcb_tables tables;
	const enum page_fault fault = npt_emit(input->model, cell, bytes, &tables.nested_root);

	if (!report(fault, "nested page table", cell->name, cell->pos, sink))
		return false;
	tables.iopm = plan_bytes_take(bytes, IOPM_BYTES, PLAN_PAGE_BYTES);
	iopm_emit(input->model, cell, plan_bytes_at(bytes, tables.iopm));
	tables.msrpm = plan_bytes_take(bytes, MSRPM_BYTES, PLAN_PAGE_BYTES);
	msrpm_emit(plan_bytes_at(bytes, tables.msrpm));
	*vmcb = plan_bytes_take(bytes, sizeof(struct vmcb), PLAN_PAGE_BYTES);
	vmcb_emit(plan_bytes_at(bytes, *vmcb), &tables, &input->images[index].entry);
	return true;
}

static struct monitor_range as_range(const struct layout_segment *segment)
{
	return (struct monitor_range){ segment->start, segment->size, segment->rights };
}

static bool emit_boot(const struct plan_input *input, struct built_plan *built, hpa_t *root,
		      struct diag_sink *sink)
{
	const struct layout *layout = &built->layout;
	struct monitor_range shaped[MONITOR_SEGMENTS_MAX + 3];
	size_t count = 0;

	for (unsigned int i = 0; i < layout->count; i++)
		if (!(layout->segments[i].rights & PLAN_RIGHT_WRITE))
			shaped[count++] = as_range(&layout->segments[i]);
	return report(boot_tables_emit(input->model, shaped, count, &built->bytes, root),
		      "boot page tables", "monitor", input->model->monitor.pos, sink);
}

/* The loads of one cell as ranges of the golden store.  Return: how many. */
static size_t cell_store(const struct plan_input *input, const struct layout *layout, uint32_t cell,
			 struct monitor_range **ranges)
{
	const struct load_list *loads;
	const hpa_t *source = layout->sources;

	*ranges = NULL;
	if (cell == PLAN_NO_CELL)
		return 0;
	for (uint32_t i = 0; i < cell; i++)
		source += input->images[i].loads.count;
	loads = &input->images[cell].loads;
	*ranges = calloc(loads->count + 1, sizeof(**ranges));
	if (!*ranges)
		abort();
	for (size_t n = 0; n < loads->count; n++)
		(*ranges)[n] = (struct monitor_range){
			.start = source[n],
			.size = (loads->items[n].size + PLAN_PAGE_BYTES - 1) &
				~(uint64_t)(PLAN_PAGE_BYTES - 1),
			.rights = PLAN_RIGHT_READ,
		};
	return loads->count;
}

static bool emit_cpu(const struct plan_input *input, const struct cpu_order *order, size_t index,
		     struct built_plan *built, hpa_t *root, struct diag_sink *sink)
{
	const struct layout *layout = &built->layout;
	const struct cpu_slot *slot = &order->slots[index];
	const bool owned = slot->cell != PLAN_NO_CELL;
	struct monitor_range shared[MONITOR_SEGMENTS_MAX + 1];
	struct monitor_range *store;
	struct cpu_view view = {
		.shared = shared,
		.cell = owned ? &input->model->cells[slot->cell] : NULL,
		.block = layout_block(layout, index),
		.crash = plan_crash_page(input->model, index),
	};
	enum page_fault fault;

	for (const struct layout_segment *at = layout->segments; at <= layout->plan; at++)
		shared[view.shared_count++] = as_range(at);
	view.store_count = cell_store(input, layout, slot->cell, &store);
	view.store = store;
	fault = cpu_tables_emit(input->model, &view, &built->bytes, root);
	free(store);
	return report(fault, "monitor's page tables", slot->cpu->name, slot->cpu->pos, sink);
}

bool plan_tables_emit(const struct plan_input *input, const struct cpu_order *order,
		      struct built_plan *built, struct plan_tables *tables, struct diag_sink *sink)
{
	bool fine;

	tables->vmcbs = calloc(input->model->cell_count + 1, sizeof(*tables->vmcbs));
	tables->cr3s = calloc(order->count + 1, sizeof(*tables->cr3s));
	if (!tables->vmcbs || !tables->cr3s)
		abort();
	fine = emit_boot(input, built, &tables->boot_cr3, sink);
	for (size_t i = 0; i < input->model->cell_count && fine; i++)
		fine = emit_cell(input, i, built, &tables->vmcbs[i], sink);
	for (size_t i = 0; i < order->count && fine; i++)
		fine = emit_cpu(input, order, i, built, &tables->cr3s[i], sink);
	return fine;
}

void plan_tables_free(struct plan_tables *tables)
{
	free(tables->vmcbs);
	free(tables->cr3s);
	tables->vmcbs = NULL;
	tables->cr3s = NULL;
}

hpa_t plan_crash_page(const struct model *model, size_t index)
{
	return (hpa_t){ model->monitor.crash + index * PLAN_CRASH_BYTES };
}
