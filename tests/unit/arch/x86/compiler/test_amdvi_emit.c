/* SPDX-License-Identifier: Apache-2.0 */
#include "amdvi_walk.h"
#include "dma_tables.h"

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
};
static const struct page_mapping ram_b[] = {
	{ .input = 0, .output = 0x50003000, .size = 0x400000, .rights = RW },
};
static const struct dma_domain domains[] = { { ram_a, 3 }, { ram_b, 1 } };
static const struct dma_requester requesters[] = {
	{ .rid = 0x10, .domain = 0, .remap = { 0x1234080 }, .remap_entries = 1 },
	{ .rid = 0x18, .domain = 1, .remap = { 0x5678000 }, .remap_entries = 512 },
	{ .rid = 0xa0, .domain = 2, .remap = { 0x5679000 }, .remap_entries = 32 },
	{ .rid = 0x100, .domain = 1 },
};
static const struct dma_request plain = {
	.domains = domains,
	.domain_count = 2,
	.requesters = requesters,
	.requester_count = 4,
	.levels = 4,
	.largest_leaf = 3,
	.output_bits = 40,
	.last_rid = 0x1ff,
};

struct emitted {
	struct plan_bytes bytes;
	struct dma_tables tables;
};

static void emit(struct emitted *out, const struct dma_request *request)
{
	*out = (struct emitted){ .bytes = { .base = { 0x10000000 } } };
	assert_int_equal(amdvi_emit(request, &out->bytes, &out->tables), PAGE_OK);
	assert_int_equal(out->tables.deny.raw % KIB4 + out->tables.live.raw % KIB4, 0);
}

static struct amdvi_answer ask(const struct emitted *of, uint32_t rid, uint64_t address)
{
	const struct amdvi_answer answer = amdvi_translate(&of->bytes, of->tables.live, rid,
							   address);

	assert_false(answer.odd);
	return answer;
}

static void assert_blocked(const struct emitted *of, hpa_t table, uint32_t rid)
{
	static const uint64_t addresses[] = { 0, 0x30000000, 0xfee00000, 4 * GIB1, ~0ull };

	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		const struct amdvi_answer answer = amdvi_translate(&of->bytes, table, rid,
								   addresses[i]);

		assert_false(answer.odd || answer.read || answer.write);
	}
	assert_int_equal(amdvi_irte_of(&of->bytes, table, rid, 0), 0);
	assert_false(amdvi_passes(&of->bytes, table, rid));
}

static void the_table_that_denies_blocks_everybodys_dma_and_interrupts(void **unused)
{
	struct emitted out;

	(void)unused;
	emit(&out, &plain);
	assert_int_equal(out.tables.bytes, 0x200 * 32);
	for (uint32_t rid = 0; rid < 0x200; rid++)
		assert_blocked(&out, out.tables.deny, rid);
	plan_bytes_free(&out.bytes);
}

static void who_is_not_listed_is_blocked_to_the_end_of_the_tables_last_page(void **unused)
{
	struct dma_request request = plain;
	struct emitted out;

	(void)unused;
	request.last_rid = 0x101;
	emit(&out, &request);
	assert_int_equal(out.tables.bytes, 3 * KIB4);
	for (uint32_t rid = 0; rid < 3 * KIB4 / 32; rid++)
		if (rid != 0x10 && rid != 0x18 && rid != 0xa0 && rid != 0x100)
			assert_blocked(&out, out.tables.live, rid);
	plan_bytes_free(&out.bytes);
}

static void entries_are_bit_by_bit_those_of_the_specification(void **unused)
{
	struct emitted out;
	const uint64_t *dte;

	(void)unused;
	emit(&out, &plain);
	dte = amdvi_entry(&out.bytes, out.tables.deny, 0x18);
	assert_int_equal(dte[0], 3); /* V TV */
	assert_int_equal(dte[1] | dte[3], 0);
	assert_int_equal(dte[2], 1); /* IV */
	dte = amdvi_entry(&out.bytes, out.tables.live, 0x18);
	assert_int_equal(dte[0] & ~0xffffffffff000ull, 0x6000000000000803ull); /* IW IR Mode 4 */
	assert_int_equal(dte[1], 2); /* the second domain */
	assert_int_equal(dte[2], 0x2000000005678013ull); /* IntCtl 10b, length 9, IV */
	assert_int_equal(dte[3], 0);
	dte = amdvi_entry(&out.bytes, out.tables.live, 0x10);
	assert_int_equal(dte[2], 0x2000000001234081ull); /* one entry */
	plan_bytes_free(&out.bytes);
}

/* NextLevel in 11:9, FC 60, IR 61, IW 62: figures 8 to 10 */
static void page_entries_are_bit_by_bit_those_of_the_specification(void **unused)
{
	const struct page_entry writable = { PAGE_ENTRY_LEAF, 0x40000000, RW };
	const struct page_entry readable = { PAGE_ENTRY_LEAF, 0x40000000, PLAN_RIGHT_READ };
	const struct page_entry table = { PAGE_ENTRY_TABLE, 0x123000, 0 };
	uint64_t bits;

	(void)unused;
	for (unsigned int level = 1; level <= 3; level++) {
		assert_true(page_encode(&page_format_amdvi, level, &writable, &bits));
		assert_int_equal(bits, 0x7000000040000001ull);
		assert_true(page_encode(&page_format_amdvi, level, &readable, &bits));
		assert_int_equal(bits, 0x3000000040000001ull);
	}
	for (unsigned int level = 2; level <= 4; level++) {
		assert_true(page_encode(&page_format_amdvi, level, &table, &bits));
		assert_int_equal(bits, 0x6000000000123001ull | (level - 1) << 9);
	}
}

static void each_domain_reaches_its_memory_and_no_other(void **unused)
{
	struct emitted out;

	(void)unused;
	emit(&out, &plain);
	for (uint64_t at = 0; at < 8 * GIB1; at += 0x3f5b008) {
		const struct amdvi_answer a = ask(&out, 0x10, at);
		const bool low = at < 0x10000000, high = at >= 4 * GIB1 && at < 6 * GIB1;

		assert_int_equal(a.read, low || high);
		assert_int_equal(a.write, low || high);
		assert_true(!a.read || a.output == (low ? at + 0x30000000 : at + GIB1));
		assert_int_equal(ask(&out, 0x18, at).read, at < 0x400000);
	}
	assert_int_equal(ask(&out, 0x18, 0x3fffff).output, 0x50003000 + 0x3fffff);
	assert_int_equal(ask(&out, 0x10, 0x10000).domain, 1);
	assert_int_equal(ask(&out, 0x18, 0x10000).domain, 2);
	assert_int_equal(ask(&out, 0x100, 0x10000).domain, 2);
	plan_bytes_free(&out.bytes);
}

static void memory_that_can_only_be_read_is_not_written(void **unused)
{
	struct emitted out;

	(void)unused;
	emit(&out, &plain);
	assert_true(ask(&out, 0x10, 0x20000123).read);
	assert_false(ask(&out, 0x10, 0x20000123).write);
	assert_false(ask(&out, 0x10, 0x20001000).read);
	plan_bytes_free(&out.bytes);
}

static void pages_are_as_large_as_addresses_and_the_unit_allow(void **unused)
{
	struct dma_request request = plain;
	struct emitted out;

	(void)unused;
	for (request.largest_leaf = 1; request.largest_leaf <= 3; request.largest_leaf++) {
		const uint64_t sizes[] = { KIB4, MIB2, GIB1 };

		emit(&out, &request);
		assert_int_equal(ask(&out, 0x10, 4 * GIB1).page, sizes[request.largest_leaf - 1]);
		assert_int_equal(ask(&out, 0x10, 0).page, request.largest_leaf == 1 ? KIB4 : MIB2);
		assert_int_equal(ask(&out, 0x18, 0).page, KIB4); /* out of step */
		plan_bytes_free(&out.bytes);
	}
}

static void three_levels_reach_512_gibibytes_and_four_all(void **unused)
{
	const struct page_mapping far = { .input = 1ull << 39, .size = MIB2, .rights = RW };
	const struct dma_domain domain = { &far, 1 };
	struct dma_request request = plain;
	struct emitted out = { .bytes = { .base = { 0x10000000 } } };

	(void)unused;
	request.levels = 3;
	emit(&out, &request);
	assert_int_equal(*amdvi_entry(&out.bytes, out.tables.live, 0x10) >> 9 & 7, 3);
	assert_int_equal(ask(&out, 0x10, 6 * GIB1 - 1).output, 7 * GIB1 - 1);
	plan_bytes_free(&out.bytes);
	request.domains = &domain;
	request.domain_count = 1;
	assert_int_equal(amdvi_emit(&request, &out.bytes, &out.tables), PAGE_INPUT_REACH);
	plan_bytes_free(&out.bytes);
	request.levels = 4;
	emit(&out, &request);
	assert_true(ask(&out, 0x10, 1ull << 39).write);
	assert_false(ask(&out, 0x10, 0).write);
	plan_bytes_free(&out.bytes);
}

static void interrupts_are_looked_up_in_the_requesters_own_table_alone(void **unused)
{
	struct emitted out;
	hpa_t live;

	(void)unused;
	emit(&out, &plain);
	live = out.tables.live;
	assert_int_equal(amdvi_irte_of(&out.bytes, live, 0x10, 0), 0x1234080);
	assert_int_equal(amdvi_irte_of(&out.bytes, live, 0x10, 1), 0);
	assert_int_equal(amdvi_irte_of(&out.bytes, live, 0x18, 511), 0x5678000 + 511 * 16);
	assert_int_equal(amdvi_irte_of(&out.bytes, live, 0x18, 512), 0);
	assert_int_equal(amdvi_irte_of(&out.bytes, live, 0x100, 0), 0); /* has none */
	for (uint32_t rid = 0; rid < 0x200; rid++)
		assert_false(amdvi_passes(&out.bytes, live, rid));
	plan_bytes_free(&out.bytes);
}

/* An I/O APIC sends messages and does no DMA. */
static void a_requester_without_a_domain_reaches_no_memory(void **unused)
{
	struct emitted out;

	(void)unused;
	emit(&out, &plain);
	assert_false(ask(&out, 0xa0, 0).read || ask(&out, 0xa0, 0).write);
	assert_int_equal(ask(&out, 0xa0, 0).domain, 0);
	assert_int_equal(amdvi_irte_of(&out.bytes, out.tables.live, 0xa0, 31), 0x56791f0);
	plan_bytes_free(&out.bytes);
}

static void what_the_tables_cannot_say_is_refused_and_changes_nothing(void **unused)
{
	static const struct {
		struct dma_requester requester;
		enum page_fault fault;
	} bad[] = {
		{ { .rid = 0x10 }, PAGE_REQUESTER }, /* twice */
		{ { .rid = 0x08 }, PAGE_REQUESTER }, /* not ascending */
		{ { .rid = 0x200 }, PAGE_REQUESTER }, /* beyond the table */
		{ { .rid = 0x20, .remap_entries = 3 }, PAGE_REQUESTER },
		{ { .rid = 0x20, .remap_entries = 1024 }, PAGE_REQUESTER },
		{ { .rid = 0x20, .remap = { 64 }, .remap_entries = 4 }, PAGE_MISALIGNED },
		{ { .rid = 0x20, .remap = { 1ull << 40 }, .remap_entries = 4 }, PAGE_OUTPUT_REACH },
		{ { .rid = 0x20, .remap = { -128ull }, .remap_entries = 8 }, PAGE_OUTPUT_REACH },
	};
	struct dma_requester list[2] = { requesters[0] };
	struct dma_request request = plain;
	struct plan_bytes bytes = { .base = { 0x10000000 } };
	struct dma_tables tables;
	hpa_t before = plan_bytes_take(&bytes, KIB4, KIB4);

	(void)unused;
	memset(plan_bytes_at(&bytes, before), 0x5a, KIB4);
	request.requesters = list;
	request.requester_count = 2;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		list[1] = bad[i].requester;
		assert_int_equal(amdvi_emit(&request, &bytes, &tables), bad[i].fault);
	}
	request = plain;
	request.last_rid = 0x10000;
	assert_int_equal(amdvi_emit(&request, &bytes, &tables), PAGE_REQUESTER);
	for (size_t i = 0; i < KIB4; i++)
		assert_int_equal(((const uint8_t *)plan_bytes_at(&bytes, before))[i], 0x5a);
	plan_bytes_free(&bytes);
}

static void mappings_that_the_format_cannot_say_are_refused(void **unused)
{
	static const struct {
		struct page_mapping map;
		enum page_fault fault;
	} bad[] = {
		{ { 0, 0, KIB4, RW | PLAN_RIGHT_EXEC }, PAGE_RIGHTS },
		{ { 0, 0, KIB4, PLAN_RIGHT_WRITE }, PAGE_RIGHTS },
		{ { 0, 0, KIB4, RW | PAGE_UNCACHED }, PAGE_RIGHTS },
		{ { 0x10, 0, KIB4, RW }, PAGE_MISALIGNED },
		{ { 0, 1ull << 40, KIB4, RW }, PAGE_OUTPUT_REACH },
		{ { 1ull << 48, 0, KIB4, RW }, PAGE_INPUT_REACH },
	};
	struct plan_bytes bytes = { .base = { 0x10000000 } };
	struct dma_request request = plain;
	struct dma_tables tables;

	(void)unused;
	request.domain_count = 1;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const struct dma_domain domain = { &bad[i].map, 1 };

		request.domains = &domain;
		assert_int_equal(amdvi_emit(&request, &bytes, &tables), bad[i].fault);
	}
	plan_bytes_free(&bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_that_denies_blocks_everybodys_dma_and_interrupts),
		cmocka_unit_test(who_is_not_listed_is_blocked_to_the_end_of_the_tables_last_page),
		cmocka_unit_test(entries_are_bit_by_bit_those_of_the_specification),
		cmocka_unit_test(page_entries_are_bit_by_bit_those_of_the_specification),
		cmocka_unit_test(each_domain_reaches_its_memory_and_no_other),
		cmocka_unit_test(memory_that_can_only_be_read_is_not_written),
		cmocka_unit_test(pages_are_as_large_as_addresses_and_the_unit_allow),
		cmocka_unit_test(three_levels_reach_512_gibibytes_and_four_all),
		cmocka_unit_test(interrupts_are_looked_up_in_the_requesters_own_table_alone),
		cmocka_unit_test(a_requester_without_a_domain_reaches_no_memory),
		cmocka_unit_test(what_the_tables_cannot_say_is_refused_and_changes_nothing),
		cmocka_unit_test(mappings_that_the_format_cannot_say_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
