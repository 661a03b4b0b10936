/* SPDX-License-Identifier: Apache-2.0 */
/* What boot does to configuration space, and what its owner may do to it later. */
#include "../../arch/x86/compiler/pci_sample.h"
#include "pci_steps.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static const struct plan_config_step *find(const struct step_list *list, uint16_t rid, uint32_t reg,
					   enum plan_config_kind kind)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].address == ((uint32_t)rid << 8 | reg) &&
		    list->items[i].kind == (uint32_t)kind)
			return &list->items[i];
	return NULL;
}

static void assert_step(const struct step_list *list, uint16_t rid, uint32_t reg,
			enum plan_config_kind kind, uint32_t mask, uint32_t value)
{
	const struct plan_config_step *step = find(list, rid, reg, kind);

	assert_non_null(step);
	assert_int_equal(step->mask, mask);
	assert_int_equal(step->value, value);
}

/* PCI-to-PCI Bridge 1.2, 3.2.5: base above limit closes a window. */
static void bridges_get_buses_and_windows(void **unused)
{
	struct step_list list;
	struct pci_sample s;

	(void)unused;
	pci_sample_make(&s);
	pci_steps_make(&s.model, &list);
	assert_step(&list, 0x08, 0x00, PLAN_CONFIG_CHECK, ~0u, 0x000c1b36);
	assert_step(&list, 0x08, 0x18, PLAN_CONFIG_SET, 0xffffff, 0x010100);
	assert_step(&list, 0x08, 0x1c, PLAN_CONFIG_SET, 0xf0f0, 0x2020);
	assert_step(&list, 0x08, 0x20, PLAN_CONFIG_SET, 0xfff0fff0, 0xc020c010);
	assert_true((find(&list, 0x08, 0x24, PLAN_CONFIG_SET)->value & 0xfff0) >
		    find(&list, 0x08, 0x24, PLAN_CONFIG_SET)->value >> 16);
	assert_step(&list, 0x10, 0x24, PLAN_CONFIG_SET, 0xfff0fff0, 0x00000000);
	assert_step(&list, 0x10, 0x28, PLAN_CONFIG_SET, ~0u, 8);
	assert_step(&list, 0x10, 0x2c, PLAN_CONFIG_SET, ~0u, 8);
	assert_true((find(&list, 0x10, 0x1c, PLAN_CONFIG_SET)->value & 0xf0) >
		    find(&list, 0x10, 0x1c, PLAN_CONFIG_SET)->value >> 8);
	assert_step(&list, 0x08, 0x04, PLAN_CONFIG_SET, 7, 7);
	pci_steps_free(&list);
}

static void bridges_come_before_what_lies_behind_them(void **unused)
{
	struct step_list list;
	struct pci_sample s;

	(void)unused;
	pci_sample_make(&s);
	pci_steps_make(&s.model, &list);
	assert_true(find(&list, 0x08, 0x18, PLAN_CONFIG_SET) <
		    find(&list, 0x100, 0x00, PLAN_CONFIG_CHECK));
	assert_true(find(&list, 0x10, 0x18, PLAN_CONFIG_SET) <
		    find(&list, 0x200, 0x00, PLAN_CONFIG_CHECK));
	pci_steps_free(&list);
}

static void bars_are_sized_and_placed(void **unused)
{
	struct step_list list;
	struct pci_sample s;

	(void)unused;
	pci_sample_make(&s);
	pci_steps_make(&s.model, &list);
	assert_step(&list, 0x100, 0x08, PLAN_CONFIG_CHECK, 0xffffff00, 0x02000000);
	assert_step(&list, 0x100, 0x10, PLAN_CONFIG_SIZE, ~0u, 0xfffe0000);
	assert_step(&list, 0x100, 0x10, PLAN_CONFIG_SET, ~0u, 0xc0100000);
	assert_step(&list, 0x100, 0x14, PLAN_CONFIG_SIZE, 0xffff, 0xffe1);
	assert_step(&list, 0x100, 0x14, PLAN_CONFIG_SET, ~0u, 0x2001);
	assert_step(&list, 0x100, 0x1c, PLAN_CONFIG_SIZE, ~0u, 0); /* none there */
	assert_step(&list, 0x200, 0x10, PLAN_CONFIG_SIZE, ~0u, 0xffffc00c);
	assert_step(&list, 0x200, 0x14, PLAN_CONFIG_SIZE, ~0u, ~0u);
	assert_step(&list, 0x200, 0x10, PLAN_CONFIG_SET, ~0u, 0x0000000c);
	assert_step(&list, 0x200, 0x14, PLAN_CONFIG_SET, ~0u, 8);
	assert_step(&list, 0x20, 0x30, PLAN_CONFIG_SIZE, 0xfffff800, 0xffff0000);
	assert_step(&list, 0x20, 0x30, PLAN_CONFIG_SET, ~0u, 0);
	/* Nothing decodes while it is being sized. */
	assert_true(find(&list, 0x100, 0x04, PLAN_CONFIG_SET) <
		    find(&list, 0x100, 0x10, PLAN_CONFIG_SIZE));
	pci_steps_free(&list);
}

static void capabilities_are_compared(void **unused)
{
	struct step_list list;
	struct pci_sample s;

	(void)unused;
	pci_sample_make(&s);
	pci_steps_make(&s.model, &list);
	assert_step(&list, 0x100, 0xc8, PLAN_CONFIG_CHECK, 0xff, 0x01);
	assert_step(&list, 0x100, 0xe0, PLAN_CONFIG_CHECK, 0xff, 0x10);
	assert_step(&list, 0x100, 0xd0, PLAN_CONFIG_CHECK, 0x018e00ff, 0x00800005);
	assert_step(&list, 0x100, 0xa0, PLAN_CONFIG_CHECK, 0x07ff00ff, 0x00040011);
	assert_step(&list, 0x100, 0xa4, PLAN_CONFIG_CHECK, ~0u, 2);
	assert_step(&list, 0x100, 0xa8, PLAN_CONFIG_CHECK, ~0u, 0x2002);
	pci_steps_free(&list);
}

static void a_boards_setup_is_written_and_its_bridges_left_alone(void **unused)
{
	struct model_register setup = { 0x60, 0xb0000001 };
	struct step_list list;
	struct pci_sample s;

	(void)unused;
	pci_sample_make(&s);
	s.functions[SAMPLE_DSP].class_code = 0x060000;
	s.functions[SAMPLE_DSP].setup = &setup;
	s.functions[SAMPLE_DSP].setup_count = 1;
	s.functions[SAMPLE_DISK].enabled = false;
	pci_steps_make(&s.model, &list);
	assert_step(&list, 0x20, 0x60, PLAN_CONFIG_SET, ~0u, 0xb0000001);
	assert_null(find(&list, 0x20, 0x10, PLAN_CONFIG_SIZE));
	assert_null(find(&list, 0x200, 0x00, PLAN_CONFIG_CHECK));
	pci_steps_free(&list);
}

static void an_owner_may_write_what_is_named_and_nothing_else(void **unused)
{
	struct model_register extra = { 0x44, 0x10 };
	uint32_t registers[PLAN_PAGE_BYTES / 4];
	struct pci_sample s;

	(void)unused;
	pci_sample_make(&s);
	s.functions[SAMPLE_CARD].writable = &extra;
	s.functions[SAMPLE_CARD].writable_count = 1;
	pci_writable_emit(&s.functions[SAMPLE_CARD], registers);
	for (uint32_t offset = 0; offset < PLAN_PAGE_BYTES; offset += 4) {
		const uint32_t wanted = offset == 0x04 ? 0xf9000547 :
					offset == 0x0c ? 0xff :
					offset == 0x3c ? 0xff :
					offset == 0x44 ? 0x10 :
					offset == 0xcc ? 0x8103 :
					offset == 0xe8 ? 0x000ff01f :
							 0;

		assert_int_equal(registers[offset / 4], wanted);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bridges_get_buses_and_windows),
		cmocka_unit_test(bridges_come_before_what_lies_behind_them),
		cmocka_unit_test(bars_are_sized_and_placed),
		cmocka_unit_test(capabilities_are_compared),
		cmocka_unit_test(a_boards_setup_is_written_and_its_bridges_left_alone),
		cmocka_unit_test(an_owner_may_write_what_is_named_and_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
