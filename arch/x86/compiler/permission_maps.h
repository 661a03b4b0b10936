/* SPDX-License-Identifier: Apache-2.0 */
/* Which I/O ports and MSRs a cell reaches without the monitor. */
#ifndef SEPTUM_X86_PERMISSION_MAPS_H
#define SEPTUM_X86_PERMISSION_MAPS_H

#include "model.h"

#define IOPM_BYTES 12288u /* APM volume 2, 15.10.1 */
#define MSRPM_BYTES 8192u /* APM volume 2, 15.11 */
#define MSR_BITMAP_BYTES 4096u /* Intel SDM volume 3C, 24.6.9 */

/* One MSR that cells use without an exit. */
struct msr_grant {
	uint32_t first; /* MSR number */
	uint32_t count; /* MSRs from there on */
	bool read, write;
};

extern const struct msr_grant msr_grants[];
extern const size_t msr_grant_count;

/**
 * iopm_emit() - I/O permission map of a cell: every port is intercepted but
 * those of its devices, its septum,io-ports and the ACPI PM timer.  Its first
 * 8 KiB are also the I/O bitmaps A and B of VMX (SDM volume 3C, 24.6.4).
 */
void iopm_emit(const struct model *model, const struct model_cell *cell, uint8_t map[IOPM_BYTES]);

/** msrpm_emit() - MSR permission map: everything is intercepted but msr_grants. */
void msrpm_emit(uint8_t map[MSRPM_BYTES]);

/** msr_bitmap_emit() - the same in the layout of VMX. */
void msr_bitmap_emit(uint8_t map[MSR_BITMAP_BYTES]);

#endif
