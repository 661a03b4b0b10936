/* SPDX-License-Identifier: Apache-2.0 */
/* A VMCS as an array, built by hand from the manual: the ground the checks' tests stand on. */
#ifndef SEPTUM_TESTS_VMCS_IMAGE_H
#define SEPTUM_TESTS_VMCS_IMAGE_H

#include "vmx/vmcs_check.h"

#include <septum/x86/registers.h>
#include <septum/x86/vmcs.h>

#include <stdbool.h>

#define PHYS_BITS 40u
#define PHYS_END (1ull << PHYS_BITS)
#define CR4_SMXE (1ull << 14)
#define EXCEPTION(vector) (1ull << (vector))

/* Bits of CR4 that a cell may have; the processor has LA57, VMXE, SMXE and CET beside. */
#define CELL_CR4                                                                              \
	(0x7ffull | CR4_UMIP | CR4_FSGSBASE | CR4_PCIDE | CR4_OSXSAVE | CR4_SMEP | CR4_SMAP | \
	 CR4_PKE)

extern const struct vmcs_limits vmcs_image_limits;

/* By encoding, even ones only: an odd one is the upper half of a field. */
struct vmcs_image {
	uint64_t value[0x7000 / 2];
	bool known[0x7000 / 2];
};

/* The modes a cell's CPU can start in; the last has paging, which no template has. */
enum vmcs_mode { LONG, REAL, PAGED };

void vmcs_put(struct vmcs_image *image, uint32_t encoding, uint64_t value);

/** vmcs_put_host() - the monitor's own state. */
void vmcs_put_host(struct vmcs_image *image);

/** vmcs_good() - a VMCS that nothing is wrong with. */
struct vmcs_image vmcs_good(enum vmcs_mode mode);

/** vmcs_image_check() - vmcs_check(); a field that is read but was never put fails the test. */
enum vmcs_fault vmcs_image_check(const struct vmcs_image *image, const struct vmcs_limits *limits,
				 uint32_t *field);

#endif
