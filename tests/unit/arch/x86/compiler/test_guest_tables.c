/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "guest_tables.h"

static uint64_t tables[GUEST_TABLES_BYTES / 8];

/* The entry at guest-physical @table + @index * 8, in the pages just built. */
static uint64_t entry_at(uint64_t table, uint64_t index)
{
	assert_true(table >= GPA_BOOT_TABLES && table < GPA_BOOT_TABLES_END);
	assert_int_equal(table % 4096, 0);
	return tables[(table - GPA_BOOT_TABLES) / 8 + index];
}

/* A four-level walk by the manual (APM volume 2, figure 5-17); false: not present. */
static bool walk(uint64_t address, uint64_t *translated)
{
	const uint64_t frame = 0x000ffffffffff000ull;
	uint64_t pml4e = entry_at(GPA_BOOT_TABLES, address >> 39 & 511), pdpe, pde;

	if (!(pml4e & 1))
		return false;
	pdpe = entry_at(pml4e & frame, address >> 30 & 511);
	if (!(pdpe & 1))
		return false;
	pde = entry_at(pdpe & frame, address >> 21 & 511);
	assert_true(pml4e & pdpe & pde & 2); /* writable at every level */
	assert_false((pml4e | pdpe | pde) >> 63); /* executable at every level */
	assert_true(pde & 0x80); /* a 2 MiB page */
	assert_int_equal(pde & 0x1ff000, 0); /* reserved in a 2 MiB entry, and PAT */
	*translated = (pde & frame) | (address & 0x1fffff);
	return pde & 1;
}

static void the_first_4_gib_translate_to_themselves(void **state)
{
	uint64_t to = 0;

	(void)state;
	guest_tables_build(tables);
	for (uint64_t at = 0; at < GUEST_TABLES_REACH; at += 0x1ff000) {
		assert_true(walk(at, &to));
		assert_int_equal(to, at);
	}
	assert_true(walk(GUEST_TABLES_REACH - 1, &to));
	assert_int_equal(to, GUEST_TABLES_REACH - 1);
}

static void nothing_beyond_4_gib_is_mapped(void **state)
{
	uint64_t to = 0;

	(void)state;
	guest_tables_build(tables);
	assert_false(walk(GUEST_TABLES_REACH, &to));
	assert_false(walk(1ull << 39, &to));
	assert_false(walk(0xffff800000000000ull, &to));
}

static void old_bytes_in_the_buffer_do_not_survive(void **state)
{
	uint64_t to = 0;

	(void)state;
	for (size_t i = 0; i < GUEST_TABLES_BYTES / 8; i++)
		tables[i] = UINT64_MAX;
	guest_tables_build(tables);
	assert_false(walk(GUEST_TABLES_REACH, &to));
}

struct segment {
	uint64_t base, limit;
	unsigned int type, s, dpl, present, l, d, g;
};

/* APM volume 2, figures 4-14 and 4-20. */
static struct segment decode(uint64_t d)
{
	return (struct segment){
		.base = (d >> 16 & 0xffffff) | (d >> 56 & 0xff) << 24,
		.limit = (d & 0xffff) | (d >> 48 & 15) << 16,
		.type = d >> 40 & 15,
		.s = d >> 44 & 1,
		.dpl = d >> 45 & 3,
		.present = d >> 47 & 1,
		.l = d >> 53 & 1,
		.d = d >> 54 & 1,
		.g = d >> 55 & 1,
	};
}

static void assert_flat(const struct segment *s, unsigned int type)
{
	assert_int_equal(s->base, 0);
	assert_int_equal(s->limit, 0xfffff);
	assert_int_equal(s->g, 1);
	assert_int_equal(s->type, type);
	assert_int_equal(s->s, 1);
	assert_int_equal(s->dpl, 0);
	assert_int_equal(s->present, 1);
}

static void segments_are_flat_at_the_selectors_that_linux_wants(void **state)
{
	(void)state;
	for (int long_mode = 0; long_mode < 2; long_mode++) {
		uint64_t gdt[GUEST_GDT_ENTRIES];
		struct segment code, data;

		guest_gdt_build(gdt, long_mode);
		assert_int_equal(gdt[0], 0);
		code = decode(gdt[0x10 / 8]);
		data = decode(gdt[0x18 / 8]);
		assert_flat(&code, 0xb); /* execute, read, accessed */
		assert_flat(&data, 0x3); /* read, write, accessed */
		assert_int_equal(code.l, long_mode);
		assert_int_equal(code.d, !long_mode);
		assert_int_equal(data.d, 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_4_gib_translate_to_themselves),
		cmocka_unit_test(nothing_beyond_4_gib_is_mapped),
		cmocka_unit_test(old_bytes_in_the_buffer_do_not_survive),
		cmocka_unit_test(segments_are_flat_at_the_selectors_that_linux_wants),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
