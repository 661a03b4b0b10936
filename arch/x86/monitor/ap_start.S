/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the other CPUs begin after their SIPI: 16-bit real mode at the boot
 * page (Intel SDM volume 3A, 9.4.4; APM volume 2, 15.27.8).  The boot CPU
 * copies this page there and fills in ap_mailbox; on a CPU's own tables the
 * page is readable and executable, not writable.
 */
#include "long_mode.S"
#include "selectors.h"

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
	lgdtl %ds:(ap_gdt_pointer - ap_start)
	movl %cr0, %eax
	orl $1, %eax
	movl %eax, %cr0
	/* This address depends on the page: computed, not relocated. */
	leal (ap_protected - ap_start)(%ebx), %eax
	movl %eax, %ds:(ap_far_target - ap_start)
	ljmpl *%ds:(ap_far_target - ap_start)

ap_gdt_pointer: /* the monitor's own: it lies below 4 GiB, mapped one to one */
	.short GDT_LIMIT
	.long gdt
	.align 4
ap_far_target:
	.long 0
	.short SELECTOR_CODE32

	.code32
ap_protected:
	movl $SELECTOR_DATA, %eax
	movl %eax, %ds
	movl %eax, %ss
	movl (ap_mailbox - ap_start)(%ebx), %eax
	switch_to_long_mode
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
	clear_data_segments
	movq (ap_mailbox - ap_start) + 8(%rbx), %rsp
	movl (ap_mailbox - ap_start) + 16(%rbx), %edi
	xorl %ebp, %ebp
	call ap_boot
	ud2

	.section .note.GNU-stack, "", @progbits
