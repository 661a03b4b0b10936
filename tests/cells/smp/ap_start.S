/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A started CPU from its first instruction to ap_main().  It first records what
 * INIT left behind (APM volume 2, 14.1.3; Intel SDM volume 3, table 9-1).
 */
#include "../lib/selectors.h"
#include "ap_page.h"

#define CR0_KEPT 0x9fffffff /* all but CD and NW */
#define CR4_PAE 0x20
#define MSR_EFER 0xc0000080
#define EFER_LME_NXE 0x900

/* No instruction before pushf changes a flag; the stack is the reset one. */
	.macro	record_reset_state
	movl	%eax, AP_RECORD + AP_GPRS
	movl	%ecx, AP_RECORD + AP_GPRS + 4
	movl	%edx, AP_RECORD + AP_GPRS + 8
	movl	%ebx, AP_RECORD + AP_GPRS + 12
	movl	%esp, AP_RECORD + AP_GPRS + 16
	movl	%ebp, AP_RECORD + AP_GPRS + 20
	movl	%esi, AP_RECORD + AP_GPRS + 24
	movl	%edi, AP_RECORD + AP_GPRS + 28
	pushfl
	popl	AP_RECORD + AP_FLAGS
	cli
	movw	%cs, AP_RECORD + AP_SELECTORS
	movw	%ds, AP_RECORD + AP_SELECTORS + 2
	movw	%es, AP_RECORD + AP_SELECTORS + 4
	movw	%fs, AP_RECORD + AP_SELECTORS + 6
	movw	%gs, AP_RECORD + AP_SELECTORS + 8
	movw	%ss, AP_RECORD + AP_SELECTORS + 10
	movl	%es:AP_RECORD + AP_SIGNATURE, %eax
	movl	%eax, AP_RECORD + AP_SEEN
	movl	%fs:AP_RECORD + AP_SIGNATURE, %eax
	movl	%eax, AP_RECORD + AP_SEEN + 4
	movl	%gs:AP_RECORD + AP_SIGNATURE, %eax
	movl	%eax, AP_RECORD + AP_SEEN + 8
	movl	%ss:AP_RECORD + AP_SIGNATURE, %eax
	movl	%eax, AP_RECORD + AP_SEEN + 12
	movl	%cr0, %eax
	movl	%eax, AP_RECORD + AP_CR0
	movl	%cr3, %eax
	movl	%eax, AP_RECORD + AP_CR3
	movl	%cr4, %eax
	movl	%eax, AP_RECORD + AP_CR4
	sgdtl	AP_RECORD + AP_GDTR
	sidtl	AP_RECORD + AP_IDTR
	movl	$MSR_EFER, %ecx
	rdmsr
	movl	%eax, AP_RECORD + AP_EFER
	incl	AP_RECORD + AP_STARTS
	lgdtl	AP_RECORD + AP_GDT_POINTER
	.endm

/* All but CR0, which comes last; needs DS with base 0. */
	.macro	long_mode_prepare
	movl	$CR4_PAE, %eax
	movl	%eax, %cr4
	movl	AP_RECORD + AP_NEW_CR3, %eax
	movl	%eax, %cr3
	movl	$MSR_EFER, %ecx
	rdmsr
	orl	$EFER_LME_NXE, %eax
	wrmsr
	.endm

	.text
	.code16
	.globl	ap_low_start, ap_low_end
ap_low_start:
	record_reset_state
	movl	%cr0, %eax
	andl	$CR0_KEPT, %eax
	orl	$1, %eax		/* PE */
	movl	%eax, %cr0
	ljmpl	$AP_SEL_CODE32, $ap32
ap_low_end:

	.globl	ap_high_start, ap_high_end
ap_high_start:
	record_reset_state
	long_mode_prepare
	movl	%cr0, %eax
	andl	$CR0_KEPT, %eax
	orl	$0x80000021, %eax	/* PG, NE, PE */
	movl	%eax, %cr0
	ljmpl	$SEL_CODE, $ap64
ap_high_end:

	.code32
ap32:
	movl	$SEL_DATA, %eax
	movl	%eax, %ds
	long_mode_prepare
	movl	%cr0, %eax
	orl	$0x80000020, %eax	/* PG, NE */
	movl	%eax, %cr0
	ljmpl	$SEL_CODE, $ap64

	.code64
ap64:
	movl	$SEL_DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	AP_RECORD + AP_STACK, %esp
	call	ap_main
1:	cli
	hlt
	jmp	1b

	.data
	.balign	16
	.globl	ap_gdt
ap_gdt:
	.quad	0
	.quad	0x00cf9b000000ffff	/* AP_SEL_CODE32 */
	.quad	0x00af9b000000ffff	/* SEL_CODE */
	.quad	0x00cf93000000ffff	/* SEL_DATA */
