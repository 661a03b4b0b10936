/* SPDX-License-Identifier: Apache-2.0 */
/* The hardware tables of a plan: which tables there are, and for whom. */
#include "plan_tables.h"

#include "monitor_tables.h"
#include "nested_tables.h"
#include "pci_steps.h"
#include "permission_maps.h"
#include "plan_devices.h"
#include "vmcb_emit.h"
#include "vmcs_emit.h"

#include <stdlib.h>
#include <string.h>

static const char *fault_rule(enum page_fault fault)
{
	switch (fault) {
	case PAGE_MISALIGNED:
		return "ram-align";
	case PAGE_OVERLAP:
		return "ram-overlap";
	case PAGE_RIGHTS:
		return "w-xor-x";
	case PAGE_REQUESTER:
		return "msi-count";
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

static hpa_t take_pages(struct plan_bytes *bytes, size_t size)
{
	return plan_bytes_take(bytes, size, PLAN_PAGE_BYTES);
}

/* What both vendors' tables of a cell are made of. */
struct cell_parts {
	hpa_t iopm;
	struct window_list windows;
};

static bool emit_svm(const struct plan_input *input, size_t index, const struct cell_parts *parts,
		     struct plan_bytes *bytes, struct cell_templates *out, struct diag_sink *sink)
{
	const struct model_cell *cell = &input->model->cells[index];
	struct vmcb_tables tables = { .iopm = parts->iopm };

	if (!report(npt_emit(input->model, cell, &parts->windows, bytes, &tables.nested_root),
		    "nested page table", cell->name, cell->pos, sink))
		return false;
	tables.msrpm = take_pages(bytes, MSRPM_BYTES);
	msrpm_emit(plan_bytes_at(bytes, tables.msrpm));
	out->vmcb_entry = take_pages(bytes, sizeof(struct vmcb));
	vmcb_emit(plan_bytes_at(bytes, out->vmcb_entry), &tables, &input->images[index].entry);
	out->vmcb_init = take_pages(bytes, sizeof(struct vmcb));
	vmcb_emit_init(plan_bytes_at(bytes, out->vmcb_init), &tables);
	return true;
}

static bool emit_vmx(const struct plan_input *input, size_t index, const struct cell_parts *parts,
		     struct plan_bytes *bytes, struct cell_templates *out, struct diag_sink *sink)
{
	const struct model_cell *cell = &input->model->cells[index];
	struct vmcs_tables tables = { .io_bitmaps = parts->iopm };

	if (!report(ept_emit(input->model, cell, &parts->windows, bytes, &tables.nested_root),
		    "extended page table", cell->name, cell->pos, sink))
		return false;
	tables.msr_bitmap = take_pages(bytes, MSR_BITMAP_BYTES);
	msr_bitmap_emit(plan_bytes_at(bytes, tables.msr_bitmap));
	out->vmcs_entry = take_pages(bytes, sizeof(struct vmcs_template));
	vmcs_emit(plan_bytes_at(bytes, out->vmcs_entry), &tables, &input->images[index].entry);
	out->vmcs_init = take_pages(bytes, sizeof(struct vmcs_template));
	vmcs_emit_init(plan_bytes_at(bytes, out->vmcs_init), &tables);
	return true;
}

static bool emit_cell(const struct plan_input *input, size_t index, struct built_plan *built,
		      hpa_t ones, struct cell_templates *out, struct diag_sink *sink)
{
	const struct model *model = input->model;
	struct plan_bytes *bytes = &built->bytes;
	/* One map for both: its first 8 KiB mean the same to SVM and to VMX. */
	struct cell_parts parts = { .iopm = take_pages(bytes, IOPM_BYTES) };
	bool fine = true;

	iopm_emit(model, &model->cells[index], plan_bytes_at(bytes, parts.iopm));
	cell_windows(model, &model->cells[index], ones, &parts.windows);
	if (model->features & PLAN_FEATURE_SVM)
		fine = emit_svm(input, index, &parts, bytes, out, sink);
	if (fine && model->features & PLAN_FEATURE_VMX)
		fine = emit_vmx(input, index, &parts, bytes, out, sink);
	window_list_free(&parts.windows);
	return fine;
}

static struct monitor_range as_range(const struct layout_segment *segment)
{
	return (struct monitor_range){ segment->start, segment->size, segment->rights };
}

static bool emit_boot(const struct plan_input *input, struct built_plan *built, hpa_t *root,
		      struct diag_sink *sink)
{
	const struct layout *layout = &built->layout;
	struct monitor_range shaped[LAYOUT_SEGMENTS_MAX];
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

/* The blocks of the cell's other CPUs, adjacent in the order.  Return: how many. */
static size_t cell_peers(const struct layout *layout, const struct cpu_order *order, size_t index,
			 hpa_t peers[PLAN_MAX_CPUS])
{
	const uint32_t cell = order->slots[index].cell;
	size_t count = 0;

	for (size_t i = 0; cell != PLAN_NO_CELL && i < order->count; i++)
		if (i != index && order->slots[i].cell == cell && count < PLAN_MAX_CPUS)
			peers[count++] = layout_block(layout, i);
	return count;
}

static bool emit_cpu(const struct plan_input *input, const struct cpu_order *order, size_t index,
		     struct built_plan *built, hpa_t *root, struct diag_sink *sink)
{
	const struct layout *layout = &built->layout;
	const struct cpu_slot *slot = &order->slots[index];
	const bool owned = slot->cell != PLAN_NO_CELL;
	struct monitor_range shared[MONITOR_SEGMENTS_MAX + 1];
	struct monitor_range *store;
	struct monitor_range devices[CPU_DEVICE_RANGES_MAX];
	hpa_t peers[PLAN_MAX_CPUS];
	struct cpu_view view = {
		.shared = shared,
		.cell = owned ? &input->model->cells[slot->cell] : NULL,
		.block = layout_block(layout, index),
		.peers = peers,
		.peer_count = cell_peers(layout, order, index, peers),
		.crash = plan_crash_page(input->model, index),
		.devices = devices,
		.device_count = cpu_device_ranges(input->model, built, order, index, devices),
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

/* The configuration space of every function that a cell does not own. */
static hpa_t emit_ones(struct plan_bytes *bytes)
{
	const hpa_t page = take_pages(bytes, PLAN_PAGE_BYTES);

	memset(plan_bytes_at(bytes, page), 0xff, PLAN_PAGE_BYTES);
	return page;
}

static bool emit_devices(const struct plan_input *input, struct built_plan *built,
			 struct plan_tables *tables, struct diag_sink *sink)
{
	const struct device_memory *devices = &built->devices;

	for (size_t i = 0; i < devices->function_count; i++) {
		tables->writable[i] = take_pages(&built->bytes, PLAN_PAGE_BYTES);
		pci_writable_emit(devices->functions[i].function,
				  plan_bytes_at(&built->bytes, tables->writable[i]));
	}
	return report(dma_emit(input->model, devices, built->layout.devices->start, &built->bytes,
			       &tables->unit),
		      "DMA tables", "IOMMU", input->model->iommu.pos, sink);
}

bool plan_tables_emit(const struct plan_input *input, const struct cpu_order *order,
		      struct built_plan *built, struct plan_tables *tables, struct diag_sink *sink)
{
	hpa_t ones = { 0 };
	bool fine;

	*tables = (struct plan_tables){
		.cells = calloc(input->model->cell_count + 1, sizeof(*tables->cells)),
		.cr3s = calloc(order->count + 1, sizeof(*tables->cr3s)),
		.writable = calloc(built->devices.function_count + 1, sizeof(*tables->writable)),
	};
	if (!tables->cells || !tables->cr3s || !tables->writable)
		abort();
	if (built->devices.function_count > 0)
		ones = emit_ones(&built->bytes);
	fine = emit_boot(input, built, &tables->boot_cr3, sink) &&
	       emit_devices(input, built, tables, sink);
	for (size_t i = 0; i < input->model->cell_count && fine; i++)
		fine = emit_cell(input, i, built, ones, &tables->cells[i], sink);
	for (size_t i = 0; i < order->count && fine; i++)
		fine = emit_cpu(input, order, i, built, &tables->cr3s[i], sink);
	return fine;
}

void plan_tables_free(struct plan_tables *tables)
{
	free(tables->cells);
	free(tables->cr3s);
	free(tables->writable);
	tables->cells = NULL;
	tables->cr3s = NULL;
	tables->writable = NULL;
}

hpa_t plan_crash_page(const struct model *model, size_t index)
{
	return (hpa_t){ model->monitor.crash + index * PLAN_CRASH_BYTES };
}
