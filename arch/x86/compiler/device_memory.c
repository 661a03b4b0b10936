/* SPDX-License-Identifier: Apache-2.0 */
#include "device_memory.h"

#include "cell_functions.h"
#include "pins.h"

#include <stdlib.h>

#define ENTRIES_PER_PAGE (PLAN_PAGE_BYTES / PLAN_REMAP_BYTES)
/*
 * AMD-Vi: the low byte of the index that an I/O APIC's entry names is its vector field,
 * and a remapping table has 512 entries (AMD IOMMU specification, 2.2.5).
 */
#define PIN_GROUPS 2u
#define EDGE_GROUP 1u

static uint64_t page_up(uint64_t value)
{
	return (value + PLAN_PAGE_BYTES - 1) & ~(uint64_t)(PLAN_PAGE_BYTES - 1);
}

static uint64_t take(struct device_memory *memory, uint64_t bytes)
{
	const uint64_t start = memory->size;

	memory->size += page_up(bytes);
	return start;
}

uint32_t function_messages(const struct model_function *function)
{
	/* PCI Local Bus Specification 3.0, 6.8.1.3: Multiple Message Capable */
	const uint32_t msi = function->msi ? 1u << (function->msi_control >> 1 & 7u) : 0;
	const uint32_t msix = function->msix ? function->msix_vectors : 0;

	return msi > msix ? msi : msix;
}

static bool remaps(const struct model *model)
{
	return model->iommu.present && model->iommu.features & PLAN_IOMMU_REMAP;
}

/* A unit remaps the pins of an I/O APIC whose requester id the board knows. */
static bool remaps_pins(const struct model *model)
{
	return remaps(model) && model->iommu.has_ioapic_rid;
}

static bool is_amd(const struct model *model)
{
	return model->iommu.kind == PLAN_IOMMU_AMDVI;
}

static void collect_functions(const struct model *model, struct device_memory *memory)
{
	size_t count;

	memory->functions = calloc(model->device_count + 1, sizeof(*memory->functions));
	if (!memory->functions)
		abort();
	for (size_t c = 0; c < model->cell_count; c++) {
		const struct model_function **owned = cell_functions_list(model, &model->cells[c],
									  &count);

		for (size_t i = 0; i < count && owned[i]; i++) {
			const uint32_t messages = function_messages(owned[i]);

			memory->functions[memory->function_count++] = (struct function_memory){
				.function = owned[i],
				.cell = (uint32_t)c,
				.slot = i + 1,
				.message_count = messages,
				.remap_count = remaps(model) ? messages : 0,
			};
		}
		free(owned);
	}
}

static void collect_pins(const struct model *model, struct device_memory *memory)
{
	struct plan_pin *pins = calloc(model->device_count + 1, sizeof(*pins));

	memory->pins = calloc(model->device_count + 1, sizeof(*memory->pins));
	if (!pins || !memory->pins)
		abort();
	for (size_t c = 0; c < model->cell_count; c++) {
		const size_t count = cell_pins(model, &model->cells[c], pins);

		for (size_t i = 0; i < count; i++)
			memory->pins[memory->pin_count++] =
				(struct pin_memory){ pins[i], remaps_pins(model) };
	}
	free(pins);
}

/* One table for all; each cell has pages of its own in it. */
static void lay_out_vtd(struct device_memory *memory, size_t cells)
{
	uint32_t next = 0, entries = ENTRIES_PER_PAGE;

	for (size_t c = 0; c < cells; c++) {
		const uint32_t first = next;

		for (size_t i = 0; i < memory->function_count; i++) {
			struct function_memory *f = &memory->functions[i];

			if (f->cell != c)
				continue;
			f->first_remap = next;
			f->remap = (uint64_t)next * PLAN_REMAP_BYTES;
			next += f->remap_count;
		}
		for (size_t i = 0; i < memory->pin_count; i++) {
			struct plan_pin *pin = &memory->pins[i].pin;

			if (pin->cell != c || !memory->pins[i].is_remapped)
				continue;
			pin->remap_index = next;
			pin->remap.raw = (uint64_t)next++ * PLAN_REMAP_BYTES;
		}
		next = (next + ENTRIES_PER_PAGE - 1) / ENTRIES_PER_PAGE * ENTRIES_PER_PAGE;
		memory->cells[c].ranges[0] =
			(struct device_range){ (uint64_t)first * PLAN_REMAP_BYTES,
					       (uint64_t)(next - first) * PLAN_REMAP_BYTES };
	}
	while (entries < next)
		entries *= 2;
	/* First in the segment, so that offsets in the table are offsets in the segment. */
	memory->remap = (struct device_range){ take(memory, (uint64_t)entries * PLAN_REMAP_BYTES),
					       (uint64_t)entries * PLAN_REMAP_BYTES };
}

static void add_group(struct device_range *range, uint64_t page)
{
	if (range->size == 0 || page < range->start) {
		range->size += range->size ? range->start - page : PLAN_PAGE_BYTES;
		range->start = page;
	} else if (page >= range->start + range->size) {
		range->size = page + PLAN_PAGE_BYTES - range->start;
	}
}

/*
 * A level-triggered pin has a group of its own, where its index follows its vector (rule
 * irq-level-amd).  All others have the first entries of one group, which no vector reaches.
 */
static void lay_out_pins(struct device_memory *memory)
{
	uint32_t level = 0, edge = 0;

	for (size_t i = 0; i < memory->pin_count; i++) {
		struct plan_pin *pin = &memory->pins[i].pin;
		const bool is_level = pin->flags & PLAN_PIN_LEVEL;
		const uint32_t group = is_level ? level++ : EDGE_GROUP;

		if (!memory->pins[i].is_remapped)
			continue;
		pin->remap_index = group * ENTRIES_PER_PAGE + (is_level ? 0 : edge++);
		pin->remap.raw = memory->remap.start +
				 (uint64_t)pin->remap_index * PLAN_REMAP_BYTES;
		add_group(&memory->cells[pin->cell].ranges[1],
			  memory->remap.start + (uint64_t)group * PLAN_PAGE_BYTES);
	}
}

/* A table for each function, and one for the I/O APIC. */
static void lay_out_amd(struct device_memory *memory, size_t cells)
{
	memory->remap.start = take(memory, (uint64_t)PIN_GROUPS * PLAN_PAGE_BYTES);
	memory->remap.size = (uint64_t)PIN_GROUPS * PLAN_PAGE_BYTES;
	for (size_t c = 0; c < cells; c++) {
		const uint64_t start = memory->size;

		for (size_t i = 0; i < memory->function_count; i++) {
			struct function_memory *f = &memory->functions[i];

			if (f->cell == c && f->remap_count > 0)
				f->remap = take(memory,
						(uint64_t)f->remap_count * PLAN_REMAP_BYTES);
		}
		memory->cells[c].ranges[0] = (struct device_range){ start, memory->size - start };
	}
	lay_out_pins(memory);
}

static void lay_out_messages(struct device_memory *memory, size_t cells)
{
	for (size_t c = 0; c < cells; c++) {
		const uint64_t start = memory->size;
		uint64_t at = start;

		for (size_t i = 0; i < memory->function_count; i++) {
			struct function_memory *f = &memory->functions[i];

			if (f->cell != c)
				continue;
			f->messages = at;
			at += (uint64_t)f->message_count * sizeof(struct plan_message);
		}
		take(memory, at - start);
		memory->cells[c].ranges[2] = (struct device_range){ start, memory->size - start };
	}
}

void device_memory_make(const struct model *model, struct device_memory *memory)
{
	*memory = (struct device_memory){ .size = 0 };
	memory->cells = calloc(model->cell_count + 1, sizeof(*memory->cells));
	if (!memory->cells)
		abort();
	collect_functions(model, memory);
	collect_pins(model, memory);
	if (remaps(model)) {
		if (is_amd(model))
			lay_out_amd(memory, model->cell_count);
		else
			lay_out_vtd(memory, model->cell_count);
	}
	lay_out_messages(memory, model->cell_count);
	if (!model->iommu.present)
		return;
	memory->queue.start = take(memory, PLAN_IOMMU_QUEUE_BYTES);
	memory->queue.size = PLAN_IOMMU_QUEUE_BYTES;
}

void device_memory_free(struct device_memory *memory)
{
	free(memory->functions);
	free(memory->pins);
	free(memory->cells);
	*memory = (struct device_memory){ .size = 0 };
}
