/* SPDX-License-Identifier: Apache-2.0 */
/* The I/O APIC and the devices' interrupts, fed with source text by way of dtc. */
#include "source_tree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The system's own text ends on line 34. */
#define IOAPIC(more)                                                           \
	"/ { soc { ioapic: ioapic@fec00000 { compatible = \"intel,ioapic\";\n" \
	"reg = <0xfec00000 0x1000>; interrupt-controller; " more " }; };\n"
#define ISA "isa { interrupt-parent = <&ioapic>; }; };\n"
#define WHOLE SYSTEM("") IOAPIC("#interrupt-cells = <2>;") ISA
#define FIRST_LINE 38 /* of what follows WHOLE */

static const struct model_device *com1(const struct fixture *f)
{
	return &f->model->devices[0];
}

static void the_ioapic_is_read_and_stays_a_window(void **state)
{
	struct fixture f = read_source(WHOLE);

	(void)state;
	assert_clean(&f);
	assert_true(f.model->ioapic.present);
	assert_int_equal(f.model->ioapic.base, 0xfec00000);
	assert_int_equal(f.model->ioapic.pins, 24);
	assert_int_equal(f.model->mmio_count, 2);
	assert_false(com1(&f)->has_pin);
	done(&f);
}

static void a_board_may_have_none(void **state)
{
	struct fixture f = read_source(SYSTEM(""));

	(void)state;
	assert_clean(&f);
	assert_false(f.model->ioapic.present);
	done(&f);
}

static void the_number_of_pins_may_be_given(void **state)
{
	struct fixture f = read_source(WHOLE "&ioapic { septum,pins = <120>; };\n");

	(void)state;
	assert_clean(&f);
	assert_int_equal(f.model->ioapic.pins, 120);
	done(&f);
}

static void each_trigger_has_its_flags(void **state)
{
	static const struct {
		const char *source;
		uint32_t flags;
	} cases[] = {
		{ WHOLE "&com1 { interrupts = <4 1>; };\n", 0 },
		{ WHOLE "&com1 { interrupts = <4 2>; };\n", PLAN_PIN_ACTIVE_LOW },
		{ WHOLE "&com1 { interrupts = <4 4>; };\n", PLAN_PIN_LEVEL },
		{ WHOLE "&com1 { interrupts = <4 8>; };\n", PLAN_PIN_LEVEL | PLAN_PIN_ACTIVE_LOW },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fixture f = read_source(cases[i].source);

		assert_clean(&f);
		assert_true(com1(&f)->has_pin);
		assert_int_equal(com1(&f)->pin, 4);
		assert_int_equal(com1(&f)->pin_flags, cases[i].flags);
		assert_int_equal(com1(&f)->pin_pos.line, FIRST_LINE);
		done(&f);
	}
}

static void a_device_may_name_the_ioapic_itself(void **state)
{
	struct fixture f = read_source(
		SYSTEM("") IOAPIC("#interrupt-cells = <2>;") "};\n"
							     "&com1 { interrupts = <4 1>; "
							     "interrupt-parent = <&ioapic>; };\n");

	(void)state;
	assert_clean(&f);
	assert_true(com1(&f)->has_pin);
	done(&f);
}

static void a_trigger_that_is_none_is_refused(void **state)
{
	(void)state;
	assert_refused(WHOLE "&com1 { interrupts = <4 0>; };\n", "shape", FIRST_LINE, "0 is no",
		       "<4 1>");
	assert_refused(WHOLE "&com1 { interrupts = <4 3>; };\n", "shape", FIRST_LINE, "3 is no",
		       "<4 8>");
}

static void an_interrupt_without_its_trigger_is_refused(void **state)
{
	struct fixture f = read_source(WHOLE "&com1 { interrupts = <4>; };\n");

	(void)state;
	assert_true(diag_errors(&f.sink) > 0);
	assert_string_equal(f.sink.items[0].rule, "shape");
	done(&f);
}

static void an_interrupt_of_no_ioapic_is_refused(void **state)
{
	(void)state;
	assert_refused(SYSTEM("") "&com1 {\ninterrupts = <4 1>; };\n", "shape", 36,
		       "interrupt-parent", "serial@3f8");
	assert_refused(WHOLE "&com1 { interrupts = <4 1>; interrupt-parent = <&com2>; };\n",
		       "shape", FIRST_LINE, "interrupt-parent", "serial@3f8");
}

static void another_number_of_interrupt_cells_is_refused(void **state)
{
	(void)state;
	assert_refused(SYSTEM("") IOAPIC("#interrupt-cells = <1>;") ISA, "shape", 36,
		       "#interrupt-cells", "2");
}

static void a_second_ioapic_is_refused_naming_the_first(void **state)
{
	(void)state;
	assert_refused(WHOLE "/ { soc { ioapic@fec01000 { compatible = \"intel,ioapic\"; "
			     "reg = <0xfec01000 0x1000>; interrupt-controller; "
			     "#interrupt-cells = <2>; }; }; };\n",
		       "shape", FIRST_LINE, "ioapic@fec01000", "'ioapic@fec00000'");
}

static void the_nmi_line_is_one_cells(void **state)
{
	struct fixture f = read_source(SYSTEM("septum,nmi;\n"));

	(void)state;
	assert_clean(&f);
	assert_true(f.model->cells[0].owns_nmi);
	assert_int_equal(f.model->cells[0].nmi_pos.line, CELL_LINE);
	done(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_ioapic_is_read_and_stays_a_window),
		cmocka_unit_test(a_board_may_have_none),
		cmocka_unit_test(the_number_of_pins_may_be_given),
		cmocka_unit_test(each_trigger_has_its_flags),
		cmocka_unit_test(a_device_may_name_the_ioapic_itself),
		cmocka_unit_test(a_trigger_that_is_none_is_refused),
		cmocka_unit_test(an_interrupt_without_its_trigger_is_refused),
		cmocka_unit_test(an_interrupt_of_no_ioapic_is_refused),
		cmocka_unit_test(another_number_of_interrupt_cells_is_refused),
		cmocka_unit_test(a_second_ioapic_is_refused_naming_the_first),
		cmocka_unit_test(the_nmi_line_is_one_cells),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
