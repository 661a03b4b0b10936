/* SPDX-License-Identifier: Apache-2.0 */
/* One emitter that walks any page-table format. */
#ifndef SEPTUM_X86_PAGE_EMIT_H
#define SEPTUM_X86_PAGE_EMIT_H

#include "page_format.h"

#include "plan_bytes.h"

#include <septum/plan.h>
#include <stddef.h>

struct page_mapping {
	uint64_t input; /* address that is translated, multiple of the smallest page */
	uint64_t output; /* host-physical address it becomes, likewise */
	uint64_t size; /* bytes, likewise; 0 = nothing */
	uint32_t rights; /* PLAN_RIGHT_*, with PLAN_RIGHT_READ; PAGE_UNCACHED */
};

struct page_options {
	unsigned int largest_leaf; /* highest level that may map a page: 3 = 1 GiB, 2 = 2 MiB */
	bool small_code; /* what can be executed is mapped by the smallest pages alone */
	unsigned int output_bits; /* physical address width of the machine */
};

enum page_fault {
	PAGE_OK = 0,
	PAGE_MISALIGNED, /* a mapping is not made of whole pages */
	PAGE_INPUT_REACH, /* input beyond what the format translates */
	PAGE_OUTPUT_REACH, /* output beyond the physical address width */
	PAGE_OVERLAP, /* one input address is asked for twice */
	PAGE_RIGHTS, /* the format has no such rights */
	PAGE_REQUESTER, /* a function cannot be written down in its IOMMU's tables */
};

/** page_fault_text() - what is wrong, for a diagnosis. */
const char *page_fault_text(enum page_fault fault);

/**
 * page_emit() - build the tables of one address space.
 * @maps: in any order; what they do not name stays unmapped.
 * @out: where the tables go; on a fault, nothing that was there before changes.
 * @root: host-physical address of the root table.
 *
 * Mappings that continue each other are joined first, then every address gets
 * the largest page that its alignment and its mapping's size allow.
 */
enum page_fault page_emit(const struct page_format *format, const struct page_options *options,
			  const struct page_mapping *maps, size_t count, struct plan_bytes *out,
			  hpa_t *root);

#endif
