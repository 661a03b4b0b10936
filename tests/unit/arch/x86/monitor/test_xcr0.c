/* SPDX-License-Identifier: Apache-2.0 */
#include "xcr0.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define XCR0_MPX (3ull << 3) /* BNDREGS, BNDCSR */
#define XCR0_AMX (3ull << 17) /* TILECFG, TILEDATA */
#define EVERYTHING (~0ull)

static void legal_combinations_are_accepted(void **state)
{
	(void)state;
	assert_true(xcr0_valid(XCR0_X87, EVERYTHING));
	assert_true(xcr0_valid(XCR0_X87 | XCR0_SSE, EVERYTHING));
	assert_true(xcr0_valid(XCR0_X87 | XCR0_SSE | XCR0_AVX, EVERYTHING));
	assert_true(xcr0_valid(XCR0_X87 | XCR0_PKRU, EVERYTHING));
	assert_true(xcr0_valid(XCR0_ALLOWED, EVERYTHING));
}

static void x87_can_not_be_switched_off(void **state)
{
	(void)state;
	assert_false(xcr0_valid(0, EVERYTHING));
	assert_false(xcr0_valid(XCR0_SSE, EVERYTHING));
	assert_false(xcr0_valid(XCR0_ALLOWED & ~XCR0_X87, EVERYTHING));
}

static void avx_needs_sse(void **state)
{
	(void)state;
	assert_false(xcr0_valid(XCR0_X87 | XCR0_AVX, EVERYTHING));
}

static void avx512_comes_whole_and_with_avx(void **state)
{
	const uint64_t avx = XCR0_X87 | XCR0_SSE | XCR0_AVX;

	(void)state;
	for (uint64_t part = 1; part < 7; part++)
		assert_false(xcr0_valid(avx | part << 5, EVERYTHING));
	assert_true(xcr0_valid(avx | XCR0_AVX512, EVERYTHING));
	assert_false(xcr0_valid(XCR0_X87 | XCR0_SSE | XCR0_AVX512, EVERYTHING));
}

static void states_the_cpu_lacks_are_refused(void **state)
{
	const uint64_t supported = XCR0_X87 | XCR0_SSE | XCR0_AVX;

	(void)state;
	assert_true(xcr0_valid(supported, supported));
	assert_false(xcr0_valid(supported | XCR0_PKRU, supported));
	assert_false(xcr0_valid(supported | XCR0_AVX512, supported));
	assert_false(xcr0_valid(XCR0_X87 | XCR0_SSE | XCR0_AVX, XCR0_X87 | XCR0_SSE));
}

static void states_that_need_hidden_registers_are_refused_even_as_whole_pairs(void **state)
{
	(void)state;
	assert_false(xcr0_valid(XCR0_ALLOWED | XCR0_MPX, EVERYTHING));
	assert_false(xcr0_valid(XCR0_ALLOWED | XCR0_AMX, EVERYTHING));
	for (unsigned int bit = 0; bit < 64; bit++) {
		if (XCR0_ALLOWED >> bit & 1)
			continue;
		assert_false(xcr0_valid(XCR0_ALLOWED | 1ull << bit, EVERYTHING));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(legal_combinations_are_accepted),
		cmocka_unit_test(x87_can_not_be_switched_off),
		cmocka_unit_test(avx_needs_sse),
		cmocka_unit_test(avx512_comes_whole_and_with_avx),
		cmocka_unit_test(states_the_cpu_lacks_are_refused),
		cmocka_unit_test(states_that_need_hidden_registers_are_refused_even_as_whole_pairs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
