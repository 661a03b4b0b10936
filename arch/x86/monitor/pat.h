/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SEPTUM_X86_PAT_H
#define SEPTUM_X86_PAT_H

#include <stdbool.h>
#include <stdint.h>

/** pat_valid() - each of the eight types is 0, 1, 4, 5, 6 or 7: APM volume 2, 7.8.1. */
static inline bool pat_valid(uint64_t pat)
{
	const uint64_t low_bits = 0x0101010101010101ull;

	return !(pat & low_bits * 0xf8) && !(pat >> 1 & ~(pat >> 2) & low_bits);
}

#endif
