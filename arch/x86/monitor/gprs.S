/* SPDX-License-Identifier: Apache-2.0 */
/* For run.S: all registers of the cell but RAX, RSP and RDI, in the struct cpu at RDI. */
	.macro load_gpr number, register
	movq 8*\number(%rdi), %\register
	.endm

	.macro store_gpr number, register
	movq %\register, 8*\number(%rdi)
	.endm

	.macro for_gprs action
	\action 1, rcx
	\action 2, rdx
	\action 3, rbx
	\action 5, rbp
	\action 6, rsi
	.irp n, 8, 9, 10, 11, 12, 13, 14, 15
	\action \n, r\n
	.endr
	.endm
