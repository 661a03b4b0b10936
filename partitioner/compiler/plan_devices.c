/* SPDX-License-Identifier: Apache-2.0 */
#include "plan_devices.h"

#include "cell_functions.h"
#include "pci_steps.h"
#include "plan_owners.h"

#define READ_WRITE (PLAN_RIGHT_READ | PLAN_RIGHT_WRITE)
#define MSI_CONTROL_64 0x80u /* PCI Local Bus Specification 3.0, 6.8.1.3 */
#define MSI_CONTROL_MASKS 0x100u

static hpa_t in_segment(const struct built_plan *built, uint64_t offset)
{
	return (hpa_t){ built->layout.devices->start.raw + offset };
}

static bool owns_function(const struct built_plan *built, uint32_t cell)
{
	for (size_t i = 0; i < built->devices.function_count; i++)
		if (built->devices.functions[i].cell == cell)
			return true;
	return false;
}

static bool owns_remapped_pin(const struct built_plan *built, uint32_t cell)
{
	for (size_t i = 0; i < built->devices.pin_count; i++)
		if (built->devices.pins[i].pin.cell == cell && built->devices.pins[i].is_remapped)
			return true;
	return false;
}

/* The first CPU of the first cell with a function: those that own none pay nothing. */
size_t plan_fault_cpu(const struct built_plan *built, const struct cpu_order *order)
{
	for (size_t i = 0; i < order->count; i++)
		if (order->slots[i].cell != PLAN_NO_CELL && order->slots[i].virtual_id == 0 &&
		    owns_function(built, order->slots[i].cell))
			return i;
	return order->count;
}

static size_t add_unit(const struct model *model, const struct built_plan *built,
		       struct monitor_range *ranges)
{
	ranges[0] = (struct monitor_range){ in_segment(built, built->devices.queue.start),
					    built->devices.queue.size, READ_WRITE };
	ranges[1] = (struct monitor_range){ { model->iommu.base },
					    model->iommu.size,
					    READ_WRITE | PAGE_UNCACHED };
	return 2;
}

/* The mailboxes of other cells' first CPUs: who owns a function can be told of its fault. */
static size_t add_owners(const struct built_plan *built, const struct cpu_order *order,
			 uint32_t own, struct monitor_range *ranges)
{
	size_t count = 0;

	for (size_t i = 0; i < order->count; i++) {
		const struct cpu_slot *slot = &order->slots[i];

		if (slot->cell == PLAN_NO_CELL || slot->cell == own || slot->virtual_id != 0 ||
		    !owns_function(built, slot->cell))
			continue;
		ranges[count++] = (struct monitor_range){ { layout_block(&built->layout, i).raw +
							    CPU_BLOCK_MAILBOX },
							  PLAN_PAGE_BYTES,
							  READ_WRITE };
	}
	return count;
}

size_t cpu_device_ranges(const struct model *model, const struct built_plan *built,
			 const struct cpu_order *order, size_t index, struct monitor_range *ranges)
{
	const uint32_t cell = order->slots[index].cell;
	const bool takes_faults = model->iommu.present && plan_fault_cpu(built, order) == index;
	size_t count = 0;

	if (cell == PLAN_NO_CELL)
		return 0;
	for (size_t i = 0; i < CELL_DEVICE_RANGES; i++) {
		const struct device_range *range = &built->devices.cells[cell].ranges[i];

		if (range->size > 0)
			ranges[count++] = (struct monitor_range){ in_segment(built, range->start),
								  range->size, READ_WRITE };
	}
	if (takes_faults || (model->iommu.present &&
			     (owns_function(built, cell) || owns_remapped_pin(built, cell))))
		count += add_unit(model, built, &ranges[count]);
	if (takes_faults)
		count += add_owners(built, order, cell, &ranges[count]);
	return count;
}

static uint32_t msi_flags(const struct model_function *function)
{
	return (function->msi_control & MSI_CONTROL_64 ? PLAN_MSI_64 : 0) |
	       (function->msi_control & MSI_CONTROL_MASKS ? PLAN_MSI_MASKS : 0);
}

void plan_function_fill(const struct model *model, const struct built_plan *built,
			const struct plan_tables *tables, size_t index,
			struct plan_function *function)
{
	const struct function_memory *memory = &built->devices.functions[index];
	const struct model_function *from = memory->function;

	*function = (struct plan_function){
		.cell = memory->cell,
		.rid = from->rid,
		.config = { function_page(model, from) },
		.virtual_config = { cell_slot_page(model, memory->slot) },
		.writable = tables->writable[index],
		.msi = from->msi,
		.msi_flags = msi_flags(from),
		.msix = from->msix,
		.msix_count = from->msix ? from->msix_vectors : 0,
		.messages = in_segment(built, memory->messages),
		.first_remap = memory->first_remap,
		.remap_count = memory->remap_count,
		.remap = in_segment(built, memory->remap),
	};
	plan_name(function->name, from->name);
	pci_bar_registers(from, function->bars, function->bar_masks);
	if (from->msix)
		function->msix_table.raw = from->bars[from->msix_table_bar].address +
					   from->msix_table_offset;
}

void plan_iommu_fill(const struct model *model, const struct built_plan *built,
		     const struct cpu_order *order, const struct plan_tables *tables,
		     struct plan_iommu *unit)
{
	const struct model_iommu *from = &model->iommu;
	const size_t fault_cpu = plan_fault_cpu(built, order);

	*unit = (struct plan_iommu){
		.kind = (uint32_t)from->kind,
		.rid = from->rid,
		.registers = { from->base },
		.register_bytes = from->size,
		.features = from->features,
		/* Nobody owns a function: nobody's fault matters, and the boot CPU is there. */
		.fault_cpu = { order->slots[fault_cpu < order->count ? fault_cpu : 0]
				       .cpu->apic_id },
		.deny = tables->unit.dma.deny,
		.live = tables->unit.dma.live,
		.table_bytes = tables->unit.dma.bytes,
		.remap_source = tables->unit.remap_source,
		.remap = in_segment(built, built->devices.remap.start),
		.remap_entries = (uint32_t)(built->devices.remap.size / PLAN_REMAP_BYTES),
		.ioapic_rid = from->ioapic_rid,
		.queue = in_segment(built, built->devices.queue.start),
	};
}
