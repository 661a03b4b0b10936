/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of an AMD-Vi unit: AMD I/O Virtualization Technology specification, 2.2. */
#include "dma_tables.h"

#include <septum/x86/amdvi_tables.h>
#include <stdlib.h>

/* What is not a requester's: present, no address and no interrupt of it goes through. */
static const struct amdvi_dte blocked = {
	.dma = AMDVI_DTE_V | AMDVI_DTE_TV,
	.interrupts = AMDVI_DTE_IV,
};

static enum page_fault check_interrupts(const struct dma_request *request,
					const struct dma_requester *requester)
{
	const uint64_t entries = requester->remap_entries;
	const uint64_t end = requester->remap.raw + entries * PLAN_REMAP_BYTES;

	if (entries == 0)
		return PAGE_OK;
	if (entries > AMDVI_REMAP_MAX || (entries & (entries - 1)) != 0)
		return PAGE_REQUESTER;
	if (requester->remap.raw % AMDVI_REMAP_ALIGN != 0)
		return PAGE_MISALIGNED;
	return end < requester->remap.raw || end > 1ull << request->output_bits ?
		       PAGE_OUTPUT_REACH :
		       PAGE_OK;
}

static enum page_fault check_requesters(const struct dma_request *request)
{
	enum page_fault fault = request->last_rid > UINT16_MAX ? PAGE_REQUESTER : PAGE_OK;

	for (size_t i = 0; i < request->requester_count && fault == PAGE_OK; i++) {
		const struct dma_requester *requester = &request->requesters[i];

		if (requester->rid > request->last_rid ||
		    (i > 0 && requester->rid <= requester[-1].rid))
			return PAGE_REQUESTER;
		fault = check_interrupts(request, requester);
	}
	return fault;
}

static enum page_fault emit_domains(const struct dma_request *request, struct plan_bytes *out,
				    hpa_t *roots)
{
	const struct page_options options = {
		.largest_leaf = request->largest_leaf,
		.output_bits = request->output_bits,
	};
	struct page_format format = page_format_amdvi;
	enum page_fault fault = PAGE_OK;

	format.levels = request->levels;
	format.input_bits = page_shift_at(&format, request->levels + 1);
	for (size_t i = 0; i < request->domain_count && fault == PAGE_OK; i++)
		fault = page_emit(&format, &options, request->domains[i].maps,
				  request->domains[i].count, out, &roots[i]);
	return fault;
}

static hpa_t new_device_table(struct plan_bytes *out, uint64_t bytes)
{
	const hpa_t table = plan_bytes_take(out, bytes, PLAN_PAGE_BYTES);
	struct amdvi_dte *entries = plan_bytes_at(out, table);

	for (size_t i = 0; i < bytes / sizeof(*entries); i++)
		entries[i] = blocked;
	return table;
}

/* Rights are the leaves' affair; domain 0 is that of all who are blocked. */
static void reach_memory(struct amdvi_dte *entry, unsigned int levels, hpa_t root,
			 unsigned int domain)
{
	entry->dma |= (uint64_t)levels << AMDVI_DTE_MODE_SHIFT | root.raw | AMDVI_DTE_IR |
		      AMDVI_DTE_IW;
	entry->domain = domain + 1;
}

static void reach_interrupts(struct amdvi_dte *entry, const struct dma_requester *requester)
{
	const unsigned int log2 = (unsigned int)__builtin_ctz(requester->remap_entries);

	entry->interrupts |= (uint64_t)log2 << AMDVI_DTE_TABLE_LENGTH_SHIFT | requester->remap.raw |
			     AMDVI_DTE_INTCTL_REMAP;
}

static void fill_live(const struct dma_request *request, const hpa_t *roots,
		      struct amdvi_dte *entries)
{
	for (size_t i = 0; i < request->requester_count; i++) {
		const struct dma_requester *requester = &request->requesters[i];
		struct amdvi_dte *entry = &entries[requester->rid];

		if (requester->domain < request->domain_count)
			reach_memory(entry, request->levels, roots[requester->domain],
				     requester->domain);
		if (requester->remap_entries > 0)
			reach_interrupts(entry, requester);
	}
}

enum page_fault amdvi_emit(const struct dma_request *request, struct plan_bytes *out,
			   struct dma_tables *tables)
{
	const uint64_t needed = ((uint64_t)request->last_rid + 1) * sizeof(struct amdvi_dte);
	hpa_t *roots = calloc(request->domain_count + 1, sizeof(*roots));
	enum page_fault fault;

	if (!roots || request->levels < 3 || request->levels > 4)
		abort();
	fault = check_requesters(request);
	if (fault == PAGE_OK)
		fault = emit_domains(request, out, roots);
	if (fault == PAGE_OK) {
		tables->bytes = (needed + PLAN_PAGE_BYTES - 1) & ~(PLAN_PAGE_BYTES - 1ull);
		tables->deny = new_device_table(out, tables->bytes);
		tables->live = new_device_table(out, tables->bytes);
		fill_live(request, roots, plan_bytes_at(out, tables->live));
	}
	free(roots);
	return fault;
}
