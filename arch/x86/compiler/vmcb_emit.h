/* SPDX-License-Identifier: Apache-2.0 */
/* The VMCB a cell's CPU starts with. */
#ifndef SEPTUM_X86_VMCB_EMIT_H
#define SEPTUM_X86_VMCB_EMIT_H

#include "boot_image.h"

#include <septum/x86/vmcb.h>

/* The tables a VMCB refers to. */
struct vmcb_tables {
	hpa_t iopm; /* IOPM_BYTES, page aligned */
	hpa_t msrpm; /* MSRPM_BYTES, page aligned */
	hpa_t nested_root;
};

/** vmcb_emit() - fill a VMCB template from the cell's tables and its entry state. */
void vmcb_emit(struct vmcb *vmcb, const struct vmcb_tables *tables,
	       const struct entry_state *entry);

/**
 * vmcb_emit_init() - the same with the state after INIT (APM volume 2, 14.1.3):
 * real mode; CS is a placeholder until the vector of a SIPI is known.
 */
void vmcb_emit_init(struct vmcb *vmcb, const struct vmcb_tables *tables);

#endif
