/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Judges a VMCB before it is run: first by the manual's conditions, which
 * emulators do not all enforce, then by what isolation rests on.
 */
#ifndef SEPTUM_X86_VMCB_CHECK_H
#define SEPTUM_X86_VMCB_CHECK_H

#include <septum/x86/vmcb.h>

#include <stdint.h>

/* What the CPU at hand can do. */
struct vmcb_limits {
	uint32_t phys_bits; /* physical address width: CPUID 0x80000008 EAX[7:0] */
	uint32_t asid_count; /* CPUID 0x8000000A EBX; the host's 0 included */
	uint64_t cr4_bits; /* CR4 bits a cell may have; ~0: all that the manual defines */
	uint64_t efer_bits; /* EFER bits it may have, SVME included; ~0 likewise */
};

/**
 * vmcb_check - judge a VMCB before its first launch.
 * @vmcb: one page.
 * @limits: of the CPU that will run it.
 *
 * Return: NULL, or what is wrong, the first fault: the field and why.
 */
const char *vmcb_check(const struct vmcb *vmcb, const struct vmcb_limits *limits);

#endif
