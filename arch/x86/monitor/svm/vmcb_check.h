/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Judges a VMCB before it is run: first by the manual's conditions, which
 * emulators do not all enforce, then by what isolation rests on.
 */
#ifndef SEPTUM_X86_VMCB_CHECK_H
#define SEPTUM_X86_VMCB_CHECK_H

#include <septum/x86/vmcb.h>

#include <stdint.h>

/* Each fault, the field it names and what is wrong with it. */
#define VMCB_FAULTS(FAULT)                                                                    \
	/* APM volume 2, 15.5.1: VMRUN refuses these with VMEXIT_INVALID */                   \
	FAULT(EFER_SVME, "save.efer: SVME is clear")                                          \
	FAULT(CR0_NW, "save.cr0: NW is set and CD is clear")                                  \
	FAULT(CR0_HIGH, "save.cr0: bits 63:32 are not zero")                                  \
	FAULT(CR3_MBZ, "save.cr3: bits beyond the physical address width are set")            \
	FAULT(CR4_MBZ, "save.cr4: a bit that this CPU does not have is set")                  \
	FAULT(DR6_HIGH, "save.dr6: bits 63:32 are not zero")                                  \
	FAULT(DR7_HIGH, "save.dr7: bits 63:32 are not zero")                                  \
	FAULT(LONG_MODE, "save.efer: LME or LMA is set on a CPU without long mode")           \
	FAULT(EFER_MBZ, "save.efer: a bit that this CPU does not have is set")                \
	FAULT(LONG_PAE, "save.cr4: PAE is clear with EFER.LME and CR0.PG")                    \
	FAULT(LONG_PE, "save.cr0: PE is clear with EFER.LME and CR0.PG")                      \
	FAULT(CS_L_AND_D, "save.cs: L and D are both set in long mode")                       \
	FAULT(CET_WP, "save.cr4: CET is set and CR0.WP is clear")                             \
	FAULT(S_CET, "save.s_cet: a reserved bit is set")                                     \
	FAULT(G_PAT, "save.g_pat: a reserved memory type")                                    \
	FAULT(VMRUN, "control.intercept_misc2: VMRUN is not intercepted")                     \
	FAULT(ASID_ZERO, "control.asid: 0 is the host's")                                     \
	FAULT(ASID_RANGE, "control.asid: not below the CPU's count")                          \
	FAULT(IOPM, "control.iopm_base: not aligned, or beyond the physical addresses")       \
	FAULT(MSRPM, "control.msrpm_base: not aligned, or beyond the physical addresses")     \
	FAULT(NESTED_CR3, "control.nested_cr3: zero, not aligned, or out of range")           \
	FAULT(EVENT_TYPE, "control.event_injection: a reserved type")                         \
	FAULT(EVENT_VECTOR, "control.event_injection: vector is not an exception's")          \
	/* ours: the intercepts of docs/design.md, section 7 */                               \
	FAULT(NMI, "control.intercept_misc1: NMI is not intercepted")                         \
	FAULT(INIT, "control.intercept_misc1: INIT is not intercepted")                       \
	FAULT(RDPMC, "control.intercept_misc1: RDPMC is not intercepted")                     \
	FAULT(CPUID, "control.intercept_misc1: CPUID is not intercepted")                     \
	FAULT(RSM, "control.intercept_misc1: RSM is not intercepted")                         \
	FAULT(INVD, "control.intercept_misc1: INVD is not intercepted")                       \
	FAULT(INVLPGA, "control.intercept_misc1: INVLPGA is not intercepted")                 \
	FAULT(IOIO, "control.intercept_misc1: the I/O permission map is off")                 \
	FAULT(MSR, "control.intercept_misc1: the MSR permission map is off")                  \
	FAULT(FERR_FREEZE, "control.intercept_misc1: a frozen FERR is not intercepted")       \
	FAULT(SHUTDOWN, "control.intercept_misc1: shutdown is not intercepted")               \
	FAULT(VMMCALL, "control.intercept_misc2: VMMCALL is not intercepted")                 \
	FAULT(VMLOAD, "control.intercept_misc2: VMLOAD is not intercepted")                   \
	FAULT(VMSAVE, "control.intercept_misc2: VMSAVE is not intercepted")                   \
	FAULT(STGI, "control.intercept_misc2: STGI is not intercepted")                       \
	FAULT(CLGI, "control.intercept_misc2: CLGI is not intercepted")                       \
	FAULT(SKINIT, "control.intercept_misc2: SKINIT is not intercepted")                   \
	FAULT(WBINVD, "control.intercept_misc2: WBINVD is not intercepted")                   \
	FAULT(MONITOR, "control.intercept_misc2: MONITOR is not intercepted")                 \
	FAULT(MWAIT, "control.intercept_misc2: MWAIT is not intercepted")                     \
	FAULT(XSETBV, "control.intercept_misc2: XSETBV is not intercepted")                   \
	FAULT(RDPRU, "control.intercept_misc2: RDPRU is not intercepted")                     \
	FAULT(CR4_WRITE, "control.intercept_cr_write: CR4 is not intercepted")                \
	FAULT(DB, "control.intercept_exceptions: #DB is not intercepted")                     \
	FAULT(AC, "control.intercept_exceptions: #AC is not intercepted")                     \
	FAULT(MC, "control.intercept_exceptions: #MC is not intercepted")                     \
	/* ours: the shape of every cell */                                                   \
	FAULT(INTR, "control.intercept_misc1: INTR is intercepted: interrupts would exit")    \
	FAULT(V_INTR_MASKING, "control.int_control: V_INTR_MASKING is set")                   \
	FAULT(AVIC, "control.int_control: AVIC is on")                                        \
	FAULT(INT_CONTROL, "control.int_control: a virtual interrupt, NMI or GIF is set up")  \
	FAULT(EVENT_ERROR, "control.event_injection: error code where none belongs, or none") \
	FAULT(EVENT_RESERVED, "control.event_injection: a reserved bit is set")               \
	FAULT(TLB_CONTROL, "control.tlb_control: neither nothing nor flush all")              \
	FAULT(INTERRUPT_SHADOW, "control.interrupt_shadow: not zero")                         \
	FAULT(NESTED_PAGING, "control.nested_control: nested paging is off")                  \
	FAULT(NESTED_OTHER, "control.nested_control: more than nested paging is on")          \
	FAULT(AVIC_BAR, "control.avic_apic_bar: not zero")                                    \
	FAULT(GHCB, "control.ghcb: not zero")                                                 \
	FAULT(LBR, "control.lbr_control: a virtualization of LBR, VMLOAD, IBS or PMC is on")  \
	FAULT(CLEAN_BITS, "control.clean_bits: not zero: the CPU could use a stale cache")    \
	FAULT(RESERVED_CONTROL, "control.reserved: not zero")                                 \
	FAULT(RESERVED_SAVE, "save.reserved: not zero")                                       \
	FAULT(CR4_MCE, "save.cr4: MCE is clear: a machine check would shut the CPU down")     \
	FAULT(EFER_LMA, "save.efer: LMA is not LME and CR0.PG")

#define VMCB_FAULT_ENUMERATOR(name, text) VMCB_FAULT_##name,
enum vmcb_fault { VMCB_OK, VMCB_FAULTS(VMCB_FAULT_ENUMERATOR) VMCB_FAULT_END };
#undef VMCB_FAULT_ENUMERATOR

/* What the CPU at hand can do. */
struct vmcb_limits {
	uint32_t phys_bits; /* physical address width: CPUID 0x80000008 EAX[7:0] */
	uint32_t asid_count; /* CPUID 0x8000000A EBX; the host's 0 included */
	uint64_t cr4_bits; /* CR4 bits a cell may have; ~0: all that the manual defines */
	uint64_t efer_bits; /* EFER bits it may have, SVME included; ~0 likewise */
};

/**
 * vmcb_check - judge a VMCB before its first launch.
 * @vmcb: one page.
 * @limits: of the CPU that will run it.
 *
 * Return: VMCB_OK, or the first fault.
 */
enum vmcb_fault vmcb_check(const struct vmcb *vmcb, const struct vmcb_limits *limits);

/**
 * vmcb_fault_name - the field at fault and what is wrong with it.
 * @fault: from vmcb_check().
 *
 * Return: a constant string; never NULL.
 */
const char *vmcb_fault_name(enum vmcb_fault fault);

#endif
