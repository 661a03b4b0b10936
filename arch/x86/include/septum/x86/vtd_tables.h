/* SPDX-License-Identifier: Apache-2.0 */
/*
 * VT-d's root and context tables, which are made at build time and never change: Intel
 * Virtualization Technology for Directed I/O, architecture specification 3.3, legacy mode.
 */
#ifndef SEPTUM_X86_VTD_TABLES_H
#define SEPTUM_X86_VTD_TABLES_H

#include <septum/x86/vtd.h>

#define VTD_TABLE_ENTRIES 256u /* root table: buses; context table: device and function */
static_assert(sizeof(struct vtd_entry) * VTD_TABLE_ENTRIES == 4096, "VT-d table layout");

/* 9.1: root entry.  Bits 11:1 and the high half are reserved. */
#define VTD_ROOT_P (1ull << 0) /* low; the context table's address is in 63:12 */

/* 9.3: context entry.  Low: page table in 63:12; TT 3:2 = 00: untranslated requests go through it. */
#define VTD_CONTEXT_P (1ull << 0)
#define VTD_CONTEXT_AW(levels) ((uint64_t)(levels)-2) /* high 2:0: 1 = 39, 2 = 48 bits */
#define VTD_CONTEXT_DID(id) ((uint64_t)(id) << 8) /* high 23:8: tag of cached translations */

/* 9.10: who may use an interrupt remapping entry. */
#define VTD_IRTE_SID(rid) ((uint64_t)(rid)) /* high 15:0 */
#define VTD_IRTE_SVT_SID (1ull << 18) /* high 19:18 = 01, SQ 17:16 = 00: all of SID is compared */

#endif
