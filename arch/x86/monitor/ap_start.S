/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the other CPUs begin after their SIPI: 16-bit real mode at the boot
 * page (Intel SDM volume 3A, 9.4.4; APM volume 2, 15.27.8).  The boot CPU
 * copies this page there and fills in ap_mailbox; on a CPU's own tables the
 * page is readable and executable, not writable.
 */
#include "selectors.h"

#define CR0_PE_PG_WP_NE_ET 0x80010031
#define CR4_PAE 0x20
#define EFER 0xc0000080
#define EFER_LME_NXE 0x900

	.section .rodata
	.align 16
	.globl ap_start, ap_start_end, ap_mailbox
	.code16
ap_start:
	cli
	cld
	movw %cs, %ax
	movw %ax, %ds
	movzwl %ax, %ebx
	shll $4, %ebx /* EBX = physical address of this page */
	/* The addresses below depend on the page: computed, not relocated. */
	leal (ap_gdt - ap_start)(%ebx), %eax
	movl %eax, %ds:(ap_gdt_pointer + 2 - ap_start)
	lgdtl %ds:(ap_gdt_pointer - ap_start)
	movl %cr0, %eax
	orl $1, %eax
	movl %eax, %cr0
	leal (ap_protected - ap_start)(%ebx), %eax
	movl %eax, %ds:(ap_far_target - ap_start)
	ljmpl *%ds:(ap_far_target - ap_start)

	.align 8
ap_gdt:
	.quad 0
	.quad 0x00cf9b000000ffff
	.quad 0x00af9b000000ffff
	.quad 0x00cf93000000ffff
ap_gdt_end:
ap_gdt_pointer:
	.short ap_gdt_end - ap_gdt - 1
	.long 0
	.align 4
ap_far_target:
	.long 0
	.short SELECTOR_CODE32

	.code32
ap_protected:
	movl $SELECTOR_DATA, %eax
	movl %eax, %ds
	movl %eax, %ss
	movl $CR4_PAE, %eax
	movl %eax, %cr4
	movl (ap_mailbox - ap_start)(%ebx), %eax
	movl %eax, %cr3
	movl $EFER, %ecx
	rdmsr
	orl $EFER_LME_NXE, %eax
	wrmsr
	movl $CR0_PE_PG_WP_NE_ET, %eax
	movl %eax, %cr0
	lgdt gdt_pointer
	ljmp $SELECTOR_CODE64, $ap_long

	/* struct ap_mailbox (smp.c): CR3, stack top, plan CPU index */
	.align 8
ap_mailbox:
	.quad 0
	.quad 0
	.quad 0
ap_start_end:

	.text
	.code64
ap_long:
	xorl %eax, %eax
	movl %eax, %ss
	movl %eax, %ds
	movl %eax, %es
	movl %eax, %fs
	movl %eax, %gs
	movq (ap_mailbox - ap_start) + 8(%rbx), %rsp
	movl (ap_mailbox - ap_start) + 16(%rbx), %edi
	xorl %ebp, %ebp
	call ap_boot
	ud2

	.section .note.GNU-stack, "", @progbits
