/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vmx_run(cpu): enter the cell, and come back to vmx_exit(cpu) at each VM exit
 * (Intel SDM volume 3C, 26 and 27).  The processor switches RSP, RIP, RFLAGS, the
 * control, table and segment registers, EFER, PAT and SYSENTER; the rest (debug
 * addresses, KernelGSBase, the SYSCALL registers, extended state) stays the cell's:
 * the monitor uses none of it.
 *
 * The host RSP of the VMCS is a place at the top of the stack that holds @cpu.
 */
#include "selectors.h"

#define VMCS_HOST_RSP 0x6c14

	.text
	.code64
	.globl vmx_run
vmx_run:
	movl $VMCS_HOST_RSP, %eax
	vmread %rax, %rsp
	movq %rdi, (%rsp)
	stc /* not launched yet; no MOV changes that */
enter:
	movq (%rsp), %rdi
	movq 8*0(%rdi), %rax
	movq 8*1(%rdi), %rcx
	movq 8*2(%rdi), %rdx
	movq 8*3(%rdi), %rbx
	movq 8*5(%rdi), %rbp
	movq 8*6(%rdi), %rsi
	movq 8*8(%rdi), %r8
	movq 8*9(%rdi), %r9
	movq 8*10(%rdi), %r10
	movq 8*11(%rdi), %r11
	movq 8*12(%rdi), %r12
	movq 8*13(%rdi), %r13
	movq 8*14(%rdi), %r14
	movq 8*15(%rdi), %r15
	movq 8*7(%rdi), %rdi
	jc 1f
	vmresume
	jmp 2f
1:	vmlaunch
2:	movq (%rsp), %rdi
	xorl %ebp, %ebp
	call vmx_entry_failed
	ud2

	.globl vmx_host_rip
vmx_host_rip:
	pushq %rdi
	movq 8(%rsp), %rdi
	movq %rax, 8*0(%rdi)
	movq %rcx, 8*1(%rdi)
	movq %rdx, 8*2(%rdi)
	movq %rbx, 8*3(%rdi)
	movq %rbp, 8*5(%rdi)
	movq %rsi, 8*6(%rdi)
	popq 8*7(%rdi)
	movq %r8, 8*8(%rdi)
	movq %r9, 8*9(%rdi)
	movq %r10, 8*10(%rdi)
	movq %r11, 8*11(%rdi)
	movq %r12, 8*12(%rdi)
	movq %r13, 8*13(%rdi)
	movq %r14, 8*14(%rdi)
	movq %r15, 8*15(%rdi)
	xorl %ebp, %ebp
	call vmx_exit
	clc /* launched */
	jmp enter

	.globl vmx_unblock_nmis
vmx_unblock_nmis:
	popq %rax
	movq %rsp, %rcx
	pushq $0 /* SS */
	pushq %rcx
	pushfq
	pushq $SELECTOR_CODE64
	pushq %rax
	iretq

	.section .note.GNU-stack, "", @progbits
