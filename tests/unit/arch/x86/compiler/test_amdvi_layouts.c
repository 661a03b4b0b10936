/* SPDX-License-Identifier: Apache-2.0 */
/* AMD-Vi tables of random memory layouts. */
#include "amdvi_walk.h"
#include "dma_tables.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define KIB4 0x1000ull
#define MIB2 0x200000ull
#define ROUNDS 60u

static uint64_t state = 0x5eed5eed5eed5eedull;

static uint64_t next_random(uint64_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state % below;
}

/* Slots of 4 MiB: the mappings of one slot never touch those of the next. */
static size_t random_maps(struct page_mapping *maps, size_t slots)
{
	size_t count = 0;

	for (size_t slot = 0; slot < slots; slot++) {
		const uint64_t align = next_random(2) ? KIB4 : MIB2;

		if (next_random(3) == 0)
			continue;
		maps[count++] = (struct page_mapping){
			.input = slot * 2 * MIB2 + next_random(MIB2 / align) * align,
			.output = next_random(1ull << 27) * align % (1ull << 39),
			.size = (1 + next_random(MIB2 / align)) * align,
			.rights = PLAN_RIGHT_READ | (next_random(2) ? PLAN_RIGHT_WRITE : 0),
		};
	}
	return count;
}

static void assert_as_mapped(const struct plan_bytes *bytes, hpa_t live,
			     const struct dma_domain *domain, uint64_t at)
{
	const struct amdvi_answer answer = amdvi_translate(bytes, live, 0x10, at);
	const struct page_mapping *found = NULL;

	for (size_t i = 0; i < domain->count; i++)
		if (at >= domain->maps[i].input &&
		    at - domain->maps[i].input < domain->maps[i].size)
			found = &domain->maps[i];
	assert_false(answer.odd);
	assert_int_equal(answer.read, found != NULL);
	assert_int_equal(answer.write, found && found->rights & PLAN_RIGHT_WRITE);
	if (found)
		assert_int_equal(answer.output, found->output + (at - found->input));
}

static void assert_layout(const struct dma_request *request)
{
	const struct dma_domain *domain = request->domains;
	struct plan_bytes bytes = { .base = { 0x10000000 } };
	struct dma_tables tables;

	assert_int_equal(amdvi_emit(request, &bytes, &tables), PAGE_OK);
	for (unsigned int i = 0; i < 200; i++)
		assert_as_mapped(&bytes, tables.live, domain, next_random(17 * 2 * MIB2));
	for (size_t i = 0; i < domain->count; i++) {
		const uint64_t start = domain->maps[i].input, end = start + domain->maps[i].size;

		assert_as_mapped(&bytes, tables.live, domain, start);
		assert_as_mapped(&bytes, tables.live, domain, end - 1);
		assert_as_mapped(&bytes, tables.live, domain, end);
	}
	plan_bytes_free(&bytes);
}

static void random_layouts_translate_as_their_mappings_say(void **unused)
{
	static const struct dma_requester requester = { .rid = 0x10 };
	struct page_mapping maps[16];
	struct dma_domain domain = { .maps = maps };
	struct dma_request request = {
		.domains = &domain,
		.domain_count = 1,
		.requesters = &requester,
		.requester_count = 1,
		.output_bits = 40,
		.last_rid = 0xff,
	};

	(void)unused;
	for (unsigned int round = 0; round < ROUNDS; round++) {
		domain.count = random_maps(maps, 16);
		request.levels = 3 + round % 2;
		request.largest_leaf = 1 + round % 3;
		assert_layout(&request);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_layouts_translate_as_their_mappings_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
