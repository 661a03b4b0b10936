/* SPDX-License-Identifier: Apache-2.0 */
/* The bare machine's second CPU, from its first instruction to ap_main(). */
#include "../lib/selectors.h"
#include "bare.h"

	.text
/* Copied to AP_PAGE: a started CPU's first instructions, in real mode. */
	.globl	ap_page_start, ap_page_end
	.code16
ap_page_start:
	cli
	xorw	%ax, %ax
	movw	%ax, %ds
	lgdtl	AP_PAGE + ap_gdt_pointer - ap_page_start
	movl	%cr0, %eax
	orl	$1, %eax
	movl	%eax, %cr0
	ljmpl	$0x08, $ap32
ap_gdt_pointer:
	.word	BARE_GDT_BYTES - 1
	.long	BARE_GDT
ap_page_end:

	.code32
ap32:
	movl	$SEL_DATA, %eax
	movl	%eax, %ds
	movl	%eax, %ss
	movl	$ap_stack_top, %esp
	call	bare_long_mode_on
	ljmp	$SEL_CODE, $ap64

	.code64
ap64:
	call	bare_x2apic_on
	call	ap_main
3:	cli
	hlt
	jmp	3b

	.bss
	.balign	16
	.skip	4096
ap_stack_top:
