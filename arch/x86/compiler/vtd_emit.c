/* SPDX-License-Identifier: Apache-2.0 */
/*
 * VT-d's tables in legacy mode: Intel VT-d specification 3.3, 3.4 and chapter 9.  A bus
 * without listed functions has no root entry, and such a function no context entry: both
 * block, and FPD is 0 in all of them, so what is blocked is also recorded.
 */
#include "dma_tables.h"

#include <septum/x86/vtd_tables.h>
#include <stdlib.h>
#include <string.h>

static hpa_t new_table(struct plan_bytes *out)
{
	return plan_bytes_take(out, PLAN_PAGE_BYTES, PLAN_PAGE_BYTES);
}

static struct vtd_entry *entry_at(const struct plan_bytes *out, hpa_t table, unsigned int index)
{
	return (struct vtd_entry *)plan_bytes_at(out, table) + index;
}

/* The context table of a bus; made when its first function comes. */
static hpa_t context_table(struct plan_bytes *out, hpa_t root, unsigned int bus)
{
	hpa_t table = { entry_at(out, root, bus)->low & ~VTD_ROOT_P };

	if (table.raw == 0) {
		table = new_table(out);
		entry_at(out, root, bus)->low = table.raw | VTD_ROOT_P;
	}
	return table;
}

/* Return: false: the function has an entry already. */
static bool add_requester(const struct dma_request *request, const struct dma_requester *requester,
			  hpa_t pages, struct plan_bytes *out, hpa_t root)
{
	const hpa_t table = context_table(out, root, requester->rid >> 8);
	struct vtd_entry *context = entry_at(out, table, requester->rid & 0xff);

	if (context->low != 0)
		return false;
	/* Domain 0 is not used: units with caching mode keep it for themselves (6.1). */
	context->low = pages.raw | VTD_CONTEXT_P;
	context->high = VTD_CONTEXT_AW(request->levels) | VTD_CONTEXT_DID(requester->domain + 1);
	return true;
}

/* Whoever reaches no memory needs no entry. */
static bool add_requesters(const struct dma_request *request, const hpa_t *roots,
			   struct plan_bytes *out, hpa_t root)
{
	for (size_t i = 0; i < request->requester_count; i++) {
		const struct dma_requester *requester = &request->requesters[i];

		if (requester->domain < request->domain_count &&
		    !add_requester(request, requester, roots[requester->domain], out, root))
			return false;
	}
	return true;
}

/* Page tables of all domains, one root each. */
static enum page_fault emit_domains(const struct dma_request *request, struct plan_bytes *out,
				    hpa_t *roots)
{
	const struct page_format *format = request->levels == 3 ? &page_format_vtd_3 :
								  &page_format_vtd;
	const struct page_options options = { .largest_leaf = request->largest_leaf,
					      .output_bits = request->output_bits };
	enum page_fault fault = PAGE_OK;

	for (size_t i = 0; i < request->domain_count && fault == PAGE_OK; i++)
		fault = page_emit(format, &options, request->domains[i].maps,
				  request->domains[i].count, out, &roots[i]);
	return fault;
}

enum page_fault vtd_emit(const struct dma_request *request, struct plan_bytes *out,
			 struct dma_tables *tables)
{
	hpa_t *roots = calloc(request->domain_count + 1, sizeof(*roots));
	enum page_fault fault;

	if (!roots)
		abort();
	fault = emit_domains(request, out, roots);
	if (fault == PAGE_OK) {
		*tables = (struct dma_tables){ .bytes = PLAN_PAGE_BYTES };
		tables->deny = new_table(out);
		tables->live = new_table(out);
		if (!add_requesters(request, roots, out, tables->live))
			fault = PAGE_REQUESTER;
	}
	free(roots);
	return fault;
}

void vtd_remap_emit(uint8_t *entry, uint16_t rid)
{
	const struct vtd_entry irte = { .low = 0, .high = VTD_IRTE_SVT_SID | VTD_IRTE_SID(rid) };

	static_assert(sizeof(irte) == PLAN_REMAP_BYTES, "remapping entry");
	memcpy(entry, &irte, sizeof(irte));
}
