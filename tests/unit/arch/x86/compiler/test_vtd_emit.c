/* SPDX-License-Identifier: Apache-2.0 */
#include "dma_tables.h"
#include "vtd_walk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#define KIB4 0x1000ull
#define MIB2 0x200000ull
#define GIB1 0x40000000ull
#define RW (PLAN_RIGHT_READ | PLAN_RIGHT_WRITE)

static const struct page_mapping ram_a[] = {
	{ .input = 0, .output = 0x30000000, .size = 0x10000000, .rights = RW },
	{ .input = 4 * GIB1, .output = 5 * GIB1, .size = 2 * GIB1, .rights = RW },
	{ .input = 0x20000000, .output = 0x7000, .size = KIB4, .rights = PLAN_RIGHT_READ },
	{ .input = 0x20001000, .output = 0x9000, .size = KIB4, .rights = PLAN_RIGHT_WRITE },
};
static const struct page_mapping ram_b[] = {
	{ .input = 0, .output = 0x50003000, .size = 0x400000, .rights = RW },
};
static const struct dma_domain domains[] = { { ram_a, 4 }, { ram_b, 1 } };
static const struct dma_requester requesters[] = {
	{ .rid = 0x10, .domain = 0 },
	{ .rid = 0x18, .domain = 1 },
	{ .rid = 0x1ff, .domain = 1 },
	{ .rid = 0xff00, .domain = 0 },
};
static const struct dma_request plain = {
	.domains = domains,
	.domain_count = 2,
	.requesters = requesters,
	.requester_count = 4,
	.levels = 4,
	.largest_leaf = 3,
	.output_bits = 40,
};

struct emitted {
	struct plan_bytes bytes;
	struct dma_tables tables;
};

static void emit(struct emitted *out, const struct dma_request *request)
{
	*out = (struct emitted){ .bytes = { .base = { 0x10000000 } } };
	assert_int_equal(vtd_emit(request, &out->bytes, &out->tables), PAGE_OK);
	assert_int_equal((out->tables.deny.raw | out->tables.live.raw) % KIB4, 0);
	assert_int_equal(out->tables.bytes, KIB4);
}

static struct vtd_answer ask(const struct emitted *of, uint32_t rid, uint64_t address)
{
	const struct vtd_answer answer = vtd_translate(&of->bytes, of->tables.live, rid, address);

	assert_false(answer.odd);
	return answer;
}

static void the_table_that_denies_has_nobody_in_it(void **unused)
{
	struct emitted out;

	(void)unused;
	emit(&out, &plain);
	for (uint32_t rid = 0; rid < 0x10000; rid++) {
		const struct vtd_answer answer = vtd_translate(&out.bytes, out.tables.deny, rid, 0);

		assert_false(answer.present || answer.odd);
	}
	plan_bytes_free(&out.bytes);
}

static void who_is_not_listed_is_blocked(void **unused)
{
	struct emitted out;

	(void)unused;
	emit(&out, &plain);
	for (uint32_t rid = 0; rid < 0x10000; rid++)
		if (rid != 0x10 && rid != 0x18 && rid != 0x1ff && rid != 0xff00)
			assert_false(ask(&out, rid, 0).present);
	plan_bytes_free(&out.bytes);
}

static void each_function_reaches_its_own_memory(void **unused)
{
	struct emitted out;
	struct vtd_answer answer;

	(void)unused;
	emit(&out, &plain);
	answer = ask(&out, 0x10, 0x123456);
	assert_true(answer.read && answer.write);
	assert_int_equal(answer.output, 0x30123456);
	assert_int_equal(answer.page, MIB2);
	assert_int_equal(answer.domain, 1);
	assert_int_equal(answer.levels, 4);
	answer = ask(&out, 0xff00, 5 * GIB1 + 1);
	assert_int_equal(answer.output, 6 * GIB1 + 1);
	assert_int_equal(answer.page, GIB1);
	answer = ask(&out, 0x18, 0x3fffff);
	assert_int_equal(answer.output, 0x50402fff);
	assert_int_equal(answer.page, KIB4); /* the output is not aligned for more */
	assert_int_equal(answer.domain, 2);
	assert_int_equal(ask(&out, 0x1ff, 0x400000).page, 0);
	assert_int_equal(ask(&out, 0x10, 0x10000000).page, 0);
	plan_bytes_free(&out.bytes);
}

static void rights_are_read_and_write_apart(void **unused)
{
	struct emitted out;

	(void)unused;
	emit(&out, &plain);
	assert_true(ask(&out, 0x10, 0x20000000).read);
	assert_false(ask(&out, 0x10, 0x20000000).write);
	assert_false(ask(&out, 0x10, 0x20001000).read);
	assert_true(ask(&out, 0x10, 0x20001000).write);
	plan_bytes_free(&out.bytes);
}

static void three_levels_end_at_39_bits(void **unused)
{
	struct page_mapping map = {
		.input = (1ull << 39) - MIB2, .output = 0x40000000, .size = MIB2, .rights = RW
	};
	const struct dma_domain domain = { &map, 1 };
	struct dma_request request = plain;
	struct plan_bytes bytes = { .base = { 0x10000000 } };
	struct dma_tables tables;
	struct emitted out;

	(void)unused;
	request.domains = &domain;
	request.domain_count = 1;
	request.requester_count = 1;
	request.levels = 3;
	emit(&out, &request);
	assert_int_equal(ask(&out, 0x10, (1ull << 39) - 1).output, 0x401fffff);
	assert_int_equal(ask(&out, 0x10, 0).levels, 3);
	plan_bytes_free(&out.bytes);
	map.input += MIB2;
	assert_int_equal(vtd_emit(&request, &bytes, &tables), PAGE_INPUT_REACH);
	request.levels = 4;
	assert_int_equal(vtd_emit(&request, &bytes, &tables), PAGE_OK);
	plan_bytes_free(&bytes);
}

static void pages_are_no_larger_than_the_unit_has(void **unused)
{
	struct dma_request request = plain;
	struct emitted out;

	(void)unused;
	for (request.largest_leaf = 1; request.largest_leaf <= 3; request.largest_leaf++) {
		emit(&out, &request);
		assert_int_equal(ask(&out, 0x10, 4 * GIB1).page,
				 KIB4 << 9 * (request.largest_leaf - 1));
		plan_bytes_free(&out.bytes);
	}
}

static void what_cannot_be_said_is_refused(void **unused)
{
	struct page_mapping map = { .output = 1ull << 40, .size = KIB4, .rights = RW };
	const struct dma_domain domain = { &map, 1 };
	const struct dma_requester twice[] = { { .rid = 8 }, { .rid = 8 } };
	struct dma_request request = plain;
	struct plan_bytes bytes = { .base = { 0x10000000 } };
	struct dma_tables tables;

	(void)unused;
	request.domains = &domain;
	request.domain_count = 1;
	request.requesters = twice;
	request.requester_count = 1;
	assert_int_equal(vtd_emit(&request, &bytes, &tables), PAGE_OUTPUT_REACH);
	map = (struct page_mapping){ .output = 0x800, .size = KIB4, .rights = RW };
	assert_int_equal(vtd_emit(&request, &bytes, &tables), PAGE_MISALIGNED);
	map = (struct page_mapping){ .size = KIB4, .rights = RW | PLAN_RIGHT_EXEC };
	assert_int_equal(vtd_emit(&request, &bytes, &tables), PAGE_RIGHTS);
	map.rights = RW;
	request.requester_count = 2;
	assert_int_equal(vtd_emit(&request, &bytes, &tables), PAGE_REQUESTER);
	plan_bytes_free(&bytes);
}

/* 9.10: not present, and SVT 01, SQ 00: the whole requester id is compared. */
static void a_new_remapping_entry_has_its_source_and_nothing_else(void **unused)
{
	uint64_t entry[2] = { ~0ull, ~0ull };

	(void)unused;
	vtd_remap_emit((uint8_t *)entry, 0xabcd);
	assert_int_equal(entry[0], 0);
	assert_int_equal(entry[1], 0x4abcd);
}

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
			.rights = (uint32_t)(1 + next_random(3)),
		};
	}
	return count;
}

static void assert_as_mapped(const struct emitted *of, const struct dma_domain *domain, uint64_t at)
{
	const struct vtd_answer answer = ask(of, 0x10, at);
	const struct page_mapping *found = NULL;

	for (size_t i = 0; i < domain->count; i++)
		if (at - domain->maps[i].input < domain->maps[i].size)
			found = &domain->maps[i];
	assert_int_equal(answer.read, found && found->rights & PLAN_RIGHT_READ);
	assert_int_equal(answer.write, found && found->rights & PLAN_RIGHT_WRITE);
	if (found)
		assert_int_equal(answer.output, found->output + (at - found->input));
}

static void random_layouts_translate_as_their_mappings_say(void **unused)
{
	struct page_mapping maps[16];
	struct dma_domain domain = { .maps = maps };
	struct dma_request request = plain;
	struct emitted out;

	(void)unused;
	request.domains = &domain;
	request.domain_count = 1;
	request.requester_count = 1;
	for (unsigned int round = 0; round < 60; round++) {
		domain.count = random_maps(maps, 16);
		request.levels = 3 + round % 2;
		request.largest_leaf = 1 + round % 3;
		emit(&out, &request);
		for (unsigned int i = 0; i < 200; i++)
			assert_as_mapped(&out, &domain, next_random(17 * 2 * MIB2));
		for (size_t i = 0; i < domain.count; i++) {
			assert_as_mapped(&out, &domain, maps[i].input);
			assert_as_mapped(&out, &domain, maps[i].input + maps[i].size - 1);
			assert_as_mapped(&out, &domain, maps[i].input + maps[i].size);
		}
		plan_bytes_free(&out.bytes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_that_denies_has_nobody_in_it),
		cmocka_unit_test(who_is_not_listed_is_blocked),
		cmocka_unit_test(each_function_reaches_its_own_memory),
		cmocka_unit_test(rights_are_read_and_write_apart),
		cmocka_unit_test(three_levels_end_at_39_bits),
		cmocka_unit_test(pages_are_no_larger_than_the_unit_has),
		cmocka_unit_test(what_cannot_be_said_is_refused),
		cmocka_unit_test(a_new_remapping_entry_has_its_source_and_nothing_else),
		cmocka_unit_test(random_layouts_translate_as_their_mappings_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
