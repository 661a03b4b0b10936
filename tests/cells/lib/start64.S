/* SPDX-License-Identifier: Apache-2.0 */
/*
 * First instruction of a cell: 64-bit mode, GPA = virtual address below 4 GiB,
 * interrupts off, x2APIC on.  RDI: 0, or the multiboot information of a bare run.
 */
#include "selectors.h"

	.text
	.globl _start
_start:
	cli
	cld
	leaq	stack_top(%rip), %rsp
	movq	%rdi, %rbx
	call	segments_load
	call	traps_init
	movq	%rbx, %rdi
	call	cell_main
1:	cli
	hlt
	jmp	1b

/*
 * Switches to a GDT of our own, which unlike the boot one has user segments
 * and a TSS; the selectors of kernel code and data stay the same.
 */
segments_load:
	lgdt	gdt_pointer(%rip)
	movl	$SEL_DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	xorl	%eax, %eax
	movl	%eax, %fs
	movl	%eax, %gs
	popq	%rax
	pushq	$SEL_CODE
	pushq	%rax
	lretq

	.bss
	.balign	16
	.skip	16384
stack_top:

	.data
	.balign	16
	.globl	cell_gdt
/* APM volume 2, 4.7 and 4.8; the TSS descriptor (two slots) is filled in by C. */
cell_gdt:
	.quad	0, 0
	.quad	0x00af9b000000ffff	/* SEL_CODE: 64-bit, ring 0 */
	.quad	0x00cf93000000ffff	/* SEL_DATA */
	.quad	0x00cff3000000ffff	/* SEL_USER_DATA */
	.quad	0x00affb000000ffff	/* SEL_USER_CODE: 64-bit, ring 3 */
	.quad	0, 0			/* SEL_TSS */
gdt_pointer:
	.word	gdt_pointer - cell_gdt - 1
	.quad	cell_gdt
