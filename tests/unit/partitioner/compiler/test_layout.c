/* SPDX-License-Identifier: Apache-2.0 */
#include "layout.h"

#include "sample_system.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define DEVICES 0x5000u
#define PLAN_ROOM 0x12345u
#define CPUS 4u

static void make(const struct sample *s, struct layout *layout)
{
	layout_make(layout, &s->model, &s->monitor, s->images, PLAN_ROOM, CPUS, DEVICES);
}

static void segments_follow_each_other_in_whole_pages(void **state)
{
	static const char *const names[] = { "text",  "rodata", "data",	  "plan",
					     "store", "blocks", "devices" };
	struct sample *s = *state;
	struct layout layout;

	make(s, &layout);
	assert_int_equal(layout.count, 7);
	assert_int_equal(layout.segments[0].start.raw, SAMPLE_BASE);
	for (unsigned int i = 0; i < layout.count; i++) {
		const struct layout_segment *segment = &layout.segments[i];

		assert_string_equal(segment->name, names[i]);
		assert_int_equal((segment->start.raw | segment->size) & 0xfff, 0);
		if (i > 0)
			assert_int_equal(segment[-1].start.raw + segment[-1].size,
					 segment->start.raw);
	}
	assert_int_equal(layout.plan->size, 0x13000);
	assert_int_equal(layout.blocks->size, CPUS * CPU_BLOCK_BYTES);
	assert_int_equal(layout.devices->size, DEVICES);
	assert_int_equal(layout.end, layout.devices->start.raw + layout.devices->size);
	layout_free(&layout);
}

static void each_load_begins_a_page_of_its_own_in_the_store(void **state)
{
	struct sample *s = *state;
	struct layout layout;

	make(s, &layout);
	assert_int_equal(layout.source_count, 3);
	assert_int_equal(layout.sources[0].raw, layout.store->start.raw);
	assert_int_equal(layout.sources[1].raw, layout.store->start.raw + 0x6000);
	assert_int_equal(layout.sources[2].raw, layout.store->start.raw + 0x7000);
	assert_int_equal(layout.store->size, 0x8000);
	layout_free(&layout);
}

static void blocks_lie_side_by_side(void **state)
{
	struct sample *s = *state;
	struct layout layout;

	make(s, &layout);
	for (size_t i = 0; i < CPUS; i++)
		assert_int_equal(layout_block(&layout, i).raw,
				 layout.blocks->start.raw + i * CPU_BLOCK_BYTES);
	layout_free(&layout);
}

static void a_range_that_fits_to_the_byte_is_accepted_and_one_byte_less_refused(void **state)
{
	struct sample *s = *state;
	struct layout layout;

	make(s, &layout);
	s->model.monitor.size = layout.end - SAMPLE_BASE;
	assert_int_equal(layout_free_bytes(&layout, &s->model), 0);
	assert_true(layout_check(&layout, &s->model, CPUS, &s->sink));
	assert_int_equal(s->sink.count, 0);
	s->model.monitor.size--;
	assert_false(layout_check(&layout, &s->model, CPUS, &s->sink));
	assert_string_equal(sample_only_rule(s), "monitor-fits");
	assert_non_null(strstr(s->sink.items[0].text, "make it at least 0x1 bytes larger"));
	layout_free(&layout);
}

static void a_crash_area_without_a_page_per_cpu_is_refused(void **state)
{
	struct sample *s = *state;
	struct layout layout;

	make(s, &layout);
	assert_true(layout_check(&layout, &s->model, CPUS, &s->sink));
	s->model.monitor.crash_size--;
	assert_false(layout_check(&layout, &s->model, CPUS, &s->sink));
	assert_string_equal(sample_only_rule(s), "monitor-fits");
	assert_non_null(strstr(s->sink.items[0].text, "4 CPUs need 0x4000"));
	layout_free(&layout);
}

static void a_crash_area_under_the_image_is_refused(void **state)
{
	struct sample *s = *state;
	struct layout layout;

	make(s, &layout);
	s->model.monitor.crash = layout.end;
	assert_true(layout_check(&layout, &s->model, CPUS, &s->sink));
	s->model.monitor.crash = layout.end - 0x1000;
	assert_false(layout_check(&layout, &s->model, CPUS, &s->sink));
	assert_string_equal(sample_only_rule(s), "monitor-fits");
	layout_free(&layout);
}

static void tables_above_four_gigabytes_are_refused(void **state)
{
	struct sample *s = *state;
	struct layout layout;

	make(s, &layout);
	s->model.monitor.size = (1ull << 32) - SAMPLE_BASE;
	assert_true(layout_check(&layout, &s->model, CPUS, &s->sink));
	s->model.monitor.size++;
	assert_false(layout_check(&layout, &s->model, CPUS, &s->sink));
	assert_string_equal(sample_only_rule(s), "table-reach");
	layout_free(&layout);
}

static void a_crash_area_above_four_gigabytes_is_refused(void **state)
{
	struct sample *s = *state;
	struct layout layout;

	make(s, &layout);
	s->model.monitor.crash = (1ull << 32) - 0x4000;
	assert_true(layout_check(&layout, &s->model, CPUS, &s->sink));
	s->model.monitor.crash += 0x1000;
	assert_false(layout_check(&layout, &s->model, CPUS, &s->sink));
	assert_string_equal(sample_only_rule(s), "table-reach");
	layout_free(&layout);
}

#define WITH_SAMPLE(test) cmocka_unit_test_setup_teardown(test, sample_setup, sample_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_SAMPLE(segments_follow_each_other_in_whole_pages),
		WITH_SAMPLE(each_load_begins_a_page_of_its_own_in_the_store),
		WITH_SAMPLE(blocks_lie_side_by_side),
		WITH_SAMPLE(a_range_that_fits_to_the_byte_is_accepted_and_one_byte_less_refused),
		WITH_SAMPLE(a_crash_area_without_a_page_per_cpu_is_refused),
		WITH_SAMPLE(a_crash_area_under_the_image_is_refused),
		WITH_SAMPLE(tables_above_four_gigabytes_are_refused),
		WITH_SAMPLE(a_crash_area_above_four_gigabytes_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
