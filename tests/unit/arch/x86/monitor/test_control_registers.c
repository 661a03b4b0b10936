/* SPDX-License-Identifier: Apache-2.0 */
/* EFER and CR4 as a cell may load them (APM volume 2, 3.1.3, 3.1.7). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "control_registers.h"
#include "svm/cr4.h"

#include <septum/x86/cell_registers.h>

#define EFER_CELL (EFER_SCE | EFER_LME | EFER_NXE | EFER_FFXSR)
#define LONG_MODE (EFER_LME | EFER_LMA)
#define UNTOUCHED 0x5a5a5a5a5a5a5a5aull

static void assert_efer(uint64_t old, uint64_t value, bool paging, uint64_t expected)
{
	uint64_t next = UNTOUCHED;

	assert_true(efer_write(old, value, EFER_CELL, paging, &next));
	assert_int_equal(next, expected);
}

static void assert_efer_refused(uint64_t old, uint64_t value, uint64_t allowed, bool paging)
{
	uint64_t next = UNTOUCHED;

	assert_false(efer_write(old, value, allowed, paging, &next));
	assert_int_equal(next, UNTOUCHED);
}

static const uint64_t efer_bits[] = { EFER_SCE, EFER_LME, EFER_NXE, EFER_FFXSR };

static uint64_t subset(unsigned int choice)
{
	uint64_t value = 0;

	for (unsigned int i = 0; i < 4; i++)
		value |= choice >> i & 1 ? efer_bits[i] : 0;
	return value;
}

static void a_cell_sets_and_clears_its_efer_bits(void **state)
{
	(void)state;
	for (unsigned int from = 0; from < 16; from++)
		for (unsigned int to = 0; to < 16; to++)
			assert_efer(subset(from), subset(to), false, subset(to));
}

static void an_efer_bit_outside_the_allowed_ones_is_refused(void **state)
{
	(void)state;
	for (unsigned int bit = 0; bit < 64; bit++) {
		const uint64_t one = 1ull << bit;

		if (one == EFER_LMA)
			continue;
		assert_efer_refused(0, one, EFER_CELL & ~one, false);
		assert_efer_refused(EFER_SCE, EFER_SCE | one, EFER_CELL & ~one, false);
		if (!(EFER_CELL & one))
			assert_efer_refused(0, one, EFER_CELL, true);
	}
	assert_efer_refused(0, ~0ull, EFER_CELL, false);
}

/* A cell never sees SVME, so it cannot have read it back. */
static void svme_is_not_the_cells_to_write(void **state)
{
	(void)state;
	assert_efer_refused(0, EFER_SVME, EFER_CELL, false);
	assert_efer_refused(LONG_MODE, EFER_LME | EFER_LMA | EFER_SVME, EFER_CELL, true);
}

static void lme_does_not_change_while_paging_is_on(void **state)
{
	(void)state;
	assert_efer_refused(0, EFER_LME, EFER_CELL, true);
	assert_efer_refused(LONG_MODE, EFER_LMA, EFER_CELL, true);
	assert_efer_refused(LONG_MODE, 0, EFER_CELL, true);
	assert_efer(0, EFER_SCE, true, EFER_SCE);
	assert_efer(LONG_MODE, EFER_LME | EFER_LMA | EFER_NXE, true, LONG_MODE | EFER_NXE);
}

/* What stock kernels do: read, set one bit, write back. */
static void lma_written_as_read_is_accepted_and_kept(void **state)
{
	(void)state;
	for (unsigned int choice = 0; choice < 16; choice++) {
		const uint64_t wanted = subset(choice) | EFER_LME;

		assert_efer(LONG_MODE, wanted | EFER_LMA, true, wanted | EFER_LMA);
	}
}

/* Whether a write that differs in LMA is refused or LMA ignored: it is read-only. */
static void lma_never_changes_by_a_write(void **state)
{
	uint64_t next;

	(void)state;
	if (efer_write(EFER_LME, EFER_LME | EFER_LMA, EFER_CELL, false, &next))
		assert_int_equal(next, EFER_LME);
	if (efer_write(LONG_MODE, EFER_LME, EFER_CELL, true, &next))
		assert_int_equal(next, LONG_MODE);
}

static void the_result_may_replace_the_old_value_in_place(void **state)
{
	uint64_t efer = LONG_MODE;

	(void)state;
	assert_true(efer_write(efer, EFER_LME | EFER_LMA | EFER_SCE, EFER_CELL, true, &efer));
	assert_int_equal(efer, LONG_MODE | EFER_SCE);
	assert_false(efer_write(efer, 0, EFER_CELL, true, &efer));
	assert_int_equal(efer, LONG_MODE | EFER_SCE);
}

/* ---- CR4 ---- */

#define CR4_CELL                                                                              \
	(0x7ffull | CR4_UMIP | CR4_FSGSBASE | CR4_PCIDE | CR4_OSXSAVE | CR4_SMEP | CR4_SMAP | \
	 CR4_PKE)

static void a_cell_sets_and_clears_each_allowed_cr4_bit(void **state)
{
	(void)state;
	for (unsigned int bit = 0; bit < 64; bit++) {
		const uint64_t one = 1ull << bit;

		if (!(CR4_CELL & one) || one == CR4_PCIDE || one == CR4_PAE)
			continue;
		assert_true(cr4_valid(0, one, CR4_CELL, 0, 0x1000));
		assert_true(cr4_valid(one, 0, CR4_CELL, 0, 0x1000));
		assert_true(cr4_valid(CR4_PAE, CR4_PAE | one, CR4_CELL, LONG_MODE, 0x1000));
		assert_true(cr4_valid(CR4_PAE | one, CR4_PAE, CR4_CELL, LONG_MODE, 0x1000));
	}
	assert_true(cr4_valid(CR4_PAE, CR4_CELL, CR4_CELL, LONG_MODE, 0x1000));
}

static void a_cr4_bit_outside_the_allowed_ones_is_refused(void **state)
{
	(void)state;
	for (unsigned int bit = 0; bit < 64; bit++) {
		const uint64_t one = 1ull << bit;
		const uint64_t value = CR4_PAE | one;

		if (one == CR4_PAE)
			continue;
		assert_false(cr4_valid(CR4_PAE, value, CR4_CELL & ~one, LONG_MODE, 0));
		assert_false(cr4_valid(CR4_PAE, value, CR4_CELL & ~one, 0, 0));
	}
	assert_false(cr4_valid(0, CR4_PAE, CR4_CELL & ~CR4_PAE, 0, 0));
	assert_false(cr4_valid(0, CR4_VMXE, CR4_CELL, 0, 0));
	assert_false(cr4_valid(0, CR4_LA57, CR4_CELL, 0, 0));
	assert_false(cr4_valid(0, ~0ull, CR4_CELL, 0, 0));
}

static void pae_is_not_cleared_in_long_mode(void **state)
{
	(void)state;
	assert_false(cr4_valid(CR4_PAE, 0, CR4_CELL, LONG_MODE, 0));
	assert_false(cr4_valid(CR4_PAE | CR4_PGE, CR4_PGE, CR4_CELL, LONG_MODE, 0));
	assert_true(cr4_valid(CR4_PAE, 0, CR4_CELL, 0, 0));
	assert_true(cr4_valid(CR4_PAE, 0, CR4_CELL, EFER_LME, 0));
	assert_true(cr4_valid(0, CR4_PAE, CR4_CELL, 0, 0));
}

static void pcide_is_set_only_in_long_mode(void **state)
{
	(void)state;
	assert_true(cr4_valid(CR4_PAE, CR4_PAE | CR4_PCIDE, CR4_CELL, LONG_MODE, 0x1000));
	assert_false(cr4_valid(CR4_PAE, CR4_PAE | CR4_PCIDE, CR4_CELL, 0, 0x1000));
	assert_false(cr4_valid(CR4_PAE, CR4_PAE | CR4_PCIDE, CR4_CELL, EFER_LME, 0x1000));
}

static void pcide_is_set_only_while_the_process_id_in_cr3_is_zero(void **state)
{
	(void)state;
	for (unsigned int bit = 0; bit < 64; bit++) {
		const uint64_t cr3 = 1ull << bit;

		assert_int_equal(cr4_valid(CR4_PAE, CR4_PAE | CR4_PCIDE, CR4_CELL, LONG_MODE, cr3),
				 bit >= 12);
		/* already set: the id may be anything, and it may be switched off */
		assert_true(cr4_valid(CR4_PAE | CR4_PCIDE, CR4_PAE | CR4_PCIDE | CR4_PGE, CR4_CELL,
				      LONG_MODE, cr3));
		assert_true(cr4_valid(CR4_PAE | CR4_PCIDE, CR4_PAE, CR4_CELL, LONG_MODE, cr3));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cell_sets_and_clears_its_efer_bits),
		cmocka_unit_test(an_efer_bit_outside_the_allowed_ones_is_refused),
		cmocka_unit_test(svme_is_not_the_cells_to_write),
		cmocka_unit_test(lme_does_not_change_while_paging_is_on),
		cmocka_unit_test(lma_written_as_read_is_accepted_and_kept),
		cmocka_unit_test(lma_never_changes_by_a_write),
		cmocka_unit_test(the_result_may_replace_the_old_value_in_place),
		cmocka_unit_test(a_cell_sets_and_clears_each_allowed_cr4_bit),
		cmocka_unit_test(a_cr4_bit_outside_the_allowed_ones_is_refused),
		cmocka_unit_test(pae_is_not_cleared_in_long_mode),
		cmocka_unit_test(pcide_is_set_only_in_long_mode),
		cmocka_unit_test(pcide_is_set_only_while_the_process_id_in_cr3_is_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
