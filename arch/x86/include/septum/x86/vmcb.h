/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The virtual machine control block: AMD64 Architecture Programmer's Manual
 * (APM) volume 2, appendix B.  The partitioner emits one per CPU, the monitor
 * copies and runs it.
 */
#ifndef SEPTUM_X86_VMCB_H
#define SEPTUM_X86_VMCB_H

#include <stddef.h>
#include <stdint.h>

struct vmcb_segment {
	uint16_t selector;
	uint16_t attributes; /* APM 15.5.1: type, S, DPL, P in 7:0; AVL, L, D/B, G in 11:8 */
	uint32_t limit; /* bytes - 1, always in bytes whatever G says */
	uint64_t base;
};

/* Control area, APM table B-1. */
struct vmcb_control {
	uint16_t intercept_cr_read; /* 000h: bit n = CRn */
	uint16_t intercept_cr_write;
	uint16_t intercept_dr_read; /* 004h */
	uint16_t intercept_dr_write;
	uint32_t intercept_exceptions; /* 008h: bit n = vector n */
	uint32_t intercept_misc1; /* 00Ch: VMCB_MISC1_* */
	uint32_t intercept_misc2; /* 010h: VMCB_MISC2_* */
	uint32_t intercept_misc3; /* 014h: VMCB_MISC3_* */
	uint8_t reserved_018[0x3c - 0x18];
	uint16_t pause_filter_threshold; /* 03Ch */
	uint16_t pause_filter_count;
	uint64_t iopm_base; /* 040h: HPA of 12 KiB */
	uint64_t msrpm_base; /* 048h: HPA of 8 KiB */
	uint64_t tsc_offset; /* 050h */
	uint32_t asid; /* 058h: not 0 */
	uint8_t tlb_control; /* 05Ch: VMCB_TLB_* */
	uint8_t reserved_05d[3];
	uint64_t int_control; /* 060h: V_TPR, V_IRQ, V_INTR_MASKING (bit 24), ... */
	uint64_t interrupt_shadow; /* 068h: bit 0 = shadow */
	uint64_t exit_code; /* 070h */
	uint64_t exit_info1; /* 078h */
	uint64_t exit_info2; /* 080h */
	uint64_t exit_int_info; /* 088h: event whose delivery was cut short */
	uint64_t nested_control; /* 090h: bit 0 = nested paging */
	uint64_t avic_apic_bar; /* 098h */
	uint64_t ghcb; /* 0A0h */
	uint64_t event_injection; /* 0A8h */
	uint64_t nested_cr3; /* 0B0h */
	uint64_t lbr_control; /* 0B8h */
	uint64_t clean_bits; /* 0C0h: VMCB clean field; 0 = all dirty */
	uint64_t next_rip; /* 0C8h: only with NRIP save */
	uint8_t fetched_bytes; /* 0D0h: only with decode assists */
	uint8_t guest_bytes[15];
	uint8_t reserved_0e0[0x400 - 0xe0];
};

/* State save area, APM table B-2; offsets are from its own start (VMCB + 400h). */
struct vmcb_save {
	struct vmcb_segment es, cs, ss, ds, fs, gs; /* 000h */
	struct vmcb_segment gdtr, ldtr, idtr, tr; /* 060h */
	uint8_t reserved_0a0[0xcb - 0xa0];
	uint8_t cpl; /* 0CBh */
	uint32_t reserved_0cc;
	uint64_t efer; /* 0D0h */
	uint8_t reserved_0d8[0x148 - 0xd8];
	uint64_t cr4; /* 148h */
	uint64_t cr3;
	uint64_t cr0; /* 158h */
	uint64_t dr7;
	uint64_t dr6; /* 168h */
	uint64_t rflags; /* 170h */
	uint64_t rip; /* 178h */
	uint8_t reserved_180[0x1d8 - 0x180];
	uint64_t rsp; /* 1D8h */
	uint64_t s_cet, ssp, isst_addr;
	uint64_t rax; /* 1F8h */
	uint64_t star; /* 200h: this and the next seven by VMLOAD/VMSAVE */
	uint64_t lstar, cstar, sfmask, kernel_gs_base;
	uint64_t sysenter_cs, sysenter_esp, sysenter_eip;
	uint64_t cr2; /* 240h */
	uint8_t reserved_248[0x268 - 0x248];
	uint64_t g_pat; /* 268h */
	uint64_t dbgctl, br_from, br_to, lastexcpfrom, lastexcpto;
	uint8_t reserved_298[0xc00 - 0x298];
};

struct vmcb {
	struct vmcb_control control;
	struct vmcb_save save;
};

/* intercept_misc1 (00Ch), APM table B-1 */
#define VMCB_MISC1_INTR (1u << 0)
#define VMCB_MISC1_NMI (1u << 1)
#define VMCB_MISC1_INIT (1u << 3)
#define VMCB_MISC1_VINTR (1u << 4)
#define VMCB_MISC1_RDPMC (1u << 15)
#define VMCB_MISC1_CPUID (1u << 18)
#define VMCB_MISC1_RSM (1u << 19)
#define VMCB_MISC1_IRET (1u << 20)
#define VMCB_MISC1_INVD (1u << 22)
#define VMCB_MISC1_INVLPGA (1u << 26)
#define VMCB_MISC1_IOIO (1u << 27)
#define VMCB_MISC1_MSR (1u << 28)
#define VMCB_MISC1_FERR_FREEZE (1u << 30)
#define VMCB_MISC1_SHUTDOWN (1u << 31)

/* intercept_misc2 (010h) */
#define VMCB_MISC2_VMRUN (1u << 0)
#define VMCB_MISC2_VMMCALL (1u << 1)
#define VMCB_MISC2_VMLOAD (1u << 2)
#define VMCB_MISC2_VMSAVE (1u << 3)
#define VMCB_MISC2_STGI (1u << 4)
#define VMCB_MISC2_CLGI (1u << 5)
#define VMCB_MISC2_SKINIT (1u << 6)
#define VMCB_MISC2_WBINVD (1u << 9)
#define VMCB_MISC2_MONITOR (1u << 10)
#define VMCB_MISC2_MWAIT (1u << 11)
#define VMCB_MISC2_MWAIT_ARMED (1u << 12)
#define VMCB_MISC2_XSETBV (1u << 13)
#define VMCB_MISC2_RDPRU (1u << 14)

/* intercept_misc3 (014h) */
#define VMCB_MISC3_INVLPGB (1u << 0)
#define VMCB_MISC3_INVLPGB_ILLEGAL (1u << 1)
#define VMCB_MISC3_MCOMMIT (1u << 3)
#define VMCB_MISC3_TLBSYNC (1u << 4)

#define VMCB_TLB_NOTHING 0
#define VMCB_TLB_FLUSH_ALL 1 /* every ASID of this CPU */

#define VMCB_INT_V_IRQ (1ull << 8)
#define VMCB_INT_V_IGN_TPR (1ull << 20)
#define VMCB_INT_V_INTR_MASKING (1ull << 24)
#define VMCB_NESTED_PAGING (1ull << 0)

/* event_injection / exit_int_info, APM 15.20 */
#define VMCB_EVENT_TYPE_INTR (0u << 8)
#define VMCB_EVENT_TYPE_NMI (2u << 8)
#define VMCB_EVENT_TYPE_EXCEPTION (3u << 8)
#define VMCB_EVENT_ERROR_VALID (1u << 11)
#define VMCB_EVENT_VALID (1u << 31)

/* Exit codes, APM appendix C */
#define VMEXIT_CR4_WRITE 0x014
#define VMEXIT_EXCEPTION 0x040 /* + vector */
#define VMEXIT_NMI 0x061
#define VMEXIT_INIT 0x063
#define VMEXIT_VINTR 0x064
#define VMEXIT_RDPMC 0x06f
#define VMEXIT_CPUID 0x072
#define VMEXIT_RSM 0x073
#define VMEXIT_IRET 0x074
#define VMEXIT_INVD 0x076
#define VMEXIT_INVLPGA 0x07a
#define VMEXIT_IOIO 0x07b
#define VMEXIT_MSR 0x07c
#define VMEXIT_FERR_FREEZE 0x07e
#define VMEXIT_SHUTDOWN 0x07f
#define VMEXIT_VMRUN 0x080
#define VMEXIT_SKINIT 0x086
#define VMEXIT_WBINVD 0x089
#define VMEXIT_MONITOR 0x08a
#define VMEXIT_MWAIT_ARMED 0x08c
#define VMEXIT_XSETBV 0x08d
#define VMEXIT_RDPRU 0x08e
#define VMEXIT_INVLPGB 0x0a0
#define VMEXIT_INVLPGB_ILLEGAL 0x0a1
#define VMEXIT_MCOMMIT 0x0a3
#define VMEXIT_TLBSYNC 0x0a4
#define VMEXIT_NPF 0x400
#define VMEXIT_INVALID 0xffffffffffffffffull /* VMRUN refused the VMCB */

/* exit_info1 of IOIO, APM 15.10.2 */
#define VMEXIT_IOIO_IN (1u << 0)
#define VMEXIT_IOIO_STRING (1u << 2)
#define VMEXIT_IOIO_SIZE_SHIFT 4 /* bits 6:4 one-hot: 1, 2, 4 bytes */
#define VMEXIT_IOIO_PORT_SHIFT 16

/* exit_info1 of NPF, APM 15.25.6 */
#define VMEXIT_NPF_WRITE (1ull << 1)
#define VMEXIT_NPF_FETCH (1ull << 4)
#define VMEXIT_NPF_TABLE (1ull << 33) /* on a guest page-table page */

#endif
