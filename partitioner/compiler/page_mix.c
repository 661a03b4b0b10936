/* SPDX-License-Identifier: Apache-2.0 */
#include "page_mix.h"

#include "gaps.h"

#define HUGE_BYTES (1ull << 30)
#define LARGE_BYTES (1ull << 21)

/*
 * The aligned middle of [gpa, end) that pages of @page bytes can map: GPA and
 * HPA must be equal modulo the page size.
 */
static uint64_t middle_pages(uint64_t offset, uint64_t gpa, uint64_t end, uint64_t page,
			     uint64_t *first, uint64_t *last)
{
	*first = gap_round_up(gpa, page);
	*last = gap_round_down(end, page);
	if (offset % page != 0 || *first >= *last) {
		*first = *last = end;
		return 0;
	}
	return (*last - *first) / page;
}

struct page_sizes page_sizes_of(const struct model *model)
{
	const uint32_t features = model->features;
	const bool vmx = features & PLAN_FEATURE_VMX;

	return (struct page_sizes){
		.huge = (!(features & PLAN_FEATURE_SVM) || features & PLAN_FEATURE_1G_PAGES) &&
			(!vmx || features & PLAN_FEATURE_EPT_1G),
		.large = !vmx || !(model->errata & MODEL_ERRATUM_ITLB_MULTIHIT),
	};
}

static void add_up_to_large(struct page_mix *mix, uint64_t offset, uint64_t gpa, uint64_t end)
{
	uint64_t first, last;

	mix->large += middle_pages(offset, gpa, end, LARGE_BYTES, &first, &last);
	mix->small += (first - gpa + (end - last)) / PLAN_PAGE_BYTES;
}

struct page_mix page_mix_of(const struct model_memory *memory, struct page_sizes sizes)
{
	uint64_t gpa = memory->gpa, end = gap_end_of(gpa, memory->size);
	uint64_t offset = memory->hpa - gpa, first = end, last = end;
	struct page_mix mix = { 0, 0, 0 };

	if (!sizes.large) {
		mix.small = memory->size / PLAN_PAGE_BYTES;
		return mix;
	}
	if (sizes.huge)
		mix.huge = middle_pages(offset, gpa, end, HUGE_BYTES, &first, &last);
	add_up_to_large(&mix, offset, gpa, first);
	add_up_to_large(&mix, offset, last, end);
	return mix;
}
