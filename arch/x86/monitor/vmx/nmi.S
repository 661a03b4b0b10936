/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An NMI that hits the monitor instead of the cell arms the preemption timer,
 * whose value in the VMCS is 0: the next entry exits at once, and that exit
 * accounts for the NMI.  Nothing else arms it (docs/design.md, section 7).
 */
#define VMCS_PIN_CONTROLS 0x4000
#define VMX_PIN_PREEMPTION_TIMER 0x40

	.text
	.code64
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
