/* SPDX-License-Identifier: Apache-2.0 */
/* Which extended states a cell may switch on with XSETBV. */
#ifndef SEPTUM_X86_XCR0_H
#define SEPTUM_X86_XCR0_H

#include <stdbool.h>
#include <stdint.h>

/* XCR0, APM volume 2, 11.5.2 */
#define XCR0_X87 (1ull << 0)
#define XCR0_SSE (1ull << 1)
#define XCR0_AVX (1ull << 2)
#define XCR0_AVX512 (7ull << 5) /* opmask, ZMM_Hi256, Hi16_ZMM */
#define XCR0_PKRU (1ull << 9)

/*
 * User states that need no MSR which a cell cannot reach.  MPX wants BNDCFGS,
 * AMX wants XFD, LWP wants LWP_CFG: they stay off, in CPUID too.
 */
#define XCR0_ALLOWED (XCR0_X87 | XCR0_SSE | XCR0_AVX | XCR0_AVX512 | XCR0_PKRU)

/**
 * xcr0_valid - may a cell load this value into XCR0?
 * @value: EDX:EAX of its XSETBV.
 * @supported: what the CPU implements, EDX:EAX of CPUID leaf 0xD subleaf 0.
 *
 * Return: false when the hardware would raise #GP (the monitor executes the
 * XSETBV and must not fault itself) or when a state is not for cells.
 */
bool xcr0_valid(uint64_t value, uint64_t supported);

#endif
