/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by cases_modes.c and modes.S: a trip out of long mode and back. */
#ifndef ATTACKER_MODES_H
#define ATTACKER_MODES_H

/* Byte offsets in struct trip */
#define TRIP_CR0 0
#define TRIP_CR3 4
#define TRIP_CR4 8
#define TRIP_ENTRY 12
#define TRIP_CPUID_EBX 16
#define TRIP_CPUID_ECX 20
#define TRIP_CPUID_EDX 24
#define TRIP_PORT 28
#define TRIP_HOLE 32
#define TRIP_GP 36
#define TRIP_EFER 40

#define REAL_PAGE 0x70000 /* a copy of real_page_start, with its stack */
#define NOBODYS_PORT 0x80
#define NOBODYS_ADDRESS 0xd0000000
#define NOBODYS_MSR 0x12345678

#define MODE_SEL_CODE32 0x08 /* SEL_CODE and SEL_DATA are as ever */
#define MODE_SEL_CODE16 0x20
#define MODE_SEL_TASK_A 0x28 /* filled in by whom they serve */
#define MODE_SEL_TASK_B 0x30
#define MODE_GATES 14

#ifndef __ASSEMBLER__
#include <stdint.h>

/* Where to go, and what was seen there. */
struct trip {
	uint32_t cr0, cr3, cr4;
	uint32_t entry; /* 32-bit code, called with the above in force */
	uint32_t cpuid_ebx, cpuid_ecx, cpuid_edx; /* leaf 0 */
	uint32_t port; /* read from NOBODYS_PORT */
	uint32_t hole; /* read from NOBODYS_ADDRESS */
	uint32_t gp; /* #GPs taken by reading NOBODYS_MSR */
	uint32_t efer; /* added to EFER, whose LME is off */
};

extern struct trip trip;

/**
 * trip_prepare() - fill in @trip for protected mode.
 * @paging: 0 or CR0_PG; @cr4: its CR4_PAE and CR4_PSE; @efer: 0 or EFER_LME
 */
void trip_prepare(uint64_t paging, uint32_t cr3, uint64_t cr4, uint32_t efer, const uint8_t *entry);

/** trip_on_gp() - who takes #GP there. */
void trip_on_gp(const uint8_t *handler);

/** trip_judge() - what was seen must be what long mode sees. */
void trip_judge(void);

/** trip_make() - there and back; interrupts must be off, @trip filled in. */
void trip_make(void);

extern uint64_t mode_gdt[];
extern uint64_t protected_idt[MODE_GATES];
extern const uint8_t protected_acts[], real_acts[];
extern const uint8_t real_page_start[], real_page_end[];
#endif
#endif
