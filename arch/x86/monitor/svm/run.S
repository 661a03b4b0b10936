/* SPDX-License-Identifier: Apache-2.0 */
/*
 * svm_run(cpu): enter the cell, and come back to svm_exit(cpu) at each #VMEXIT
 * (APM volume 2, 15.5, 15.6).  GIF is 0 whenever the monitor runs here, so
 * neither interrupts nor NMIs reach it; VMRUN sets it for the cell.
 *
 * FS, GS, TR, LDTR, KernelGSBase and the SYSCALL and SYSENTER registers stay
 * the cell's: the monitor uses none of them, so one VMLOAD at the start serves
 * for ever.  The CPU saves and restores RAX, RSP, RIP, RFLAGS and the control
 * and table registers itself.
 *
 * CR0 is compared all the same, because all of nested paging hangs on it: QEMU's
 * #VMEXIT keeps the cell's CR0, paging off, if the cell has EFER.LME set while
 * CR4.PAE is clear, and its next VMRUN then walks no nested tables.
 */
#include "gprs.S"

#define CPU_CONTROL_ADDRESS 128

	.text
	.code64
	.globl svm_run
svm_run:
	clgi
	movq %cr0, %rax
	pushq %rax
	pushq %rax
	pushq %rdi
	movq CPU_CONTROL_ADDRESS(%rdi), %rax
	vmload %rax
1:
	movq (%rsp), %rdi
	movq CPU_CONTROL_ADDRESS(%rdi), %rax
	for_gprs load_gpr
	movq 8*7(%rdi), %rdi
	vmrun %rax
	movq %rdi, %rax /* RAX is free: the cell's is in the VMCB */
	movq (%rsp), %rdi
	for_gprs store_gpr
	movq %rax, 8*7(%rdi)
	movq 8(%rsp), %rax
	movq %cr0, %rcx
	cmpq %rax, %rcx
	je 2f
	movq %rax, %cr0
2:	xorl %ebp, %ebp
	call svm_exit
	jmp 1b

/* svm_window(nmi_taken, interrupts): see svm.h; APM volume 2, 15.17. */
	.globl svm_window
svm_window:
	testl %esi, %esi
	stgi
	jz 1f
	sti
	nop /* the shadow of STI */
	cli
1:	nop
	clgi
window_end:
	ret

/*
 * An NMI outside the window has nobody to tell: its CPU waits for the start or
 * has left its cell.  Inside, RDI still points to nmi_taken.
 */
	.globl svm_nmi
	.align 16
svm_nmi:
	cmpq $svm_window, (%rsp)
	jb 1f
	cmpq $window_end, (%rsp)
	ja 1f
	movl $1, (%rdi)
1:	iretq

	.section .note.GNU-stack, "", @progbits
