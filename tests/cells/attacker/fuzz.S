/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Into a random instruction stream and back.  Meanwhile all that the way back
 * needs is read-only for the stream, by its own page tables.
 */
#include "../lib/selectors.h"
#include "fuzz.h"

#define MSR_X2APIC_EOI 0x80b
#define DR7_AT_RESET 0x400
#define RFLAGS_RESERVED_ONE 2

	.text
	.globl	fuzz_enter
fuzz_enter:
	pushq	%rbx
	pushq	%rbp
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	movq	%cr0, %rax
	movq	%rax, home_cr0
	movq	%cr3, %rax
	movq	%rax, home_cr3
	movq	%cr4, %rax
	movq	%rax, home_cr4
	sgdt	home_gdt
	sidt	home_idt
	movl	$0, ticks
	movq	%rsp, home_rsp
	.set	offset, FUZZ_FRAME + 32
	.rept	5
	pushq	offset(%rdi)
	.set	offset, offset - 8
	.endr
	movq	FUZZ_CR3(%rdi), %rax
	movq	%rax, %cr3
	movq	FUZZ_GPRS(%rdi), %rax
	movq	FUZZ_GPRS + 8(%rdi), %rcx
	movq	FUZZ_GPRS + 16(%rdi), %rdx
	movq	FUZZ_GPRS + 24(%rdi), %rbx
	movq	FUZZ_GPRS + 40(%rdi), %rbp
	movq	FUZZ_GPRS + 48(%rdi), %rsi
	movq	FUZZ_GPRS + 64(%rdi), %r8
	movq	FUZZ_GPRS + 72(%rdi), %r9
	movq	FUZZ_GPRS + 80(%rdi), %r10
	movq	FUZZ_GPRS + 88(%rdi), %r11
	movq	FUZZ_GPRS + 96(%rdi), %r12
	movq	FUZZ_GPRS + 104(%rdi), %r13
	movq	FUZZ_GPRS + 112(%rdi), %r14
	movq	FUZZ_GPRS + 120(%rdi), %r15
	movq	FUZZ_GPRS + 56(%rdi), %rdi
	iretq

	.balign	16
	.globl	fuzz_entries
fuzz_entries:
	.set	number, 0
	.rept	256
	.balign	16
	.byte	0x68			/* pushq $number */
	.long	number
	.if	number == FUZZ_TICK_VECTOR
	jmp	tick
	.else
	jmp	leave
	.endif
	.set	number, number + 1
	.endr

/* The stream may be in a loop: it gets its time, then no more. */
tick:
	addq	$8, %rsp
	pushq	%rax
	pushq	%rcx
	pushq	%rdx
	movq	%cr3, %rax
	pushq	%rax
	movq	home_cr3, %rax
	movq	%rax, %cr3
	movl	$MSR_X2APIC_EOI, %ecx
	xorl	%eax, %eax
	xorl	%edx, %edx
	wrmsr
	incl	ticks
	cmpl	$FUZZ_TICKS, ticks
	jae	1f
	popq	%rax
	movq	%rax, %cr3
	popq	%rdx
	popq	%rcx
	popq	%rax
	iretq
1:	pushq	$FUZZ_GIVEN_UP

/* The stack is that of exceptions, the vector on top; an error code does not matter. */
leave:
	popq	%rax
	movq	home_cr3, %rcx
	movq	%rcx, %cr3
	movq	home_cr0, %rcx
	movq	%rcx, %cr0
	movq	%cr4, %rdx
	movq	home_cr4, %rcx
	cmpq	%rcx, %rdx
	je	2f
	movq	%rcx, %cr4
2:	cld
	movl	$DR7_AT_RESET, %ecx
	movq	%rcx, %dr7
	lgdt	home_gdt
	lidt	home_idt
	movl	$SEL_DATA, %ecx
	movl	%ecx, %ds
	movl	%ecx, %es
	movl	%ecx, %ss
	xorl	%ecx, %ecx
	movl	%ecx, %fs
	movl	%ecx, %gs
	lldt	%cx
	movq	home_rsp, %rsp
	pushq	$RFLAGS_RESERVED_ONE
	popfq
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbp
	popq	%rbx
	ret

	.bss
	.balign	16
home_cr0:
	.quad	0
home_cr3:
	.quad	0
home_cr4:
	.quad	0
home_rsp:
	.quad	0
home_gdt:
	.skip	10
home_idt:
	.skip	10
ticks:
	.long	0
