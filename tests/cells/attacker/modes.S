/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The same few acts in every mode that long mode can be left for: APM volume 2,
 * 1.2 and 14.6.  All addresses are below 2 MiB, so that 32 bits name them.
 */
#include "../lib/selectors.h"
#include "modes.h"

#define CR0_PG 0x80000000
#define MSR_EFER 0xc0000080
#define EFER_LME 0x100

	.text
	.code64
	.globl	trip_make
trip_make:
	pushq	%rbx
	pushq	%rbp
	movq	%cr0, %rax
	movq	%rax, home_cr0
	movq	%cr3, %rax
	movq	%rax, home_cr3
	movq	%cr4, %rax
	movq	%rax, home_cr4
	sgdt	home_gdt
	sidt	home_idt
	movq	%rsp, home_rsp
	lgdt	mode_gdt_pointer
	pushq	$MODE_SEL_CODE32
	pushq	$leave_long_mode
	lretq

come_home64:
	movq	home_rsp, %rsp
	lgdt	home_gdt
	lidt	home_idt
	popq	%rbp
	popq	%rbx
	ret

	.code32
leave_long_mode:
	call	flat_data
	call	paging_off
	andl	$~EFER_LME, %eax
	orl	trip + TRIP_EFER, %eax
	wrmsr
	movl	trip + TRIP_CR4, %eax
	movl	%eax, %cr4
	movl	trip + TRIP_CR3, %eax
	movl	%eax, %cr3
	lidt	protected_idt_pointer
	movl	trip + TRIP_CR0, %eax
	movl	%eax, %cr0
	call	*trip + TRIP_ENTRY
	call	paging_off
	orl	$EFER_LME, %eax
	wrmsr
	movl	home_cr4, %eax
	movl	%eax, %cr4
	movl	home_cr3, %eax
	movl	%eax, %cr3
	movl	home_cr0, %eax
	movl	%eax, %cr0
	ljmp	$SEL_CODE, $come_home64

	.globl	flat_data
flat_data:
	movl	$SEL_DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %fs
	movl	%eax, %ss
	ret

/* Leaves EFER in EDX:EAX and its number in ECX. */
paging_off:
	movl	%cr0, %eax
	andl	$~CR0_PG, %eax
	movl	%eax, %cr0
	movl	$MSR_EFER, %ecx
	rdmsr
	ret

	.globl	protected_acts
protected_acts:
	xorl	%eax, %eax
	cpuid
	movl	%ebx, trip + TRIP_CPUID_EBX
	movl	%ecx, trip + TRIP_CPUID_ECX
	movl	%edx, trip + TRIP_CPUID_EDX
	movw	$NOBODYS_PORT, %dx
	inl	%dx, %eax
	movl	%eax, trip + TRIP_PORT
	outb	%al, %dx
	movl	$0, NOBODYS_ADDRESS
	movl	NOBODYS_ADDRESS, %eax
	movl	%eax, trip + TRIP_HOLE
	movl	$NOBODYS_MSR, %ecx
	rdmsr
protected_resume:
	ret

/* The error code, then the address of the RDMSR. */
	.globl	protected_gp
protected_gp:
	incl	trip + TRIP_GP
	addl	$4, %esp
	movl	$protected_resume, (%esp)
	iretl

	.globl	real_acts
real_acts:
	movl	%esp, home_esp
	ljmp	$MODE_SEL_CODE16, $0
back_from_real:
	movl	$SEL_DATA, %eax
	movl	%eax, %ss
	movl	%cs:home_esp, %esp
	call	flat_data
	ret

/*
 * FS keeps its base of 0 and its limit of 4 GiB in real mode, so that all of
 * memory is in reach (APM volume 2, 4.5.1).
 */
	.code16
	.globl	real_page_start, real_page_end
real_page_start:
	movl	%cr0, %eax
	andb	$0xfe, %al		/* PE */
	movl	%eax, %cr0
	ljmp	$(REAL_PAGE >> 4), $1f - real_page_start
1:	movw	%cs, %ax
	movw	%ax, %ss
	movl	$0xfff0, %esp
	lidtl	%cs:real_idt_pointer - real_page_start
	movl	$trip, %ebp
	xorl	%eax, %eax
	cpuid
	movl	%ebx, %fs:TRIP_CPUID_EBX(%ebp)
	movl	%ecx, %fs:TRIP_CPUID_ECX(%ebp)
	movl	%edx, %fs:TRIP_CPUID_EDX(%ebp)
	movw	$NOBODYS_PORT, %dx
	inl	%dx, %eax
	movl	%eax, %fs:TRIP_PORT(%ebp)
	outb	%al, %dx
	movl	$NOBODYS_ADDRESS, %ebx
	movl	$0, %fs:(%ebx)
	movl	%fs:(%ebx), %eax
	movl	%eax, %fs:TRIP_HOLE(%ebp)
	movl	$NOBODYS_MSR, %ecx
	rdmsr
real_resume:
	movl	%cr0, %eax
	orb	$1, %al
	movl	%eax, %cr0
	ljmpl	$MODE_SEL_CODE32, $back_from_real

/* No error code in real mode: IP comes first. */
real_gp:
	incl	%fs:TRIP_GP(%ebp)
	movl	%esp, %ebp
	movw	$real_resume - real_page_start, %ss:(%ebp)
	iretw

	.balign	4
real_idt:
	.skip	13 * 4
	.word	real_gp - real_page_start, REAL_PAGE >> 4
real_idt_pointer:
	.word	real_idt_pointer - real_idt - 1
	.long	REAL_PAGE + real_idt - real_page_start
real_page_end:

	.data
	.balign	16
	.globl	mode_gdt
mode_gdt:
	.quad	0
	.quad	0x00cf9b000000ffff	/* MODE_SEL_CODE32 */
	.quad	0x00af9b000000ffff	/* SEL_CODE */
	.quad	0x00cf93000000ffff	/* SEL_DATA */
	.quad	0x00009b070000ffff	/* MODE_SEL_CODE16: base REAL_PAGE */
	.quad	0, 0			/* MODE_SEL_TASK_A, MODE_SEL_TASK_B */
mode_gdt_pointer:
	.word	mode_gdt_pointer - mode_gdt - 1
	.quad	mode_gdt
protected_idt_pointer:
	.word	MODE_GATES * 8 - 1
	.long	protected_idt

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
home_esp:
	.long	0
home_gdt:
	.skip	10
home_idt:
	.skip	10
