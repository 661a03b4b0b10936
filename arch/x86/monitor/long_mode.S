/* SPDX-License-Identifier: Apache-2.0 */
/* For head.S and ap_start.S: from 32-bit protected mode to 64-bit code (APM volume 2, 14.6). */
#define CR0_PE_PG_WP_NE_ET 0x80010031
#define CR4_PAE 0x20
#define EFER 0xc0000080
#define EFER_LME_NXE 0x900

	/* EAX = CR3; a far jump must follow. */
	.macro switch_to_long_mode
	movl %eax, %cr3
	movl $CR4_PAE, %eax
	movl %eax, %cr4
	movl $EFER, %ecx
	rdmsr
	orl $EFER_LME_NXE, %eax
	wrmsr
	movl $CR0_PE_PG_WP_NE_ET, %eax
	movl %eax, %cr0
	.endm

	.macro clear_data_segments
	xorl %eax, %eax
	movl %eax, %ss
	movl %eax, %ds
	movl %eax, %es
	movl %eax, %fs
	movl %eax, %gs
	.endm
