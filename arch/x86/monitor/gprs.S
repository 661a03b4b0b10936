/* SPDX-License-Identifier: Apache-2.0 */
/* For run.S: all registers of the cell but RAX, RSP and RDI, in the struct cpu at RDI. */
#ifndef SEPTUM_X86_GPRS_H
#define SEPTUM_X86_GPRS_H

	.macro load_gprs
	movq 8*1(%rdi), %rcx
	movq 8*2(%rdi), %rdx
	movq 8*3(%rdi), %rbx
	movq 8*5(%rdi), %rbp
	movq 8*6(%rdi), %rsi
	.irp n, 8, 9, 10, 11, 12, 13, 14, 15
	movq 8*\n(%rdi), %r\n
	.endr
	.endm

	.macro store_gprs
	movq %rcx, 8*1(%rdi)
	movq %rdx, 8*2(%rdi)
	movq %rbx, 8*3(%rdi)
	movq %rbp, 8*5(%rdi)
	movq %rsi, 8*6(%rdi)
	.irp n, 8, 9, 10, 11, 12, 13, 14, 15
	movq %r\n, 8*\n(%rdi)
	.endr
	.endm

#endif
