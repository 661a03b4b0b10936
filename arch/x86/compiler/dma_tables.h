/* SPDX-License-Identifier: Apache-2.0 */
/* What both IOMMU emitters take and give: who may reach which memory by DMA. */
#ifndef SEPTUM_X86_DMA_TABLES_H
#define SEPTUM_X86_DMA_TABLES_H

#include "page_emit.h"

#include <septum/plan_pci.h>

struct dma_domain {
	/* input: the address that a function uses; rights: READ and WRITE only */
	const struct page_mapping *maps;
	size_t count;
};

struct dma_requester {
	uint16_t rid; /* bus 15:8, device 7:3, function 2:0 */
	unsigned int domain; /* index into the domains; domain_count: it reaches no memory */
	/* AMD-Vi: its interrupt remapping table; VT-d has one table for all */
	hpa_t remap;
	uint32_t remap_entries; /* a power of two; 0: all its interrupts are blocked */
};

struct dma_request {
	const struct dma_domain *domains;
	size_t domain_count;
	const struct dma_requester
		*requesters; /* ascending by rid; whoever is not here is blocked */
	size_t requester_count;
	unsigned int levels; /* 3 or 4 */
	unsigned int largest_leaf; /* 1 = 4 KiB, 2 = 2 MiB, 3 = 1 GiB */
	unsigned int output_bits; /* physical address width */
	uint32_t last_rid; /* AMD-Vi: the device table covers 0 .. last_rid */
};

struct dma_tables {
	hpa_t deny, live; /* root table, or device table */
	uint64_t bytes; /* of each of the two */
};

/**
 * vtd_emit(), amdvi_emit() - the tables of one unit.
 * On a fault nothing that was in @out before changes.  PAGE_REQUESTER: requesters are not in
 * ascending order, or not all covered, or a remapping table has a size that does not exist
 * (AMD-Vi: a power of two up to 512 entries, aligned to 128 bytes).
 */
enum page_fault vtd_emit(const struct dma_request *request, struct plan_bytes *out,
			 struct dma_tables *tables);
enum page_fault amdvi_emit(const struct dma_request *request, struct plan_bytes *out,
			   struct dma_tables *tables);

/**
 * vtd_remap_emit() - an initial remapping entry: not present, but with its source check.
 * @entry: PLAN_REMAP_BYTES; @rid: the only requester that may use it.
 */
void vtd_remap_emit(uint8_t *entry, uint16_t rid);

#endif
