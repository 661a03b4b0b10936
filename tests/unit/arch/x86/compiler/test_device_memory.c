/* SPDX-License-Identifier: Apache-2.0 */
/* The memory behind devices' interrupts: each page has one cell. */
#include "device_memory.h"
#include "pci_sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static bool meet(struct device_range a, struct device_range b)
{
	return a.size != 0 && b.size != 0 && a.start < b.start + b.size &&
	       b.start < a.start + a.size;
}

static bool inside(const struct device_memory *memory, uint32_t cell, uint64_t start, uint64_t size)
{
	for (size_t i = 0; i < CELL_DEVICE_RANGES; i++) {
		const struct device_range *range = &memory->cells[cell].ranges[i];

		if (start >= range->start && start + size <= range->start + range->size)
			return true;
	}
	return false;
}

/* Every range is whole pages inside the segment; what is a cell's lies in the cell's ranges. */
static void assert_kept(const struct device_memory *memory)
{
	assert_int_equal(memory->size % PLAN_PAGE_BYTES, 0);
	for (size_t c = 0; c < 2; c++)
		for (size_t i = 0; i < CELL_DEVICE_RANGES; i++) {
			const struct device_range range = memory->cells[c].ranges[i];

			assert_int_equal((range.start | range.size) % PLAN_PAGE_BYTES, 0);
			assert_true(range.start + range.size <= memory->size);
			assert_false(meet(range, memory->queue));
		}
	for (size_t i = 0; i < memory->function_count; i++) {
		const struct function_memory *f = &memory->functions[i];

		assert_true(inside(memory, f->cell, f->messages,
				   f->message_count * sizeof(struct plan_message)));
		if (f->remap_count != 0)
			assert_true(inside(memory, f->cell, f->remap,
					   (uint64_t)f->remap_count * PLAN_REMAP_BYTES));
	}
	for (size_t i = 0; i < memory->pin_count; i++)
		if (memory->pins[i].is_remapped)
			assert_true(inside(memory, memory->pins[i].pin.cell,
					   memory->pins[i].pin.remap.raw, PLAN_REMAP_BYTES));
}

static void assert_apart(const struct device_memory *memory)
{
	for (size_t i = 0; i < CELL_DEVICE_RANGES; i++)
		for (size_t j = 0; j < CELL_DEVICE_RANGES; j++)
			assert_false(meet(memory->cells[0].ranges[i], memory->cells[1].ranges[j]));
}

static void one_table_of_vt_d_has_pages_for_each_cell(void **unused)
{
	struct device_memory memory;
	struct pci_sample s;

	(void)unused;
	pci_sample_make(&s);
	device_memory_make(&s.model, &memory);
	assert_kept(&memory);
	assert_apart(&memory);
	assert_int_equal(memory.function_count, 3);
	assert_int_equal(memory.functions[0].slot, 1);
	assert_int_equal(memory.functions[1].slot, 2);
	assert_int_equal(memory.functions[2].slot, 1);
	/* 5 + 300 + 2 pins take two pages of 256, the other cell's 4 + 1 another: a table of 1024. */
	assert_int_equal(memory.functions[0].first_remap, 0);
	assert_int_equal(memory.functions[1].first_remap, 5);
	assert_int_equal(memory.functions[2].first_remap, 512);
	assert_int_equal(memory.functions[2].remap_count, 4); /* MSI: four messages */
	assert_int_equal(memory.remap.size, 1024 * PLAN_REMAP_BYTES);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(memory.functions[i].remap,
				 memory.remap.start +
					 memory.functions[i].first_remap * PLAN_REMAP_BYTES);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(memory.pins[i].pin.remap.raw,
				 memory.remap.start +
					 memory.pins[i].pin.remap_index * PLAN_REMAP_BYTES);
	device_memory_free(&memory);
}

static void each_function_has_a_table_on_amd_vi(void **unused)
{
	struct device_memory memory;
	struct pci_sample s;

	(void)unused;
	pci_sample_make(&s);
	s.model.iommu.kind = PLAN_IOMMU_AMDVI;
	device_memory_make(&s.model, &memory);
	assert_kept(&memory);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(memory.functions[i].first_remap, 0);
		assert_int_equal(memory.functions[i].remap % PLAN_PAGE_BYTES, 0);
	}
	/* Level pins have a group each, the edge pin an entry that no vector reaches. */
	assert_int_equal(memory.pins[0].pin.remap_index, 0);
	assert_in_range(memory.pins[1].pin.remap_index, 256, 256 + 15);
	assert_int_equal(memory.pins[2].pin.remap_index, 256);
	assert_int_equal(memory.remap.size, 2 * PLAN_PAGE_BYTES);
	device_memory_free(&memory);
}

static void without_remapping_there_are_messages_alone(void **unused)
{
	struct device_memory memory;
	struct pci_sample s;

	(void)unused;
	pci_sample_make(&s);
	s.model.iommu = (struct model_iommu){ .present = false };
	device_memory_make(&s.model, &memory);
	assert_kept(&memory);
	assert_apart(&memory);
	assert_int_equal(memory.remap.size | memory.queue.size, 0);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(memory.functions[i].remap_count, 0);
	assert_int_equal(memory.functions[1].message_count, 300);
	for (size_t i = 0; i < 3; i++)
		assert_false(memory.pins[i].is_remapped);
	device_memory_free(&memory);
}

static void an_io_apic_that_the_unit_does_not_see_has_no_entries(void **unused)
{
	struct device_memory memory;
	struct pci_sample s;

	(void)unused;
	pci_sample_make(&s);
	s.model.iommu.kind = PLAN_IOMMU_AMDVI;
	s.model.iommu.has_ioapic_rid = false;
	device_memory_make(&s.model, &memory);
	assert_kept(&memory);
	assert_apart(&memory);
	for (size_t i = 0; i < 3; i++)
		assert_false(memory.pins[i].is_remapped);
	device_memory_free(&memory);
}

static void cells_without_functions_need_nothing(void **unused)
{
	struct device_memory memory;
	struct pci_sample s;

	(void)unused;
	pci_sample_make(&s);
	s.model.iommu.present = false;
	s.cells[0].device_count = s.cells[1].device_count = 0;
	device_memory_make(&s.model, &memory);
	assert_int_equal(memory.size, 0);
	device_memory_free(&memory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_table_of_vt_d_has_pages_for_each_cell),
		cmocka_unit_test(each_function_has_a_table_on_amd_vi),
		cmocka_unit_test(without_remapping_there_are_messages_alone),
		cmocka_unit_test(an_io_apic_that_the_unit_does_not_see_has_no_entries),
		cmocka_unit_test(cells_without_functions_need_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
