/* SPDX-License-Identifier: Apache-2.0 */
/*
 * VMCS fields, controls and exit reasons: Intel SDM volume 3C, chapters 24 to 27
 * and appendices B and C; and the form in which the plan brings a VMCS.
 */
#ifndef SEPTUM_X86_VMCS_H
#define SEPTUM_X86_VMCS_H

#include <stdint.h>

/* Field encodings, appendix B */
#define VMCS_VPID 0x0000u
#define VMCS_GUEST_ES_SELECTOR 0x0800u /* then CS SS DS FS GS LDTR TR, 2 apart */
#define VMCS_GUEST_CS_SELECTOR 0x0802u
#define VMCS_HOST_ES_SELECTOR 0x0c00u
#define VMCS_HOST_CS_SELECTOR 0x0c02u
#define VMCS_HOST_TR_SELECTOR 0x0c0cu

#define VMCS_IO_BITMAP_A 0x2000u
#define VMCS_IO_BITMAP_B 0x2002u
#define VMCS_MSR_BITMAP 0x2004u
#define VMCS_EPTP 0x201au
#define VMCS_GUEST_PHYSICAL_ADDRESS 0x2400u
#define VMCS_LINK_POINTER 0x2800u
#define VMCS_GUEST_DEBUGCTL 0x2802u
#define VMCS_GUEST_PAT 0x2804u
#define VMCS_GUEST_EFER 0x2806u
#define VMCS_HOST_PAT 0x2c00u
#define VMCS_HOST_EFER 0x2c02u

#define VMCS_PIN_CONTROLS 0x4000u
#define VMCS_PRIMARY_CONTROLS 0x4002u
#define VMCS_EXCEPTION_BITMAP 0x4004u
#define VMCS_PF_ERROR_MASK 0x4006u
#define VMCS_PF_ERROR_MATCH 0x4008u
#define VMCS_CR3_TARGET_COUNT 0x400au
#define VMCS_EXIT_CONTROLS 0x400cu
#define VMCS_EXIT_MSR_STORE_COUNT 0x400eu
#define VMCS_EXIT_MSR_LOAD_COUNT 0x4010u
#define VMCS_ENTRY_CONTROLS 0x4012u
#define VMCS_ENTRY_MSR_LOAD_COUNT 0x4014u
#define VMCS_ENTRY_EVENT 0x4016u
#define VMCS_ENTRY_EVENT_ERROR 0x4018u
#define VMCS_ENTRY_INSTRUCTION_LENGTH 0x401au
#define VMCS_SECONDARY_CONTROLS 0x401eu
#define VMCS_INSTRUCTION_ERROR 0x4400u
#define VMCS_EXIT_REASON 0x4402u
#define VMCS_EXIT_EVENT 0x4404u
#define VMCS_EXIT_EVENT_ERROR 0x4406u
#define VMCS_VECTORING_EVENT 0x4408u
#define VMCS_VECTORING_EVENT_ERROR 0x440au
#define VMCS_EXIT_INSTRUCTION_LENGTH 0x440cu
#define VMCS_GUEST_ES_LIMIT 0x4800u /* then as the selectors; GDTR IDTR follow TR */
#define VMCS_GUEST_GDTR_LIMIT 0x4810u
#define VMCS_GUEST_IDTR_LIMIT 0x4812u
#define VMCS_GUEST_ES_RIGHTS 0x4814u
#define VMCS_GUEST_CS_RIGHTS 0x4816u
#define VMCS_GUEST_SS_RIGHTS 0x4818u
#define VMCS_GUEST_INTERRUPTIBILITY 0x4824u
#define VMCS_GUEST_ACTIVITY 0x4826u
#define VMCS_PREEMPTION_TIMER 0x482eu
#define VMCS_HOST_SYSENTER_CS 0x4c00u

#define VMCS_CR0_MASK 0x6000u
#define VMCS_CR4_MASK 0x6002u
#define VMCS_CR0_SHADOW 0x6004u
#define VMCS_CR4_SHADOW 0x6006u
#define VMCS_EXIT_QUALIFICATION 0x6400u
#define VMCS_GUEST_CR0 0x6800u
#define VMCS_GUEST_CR3 0x6802u
#define VMCS_GUEST_CR4 0x6804u
#define VMCS_GUEST_ES_BASE 0x6806u
#define VMCS_GUEST_CS_BASE 0x6808u
#define VMCS_GUEST_FS_BASE 0x680eu
#define VMCS_GUEST_GDTR_BASE 0x6816u
#define VMCS_GUEST_IDTR_BASE 0x6818u
#define VMCS_GUEST_DR7 0x681au
#define VMCS_GUEST_RSP 0x681cu
#define VMCS_GUEST_RIP 0x681eu
#define VMCS_GUEST_RFLAGS 0x6820u
#define VMCS_GUEST_PENDING_DEBUG 0x6822u
#define VMCS_GUEST_SYSENTER_ESP 0x6824u
#define VMCS_GUEST_SYSENTER_EIP 0x6826u
#define VMCS_HOST_CR0 0x6c00u
#define VMCS_HOST_CR3 0x6c02u
#define VMCS_HOST_CR4 0x6c04u
#define VMCS_HOST_FS_BASE 0x6c06u
#define VMCS_HOST_GDTR_BASE 0x6c0cu
#define VMCS_HOST_IDTR_BASE 0x6c0eu
#define VMCS_HOST_SYSENTER_EIP 0x6c12u
#define VMCS_HOST_RSP 0x6c14u
#define VMCS_HOST_RIP 0x6c16u

/* Pin-based controls, 24.6.1 */
#define VMX_PIN_NMI (1u << 3)
#define VMX_PIN_VIRTUAL_NMIS (1u << 5)
#define VMX_PIN_PREEMPTION_TIMER (1u << 6)

/* Primary processor-based controls, 24.6.2 */
#define VMX_PRIMARY_MWAIT (1u << 10)
#define VMX_PRIMARY_RDPMC (1u << 11)
#define VMX_PRIMARY_NMI_WINDOW (1u << 22)
#define VMX_PRIMARY_IO_BITMAPS (1u << 25)
#define VMX_PRIMARY_MSR_BITMAPS (1u << 28)
#define VMX_PRIMARY_MONITOR (1u << 29)
#define VMX_PRIMARY_SECONDARY (1u << 31)

/* Secondary processor-based controls, 24.6.2 */
#define VMX_SECONDARY_EPT (1u << 1)
#define VMX_SECONDARY_RDTSCP (1u << 3)
#define VMX_SECONDARY_VPID (1u << 5)
#define VMX_SECONDARY_WBINVD (1u << 6)
#define VMX_SECONDARY_UNRESTRICTED (1u << 7)
#define VMX_SECONDARY_INVPCID (1u << 12)
#define VMX_SECONDARY_XSAVES (1u << 20)

/* Exit controls, 24.7.1 */
#define VMX_EXIT_SAVE_DEBUG (1u << 2)
#define VMX_EXIT_HOST_64 (1u << 9)
#define VMX_EXIT_SAVE_PAT (1u << 18)
#define VMX_EXIT_LOAD_PAT (1u << 19)
#define VMX_EXIT_SAVE_EFER (1u << 20)
#define VMX_EXIT_LOAD_EFER (1u << 21)

/* Entry controls, 24.8.1 */
#define VMX_ENTRY_LOAD_DEBUG (1u << 2)
#define VMX_ENTRY_IA32E (1u << 9)
#define VMX_ENTRY_LOAD_PAT (1u << 14)
#define VMX_ENTRY_LOAD_EFER (1u << 15)

/* EPT pointer, 24.6.11 */
#define EPTP_WRITE_BACK 6ull
#define EPTP_FOUR_LEVELS (3ull << 3)

/* Segment access rights, 24.4.1: attributes in 7:0 and 15:12 */
#define VMCS_RIGHTS_LONG (1u << 13)
#define VMCS_RIGHTS_32BIT (1u << 14)
#define VMCS_RIGHTS_PAGES (1u << 15)
#define VMCS_RIGHTS_UNUSABLE (1u << 16)

/* Interruptibility, 24.4.2 */
#define VMCS_BLOCKING_STI (1u << 0)
#define VMCS_BLOCKING_MOV_SS (1u << 1)
#define VMCS_BLOCKING_NMI (1u << 3)

/* Events, 24.8.3 and 24.9.2 */
#define VMCS_EVENT_VECTOR 0xffu
#define VMCS_EVENT_TYPE 0x700u
#define VMCS_EVENT_TYPE_NMI 0x200u
#define VMCS_EVENT_TYPE_EXCEPTION 0x300u
#define VMCS_EVENT_ERROR_VALID (1u << 11)
#define VMCS_EVENT_VALID (1u << 31)

/* Basic exit reasons, appendix C */
enum vmx_exit {
	VMX_EXIT_EXCEPTION_NMI = 0,
	VMX_EXIT_TRIPLE_FAULT = 2,
	VMX_EXIT_INIT = 3,
	VMX_EXIT_NMI_WINDOW = 8,
	VMX_EXIT_TASK_SWITCH = 9,
	VMX_EXIT_CPUID = 10,
	VMX_EXIT_GETSEC = 11,
	VMX_EXIT_INVD = 13,
	VMX_EXIT_RDPMC = 15,
	VMX_EXIT_RSM = 17,
	VMX_EXIT_VMCALL = 18, /* .. VMXON 27: the VMX instructions */
	VMX_EXIT_VMXON = 27,
	VMX_EXIT_CR_ACCESS = 28,
	VMX_EXIT_IO = 30,
	VMX_EXIT_RDMSR = 31,
	VMX_EXIT_WRMSR = 32,
	VMX_EXIT_MWAIT = 36,
	VMX_EXIT_MONITOR = 39,
	VMX_EXIT_ENTRY_MACHINE_CHECK = 41,
	VMX_EXIT_EPT_VIOLATION = 48,
	VMX_EXIT_EPT_MISCONFIGURATION = 49,
	VMX_EXIT_INVEPT = 50,
	VMX_EXIT_TIMER = 52,
	VMX_EXIT_INVVPID = 53,
	VMX_EXIT_WBINVD = 54,
	VMX_EXIT_XSETBV = 55,
};
#define VMX_EXIT_ENTRY_FAILED (1u << 31)

/* Qualification of an EPT violation, 27.2.1, table 27-7 */
#define EPT_VIOLATION_WRITE (1u << 1)
#define EPT_VIOLATION_FETCH (1u << 2)
#define EPT_VIOLATION_LINEAR_VALID (1u << 7)
#define EPT_VIOLATION_TRANSLATED (1u << 8) /* else: a guest page-table walk */

/*
 * A VMCS as the plan brings it: which field gets which value.  Of the five
 * control words a field gives the bits that must be 1; every other bit but the
 * reserved ones (vmx/capability.h) must be able to be 0.  The monitor adds the host state.
 */
struct vmcs_field {
	uint32_t encoding;
	uint32_t reserved;
	uint64_t value;
};

#define VMCS_TEMPLATE_MAGIC 0x53434d56u /* "VMCS" */
#define VMCS_TEMPLATE_FIELDS 255u

struct vmcs_template {
	uint32_t magic; /* VMCS_TEMPLATE_MAGIC */
	uint32_t count; /* fields in use */
	uint64_t reserved;
	struct vmcs_field fields[VMCS_TEMPLATE_FIELDS];
};

#endif
