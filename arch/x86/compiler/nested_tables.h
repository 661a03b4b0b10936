/* SPDX-License-Identifier: Apache-2.0 */
/* A cell's nested page tables: which host memory each guest address is. */
#ifndef SEPTUM_X86_NESTED_TABLES_H
#define SEPTUM_X86_NESTED_TABLES_H

#include "device_windows.h"
#include "page_emit.h"

#include "model.h"

/** page_options_for() - what the board's CPUs can do with long-mode tables. */
struct page_options page_options_for(const struct model *model);

/**
 * npt_emit() - exactly the cell's RAM regions at their guest addresses, with
 * all rights, and its device windows; everything else faults.
 * @windows: NULL: none.
 * @root: the table for VMCB offset 0B0h (nested CR3).
 */
enum page_fault npt_emit(const struct model *model, const struct model_cell *cell,
			 const struct window_list *windows, struct plan_bytes *out, hpa_t *root);

/**
 * ept_emit() - the same for VMX, write-back; on boards with the iTLB multihit
 * erratum in 4 KiB pages alone.
 * @root: the table for the EPT pointer.
 */
enum page_fault ept_emit(const struct model *model, const struct model_cell *cell,
			 const struct window_list *windows, struct plan_bytes *out, hpa_t *root);

#endif
