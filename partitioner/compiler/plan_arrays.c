/* SPDX-License-Identifier: Apache-2.0 */
/* The plan's own struct and its arrays. */
#include "plan_arrays.h"

#include "gpa_map.h"
#include "pci_steps.h"
#include "plan_devices.h"
#include "plan_owners.h"

#include <stdlib.h>
#include <string.h>

#define PREPARE_SECONDS 60u
#define PREPARE_BYTES_PER_SECOND (64ull << 20)
#define UART_CLOCKS_PER_BIT 16u /* 16550 data sheet: baud = clock / (16 * divisor) */
#define CONSOLE_BAUD 115200u
#define ARRAY_ALIGN 16u

struct fill {
	const struct plan_input *input;
	const struct cpu_order *order;
	const struct plan_tables *tables;
	struct built_plan *built;
};

static struct plan_table take(struct fill *fill, size_t count, size_t entry_bytes)
{
	return (struct plan_table){
		.base = plan_bytes_take(&fill->built->bytes, count * entry_bytes, ARRAY_ALIGN),
		.count = (uint32_t)count,
		.entry_bytes = (uint32_t)entry_bytes,
	};
}

static struct plan_table fill_cpus(struct fill *fill)
{
	const struct cpu_order *order = fill->order;
	const struct plan_table table = take(fill, order->count, sizeof(struct plan_cpu));

	for (size_t i = 0; i < order->count; i++) {
		const struct cpu_slot *slot = &order->slots[i];
		const hpa_t at = { table.base.raw + i * sizeof(struct plan_cpu) };
		struct plan_cpu *cpu = plan_bytes_at(&fill->built->bytes, at);

		cpu->apic_id.raw = slot->cpu->apic_id;
		cpu->cell = slot->cell;
		cpu->virtual_id = slot->virtual_id;
		cpu->cr3 = fill->tables->cr3s[i];
		cpu->block = layout_block(&fill->built->layout, i);
		cpu->crash = plan_crash_page(fill->input->model, i);
	}
	return table;
}

static void fill_cell(const struct fill *fill, size_t index, struct plan_cell *cell)
{
	const struct model_cell *from = &fill->input->model->cells[index];
	const struct cell_image *image = &fill->input->images[index];
	const struct cell_templates *templates = &fill->tables->cells[index];
	const struct cpu_order *order = fill->order;

	plan_name(cell->name, from->name);
	for (size_t i = order->count; i-- > 0;)
		if (order->slots[i].cell == index) {
			cell->first_cpu = (uint32_t)i;
			cell->cpu_count++;
		}
	cell->ram_count = (uint32_t)from->memory_count;
	cell->load_count = (uint32_t)image->loads.count;
	for (size_t i = 0; i < fill->built->devices.pin_count; i++)
		cell->pin_count += fill->built->devices.pins[i].pin.cell == index;
	for (size_t i = 0; i < fill->built->devices.function_count; i++)
		cell->function_count += fill->built->devices.functions[i].cell == index;
	cell->flags = from->owns_nmi ? PLAN_CELL_OWNS_NMI : 0;
	cell->hole_policy = (uint32_t)from->hole;
	cell->sleep_port = PORT_CELL_SLEEP;
	cell->reset_port = PORT_CELL_RESET;
	cell->reset_value = PORT_CELL_RESET_VALUE;
	cell->vmcb_entry = templates->vmcb_entry;
	cell->vmcb_init = templates->vmcb_init;
	cell->vmcs_entry = templates->vmcs_entry;
	cell->vmcs_init = templates->vmcs_init;
	cell->boot_gprs[0] = image->entry.rax;
	cell->boot_gprs[3] = image->entry.rbx;
	cell->boot_gprs[6] = image->entry.rsi;
	cell->boot_gprs[7] = image->entry.rdi;
}

static struct plan_table fill_cells(struct fill *fill)
{
	const size_t count = fill->input->model->cell_count;
	const struct plan_table table = take(fill, count, sizeof(struct plan_cell));
	uint32_t ram = 0, load = 0, pin = 0, function = 0;

	for (size_t i = 0; i < count; i++) {
		const hpa_t at = { table.base.raw + i * sizeof(struct plan_cell) };
		struct plan_cell *cell = plan_bytes_at(&fill->built->bytes, at);

		fill_cell(fill, i, cell);
		cell->first_ram = ram;
		cell->first_load = load;
		cell->first_pin = pin;
		cell->first_function = function;
		ram += cell->ram_count;
		load += cell->load_count;
		pin += cell->pin_count;
		function += cell->function_count;
	}
	return table;
}

static int by_gpa(const void *left, const void *right)
{
	const struct plan_ram *a = left;
	const struct plan_ram *b = right;

	return (a->gpa.raw > b->gpa.raw) - (a->gpa.raw < b->gpa.raw);
}

static void fill_cell_ram(const struct model_cell *cell, struct plan_ram *ram)
{
	for (size_t i = 0; i < cell->memory_count; i++)
		ram[i] = (struct plan_ram){
			.gpa = { cell->memory[i].gpa },
			.hpa = { cell->memory[i].hpa },
			.size = cell->memory[i].size,
			.rights = PLAN_RIGHT_READ | PLAN_RIGHT_WRITE | PLAN_RIGHT_EXEC,
		};
	qsort(ram, cell->memory_count, sizeof(*ram), by_gpa);
}

static struct plan_table fill_ram(struct fill *fill)
{
	const struct model *model = fill->input->model;
	struct plan_table table;
	struct plan_ram *ram;
	size_t count = 0;

	for (size_t i = 0; i < model->cell_count; i++)
		count += model->cells[i].memory_count;
	table = take(fill, count, sizeof(*ram));
	if (count == 0)
		return table;
	ram = plan_bytes_at(&fill->built->bytes, table.base);
	for (size_t i = 0; i < model->cell_count; i++) {
		fill_cell_ram(&model->cells[i], ram);
		ram += model->cells[i].memory_count;
	}
	return table;
}

static struct plan_table fill_loads(struct fill *fill)
{
	const struct layout *layout = &fill->built->layout;
	const struct plan_table table = take(fill, layout->source_count, sizeof(struct plan_load));
	const hpa_t *source = layout->sources;
	struct plan_load *load;

	if (layout->source_count == 0)
		return table;
	load = plan_bytes_at(&fill->built->bytes, table.base);
	for (size_t i = 0; i < fill->input->model->cell_count; i++) {
		const struct load_list *loads = &fill->input->images[i].loads;

		for (size_t n = 0; n < loads->count; n++, load++) {
			plan_name(load->name, loads->items[n].name);
			load->source = *source++;
			load->dest = loads->items[n].dest;
			load->size = loads->items[n].size;
		}
	}
	return table;
}

static struct plan_table fill_owners(struct fill *fill)
{
	struct owner_list owners;
	struct plan_table table;

	plan_owners_make(fill->input->model, &owners);
	table = take(fill, owners.count, sizeof(*owners.items));
	if (owners.count > 0)
		memcpy(plan_bytes_at(&fill->built->bytes, table.base), owners.items,
		       owners.count * sizeof(*owners.items));
	plan_owners_free(&owners);
	return table;
}

static struct plan_table fill_pins(struct fill *fill)
{
	const struct device_memory *devices = &fill->built->devices;
	const struct plan_table table = take(fill, devices->pin_count, sizeof(struct plan_pin));

	for (size_t i = 0; i < devices->pin_count; i++) {
		const hpa_t at = { table.base.raw + i * sizeof(struct plan_pin) };
		struct plan_pin *pin = plan_bytes_at(&fill->built->bytes, at);

		*pin = devices->pins[i].pin;
		if (devices->pins[i].is_remapped)
			pin->remap.raw += fill->built->layout.devices->start.raw;
	}
	return table;
}

static struct plan_table fill_functions(struct fill *fill)
{
	const size_t count = fill->built->devices.function_count;
	const struct plan_table table = take(fill, count, sizeof(struct plan_function));

	for (size_t i = 0; i < count; i++) {
		const hpa_t at = { table.base.raw + i * sizeof(struct plan_function) };

		plan_function_fill(fill->input->model, fill->built, fill->tables, i,
				   plan_bytes_at(&fill->built->bytes, at));
	}
	return table;
}

static struct plan_table fill_config(struct fill *fill)
{
	struct plan_table table;
	struct step_list steps;

	pci_steps_make(fill->input->model, &steps);
	table = take(fill, steps.count, sizeof(*steps.items));
	if (steps.count > 0)
		memcpy(plan_bytes_at(&fill->built->bytes, table.base), steps.items,
		       steps.count * sizeof(*steps.items));
	pci_steps_free(&steps);
	return table;
}

static struct plan_table fill_iommus(struct fill *fill)
{
	const struct model *model = fill->input->model;
	const struct plan_table table = take(fill, model->iommu.present, sizeof(struct plan_iommu));

	if (model->iommu.present)
		plan_iommu_fill(model, fill->built, fill->order, fill->tables,
				plan_bytes_at(&fill->built->bytes, table.base));
	return table;
}

static void fill_devices(const struct model *model, struct plan *plan)
{
	if (model->monitor.console >= 0) {
		const struct model_device *uart = &model->devices[model->monitor.console];
		const uint32_t divisor = uart->clock_hz / UART_CLOCKS_PER_BIT / CONSOLE_BAUD;

		plan->console_port = (uint16_t)uart->port;
		plan->console_divisor = (uint16_t)(divisor ? divisor : 1);
	}
	for (size_t i = 0; i < model->device_count; i++)
		if (model->devices[i].kind == MODEL_DEV_PM_TIMER && model->devices[i].enabled) {
			plan->pm_timer_port = (uint16_t)model->devices[i].port;
			plan->pm_timer_bits = (uint16_t)model->devices[i].timer_bits;
			break;
		}
	plan->ioapic.raw = model->ioapic.base;
	plan->ecam.raw = model->pci.present ? model->pci.ecam : 0;
}

/* Scrubbing takes the time of its largest region, and no machine is as slow as this. */
static uint32_t prepare_seconds(const struct model *model)
{
	uint64_t largest = 0;

	for (size_t i = 0; i < model->cell_count; i++)
		for (size_t n = 0; n < model->cells[i].memory_count; n++)
			if (model->cells[i].memory[n].size > largest)
				largest = model->cells[i].memory[n].size;
	return PREPARE_SECONDS + (uint32_t)(largest / PREPARE_BYTES_PER_SECOND);
}

static void fill_head(const struct fill *fill, struct plan *plan)
{
	const struct model *model = fill->input->model;

	plan->magic = PLAN_MAGIC;
	plan->version = PLAN_VERSION;
	plan->header_bytes = sizeof(*plan);
	plan->base = fill->built->bytes.base;
	plan_name(plan->system, model->system);
	plan_name(plan->board, model->board);
	plan->monitor_base.raw = model->monitor.base;
	plan->monitor_size = model->monitor.size;
	plan->boot_cr3 = fill->tables->boot_cr3;
	plan->boot_page.raw = model->monitor.boot_page;
	plan->crash.raw = model->monitor.crash;
	plan->crash_size = model->monitor.crash_size;
	plan->phys_bits = model->phys_bits;
	plan->prepare_seconds = prepare_seconds(model);
	/* What the tables and the exit policy stand on, whether or not the board names it. */
	plan->cpu_features = model->features | PLAN_FEATURE_X2APIC | PLAN_FEATURE_NX;
	fill_devices(model, plan);
}

void plan_arrays_fill(const struct plan_input *input, const struct cpu_order *order,
		      const struct plan_tables *tables, struct built_plan *built, hpa_t head)
{
	struct fill fill = { input, order, tables, built };
	const struct plan_table cpus = fill_cpus(&fill);
	const struct plan_table cells = fill_cells(&fill);
	const struct plan_table ram = fill_ram(&fill);
	const struct plan_table loads = fill_loads(&fill);
	const struct plan_table owners = fill_owners(&fill);
	const struct plan_table pins = fill_pins(&fill);
	const struct plan_table config = fill_config(&fill);
	const struct plan_table functions = fill_functions(&fill);
	const struct plan_table iommus = fill_iommus(&fill);
	/* Looked up last: each array may have moved the area. */
	struct plan *plan = plan_bytes_at(&built->bytes, head);

	plan->cpus = cpus;
	plan->cells = cells;
	plan->ram = ram;
	plan->loads = loads;
	plan->owners = owners;
	plan->pins = pins;
	plan->config = config;
	plan->functions = functions;
	plan->iommus = iommus;
	fill_head(&fill, plan);
}
