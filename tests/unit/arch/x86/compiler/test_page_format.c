/* SPDX-License-Identifier: Apache-2.0 */
#include "page_format.h"

#include <septum/plan.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define ROUNDS 20000u
#define RWX (PLAN_RIGHT_READ | PLAN_RIGHT_WRITE | PLAN_RIGHT_EXEC)

static const struct page_format *const formats[] = { &page_format_npt, &page_format_monitor,
						     &page_format_ept, &page_format_amdvi };
#define FORMATS (sizeof(formats) / sizeof(formats[0]))

static uint64_t state;

static uint64_t next_random(void)
{
	/* xorshift64: the same sequence on every machine */
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static int seed(void **unused)
{
	(void)unused;
	state = 0x5eed5eed5eed5eedull;
	return 0;
}

static struct page_entry random_entry(const struct page_format *format, unsigned int level)
{
	struct page_entry entry = { .kind = PAGE_ENTRY_TABLE };
	unsigned int shift = 12;

	if (level == 1 || (level < 4 && next_random() % 2)) {
		entry.kind = PAGE_ENTRY_LEAF;
		entry.rights = PLAN_RIGHT_READ |
			       (uint32_t)(next_random() & (format->is_data_only ? 2 : 6));
		shift = 12 + 9 * (level - 1);
	}
	entry.address = (next_random() & ((1ull << 52) - 1)) >> shift << shift;
	return entry;
}

static void every_entry_survives_encoding_and_decoding(void **unused)
{
	(void)unused;
	for (unsigned int round = 0; round < ROUNDS; round++) {
		const struct page_format *format = formats[round % FORMATS];
		const unsigned int level = 1 + (unsigned int)(next_random() % 4);
		const struct page_entry entry = random_entry(format, level);
		struct page_entry back;
		uint64_t bits;

		assert_true(page_encode(format, level, &entry, &bits));
		assert_true(page_decode(format, level, bits, &back));
		assert_int_equal(back.kind, entry.kind);
		assert_int_equal(back.address, entry.address);
		assert_int_equal(back.rights, entry.rights);
	}
}

static void bits_that_decode_encode_to_themselves_and_others_are_refused(void **unused)
{
	unsigned int accepted = 0, refused = 0;

	(void)unused;
	for (unsigned int round = 0; round < ROUNDS; round++) {
		const struct page_format *format = formats[round % FORMATS];
		const unsigned int level = 1 + (unsigned int)(next_random() % 4);
		const struct page_entry entry = random_entry(format, level);
		struct page_entry back;
		uint64_t bits, again;

		assert_true(page_encode(format, level, &entry, &bits));
		bits ^= 1ull << (next_random() % 64);
		if (!page_decode(format, level, bits, &back)) {
			refused++;
			continue;
		}
		accepted++;
		assert_true(page_encode(format, level, &back, &again));
		assert_int_equal(again, bits);
	}
	assert_true(accepted > ROUNDS / 10);
	assert_true(refused > ROUNDS / 10);
}

static void an_empty_entry_is_all_zero(void **unused)
{
	const struct page_entry empty = { .kind = PAGE_ENTRY_EMPTY };
	struct page_entry back;
	uint64_t bits = 1;

	(void)unused;
	for (unsigned int level = 1; level <= 4; level++) {
		assert_true(page_encode(&page_format_npt, level, &empty, &bits));
		assert_int_equal(bits, 0);
		assert_true(page_decode(&page_format_npt, level, 0, &back));
		assert_int_equal(back.kind, PAGE_ENTRY_EMPTY);
	}
}

static void nested_entries_are_user_accessed_and_dirty(void **unused)
{
	const struct page_entry leaf = { PAGE_ENTRY_LEAF, 0x40000000, RWX };
	const struct page_entry table = { PAGE_ENTRY_TABLE, 0x123000, 0 };
	uint64_t bits;

	(void)unused;
	assert_true(page_encode(&page_format_npt, 1, &leaf, &bits));
	assert_int_equal(bits, 0x40000067); /* P RW US A D */
	assert_true(page_encode(&page_format_npt, 2, &leaf, &bits));
	assert_int_equal(bits, 0x400000e7); /* and PS */
	assert_true(page_encode(&page_format_npt, 3, &leaf, &bits));
	assert_int_equal(bits, 0x400000e7);
	assert_true(page_encode(&page_format_npt, 4, &table, &bits));
	assert_int_equal(bits, 0x123027); /* P RW US A */
}

static void monitor_entries_are_supervisor_and_not_global(void **unused)
{
	const struct page_entry text = { PAGE_ENTRY_LEAF, 0x200000,
					 PLAN_RIGHT_READ | PLAN_RIGHT_EXEC };
	const struct page_entry data = { PAGE_ENTRY_LEAF, 0x200000,
					 PLAN_RIGHT_READ | PLAN_RIGHT_WRITE };
	const struct page_entry table = { PAGE_ENTRY_TABLE, 0x123000, 0 };
	uint64_t bits;

	(void)unused;
	assert_true(page_encode(&page_format_monitor, 1, &text, &bits));
	assert_int_equal(bits, 0x200061); /* P A D */
	assert_true(page_encode(&page_format_monitor, 2, &data, &bits));
	assert_int_equal(bits, 0x80000000002000e3ull); /* NX P RW A D PS */
	assert_true(page_encode(&page_format_monitor, 2, &table, &bits));
	assert_int_equal(bits, 0x123023); /* P RW A */
}

/* Intel SDM volume 3C, tables 28-1 to 28-6 */
static void extended_entries_are_write_back_accessed_and_dirty(void **unused)
{
	const struct page_entry all = { PAGE_ENTRY_LEAF, 0x40000000, RWX };
	const struct page_entry table = { PAGE_ENTRY_TABLE, 0x123000, 0 };
	uint64_t bits;

	(void)unused;
	assert_true(page_encode(&page_format_ept, 1, &all, &bits));
	assert_int_equal(bits, 0x40000337); /* R W X, type 6 in 5:3, A (8), D (9) */
	assert_true(page_encode(&page_format_ept, 2, &all, &bits));
	assert_int_equal(bits, 0x400003b7); /* and large (7) */
	assert_true(page_encode(&page_format_ept, 3, &all, &bits));
	assert_int_equal(bits, 0x400003b7);
	for (unsigned int level = 2; level <= 4; level++) {
		assert_true(page_encode(&page_format_ept, level, &table, &bits));
		assert_int_equal(bits, 0x123107); /* R W X A; 6:3 are reserved */
	}
}

/* Rights are positive here: a right that is not given leaves its bit clear, and bit 63 too. */
static void extended_entries_grant_each_right_by_a_bit_of_its_own(void **unused)
{
	static const struct {
		uint32_t rights;
		uint64_t bits;
	} wanted[] = {
		{ PLAN_RIGHT_READ, 0x331 },
		{ PLAN_RIGHT_READ | PLAN_RIGHT_WRITE, 0x333 },
		{ PLAN_RIGHT_READ | PLAN_RIGHT_EXEC, 0x335 },
	};
	const struct page_entry bad = { PAGE_ENTRY_LEAF, 0, PLAN_RIGHT_WRITE | PLAN_RIGHT_EXEC };
	struct page_entry back;
	uint64_t bits;

	(void)unused;
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		const struct page_entry leaf = { PAGE_ENTRY_LEAF, 0, wanted[i].rights };

		assert_true(page_encode(&page_format_ept, 1, &leaf, &bits));
		assert_int_equal(bits, wanted[i].bits);
		assert_true(page_decode(&page_format_ept, 1, bits, &back));
		assert_int_equal(back.rights, wanted[i].rights);
	}
	/* Writable and not readable is a misconfiguration (28.2.3.1). */
	assert_false(page_encode(&page_format_ept, 1, &bad, &bits));
	/* Write-through, ignore-PAT, no accessed bit, bit 63 (suppress #VE): none is ours. */
	assert_false(page_decode(&page_format_ept, 1, 0x327, &back));
	assert_false(page_decode(&page_format_ept, 1, 0x377, &back));
	assert_false(page_decode(&page_format_ept, 1, 0x237, &back));
	assert_false(page_decode(&page_format_ept, 1, 1ull << 63 | 0x337, &back));
}

/* PWT and PCD (APM volume 2, 5.4.2, 7.8.1); memory type 0 (SDM volume 3C, table 28-6). */
static void registers_are_not_cached_in_any_format(void **unused)
{
	const struct page_entry device = { PAGE_ENTRY_LEAF, 0xfec00000,
					   PLAN_RIGHT_READ | PLAN_RIGHT_WRITE | PAGE_UNCACHED };
	struct page_entry back;
	uint64_t bits;

	(void)unused;
	assert_true(page_encode(&page_format_monitor, 1, &device, &bits));
	assert_int_equal(bits, 0x80000000fec0007bull); /* NX P RW PWT PCD A D */
	assert_true(page_decode(&page_format_monitor, 1, bits, &back));
	assert_int_equal(back.rights, device.rights);
	assert_true(page_encode(&page_format_npt, 1, &device, &bits));
	assert_int_equal(bits, 0x80000000fec0007full); /* and US */
	assert_true(page_decode(&page_format_npt, 1, bits, &back));
	assert_int_equal(back.rights, device.rights);
	assert_true(page_encode(&page_format_ept, 1, &device, &bits));
	assert_int_equal(bits, 0xfec00303); /* R W, type 0, A D */
	assert_true(page_decode(&page_format_ept, 1, bits, &back));
	assert_int_equal(back.rights, device.rights);
	/* One of the two bits alone is another memory type. */
	assert_false(page_decode(&page_format_monitor, 1, 0x80000000fec0006bull, &back));
	assert_false(page_decode(&page_format_monitor, 1, 0x80000000fec00073ull, &back));
}

static void what_the_format_cannot_say_is_refused(void **unused)
{
	const struct {
		unsigned int level;
		struct page_entry entry;
	} bad[] = {
		{ 4, { PAGE_ENTRY_LEAF, 0, RWX } }, /* no 512 GiB pages */
		{ 0, { PAGE_ENTRY_LEAF, 0, RWX } },
		{ 5, { PAGE_ENTRY_TABLE, 0x1000, 0 } },
		{ 1, { PAGE_ENTRY_TABLE, 0x1000, 0 } },
		{ 2, { PAGE_ENTRY_LEAF, 0x1000, RWX } }, /* not 2 MiB aligned */
		{ 3, { PAGE_ENTRY_LEAF, 0x200000, RWX } },
		{ 1, { PAGE_ENTRY_LEAF, 1ull << 52, RWX } },
		{ 1, { PAGE_ENTRY_LEAF, 0x1000, PLAN_RIGHT_WRITE } },
		{ 1, { PAGE_ENTRY_LEAF, 0x1000, 0 } },
		{ 1, { PAGE_ENTRY_LEAF, 0x1000, RWX | 8 } },
		{ 2, { PAGE_ENTRY_TABLE, 0x1000, RWX } },
		{ 2, { PAGE_ENTRY_TABLE, 0x1001, 0 } },
		{ 2, { PAGE_ENTRY_EMPTY, 0x1000, 0 } },
	};
	uint64_t bits;

	(void)unused;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		for (size_t f = 0; f < FORMATS; f++)
			assert_false(page_encode(formats[f], bad[i].level, &bad[i].entry, &bits));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(every_entry_survives_encoding_and_decoding, seed),
		cmocka_unit_test_setup(bits_that_decode_encode_to_themselves_and_others_are_refused,
				       seed),
		cmocka_unit_test(an_empty_entry_is_all_zero),
		cmocka_unit_test(nested_entries_are_user_accessed_and_dirty),
		cmocka_unit_test(monitor_entries_are_supervisor_and_not_global),
		cmocka_unit_test(extended_entries_are_write_back_accessed_and_dirty),
		cmocka_unit_test(extended_entries_grant_each_right_by_a_bit_of_its_own),
		cmocka_unit_test(registers_are_not_cached_in_any_format),
		cmocka_unit_test(what_the_format_cannot_say_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
