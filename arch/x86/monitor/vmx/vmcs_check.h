/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Judges a VMCS before its first launch: first by the manual's checks on VM
 * entry, which emulators do not all make and which a processor answers with one
 * number for all, then by what isolation rests on.
 */
#ifndef SEPTUM_X86_VMCS_CHECK_H
#define SEPTUM_X86_VMCS_CHECK_H

#include <stdint.h>

/* Each fault, the field it names and what is wrong with it. */
#define VMCS_FAULTS(FAULT)                                                                     \
	/* Intel SDM volume 3C, 26.2.1: VMX controls */                                        \
	FAULT(IO_BITMAP, "I/O bitmap: zero, not aligned, or out of range")                     \
	FAULT(MSR_BITMAP, "MSR bitmap: zero, not aligned, or out of range")                    \
	FAULT(VPID, "VPID: 0 is the monitor's")                                                \
	FAULT(EPTP_FORMAT, "EPTP: not write-back, not 4 levels, or a reserved bit is set")     \
	FAULT(EPTP_ADDRESS, "EPTP: zero, or out of range")                                     \
	/* 26.2.2 to 26.2.4: host state */                                                     \
	FAULT(HOST_CR0, "host CR0: a bit is not as VMX demands")                               \
	FAULT(HOST_CR3, "host CR3: zero, or out of range")                                     \
	FAULT(HOST_CR4, "host CR4: a bit is not as VMX demands, or PAE is clear")              \
	FAULT(HOST_PAT, "host PAT: a reserved memory type")                                    \
	FAULT(HOST_EFER, "host EFER: LME, LMA or NXE is clear, or more than SCE is set")       \
	FAULT(HOST_SELECTOR, "host selector: RPL or TI is not 0")                              \
	FAULT(HOST_NULL, "host CS or TR selector: null")                                       \
	FAULT(HOST_CANONICAL, "host base, SYSENTER address or RIP: not canonical")             \
	FAULT(HOST_64, "exit controls: the monitor would not be in 64-bit mode")               \
	/* 26.3.1.1: guest control registers, debug registers and MSRs */                      \
	FAULT(GUEST_CR0, "CR0: a bit is not as VMX demands")                                   \
	FAULT(GUEST_PG, "CR0: PG is set and PE is clear")                                      \
	FAULT(GUEST_CR3, "CR3: out of range")                                                  \
	FAULT(GUEST_CR4, "CR4: a bit is not as VMX demands, or no cell may have it")           \
	FAULT(GUEST_PCIDE, "CR4: PCIDE is set outside long mode")                              \
	FAULT(LONG_PG, "CR0: PG is clear in long mode")                                        \
	FAULT(LONG_PAE, "CR4: PAE is clear in long mode, or set with paging outside it")       \
	FAULT(GUEST_EFER, "EFER: a bit that a cell may not have")                              \
	FAULT(GUEST_LMA, "EFER: LMA is not the entry control's IA-32e mode")                   \
	FAULT(GUEST_LME, "EFER: LME is not LMA, with paging on")                               \
	FAULT(GUEST_PAT, "PAT: a reserved memory type")                                        \
	FAULT(GUEST_DEBUG, "DEBUGCTL or the upper half of DR7: not zero")                      \
	FAULT(GUEST_CANONICAL, "guest base or SYSENTER address: not canonical")                \
	/* 26.3.1.2, 26.3.1.3: segments; the field says which */                               \
	FAULT(SEGMENT_UNUSABLE, "segment rights: CS or TR is unusable")                        \
	FAULT(SEGMENT_PRESENT, "segment rights: not present")                                  \
	FAULT(SEGMENT_RESERVED, "segment rights: a reserved bit is set")                       \
	FAULT(SEGMENT_TYPE, "segment rights: not a type for this register")                    \
	FAULT(SEGMENT_DPL, "segment rights: DPL of CS or SS is not 0")                         \
	FAULT(SEGMENT_LIMIT, "segment limit: does not fit the granularity")                    \
	FAULT(SEGMENT_BASE, "segment base: beyond 32 bits")                                    \
	FAULT(SEGMENT_SELECTOR, "LDTR or TR selector: TI is not 0")                            \
	FAULT(CS_L_AND_D, "CS rights: L and D are both set in long mode")                      \
	FAULT(TABLE_LIMIT, "GDTR or IDTR limit: beyond 16 bits")                               \
	/* 26.3.1.4, 26.3.1.5: the rest */                                                     \
	FAULT(GUEST_RIP, "RIP: beyond 32 bits outside 64-bit code, or not canonical")          \
	FAULT(GUEST_RFLAGS, "RFLAGS: a reserved bit is not at its value, or VM is set")        \
	FAULT(GUEST_ACTIVITY, "activity state: not active")                                    \
	FAULT(GUEST_BLOCKING, "interruptibility or pending debug exceptions: not zero")        \
	FAULT(LINK_POINTER, "VMCS link pointer: not all ones")                                 \
	/* ours: the exits of docs/design.md, section 7 */                                     \
	FAULT(EXTERNAL_INTERRUPT, "pin controls: external interrupts exit")                    \
	FAULT(NMI, "pin controls: NMIs do not exit, or virtual NMIs are off")                  \
	FAULT(PIN_OTHER, "pin controls: preemption timer, posted interrupts or the like")      \
	FAULT(IO, "primary controls: the I/O bitmaps are off")                                 \
	FAULT(MSR, "primary controls: the MSR bitmaps are off")                                \
	FAULT(RDPMC, "primary controls: RDPMC does not exit")                                  \
	FAULT(MWAIT, "primary controls: MONITOR or MWAIT does not exit")                       \
	FAULT(SECONDARY_OFF, "primary controls: the secondary controls are off")               \
	FAULT(PRIMARY_OTHER, "primary controls: a common event exits, or what no cell has")    \
	FAULT(EPT, "secondary controls: EPT is off")                                           \
	FAULT(VPID_OFF, "secondary controls: VPID is off")                                     \
	FAULT(WBINVD, "secondary controls: WBINVD does not exit")                              \
	FAULT(UNRESTRICTED, "secondary controls: the cell is not unrestricted")                \
	FAULT(SECONDARY_OTHER, "secondary controls: APIC virtualization, VMFUNC or the like")  \
	FAULT(EXCEPTIONS, "exception bitmap or #PF filter: not #DB, #AC and #MC alone")        \
	FAULT(CR0_MASK, "CR0 mask: NE, NW or CD is the cell's")                                \
	FAULT(CR4_MASK, "CR4 mask: MCE, VMXE or a bit that a cell may not have is the cell's") \
	/* ours: the shape of every cell and of the monitor */                                 \
	FAULT(EXIT_STATE, "exit controls: debug controls, PAT or EFER are not switched")       \
	FAULT(ENTRY_STATE, "entry controls: debug controls, PAT or EFER are not loaded")       \
	FAULT(EXIT_OTHER, "exit controls: what the monitor does not use")                      \
	FAULT(ENTRY_OTHER, "entry controls: SMM, or what no cell has")                         \
	FAULT(ENTRY_EVENT, "entry event: one would be injected")                               \
	FAULT(MSR_LISTS, "MSR list: not empty")                                                \
	FAULT(CR3_TARGETS, "CR3 targets: there are some")                                      \
	FAULT(GUEST_MCE, "CR4: MCE is clear: a machine check would shut the CPU down")         \
	FAULT(HOST_MCE, "host CR4: MCE is clear: a machine check would shut the CPU down")     \
	FAULT(HOST_WP, "host CR0: WP is clear: read-only memory could be written")

#define VMCS_FAULT_ENUMERATOR(name, text) VMCS_FAULT_##name,
enum vmcs_fault { VMCS_OK, VMCS_FAULTS(VMCS_FAULT_ENUMERATOR) VMCS_FAULT_END };
#undef VMCS_FAULT_ENUMERATOR

/* Where the fields come from: VMREAD of the current VMCS, or a test's array. */
struct vmcs_reader {
	uint64_t (*read)(const void *context, uint32_t encoding);
	const void *context;
};

/* What the CPU at hand can do. */
struct vmcs_limits {
	uint32_t phys_bits; /* physical address width: CPUID 0x80000008 EAX[7:0] */
	uint64_t cr0_fixed0, cr0_fixed1; /* MSR_VMX_CR0_FIXED0 .. */
	uint64_t cr4_fixed0, cr4_fixed1;
	uint64_t cr4_bits; /* CR4 bits a cell may have; VMXE, which it has unseen, need not be */
	uint64_t efer_bits; /* EFER bits it may have, LMA included */
};

/**
 * vmcs_check - judge a VMCS before its first launch.
 * @reader: gives every field named in septum/x86/vmcs.h but the read-only ones.
 * @limits: of the CPU that will run it.
 * @field: encoding of the field at fault; of no meaning with VMCS_OK.
 *
 * The control words are compared with what isolation needs; that the processor
 * has each bit is settled before, where they are made (capability.h).
 *
 * Return: VMCS_OK, or the first fault.
 */
enum vmcs_fault vmcs_check(const struct vmcs_reader *reader, const struct vmcs_limits *limits,
			   uint32_t *field);

/**
 * vmcs_fault_name - the field at fault and what is wrong with it.
 * @fault: from vmcs_check().
 *
 * Return: a constant string; never NULL.
 */
const char *vmcs_fault_name(enum vmcs_fault fault);

#endif
