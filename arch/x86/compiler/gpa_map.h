/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first MiB of every x86 cell: where the partitioner puts what a payload
 * needs at its first instruction.  All of it is the cell's own RAM; a payload
 * may reuse it once it runs (Linux learns of it from its e820 map).
 */
#ifndef SEPTUM_X86_GPA_MAP_H
#define SEPTUM_X86_GPA_MAP_H

#define GPA_BOOT_GDT 0x1000u /* 32 bytes used */
#define GPA_BOOT_TABLES 0x2000u /* PML4, PDPT, four PDs: identity map of 4 GiB */
#define GPA_BOOT_TABLES_END 0x8000u
#define GPA_BOOT_STACK 0x9000u /* initial RSP, grows down to GPA_BOOT_TABLES_END */
#define GPA_BOOT_PARAMS 0x10000u /* Linux zero page */
#define GPA_CMDLINE 0x11000u
#define GPA_CMDLINE_END 0x12000u
#define GPA_LOW_RAM_END 0x9f000u /* usable below here; payloads load above GPA_CMDLINE_END */
#define GPA_ACPI 0xe0000u /* RSDP first */
#define GPA_ACPI_END 0xff000u
#define GPA_RESET_VECTOR 0xffff0u /* F000:FFF0, where a PC's BIOS is entered */
#define GPA_HIGH_RAM 0x100000u

/*
 * From the I/O APIC to 4 GiB: I/O APIC, HPET, local APIC and message addresses,
 * flash.  The same on every PC: Intel SDM volume 3, 11.4.1 (local APIC at
 * FEE00000h) and 11.11.1 (messages at FEExxxxxh).
 */
#define GPA_PC_HOLE 0xfec00000ull
#define GPA_PC_HOLE_BYTES 0x1400000ull

/* Ports that mean something to the monitor in every cell and that no cell may own. */
#define PORT_CELL_SLEEP 0x5e0u /* ACPI Sleep Control register, 8 bit */
#define PORT_CELL_SLEEP_STATUS 0x5e1u
#define PORT_CELL_RESET 0xcf9u /* ACPI reset register, 8 bit */
#define PORT_CELL_RESET_VALUE 0x06u

#endif
