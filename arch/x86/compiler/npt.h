/* SPDX-License-Identifier: Apache-2.0 */
/* A cell's nested page table: which host memory each guest address is. */
#ifndef SEPTUM_X86_NPT_H
#define SEPTUM_X86_NPT_H

#include "page_emit.h"

#include "model.h"

/** page_options_for() - what the board's CPUs can do: page sizes, address width. */
struct page_options page_options_for(const struct model *model);

/**
 * npt_emit() - exactly the cell's RAM regions at their guest addresses, with
 * all rights; everything else faults.
 * @root: the table for VMCB offset 0B0h (nested CR3).
 */
enum page_fault npt_emit(const struct model *model, const struct model_cell *cell,
			 struct plan_bytes *out, hpa_t *root);

#endif
