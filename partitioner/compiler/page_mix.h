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

struct page_sizes { /* beside 4 KiB */
	bool huge, large;
};

/** page_sizes_of() - what the nested tables of all the board's vendors can use. */
struct page_sizes page_sizes_of(const struct model *model);

/** page_mix_of() - how many pages of each of @sizes map a region. */
struct page_mix page_mix_of(const struct model_memory *memory, struct page_sizes sizes);

#endif
