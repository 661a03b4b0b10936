/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Judges a VMCS before its first launch: first by the manual's checks on VM
 * entry, which emulators do not all make and which a processor answers with one
 * number for all, then by what isolation rests on.
 */
#ifndef SEPTUM_X86_VMCS_CHECK_H
#define SEPTUM_X86_VMCS_CHECK_H

#include <stdint.h>

/* Where the fields come from: VMREAD of the current VMCS, or a test's array. */
struct vmcs_reader {
	uint64_t (*read)(const void *context, uint32_t encoding);
	const void *context;
};

/* What the CPU at hand can do. */
struct vmcs_limits {
	uint32_t phys_bits; /* physical address width: CPUID 0x80000008 EAX[7:0] */
	uint64_t cr0_fixed0, cr0_fixed1; /* MSR_VMX_CR0_FIXED0 .. */
	uint64_t cr4_fixed0, cr4_fixed1;
	uint64_t cr4_bits; /* CR4 bits a cell may have; VMXE, which it has unseen, need not be */
	uint64_t efer_bits; /* EFER bits it may have, LMA included */
};

/**
 * vmcs_check - judge a VMCS before its first launch.
 * @reader: gives every field named in septum/x86/vmcs.h but the read-only ones.
 * @limits: of the CPU that will run it.
 * @field: encoding of the field at fault; of no meaning without a fault.
 *
 * The control words are compared with what isolation needs; that the processor
 * has each bit is settled before, where they are made (capability.h).
 *
 * Return: NULL, or what is wrong, the first fault.
 */
const char *vmcs_check(const struct vmcs_reader *reader, const struct vmcs_limits *limits,
		       uint32_t *field);

#endif
