/* SPDX-License-Identifier: Apache-2.0 */
/*
 * monitor_switch(cr3, stack_top, index): the boot CPU leaves the boot tables
 * for its own.  The code is mapped alike in both, so the next fetch succeeds.
 */
	.text
	.globl monitor_switch
monitor_switch:
	movq %rdi, %cr3
	movq %rsi, %rsp
	movl %edx, %edi
	xorl %ebp, %ebp
	call monitor_joined
	ud2

	.section .note.GNU-stack, "", @progbits
