/* SPDX-License-Identifier: Apache-2.0 */
/* Registers that are the cells' own: the monitor has no use for their names. */
#ifndef SEPTUM_X86_CELL_REGISTERS_H
#define SEPTUM_X86_CELL_REGISTERS_H

#include <septum/x86/registers.h>

/* APM volume 2, 3.1.1, 3.1.3, 3.1.4 */
#define CR0_MP (1ull << 1)
#define CR0_EM (1ull << 2)
#define CR0_TS (1ull << 3)
#define CR0_ET (1ull << 4)
#define CR0_AM (1ull << 18)
#define CR4_PGE (1ull << 7)
#define CR4_LA57 (1ull << 12)
#define RFLAGS_IF (1ull << 9)

/* MSRs */
#define MSR_TSC_ADJUST 0x3bu
#define MSR_SYSENTER_CS 0x174u
#define MSR_SYSENTER_ESP 0x175u
#define MSR_SYSENTER_EIP 0x176u
#define MSR_TSC_DEADLINE 0x6e0u
#define MSR_X2APIC_VERSION 0x803u
#define MSR_X2APIC_PPR 0x80au
#define MSR_X2APIC_TMR0 0x818u /* .. 81Fh */
#define MSR_X2APIC_SELF_IPI 0x83fu
#define MSR_STAR 0xc0000081u
#define MSR_LSTAR 0xc0000082u
#define MSR_CSTAR 0xc0000083u
#define MSR_SFMASK 0xc0000084u
#define MSR_FS_BASE 0xc0000100u
#define MSR_GS_BASE 0xc0000101u
#define MSR_KERNEL_GS_BASE 0xc0000102u
#define MSR_TSC_AUX 0xc0000103u

#endif
