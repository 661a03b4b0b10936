/* SPDX-License-Identifier: Apache-2.0 */
/* Low memory that a started CPU finds: shared by ap_start.S and C. */
#ifndef SMP_AP_PAGE_H
#define SMP_AP_PAGE_H

/* Pages where a CPU may be started; their numbers are SIPI vectors. */
#define AP_PAGE_LOW 0x9000
#define AP_PAGE_HIGH 0x9e000 /* goes to long mode in one step */

/* Within the first 64 KiB: what a CPU writes by its reset segments, all of base 0. */
#define AP_RECORD 0xa000

/* Byte offsets in struct ap_record */
#define AP_GPRS 0 /* EAX ECX EDX EBX ESP EBP ESI EDI */
#define AP_CR0 32
#define AP_CR3 36
#define AP_CR4 40
#define AP_FLAGS 44
#define AP_SELECTORS 48 /* CS DS ES FS GS SS */
#define AP_SEEN 60 /* AP_SIGNATURE as read by ES FS GS SS */
#define AP_SIGNATURE 76
#define AP_GDTR 80
#define AP_IDTR 86
#define AP_EFER 92
#define AP_STARTS 96
#define AP_GDT_POINTER 100
#define AP_NEW_CR3 108
#define AP_STACK 112

#define AP_SEL_CODE32 0x08

#ifndef __ASSEMBLER__
#include <stddef.h>
#include <stdint.h>

struct ap_table_register {
	uint16_t limit;
	uint32_t base;
} __attribute__((packed));

/* What the last started CPU was after its reset, then what it is to take on. */
struct ap_record {
	uint32_t gprs[8];
	uint32_t cr0, cr3, cr4;
	uint32_t flags;
	uint16_t selectors[6];
	uint32_t seen[4];
	uint32_t signature;
	struct ap_table_register gdtr, idtr;
	uint32_t efer;
	uint32_t starts; /* CPUs that came this way so far */
	struct ap_table_register gdt_pointer;
	uint16_t reserved;
	uint32_t new_cr3;
	uint32_t stack;
} __attribute__((packed));

_Static_assert(offsetof(struct ap_record, selectors) == AP_SELECTORS, "ap_start.S");
_Static_assert(offsetof(struct ap_record, signature) == AP_SIGNATURE, "ap_start.S");
_Static_assert(offsetof(struct ap_record, efer) == AP_EFER, "ap_start.S");
_Static_assert(offsetof(struct ap_record, gdt_pointer) == AP_GDT_POINTER, "ap_start.S");
_Static_assert(offsetof(struct ap_record, stack) == AP_STACK, "ap_start.S");

extern const uint8_t ap_low_start[], ap_low_end[];
extern const uint8_t ap_high_start[], ap_high_end[];
extern const uint64_t ap_gdt[];
#define AP_GDT_BYTES 32u
#endif
#endif
