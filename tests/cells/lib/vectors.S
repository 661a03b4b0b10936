/* SPDX-License-Identifier: Apache-2.0 */
/* One entry per interrupt vector, all leading to trap_dispatch(). */
	.text

/* Exceptions that push an error code: APM volume 2, table 8-1. */
#define ERROR_CODE_VECTORS 0x60227d00

	.balign	16
	.globl vector_entries
vector_entries:
	.set	number, 0
	.rept	32
	.balign	16
	.if	!((ERROR_CODE_VECTORS >> number) & 1)
	pushq	$0
	.endif
	.byte	0x68			/* pushq $number */
	.long	number
	jmp	trap_entry
	.set	number, number + 1
	.endr
	.rept	224
	.balign	16
	pushq	$0
	.byte	0x68
	.long	number
	jmp	trap_entry
	.set	number, number + 1
	.endr

/* Builds a struct trap_frame on the stack. */
trap_entry:
	cld
	pushq	%rax
	pushq	%rcx
	pushq	%rdx
	pushq	%rbx
	pushq	%rbp
	pushq	%rsi
	pushq	%rdi
	pushq	%r8
	pushq	%r9
	pushq	%r10
	pushq	%r11
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	movq	%rsp, %rdi
	movq	%rsp, %rbp
	andq	$-16, %rsp
	call	trap_dispatch
	movq	%rbp, %rsp
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%r11
	popq	%r10
	popq	%r9
	popq	%r8
	popq	%rdi
	popq	%rsi
	popq	%rbp
	popq	%rbx
	popq	%rdx
	popq	%rcx
	popq	%rax
	addq	$16, %rsp
	iretq

/* bool trap_guard(void (*act)(void *), void *arg): see traps.h */
	.globl	trap_guard
trap_guard:
	pushq	%rbx
	pushq	%rbp
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	subq	$8, %rsp
	movq	%rsp, guard_stack(%rip)
	movq	%rdi, %rax
	movq	%rsi, %rdi
	call	*%rax
	movl	$1, %eax
	jmp	1f
/* trap_dispatch() comes back here, RSP as saved above, when act trapped. */
	.globl	trap_guard_abort
trap_guard_abort:
	xorl	%eax, %eax
1:	movq	$0, guard_stack(%rip)
	addq	$8, %rsp
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbp
	popq	%rbx
	ret

	.bss
	.balign	8
	.globl	guard_stack
guard_stack:
	.quad	0
