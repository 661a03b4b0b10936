/* SPDX-License-Identifier: Apache-2.0 */
#include "xcr0.h"

/*
 * The dependences of APM volume 2, 11.5.2.  Those inside MPX and inside AMX
 * (each pair on or off together) hold because XCR0_ALLOWED has neither pair.
 */
bool xcr0_valid(uint64_t value, uint64_t supported)
{
	uint64_t avx512 = value & XCR0_AVX512;

	if (value & ~(supported & XCR0_ALLOWED))
		return false;
	if (!(value & XCR0_X87))
		return false;
	if ((value & XCR0_AVX) && !(value & XCR0_SSE))
		return false;
	return avx512 == 0 || (avx512 == XCR0_AVX512 && (value & XCR0_AVX));
}
