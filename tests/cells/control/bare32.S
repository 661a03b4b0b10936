/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For runs without the monitor: brings the bare machine into the state in which
 * a cell starts, so that the same C code runs with and without the monitor.
 * Multiboot 1 (specification 0.6.96, 3.1), loaded by its address fields.
 */
#include "../lib/selectors.h"
#include "bare.h"

#define MULTIBOOT_MAGIC 0x1badb002
#define MULTIBOOT_ADDRESSES 0x00010000
#define BARE_PML4 0x2000
#define BARE_PDPT 0x3000
#define BARE_PDS 0x4000
#define BARE_STACK 0x9000
#define PTE_PRESENT_WRITE 3
#define PTE_LARGE 0x80
#define LVT_MASKED 0x10000

	.section .multiboot, "a"
	.balign	4
multiboot_header:
	.long	MULTIBOOT_MAGIC
	.long	MULTIBOOT_ADDRESSES
	.long	-(MULTIBOOT_MAGIC + MULTIBOOT_ADDRESSES)
	.long	multiboot_header
	.long	cell_start
	.long	cell_data_end
	.long	cell_bss_end
	.long	bare_entry

	.text
	.code32
bare_entry:
	cli
	cld
	movl	$BARE_STACK, %esp
	movl	%ebx, %ebp		/* multiboot information */
	movl	$boot_gdt, %esi
	movl	$BARE_GDT, %edi
	movl	$(boot_gdt_end - boot_gdt) / 4, %ecx
	rep movsl
	movl	$BARE_PML4, %edi
	xorl	%eax, %eax
	movl	$0x6000 / 4, %ecx
	rep stosl
	movl	$BARE_PDPT + PTE_PRESENT_WRITE, BARE_PML4
	movl	$BARE_PDS + PTE_PRESENT_WRITE, %eax
	movl	$BARE_PDPT, %edi
	movl	$4, %ecx
1:	movl	%eax, (%edi)
	addl	$0x1000, %eax
	addl	$8, %edi
	loop	1b
	movl	$PTE_PRESENT_WRITE + PTE_LARGE, %eax
	movl	$BARE_PDS, %edi
	movl	$2048, %ecx
2:	movl	%eax, (%edi)
	addl	$0x200000, %eax
	addl	$8, %edi
	loop	2b
	lgdt	boot_gdt_pointer
	call	bare_long_mode_on
	ljmp	$SEL_CODE, $bare64

/* Ends in compatibility mode; the caller jumps to a 64-bit segment. */
	.globl	bare_long_mode_on
bare_long_mode_on:
	movl	$0x20, %eax		/* CR4.PAE */
	movl	%eax, %cr4
	movl	$BARE_PML4, %eax
	movl	%eax, %cr3
	movl	$0xc0000080, %ecx	/* EFER */
	rdmsr
	orl	$0x900, %eax		/* LME, NXE */
	wrmsr
	movl	$0x80000011, %eax	/* PG, ET, PE */
	movl	%eax, %cr0
	ret

	.code64
bare64:
	movb	$0xff, %al		/* Bochs's PIC asks no LINT0 */
	outb	%al, $0x21
	outb	%al, $0xa1
	call	bare_x2apic_on
	movl	%ebp, %edi
	jmp	_start

/* The firmware leaves the PIC wired to LINT0; a cell has none. */
	.globl	bare_x2apic_on
bare_x2apic_on:
	movl	$SEL_DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	$0x1b, %ecx		/* APIC_BASE */
	rdmsr
	orl	$0xc00, %eax		/* enabled, x2APIC */
	wrmsr
	xorl	%edx, %edx
	movl	$LVT_MASKED, %eax
	movl	$0x835, %ecx		/* LINT0 */
	wrmsr
	incl	%ecx			/* LINT1 */
	wrmsr
	ret

	.data
	.balign	8
boot_gdt:
	.quad	0
	.quad	0x00cf9b000000ffff	/* 32-bit code, for the way up only */
	.quad	0x00af9b000000ffff
	.quad	0x00cf93000000ffff
boot_gdt_end:
boot_gdt_pointer:
	.word	boot_gdt_end - boot_gdt - 1
	.long	BARE_GDT
