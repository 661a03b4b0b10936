/* SPDX-License-Identifier: Apache-2.0 */
/* The VMCS a cell's CPU starts with, as a list of fields. */
#ifndef SEPTUM_X86_VMCS_EMIT_H
#define SEPTUM_X86_VMCS_EMIT_H

#include "boot_image.h"

#include <septum/x86/vmcs.h>

/* The tables a VMCS refers to. */
struct vmcs_tables {
	hpa_t io_bitmaps; /* A and B, 4 KiB each */
	hpa_t msr_bitmap; /* MSR_BITMAP_BYTES, page aligned */
	hpa_t nested_root;
};

/** vmcs_emit() - fill a VMCS template from the cell's tables and its entry state. */
void vmcs_emit(struct vmcs_template *vmcs, const struct vmcs_tables *tables,
	       const struct entry_state *entry);

/**
 * vmcs_emit_init() - the same with the state after INIT (Intel SDM volume 3A, table
 * 9-1): real mode; CS is a placeholder until the vector of a SIPI is known.
 */
void vmcs_emit_init(struct vmcs_template *vmcs, const struct vmcs_tables *tables);

#endif
