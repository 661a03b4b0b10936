/* SPDX-License-Identifier: Apache-2.0 */
#include "dma_emit.h"

#include <stdlib.h>

#define BITS_3_LEVELS 39u

struct work {
	const struct model *model;
	const struct device_memory *memory;
	struct dma_domain *domains; /* one per cell, and one of nobody's */
	struct dma_requester *requesters;
	size_t requester_count;
};

/* A function uses the addresses that its cell uses. */
static void make_domain(const struct model_cell *cell, struct dma_domain *domain)
{
	struct page_mapping *maps = calloc(cell->memory_count + 1, sizeof(*maps));

	if (!maps)
		abort();
	for (size_t i = 0; i < cell->memory_count; i++)
		maps[i] = (struct page_mapping){
			.input = cell->memory[i].gpa,
			.output = cell->memory[i].hpa,
			.size = cell->memory[i].size,
			.rights = PLAN_RIGHT_READ | PLAN_RIGHT_WRITE,
		};
	*domain = (struct dma_domain){ maps, cell->memory_count };
}

static uint32_t power_of_two(uint32_t count)
{
	uint32_t power = 1;

	while (power < count)
		power *= 2;
	return power;
}

static int by_rid(const void *left, const void *right)
{
	const struct dma_requester *a = left;
	const struct dma_requester *b = right;

	return (a->rid > b->rid) - (a->rid < b->rid);
}

static void make_requesters(struct work *work, hpa_t segment)
{
	const struct device_memory *memory = work->memory;
	const struct model_iommu *unit = &work->model->iommu;

	for (size_t i = 0; i < memory->function_count; i++) {
		const struct function_memory *f = &memory->functions[i];
		struct dma_requester *requester = &work->requesters[work->requester_count++];

		*requester = (struct dma_requester){ .rid = f->function->rid, .domain = f->cell };
		if (unit->kind != PLAN_IOMMU_AMDVI || f->remap_count == 0)
			continue;
		requester->remap.raw = segment.raw + f->remap;
		requester->remap_entries = power_of_two(f->remap_count);
	}
	/* The I/O APIC sends interrupts, and reaches no memory. */
	if (unit->kind == PLAN_IOMMU_AMDVI && unit->has_ioapic_rid && memory->remap.size > 0)
		work->requesters[work->requester_count++] = (struct dma_requester){
			.rid = unit->ioapic_rid,
			.domain = (unsigned int)work->model->cell_count,
			.remap = { segment.raw + memory->remap.start },
			.remap_entries = (uint32_t)(memory->remap.size / PLAN_REMAP_BYTES),
		};
	qsort(work->requesters, work->requester_count, sizeof(*work->requesters), by_rid);
}

/* Three levels where they suffice: a walk that misses reads one entry less. */
static unsigned int levels_for(const struct model *model)
{
	uint64_t end = 0;

	if (!(model->iommu.features & PLAN_IOMMU_LEVELS_3))
		return 4;
	for (size_t c = 0; c < model->cell_count; c++)
		for (size_t i = 0; i < model->cells[c].memory_count; i++) {
			const struct model_memory *m = &model->cells[c].memory[i];

			if (m->gpa + m->size > end)
				end = m->gpa + m->size;
		}
	return end <= 1ull << BITS_3_LEVELS ? 3 : 4;
}

static unsigned int largest_leaf(uint32_t features)
{
	if (features & PLAN_IOMMU_1G)
		return 3;
	return features & PLAN_IOMMU_2M ? 2 : 1;
}

static enum page_fault emit_tables(const struct work *work, struct plan_bytes *out,
				   struct dma_tables *tables)
{
	const struct model *model = work->model;
	const struct dma_request request = {
		.domains = work->domains,
		.domain_count = model->cell_count + 1,
		.requesters = work->requesters,
		.requester_count = work->requester_count,
		.levels = levels_for(model),
		.largest_leaf = largest_leaf(model->iommu.features),
		.output_bits = model->phys_bits,
		.last_rid = PCI_RID(model->pci.bus_last, 31, 7),
	};

	return model->iommu.kind == PLAN_IOMMU_AMDVI ? amdvi_emit(&request, out, tables) :
						       vtd_emit(&request, out, tables);
}

/* Every entry of the table names the one requester that may ever use it. */
static hpa_t emit_remap_source(const struct work *work, struct plan_bytes *out)
{
	const struct device_memory *memory = work->memory;
	const hpa_t source = plan_bytes_take(out, memory->remap.size, PLAN_PAGE_BYTES);
	uint8_t *table = plan_bytes_at(out, source);

	for (size_t i = 0; i < memory->function_count; i++) {
		const struct function_memory *f = &memory->functions[i];

		for (uint32_t n = 0; n < f->remap_count; n++)
			vtd_remap_emit(table + f->remap + (size_t)n * PLAN_REMAP_BYTES,
				       f->function->rid);
	}
	for (size_t i = 0; i < memory->pin_count; i++)
		vtd_remap_emit(table + memory->pins[i].pin.remap.raw,
			       work->model->iommu.ioapic_rid);
	return source;
}

enum page_fault dma_emit(const struct model *model, const struct device_memory *memory,
			 hpa_t segment, struct plan_bytes *out, struct unit_tables *tables)
{
	struct work work = { .model = model, .memory = memory };
	enum page_fault fault;

	*tables = (struct unit_tables){ .remap_source = { 0 } };
	if (!model->iommu.present)
		return PAGE_OK;
	work.domains = calloc(model->cell_count + 1, sizeof(*work.domains));
	work.requesters = calloc(memory->function_count + 1, sizeof(*work.requesters));
	if (!work.domains || !work.requesters)
		abort();
	for (size_t c = 0; c < model->cell_count; c++)
		make_domain(&model->cells[c], &work.domains[c]);
	make_requesters(&work, segment);
	fault = emit_tables(&work, out, &tables->dma);
	if (fault == PAGE_OK && model->iommu.kind == PLAN_IOMMU_VTD && memory->remap.size > 0)
		tables->remap_source = emit_remap_source(&work, out);
	for (size_t c = 0; c < model->cell_count; c++)
		free((void *)(uintptr_t)work.domains[c].maps);
	free(work.domains);
	free(work.requesters);
	return fault;
}
