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
#include "gprs.S"
#include "selectors.h"

#define VMCS_HOST_RSP 0x6c14
#define VMCS_PIN_CONTROLS 0x4000
#define VMX_PIN_PREEMPTION_TIMER 0x40

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
	for_gprs load_gpr
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
	for_gprs store_gpr
	popq 8*7(%rdi)
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

/*
 * An NMI that hits the monitor instead of the cell arms the preemption timer,
 * whose value in the VMCS is 0: the next entry exits at once, and that exit
 * accounts for the NMI.  Nothing else arms it (docs/design.md, section 7).
 */
	.globl vmx_nmi
	.align 16
vmx_nmi:
	pushq %rax
	pushq %rcx
	movl $VMCS_PIN_CONTROLS, %ecx
	vmread %rcx, %rax
	orq $VMX_PIN_PREEMPTION_TIMER, %rax
	vmwrite %rax, %rcx
	popq %rcx
	popq %rax
	iretq

	.section .note.GNU-stack, "", @progbits
