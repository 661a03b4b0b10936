/* SPDX-License-Identifier: Apache-2.0 */
/* Which pages map a region of RAM: the largest that both of its addresses allow. */
#ifndef SEPTUM_COMPILER_PAGE_MIX_H
#define SEPTUM_COMPILER_PAGE_MIX_H

#include "model.h"

struct page_mix { /* number of pages of each size */
	uint64_t huge; /* 1 GiB */
	uint64_t large; /* 2 MiB */
	uint64_t small; /* 4 KiB */
};

/** page_mix_of() - @huge_pages: the CPUs have 1 GiB pages. */
struct page_mix page_mix_of(const struct model_memory *memory, bool huge_pages);

#endif
