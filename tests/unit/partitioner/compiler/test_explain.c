/* SPDX-License-Identifier: Apache-2.0 */
#include "explain.h"
#include "page_mix.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define KIB 1024ull
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)

static void assert_mix(uint64_t hpa, uint64_t gpa, uint64_t size, bool huge,
		       struct page_mix expected)
{
	struct model_memory memory = { .hpa = hpa, .gpa = gpa, .size = size };
	struct page_mix mix = page_mix_of(&memory, (struct page_sizes){ huge, true });

	assert_int_equal(mix.huge, expected.huge);
	assert_int_equal(mix.large, expected.large);
	assert_int_equal(mix.small, expected.small);
	assert_int_equal(mix.huge * GIB + mix.large * 2 * MIB + mix.small * 4 * KIB, size);
}

static void aligned_ram_is_mapped_by_the_largest_pages(void **state)
{
	(void)state;
	assert_mix(4 * GIB, 0, 2 * GIB, true, (struct page_mix){ .huge = 2 });
	assert_mix(4 * GIB, 0, 2 * GIB, false, (struct page_mix){ .large = 1024 });
	assert_mix(6 * MIB, 2 * MIB, 8 * MIB, true, (struct page_mix){ .large = 4 });
	assert_mix(0x1000, 0x2000, 8 * KIB, true, (struct page_mix){ .small = 2 });
}

static void addresses_that_differ_within_a_page_rule_that_page_out(void **state)
{
	(void)state;
	assert_mix(4 * GIB + 2 * MIB, 0, GIB, true, (struct page_mix){ .large = 512 });
	assert_mix(4 * MIB + 4 * KIB, 0, 4 * MIB, true, (struct page_mix){ .small = 1024 });
}

static void unaligned_ends_are_mapped_by_smaller_pages(void **state)
{
	(void)state;
	assert_mix(3 * MIB, 1 * MIB, 6 * MIB, true, (struct page_mix){ .large = 2, .small = 512 });
	assert_mix(GIB - 2 * MIB - 4 * KIB, GIB - 2 * MIB - 4 * KIB, GIB + 4 * MIB + 8 * KIB, true,
		   (struct page_mix){ .huge = 1, .large = 2, .small = 2 });
}

static void a_report_counts_the_pages_that_every_vendors_tables_have(void **state)
{
	static const struct {
		uint32_t features, errata;
		bool huge, large;
	} boards[] = {
		{ PLAN_FEATURE_SVM, 0, false, true },
		{ PLAN_FEATURE_SVM | PLAN_FEATURE_1G_PAGES, 0, true, true },
		{ PLAN_FEATURE_VMX | PLAN_FEATURE_1G_PAGES, 0, false, true },
		{ PLAN_FEATURE_VMX | PLAN_FEATURE_EPT_1G, 0, true, true },
		{ PLAN_FEATURE_SVM | PLAN_FEATURE_VMX | PLAN_FEATURE_EPT_1G, 0, false, true },
		{ PLAN_FEATURE_VMX, MODEL_ERRATUM_ITLB_MULTIHIT, false, false },
		{ PLAN_FEATURE_SVM, MODEL_ERRATUM_ITLB_MULTIHIT, false, true },
	};
	const struct model_memory memory = { .size = GIB };

	(void)state;
	for (size_t i = 0; i < sizeof(boards) / sizeof(boards[0]); i++) {
		const struct model model = { .features = boards[i].features,
					     .errata = boards[i].errata };
		const struct page_sizes sizes = page_sizes_of(&model);

		assert_int_equal(sizes.huge, boards[i].huge);
		assert_int_equal(sizes.large, boards[i].large);
		assert_int_equal(page_mix_of(&memory, sizes).small,
				 boards[i].large ? 0 : GIB / (4 * KIB));
	}
}

static void assert_size(uint64_t bytes, const char *expected)
{
	struct size_text text = explain_size(bytes);

	assert_string_equal(text.text, expected);
}

static void sizes_are_exact_in_the_largest_unit(void **state)
{
	(void)state;
	assert_size(0, "0 bytes");
	assert_size(1023, "1023 bytes");
	assert_size(256 * MIB, "256 MiB");
	assert_size(256 * MIB + KIB, "262145 KiB");
	assert_size(1024 * GIB, "1 TiB");
	assert_size(UINT64_MAX, "18446744073709551615 bytes");
}

/* One cell with one placed region on a board of 64 MiB. */
static char *explained(bool placed)
{
	struct model_range ram = { .name = "memory@0", .size = 64 * MIB };
	struct model_cpu cpus[] = { { .name = "cpu@0", .enabled = true },
				    { .name = "cpu@7", .apic_id = 7, .enabled = true } };
	struct model_ref ref = { .index = 1 };
	struct model_memory memory = {
		.name = "memory", .placed = placed, .hpa = 32 * MIB, .size = 2 * MIB
	};
	struct model_cell cell = { .name = "rt",
				   .cpus = &ref,
				   .cpu_count = 1,
				   .memory = &memory,
				   .memory_count = 1,
				   .pos = { "rt.dts", 12 } };
	struct model model = { .system = "s",
			       .board = "b",
			       .cpus = cpus,
			       .cpu_count = 2,
			       .ram = &ram,
			       .ram_count = 1,
			       .cells = &cell,
			       .cell_count = 1 };
	char *text = NULL;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);

	assert_non_null(out);
	explain(&model, out);
	fclose(out);
	return text;
}

static void assert_says(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("'%s' is missing in:\n%s", part, text);
}

static void a_report_says_who_owns_what_and_what_is_left(void **state)
{
	char *text = explained(false);

	(void)state;
	assert_says(text, "Cell 'rt'  (rt.dts:12)");
	assert_says(text, "cpu@7, APIC id 7, boots the cell");
	assert_says(text, "HPA 0x2000000-0x21fffff  GPA 0x0-0x1fffff  2 MiB in pages: 1 x 2 MiB");
	assert_says(text, "cpu@0, APIC id 0: parked");
	assert_says(text, "0x0000100000-0x0001ffffff        31 MiB  free");
	assert_says(text, "0x0002000000-0x00021fffff         2 MiB  cell      rt, memory");
	assert_says(text, "0x0002200000-0x0003ffffff        30 MiB  free");
	free(text);
}

static void a_report_says_who_chose_the_place(void **state)
{
	char *ours = explained(false), *theirs = explained(true);

	(void)state;
	assert_says(ours, "placed by the partitioner");
	assert_says(theirs, "placed by its author");
	free(ours);
	free(theirs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(aligned_ram_is_mapped_by_the_largest_pages),
		cmocka_unit_test(addresses_that_differ_within_a_page_rule_that_page_out),
		cmocka_unit_test(unaligned_ends_are_mapped_by_smaller_pages),
		cmocka_unit_test(a_report_counts_the_pages_that_every_vendors_tables_have),
		cmocka_unit_test(sizes_are_exact_in_the_largest_unit),
		cmocka_unit_test(a_report_says_who_owns_what_and_what_is_left),
		cmocka_unit_test(a_report_says_who_chose_the_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
