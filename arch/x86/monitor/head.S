/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Multiboot2 entry of the boot CPU: 32-bit protected mode, paging off, EAX the
 * loader's magic, EBX its information structure (Multiboot2 specification
 * 3.3).  Leaves in 64-bit mode on the plan's boot tables.
 */
#include "long_mode.S"
#include "selectors.h"

#define MULTIBOOT2_MAGIC 0xe85250d6
#define MULTIBOOT2_LOADER_MAGIC 0x36d76289
#define MULTIBOOT2_ARCH_I386 0
#define MONITOR_HEADER_MAGIC_LOW 0x4e4f4d53
#define MONITOR_HEADER_MAGIC_HIGH 0x524f5449
#define PLAN_CONSOLE_PORT 256 /* offsetof(struct plan, console_port) */
#define PLAN_VERSION 3 /* plan.h, which assembly cannot include */

#define CPUID_LM (1 << 29)
#define CPUID_NX (1 << 20)

	.section .head, "ax"
	.align 8
multiboot_header:
	.long MULTIBOOT2_MAGIC
	.long MULTIBOOT2_ARCH_I386
	.long multiboot_header_end - multiboot_header
	.long -(MULTIBOOT2_MAGIC + MULTIBOOT2_ARCH_I386 + (multiboot_header_end - multiboot_header))
	.align 8 /* information request: the memory map must be there */
	.short 1, 0
	.long 12
	.long 6
	.align 8 /* end of tags */
	.short 0, 0
	.long 8
multiboot_header_end:

	.align 8
	.globl septum_monitor_header
septum_monitor_header: /* struct monitor_header, completed by the partitioner */
	.long MONITOR_HEADER_MAGIC_LOW, MONITOR_HEADER_MAGIC_HIGH
	.long PLAN_VERSION, 0
header_plan:
	.quad 0
header_boot_cr3:
	.quad 0

	.code32
	.globl multiboot_entry
multiboot_entry:
	cli
	cld
	cmpl $MULTIBOOT2_LOADER_MAGIC, %eax
	movl $text_not_multiboot2, %esi
	jne refuse
	movl %ebx, %ebp

	movl $0x80000000, %eax
	cpuid
	cmpl $0x80000001, %eax
	movl $text_no_long_mode, %esi
	jb refuse
	movl $0x80000001, %eax
	cpuid
	andl $(CPUID_LM | CPUID_NX), %edx
	cmpl $(CPUID_LM | CPUID_NX), %edx
	jne refuse

	movl header_boot_cr3, %eax
	switch_to_long_mode
	lgdt gdt_pointer
	ljmp $SELECTOR_CODE64, $long_entry

	/* The one message that must work without long mode: ESI = text. */
refuse:
	movl header_plan, %edi
	testl %edi, %edi
	jz 2f
	movzwl PLAN_CONSOLE_PORT(%edi), %edx
	testl %edx, %edx
	jz 2f
1:	lodsb
	testb %al, %al
	jz 2f
	outb %al, %dx
	movl $100000, %ecx
	/* No status polling before the port is set up: wait out a character. */
3:	pause
	loop 3b
	jmp 1b
2:	hlt
	jmp 2b

	.code64
long_entry:
	clear_data_segments
	movl $boot_stack_top, %esp
	movl %ebp, %edi
	xorl %ebp, %ebp
	call monitor_boot
	ud2

	.section .rodata
text_not_multiboot2:
	.asciz "septum: refused: not started by a multiboot2 loader\r\nseptum: nothing was started\r\n"
text_no_long_mode:
	.asciz "septum: refused: CPU without 64-bit mode or no-execute\r\nseptum: nothing was started\r\n"

	.align 16
	.globl gdt
gdt:	/* APM volume 2, 4.8: flat code and data; the accessed bits are preset,
	 * because the table is read-only */
	.quad 0
	.quad 0x00cf9b000000ffff /* 08: 32-bit code */
	.quad 0x00af9b000000ffff /* 10: 64-bit code */
	.quad 0x00cf93000000ffff /* 18: data */
gdt_pointer:
	.short GDT_LIMIT
	.quad gdt

	.bss
	.align 16
boot_stack:
	.skip 8192
	.globl boot_stack_top
boot_stack_top:

	.section .note.GNU-stack, "", @progbits
