/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The monitor's own exceptions: a fault in the monitor is a bug and stops the
 * CPU that has it, after a report.  NMIs are taken and forgotten here, until a
 * back end puts its own gate in their place.  So is #SX, which is what a redirected INIT becomes
 * (APM volume 2, 15.28): no CPU leaves the monitor by it.
 */
	.text
	.code64
	.altmacro
	.macro stub vector
	.align 16
	/* CPUs push an error code for 8, 10-14, 17, 21, 29, 30 (APM volume 2, 8.2) */
	.if (\vector == 8) || (\vector >= 10 && \vector <= 14) || (\vector == 17) || (\vector == 21) || (\vector == 29) || (\vector == 30)
	.else
	pushq $0
	.endif
	pushq $\vector
	jmp exception
	.endm

	.globl exception_stubs
	.align 16
exception_stubs:
	.set number, 0
	.rept 32
	stub %number
	.set number, number + 1
	.endr

exception:
	cmpq $2, (%rsp)
	je 1f
	cmpq $30, (%rsp)
	je 1f
	movq (%rsp), %rdi /* vector */
	movq 8(%rsp), %rsi /* error code */
	movq 16(%rsp), %rdx /* RIP */
	andq $-16, %rsp
	call exception_fatal
	ud2
1:	addq $16, %rsp
	iretq

/*
 * An interrupt that a cell left pending, accepted while its CPU is reset: apic_reset()
 * ends it (APM volume 2, 16.6.5).
 */
	.globl interrupt_forget
	.align 16
interrupt_forget:
	iretq

	.section .note.GNU-stack, "", @progbits
