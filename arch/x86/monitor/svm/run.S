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
	vmrun %rax
	movq %rdi, %rax /* RAX is free: the cell's is in the VMCB */
	movq (%rsp), %rdi
	movq %rcx, 8*1(%rdi)
	movq %rdx, 8*2(%rdi)
	movq %rbx, 8*3(%rdi)
	movq %rbp, 8*5(%rdi)
	movq %rsi, 8*6(%rdi)
	movq %rax, 8*7(%rdi)
	movq %r8, 8*8(%rdi)
	movq %r9, 8*9(%rdi)
	movq %r10, 8*10(%rdi)
	movq %r11, 8*11(%rdi)
	movq %r12, 8*12(%rdi)
	movq %r13, 8*13(%rdi)
	movq %r14, 8*14(%rdi)
	movq %r15, 8*15(%rdi)
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
