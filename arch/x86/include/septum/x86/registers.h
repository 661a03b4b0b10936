/* SPDX-License-Identifier: Apache-2.0 */
/* Control registers, MSRs and CPUID bits that more than one room names. */
#ifndef SEPTUM_X86_REGISTERS_H
#define SEPTUM_X86_REGISTERS_H

/* CR0, APM volume 2, 3.1.1 */
#define CR0_PE (1ull << 0)
#define CR0_NE (1ull << 5)
#define CR0_WP (1ull << 16)
#define CR0_NW (1ull << 29)
#define CR0_CD (1ull << 30)
#define CR0_PG (1ull << 31)

/* CR4, APM volume 2, 3.1.3 */
#define CR4_PSE (1ull << 4)
#define CR4_PAE (1ull << 5)
#define CR4_MCE (1ull << 6)
#define CR4_UMIP (1ull << 11)
#define CR4_VMXE (1ull << 13)
#define CR4_FSGSBASE (1ull << 16)
#define CR4_PCIDE (1ull << 17)
#define CR4_OSXSAVE (1ull << 18)
#define CR4_SMEP (1ull << 20)
#define CR4_SMAP (1ull << 21)
#define CR4_PKE (1ull << 22)
#define CR4_CET (1ull << 23)

/* EFER, APM volume 2, 3.1.7 */
#define EFER_SCE (1ull << 0)
#define EFER_LME (1ull << 8)
#define EFER_LMA (1ull << 10)
#define EFER_NXE (1ull << 11)
#define EFER_SVME (1ull << 12)
#define EFER_FFXSR (1ull << 14)

#define RFLAGS_RESERVED_ONE (1ull << 1)
#define RFLAGS_VM (1ull << 17)

/* MSRs */
#define MSR_TSC 0x10u
#define MSR_APIC_BASE 0x1bu
#define MSR_FEATURE_CONTROL 0x3au
#define MSR_PATCH_LEVEL 0x8bu
#define MSR_MTRR_CAP 0xfeu
#define MSR_MCG_CAP 0x179u
#define MSR_MCG_STATUS 0x17au
#define MSR_MCG_CTL 0x17bu
#define MSR_MISC_ENABLE 0x1a0u
#define MSR_DEBUGCTL 0x1d9u
#define MSR_PAT 0x277u
#define MSR_MTRR_DEF_TYPE 0x2ffu
#define MSR_MC0_CTL 0x400u /* then STATUS, ADDR and MISC, and four for each further bank */
/* VMX capabilities, Intel SDM volume 3D, appendix A */
#define MSR_VMX_BASIC 0x480u
#define MSR_VMX_PRIMARY 0x482u
#define MSR_VMX_CR0_FIXED0 0x486u
#define MSR_VMX_CR0_FIXED1 0x487u
#define MSR_VMX_CR4_FIXED0 0x488u
#define MSR_VMX_CR4_FIXED1 0x489u
#define MSR_VMX_SECONDARY 0x48bu
#define MSR_VMX_EPT_VPID 0x48cu
#define MSR_VMX_TRUE_PIN 0x48du
#define MSR_VMX_TRUE_PRIMARY 0x48eu
#define MSR_VMX_TRUE_EXIT 0x48fu
#define MSR_VMX_TRUE_ENTRY 0x490u
#define MSR_X2APIC_ID 0x802u
#define MSR_X2APIC_TPR 0x808u
#define MSR_X2APIC_EOI 0x80bu
#define MSR_X2APIC_LDR 0x80du
#define MSR_X2APIC_SVR 0x80fu
#define MSR_X2APIC_ISR0 0x810u /* .. 817h */
#define MSR_X2APIC_IRR0 0x820u /* .. 827h */
#define MSR_X2APIC_ESR 0x828u
#define MSR_X2APIC_ICR 0x830u
#define MSR_X2APIC_LVT_TIMER 0x832u
#define MSR_X2APIC_LVT_THERMAL 0x833u
#define MSR_X2APIC_LVT_PMC 0x834u
#define MSR_X2APIC_LVT_LINT0 0x835u
#define MSR_X2APIC_LVT_LINT1 0x836u
#define MSR_X2APIC_LVT_ERROR 0x837u
#define MSR_X2APIC_TIMER_INIT 0x838u
#define MSR_X2APIC_TIMER_CURRENT 0x839u
#define MSR_X2APIC_TIMER_DIVIDE 0x83eu
#define MSR_EFER 0xc0000080u
#define MSR_VM_CR 0xc0010114u
#define MSR_VM_HSAVE_PA 0xc0010117u

#define FEATURE_CONTROL_LOCK (1ull << 0)
#define FEATURE_CONTROL_VMXON (1ull << 2) /* outside SMX */
#define VM_CR_R_INIT (1ull << 1) /* INIT becomes #SX */
#define VM_CR_SVMDIS (1ull << 4)
#define APIC_BASE_BSP (1ull << 8)
#define APIC_BASE_EXTD (1ull << 10)
#define APIC_BASE_ENABLE (1ull << 11)

#endif
