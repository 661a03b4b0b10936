/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AMD-Vi's device table, which is made at build time and never changes: AMD I/O
 * Virtualization Technology (IOMMU) Specification, document 48882, revision 3.
 */
#ifndef SEPTUM_X86_AMDVI_TABLES_H
#define SEPTUM_X86_AMDVI_TABLES_H

#include <septum/x86/amdvi.h>

/* Device table entry, 2.2.2.1; the names of bits that are 0 in all of ours are left out. */
struct amdvi_dte {
	uint64_t dma; /* bits 63:0 */
	uint64_t domain; /* 127:64 */
	uint64_t interrupts; /* 191:128 */
	uint64_t reserved; /* 255:192 */
};
static_assert(sizeof(struct amdvi_dte) == 32, "device table entry");

#define AMDVI_DTE_V (1ull << 0)
#define AMDVI_DTE_TV (1ull << 1)
#define AMDVI_DTE_MODE_SHIFT 9 /* 11:9: levels of the page table; 0: none, IR and IW say it all */
#define AMDVI_DTE_IR (1ull << 61)
#define AMDVI_DTE_IW (1ull << 62)
/*
 * Bits 191:128.  INIT, ExtINT, NMI and LINT messages are blocked, since their pass
 * bits are 0; fixed and arbitrated ones are unless IntCtl says remap.
 */
#define AMDVI_DTE_IV (1ull << 0)
#define AMDVI_DTE_TABLE_LENGTH_SHIFT 1 /* 4:1: log2 of its entries */
#define AMDVI_DTE_INTCTL_REMAP (2ull << 60)

#define AMDVI_REMAP_ALIGN 128u
#define AMDVI_REMAP_MAX 512u /* entries of one table; more are an extension of later units */

#endif
