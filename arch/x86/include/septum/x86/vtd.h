/* SPDX-License-Identifier: Apache-2.0 */
/*
 * VT-d: Intel Virtualization Technology for Directed I/O, architecture specification
 * 3.3.  Section numbers are of that revision.  What the monitor
 * programs, and what changes at run time; legacy mode only.
 */
#ifndef SEPTUM_X86_VTD_H
#define SEPTUM_X86_VTD_H

#include <assert.h>
#include <stdint.h>

/* Root, context, remapping entry, fault record and descriptor: all are 128 bits. */
struct vtd_entry {
	uint64_t low, high;
};
static_assert(sizeof(struct vtd_entry) == 16, "VT-d entry layout");

/* 9.10: interrupt remapping entry. */
#define VTD_IRTE_P (1ull << 0) /* low; DM 2 = 0: physical, DLM 7:5 = 000: fixed */
#define VTD_IRTE_FPD (1ull << 1) /* what this entry blocks is not recorded */
#define VTD_IRTE_LEVEL (1ull << 4) /* TM */
#define VTD_IRTE_VECTOR(vector) ((uint64_t)(vector) << 16)
#define VTD_IRTE_XAPIC(id) ((uint64_t)(id) << 40) /* destination with EIME = 0 */
#define VTD_IRTE_X2APIC(id) ((uint64_t)(id) << 32) /* with EIME = 1 */
/* 5.1.2.2: a message's address; 5.1.5.1: an I/O APIC's entry. */
#define VTD_MESSAGE_REMAPPED (1u << 4)
#define VTD_MESSAGE_SHV (1u << 3)
#define VTD_PIN_REMAPPED (1ull << 48)

/* 9.9 and 10.4.14: fault record. */
#define VTD_FAULT_F (1ull << 63) /* high; written as 1 it frees the record */
#define VTD_FAULT_T1 (1ull << 62) /* high: read (T2, bit 28, is 0: no atomic operation) */
#define VTD_FAULT_REASON(high) ((uint32_t)((high) >> 32) & 0xff)
#define VTD_FAULT_SID(high) ((uint32_t)(high)&0xffff)
#define VTD_FAULT_INTERRUPT 0x20u /* reasons 20h .. 2fh; the index is in low 63:48 */

/* 6.5.2: invalidation descriptors. */
#define VTD_INV_CONTEXT_ALL 0x11ull /* type 1, granularity 01 in 5:4 */
#define VTD_INV_IOTLB_ALL 0xd2ull /* type 2, granularity 01 in 5:4; DW 6, DR 7: drain */
#define VTD_INV_IEC_ALL 0x04ull /* type 4 */
#define VTD_INV_IEC_INDEX(index, mask) (0x14ull | (uint64_t)(mask) << 27 | (uint64_t)(index) << 32)
#define VTD_INV_WAIT(value) (0x65ull | (uint64_t)(value) << 32) /* type 5; SW 5, FN 6: fence */

/* 10.4: registers, offsets in bytes. */
#define VTD_REG_CAP 0x08u
#define VTD_REG_ECAP 0x10u
#define VTD_REG_GCMD 0x18u
#define VTD_REG_GSTS 0x1cu
#define VTD_REG_RTADDR 0x20u
#define VTD_REG_FSTS 0x34u
#define VTD_REG_FECTL 0x38u
#define VTD_REG_FEDATA 0x3cu
#define VTD_REG_FEADDR 0x40u
#define VTD_REG_FEUADDR 0x44u
#define VTD_REG_PMEN 0x64u /* EPM, bit 31: on */
#define VTD_PMEN_PRS (1u << 0) /* they are in effect */
#define VTD_REG_IQT 0x88u
#define VTD_REG_IQA 0x90u
#define VTD_REG_IRTA 0xb8u

/* 10.4.2: capabilities. */
#define VTD_CAP_DOMAINS(cap) (16u << 2 * ((cap)&7)) /* ND: ids that it knows */
#define VTD_CAP_RWBF (1ull << 4)
#define VTD_CAP_PROTECTED (3ull << 5) /* PLMR, PHMR: it has protected memory regions */
#define VTD_CAP_39_BITS (1ull << 9) /* SAGAW */
#define VTD_CAP_48_BITS (1ull << 10)
#define VTD_CAP_FRO(cap) (((uint32_t)((cap) >> 24) & 0x3ff) * 16) /* bytes */
#define VTD_CAP_2M (1ull << 34) /* SLLPS */
#define VTD_CAP_1G (1ull << 35)

/* 10.4.3: extended capabilities. */
#define VTD_ECAP_QI (1ull << 1)
#define VTD_ECAP_IR (1ull << 3)
#define VTD_ECAP_EIM (1ull << 4)

/* 10.4.4 and 10.4.5: global command, and the status that answers in the same bit. */
#define VTD_G_TE (1u << 31) /* translation */
#define VTD_G_SRTP (1u << 30) /* take the root table pointer */
#define VTD_G_QIE (1u << 26) /* invalidation queue */
#define VTD_G_IRE (1u << 25) /* interrupt remapping */
#define VTD_G_SIRTP (1u << 24) /* take the remapping table pointer */
#define VTD_G_CFI (1u << 23) /* compatibility format passes */

#define VTD_FSTS_PFO (1u << 0) /* overflow, written as 1 it is cleared */
#define VTD_FSTS_FRI(fsts) (((fsts) >> 8) & 0xff) /* the first pending record */
#define VTD_FECTL_IM (1u << 31) /* no fault events */
#define VTD_IRTA_EIME (1ull << 11)

#endif
