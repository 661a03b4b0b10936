/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What only protected mode can do: hardware task switches (APM volume 2, 12.3)
 * and virtual-8086 mode (12.4 and 4.5.2).
 */
#include "../lib/selectors.h"
#include "modes.h"
#include "tasks.h"

#define EFLAGS_NT 0x4000
#define EFLAGS_VM_RESERVED 0x20002

	.text
	.code32
task_here:
	movl	$MODE_SEL_TASK_A, %eax
	ltr	%ax
	ret

	.globl	task_by_jump, task_by_call, task_by_gate, task_by_return
task_by_jump:
	call	task_here
	ljmp	$MODE_SEL_TASK_B, $0
	ret

task_by_call:
	call	task_here
	lcall	$MODE_SEL_TASK_B, $0
	ret

task_by_gate:
	call	task_here
	int	$TASK_GATE_VECTOR
	ret

/* The link of task A names task B, which must be busy. */
task_by_return:
	call	task_here
	pushfl
	orl	$EFLAGS_NT, (%esp)
	popfl
	iretl
	ret

/* With NT a RETURN goes where we came from; without, a jump does. */
	.globl	task_main
task_main:
	incl	task_turns
	pushfl
	popl	%eax
	testl	$EFLAGS_NT, %eax
	jz	1f
	iretl
	jmp	task_main
1:	ljmp	$MODE_SEL_TASK_A, $0
	jmp	task_main

/* Ring 3 with interrupts off; #GP is the way back. */
	.globl	v86_acts
v86_acts:
	movl	%esp, v86_home_esp
	call	task_here
	pushl	$0			/* GS */
	pushl	$V86_HOLE_SEGMENT	/* FS */
	pushl	$REAL_PAGE >> 4		/* DS */
	pushl	$0			/* ES */
	pushl	$REAL_PAGE >> 4		/* SS */
	pushl	$0xff0
	pushl	$EFLAGS_VM_RESERVED
	pushl	$REAL_PAGE >> 4		/* CS */
	pushl	$0
	iretl

/* The first for RDMSR, which is not for ring 3; the second for HLT, the end. */
	.globl	v86_gp
v86_gp:
	call	flat_data
	incl	trip + TRIP_GP
	cmpl	$1, trip + TRIP_GP
	jne	2f
	addl	$4, %esp
	addl	$2, (%esp)
	iretl
2:	movl	v86_home_esp, %esp
	ret

	.code16
	.globl	v86_page_start, v86_page_end
v86_page_start:
	xorl	%eax, %eax
	cpuid
	movl	%ebx, V86_CPUID_EBX
	movl	%ecx, V86_CPUID_ECX
	movl	%edx, V86_CPUID_EDX
	movw	$NOBODYS_PORT, %dx
	inl	%dx, %eax
	movl	%eax, V86_PORT
	outb	%al, %dx
	xorl	%ebx, %ebx
	movl	$0, %fs:(%ebx)
	movl	%fs:(%ebx), %eax
	movl	%eax, V86_HOLE
	movl	$NOBODYS_MSR, %ecx
	rdmsr
	hlt
v86_page_end:

	.bss
	.balign	16
	.globl	task_turns, task_stack_top
task_turns:
	.long	0
v86_home_esp:
	.long	0
	.balign	16
	.skip	1024
task_stack_top:
