/* SPDX-License-Identifier: Apache-2.0 */
/* The IOMMU's tables for a model: one domain for each cell, its RAM and nothing else. */
#ifndef SEPTUM_X86_DMA_EMIT_H
#define SEPTUM_X86_DMA_EMIT_H

#include "device_memory.h"
#include "dma_tables.h"

struct unit_tables {
	struct dma_tables dma;
	hpa_t remap_source; /* VT-d: the first content of its remapping table; else 0 */
};

/**
 * dma_emit() - all tables of the board's unit; nothing if there is none.
 * @segment: where the devices' read-write memory lies.
 */
enum page_fault dma_emit(const struct model *model, const struct device_memory *memory,
			 hpa_t segment, struct plan_bytes *out, struct unit_tables *tables);

#endif
