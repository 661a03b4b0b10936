/* SPDX-License-Identifier: Apache-2.0 */
/* Registers in a cell's address space, and in its monitor's. */
#include "device_windows.h"
#include "pci_sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define ONES 0x10005000ull
#define READ (PLAN_RIGHT_READ | PAGE_UNCACHED)
#define BOTH (PLAN_RIGHT_READ | PLAN_RIGHT_WRITE | PAGE_UNCACHED)

static const struct page_mapping *at(const struct window_list *list, uint64_t input)
{
	const struct page_mapping *found = NULL;

	for (size_t i = 0; i < list->count; i++)
		if (input - list->items[i].input < list->items[i].size) {
			assert_null(found);
			found = &list->items[i];
		}
	return found;
}

static void assert_page(const struct window_list *list, uint64_t input, uint64_t output,
			uint32_t rights)
{
	const struct page_mapping *map = at(list, input);

	assert_non_null(map);
	assert_int_equal(map->output + (input - map->input), output);
	assert_int_equal(map->rights, rights);
}

static void a_cell_finds_its_functions_in_slots_and_ones_elsewhere(void **unused)
{
	struct window_list list = { 0 };
	struct pci_sample s;

	(void)unused;
	pci_sample_make(&s);
	cell_windows(&s.model, &s.cells[0], (hpa_t){ ONES }, &list);
	for (uint64_t page = 0; page < 256; page++) {
		const uint64_t input = SAMPLE_ECAM + page * PLAN_PAGE_BYTES;

		if (page == 1 << 3)
			assert_page(&list, input, SAMPLE_ECAM + (0x100 << 12), READ);
		else if (page == 2 << 3)
			assert_page(&list, input, SAMPLE_ECAM + (0x200 << 12), READ);
		else
			assert_page(&list, input, ONES, PLAN_RIGHT_READ);
	}
	assert_null(at(&list, SAMPLE_ECAM + 0x100000));
	window_list_free(&list);
}

static void bars_are_where_they_are_and_tables_read_only(void **unused)
{
	struct window_list list = { 0 };
	struct pci_sample s;

	(void)unused;
	pci_sample_make(&s);
	cell_windows(&s.model, &s.cells[0], (hpa_t){ ONES }, &list);
	assert_page(&list, 0xc0100000, 0xc0100000, BOTH);
	assert_page(&list, 0xc011ffff, 0xc011ffff, BOTH);
	assert_page(&list, 0xc0120000, 0xc0120000, READ);
	assert_page(&list, 0xc0121000, 0xc0121000, BOTH);
	assert_null(at(&list, 0xc0124000));
	/* 300 entries from 2000h take two pages. */
	assert_page(&list, 0x800001000ull, 0x800001000ull, BOTH);
	assert_page(&list, 0x800002000ull, 0x800002000ull, READ);
	assert_page(&list, 0x800003000ull, 0x800003000ull, READ);
	assert_null(at(&list, 0x800004000ull));
	/* The other cell's, the bridges' and I/O ports are not there. */
	assert_null(at(&list, 0xc0000000));
	assert_null(at(&list, 0x2000));
	window_list_free(&list);
}

static void a_small_bar_has_its_page(void **unused)
{
	struct window_list list = { 0 };
	struct pci_sample s;

	(void)unused;
	pci_sample_make(&s);
	cell_windows(&s.model, &s.cells[1], (hpa_t){ ONES }, &list);
	assert_page(&list, 0xc0000000, 0xc0000000, BOTH);
	assert_page(&list, 0xc0000fff, 0xc0000fff, BOTH);
	assert_null(at(&list, 0xc0001000));
	window_list_free(&list);
}

static void a_table_in_the_middle_of_a_page_takes_the_page(void **unused)
{
	struct window_list list = { 0 };
	struct pci_sample s;

	(void)unused;
	pci_sample_make(&s);
	s.functions[SAMPLE_CARD].msix_table_offset = 0x1fc0;
	cell_windows(&s.model, &s.cells[0], (hpa_t){ ONES }, &list);
	assert_page(&list, 0xc0120000, 0xc0120000, BOTH);
	assert_page(&list, 0xc0121000, 0xc0121000, READ);
	assert_page(&list, 0xc0122000, 0xc0122000, READ);
	assert_page(&list, 0xc0123000, 0xc0123000, BOTH);
	window_list_free(&list);
}

static void the_monitor_writes_configuration_and_tables_of_its_cell(void **unused)
{
	struct window_list list = { 0 };
	struct pci_sample s;

	(void)unused;
	pci_sample_make(&s);
	monitor_windows(&s.model, &s.cells[0], &list);
	assert_int_equal(list.count, 4);
	assert_page(&list, SAMPLE_ECAM + (0x100 << 12), SAMPLE_ECAM + (0x100 << 12), BOTH);
	assert_page(&list, SAMPLE_ECAM + (0x200 << 12), SAMPLE_ECAM + (0x200 << 12), BOTH);
	assert_page(&list, 0xc0120000, 0xc0120000, BOTH);
	assert_page(&list, 0x800003fffull, 0x800003fffull, BOTH);
	window_list_free(&list);
}

static void a_cell_without_functions_sees_no_bus(void **unused)
{
	struct window_list list = { 0 };
	struct pci_sample s;

	(void)unused;
	pci_sample_make(&s);
	s.cells[0].device_count = 0;
	cell_windows(&s.model, &s.cells[0], (hpa_t){ ONES }, &list);
	monitor_windows(&s.model, &s.cells[0], &list);
	assert_int_equal(list.count, 0);
	window_list_free(&list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cell_finds_its_functions_in_slots_and_ones_elsewhere),
		cmocka_unit_test(bars_are_where_they_are_and_tables_read_only),
		cmocka_unit_test(a_small_bar_has_its_page),
		cmocka_unit_test(a_table_in_the_middle_of_a_page_takes_the_page),
		cmocka_unit_test(the_monitor_writes_configuration_and_tables_of_its_cell),
		cmocka_unit_test(a_cell_without_functions_sees_no_bus),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
