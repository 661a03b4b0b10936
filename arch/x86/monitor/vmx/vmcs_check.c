/* SPDX-License-Identifier: Apache-2.0 */
/* Conditions: Intel SDM volume 3C, 26.2 (controls, host state), 26.3.1 (guest state). */
#include "vmcs_check.h"

#include "capability.h"
#include "pat.h"

#include <septum/x86/registers.h>
#include <septum/x86/vmcs.h>

#include <stdbool.h>
#include <stddef.h>

#define PAGE_BYTES 4096ull
#define ALL (~0ull)

/* The EFER of a processor with VMX, 2.2.1: SCE, LME, LMA, NXE */
#define EFER_DEFINED (EFER_SCE | EFER_LME | EFER_LMA | EFER_NXE)
/* Bits 5, 3 and 63:22, 15 are 0, bit 1 is 1; VM is ours: 26.3.1.4 */
#define RFLAGS_FIXED \
	(ALL << 22 | 1ull << 15 | 1ull << 5 | 1ull << 3 | RFLAGS_RESERVED_ONE | RFLAGS_VM)

#define EXCEPTION_EXITS (1ull << 1 | 1ull << 17 | 1ull << 18) /* #DB, #AC, #MC */

/* The control words, bit for bit; SECONDARY_EITHER is the compiler's and the processor's choice. */
#define PIN_BITS (VMX_PIN_NMI | VMX_PIN_VIRTUAL_NMIS)
#define PRIMARY_BITS                                                      \
	(VMX_PRIMARY_MWAIT | VMX_PRIMARY_RDPMC | VMX_PRIMARY_IO_BITMAPS | \
	 VMX_PRIMARY_MSR_BITMAPS | VMX_PRIMARY_MONITOR | VMX_PRIMARY_SECONDARY)
#define SECONDARY_BITS \
	(VMX_SECONDARY_EPT | VMX_SECONDARY_VPID | VMX_SECONDARY_WBINVD | VMX_SECONDARY_UNRESTRICTED)
#define SECONDARY_EITHER (VMX_SECONDARY_RDTSCP | VMX_SECONDARY_INVPCID | VMX_SECONDARY_XSAVES)
#define EXIT_BITS                                                                         \
	(VMX_EXIT_HOST_64 | VMX_EXIT_SAVE_DEBUG | VMX_EXIT_SAVE_PAT | VMX_EXIT_LOAD_PAT | \
	 VMX_EXIT_SAVE_EFER | VMX_EXIT_LOAD_EFER)
#define ENTRY_BITS (VMX_ENTRY_LOAD_DEBUG | VMX_ENTRY_LOAD_PAT | VMX_ENTRY_LOAD_EFER)

#define EPTP_FORMAT 0xfbfull /* all below the address but A/D, which may be either */

#define SELECTOR_TI 4u
#define SELECTOR_RPL_TI 7u
#define RIGHTS_TYPE 0x1fu /* with S */
#define RIGHTS_DPL (3u << 5)
#define RIGHTS_PRESENT (1u << 7)
#define RIGHTS_RESERVED 0xfffe0f00u

/* Segment registers in the order of their fields, each array of fields 2 apart. */
enum segment { ES, CS, SS, DS, FS, GS, LDTR, TR };

/* Bit n: type n, with S as bit 4, may stand in that register: 26.3.1.2. */
#define TYPES_DATA 0x88aa0000u /* accessed; code only if readable */
#define TYPES_CODE 0xaa080000u /* accessed; or writable data, as in real mode */
#define TYPES_STACK 0x00880000u /* accessed and writable data */
static const uint32_t segment_types[] = {
	TYPES_DATA, TYPES_CODE, TYPES_STACK, TYPES_DATA,
	TYPES_DATA, TYPES_DATA, 1u << 2, /* an LDT */
	1u << 11, /* the busy TSS that fits every mode */
};

struct rule {
	uint32_t field;
	uint64_t mask, value; /* what must be there */
	const char *fault;
};

#define RULE(name, mask, value, why) VMCS_##name, mask, value, #name ": " why
#define SET(name, bits, why) RULE(name, bits, bits, why)
#define CLEAR(name, bits, why) RULE(name, bits, 0, why)
#define ONLY(name, bits, why) CLEAR(name, ~(uint64_t)(bits), why)
#define WORD(name, either, bits) \
	RULE(name, ~(uint64_t)(either), bits, "a bit is not as every cell has it")
#define ZERO(name) CLEAR(name, ALL, "not zero")

/* Conditions on single fields that hold on every processor, in every mode. */
static const struct rule rules[] = {
	{ WORD(PIN_CONTROLS, VMX_PIN_RESERVED, PIN_BITS) },
	{ WORD(PRIMARY_CONTROLS, VMX_PRIMARY_RESERVED, PRIMARY_BITS) },
	{ WORD(SECONDARY_CONTROLS, SECONDARY_EITHER, SECONDARY_BITS) },
	{ WORD(EXIT_CONTROLS, VMX_EXIT_RESERVED, EXIT_BITS) },
	{ WORD(ENTRY_CONTROLS, VMX_ENTRY_RESERVED | VMX_ENTRY_IA32E, ENTRY_BITS) },
	{ RULE(EXCEPTION_BITMAP, ALL, EXCEPTION_EXITS, "not #DB, #AC and #MC alone") },
	{ ZERO(PF_ERROR_MASK) },
	{ ZERO(PF_ERROR_MATCH) },
	{ SET(CR0_MASK, CR0_NE | CR0_NW | CR0_CD, "NE, NW or CD is the cell's") },
	{ SET(CR4_MASK, CR4_MCE | CR4_VMXE, "MCE or VMXE is the cell's") },
	{ ZERO(CR3_TARGET_COUNT) },
	{ ZERO(EXIT_MSR_STORE_COUNT) },
	{ ZERO(EXIT_MSR_LOAD_COUNT) },
	{ ZERO(ENTRY_MSR_LOAD_COUNT) },
	{ CLEAR(ENTRY_EVENT, VMCS_EVENT_VALID, "one would be injected") },
	{ RULE(EPTP, EPTP_FORMAT, EPTP_WRITE_BACK | EPTP_FOUR_LEVELS, "not 4 levels, write-back") },
	{ SET(LINK_POINTER, ALL, "not all ones") },
	{ SET(HOST_CR0, CR0_WP, "WP is clear: read-only memory could be written") },
	{ SET(HOST_CR4, CR4_PAE | CR4_MCE, "PAE or MCE is clear") },
	{ RULE(HOST_EFER, ~EFER_SCE, EFER_LME | EFER_LMA | EFER_NXE, "not LME, LMA and NXE") },
	{ SET(GUEST_CR4, CR4_MCE, "MCE is clear: a machine check would shut the CPU down") },
	{ ZERO(GUEST_DEBUGCTL) },
	{ ONLY(GUEST_DR7, 0xffffffffull, "beyond 32 bits") },
	{ CLEAR(GUEST_CS_RIGHTS, RIGHTS_DPL, "DPL is not 0") },
	{ CLEAR(GUEST_SS_RIGHTS, RIGHTS_DPL, "DPL is not 0") },
	{ ONLY(GUEST_GDTR_LIMIT, 0xffffull, "beyond 16 bits") },
	{ ONLY(GUEST_IDTR_LIMIT, 0xffffull, "beyond 16 bits") },
	{ RULE(GUEST_RFLAGS, RFLAGS_FIXED, RFLAGS_RESERVED_ONE, "a reserved bit, or VM") },
	{ ZERO(GUEST_ACTIVITY) },
	{ ZERO(GUEST_INTERRUPTIBILITY) },
	{ ZERO(GUEST_PENDING_DEBUG) },
};

struct judged {
	const struct vmcs_reader *reader;
	const struct vmcs_limits *limits;
	uint64_t end; /* of physical addresses */
	uint32_t read; /* field that was read last */
	uint32_t field; /* field at fault */
	const char *fault; /* the first one; NULL: none so far */
};

static uint64_t get(struct judged *vmcs, uint32_t field)
{
	vmcs->read = field;
	return vmcs->reader->read(vmcs->reader->context, field);
}

/* The field that was read last is the one at fault. */
static void demand(struct judged *vmcs, bool holds, const char *fault)
{
	if (holds || vmcs->fault)
		return;
	vmcs->fault = fault;
	vmcs->field = vmcs->read;
}

/* A.7, A.8: bits that VMX wants to be 1, and those that it allows to be. */
static uint64_t check_fixed(struct judged *vmcs, uint32_t field, uint64_t fixed0, uint64_t fixed1)
{
	const uint64_t value = get(vmcs, field);

	demand(vmcs, !(~value & fixed0) && !(value & ~fixed1), "a bit is not as VMX demands");
	return value;
}

/* With 48-bit linear addresses, the least there are: LA57 is hidden from cells. */
static bool canonical(uint64_t address)
{
	return (address + (1ull << 47)) >> 48 == 0;
}

static void check_rules(struct judged *vmcs)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		demand(vmcs, (get(vmcs, rules[i].field) & rules[i].mask) == rules[i].value,
		       rules[i].fault);
}

/* Page 0 is never a table of ours.  @flags: bits of the field that are not the address. */
static void check_page(struct judged *vmcs, uint32_t field, uint64_t flags)
{
	const uint64_t base = get(vmcs, field) & ~flags;

	demand(vmcs, base % PAGE_BYTES == 0 && base != 0 && base < vmcs->end,
	       "a table's address is zero, not aligned, or out of range");
}

static void check_canonical(struct judged *vmcs, uint32_t first, uint32_t last)
{
	for (uint32_t field = first; field <= last; field += 2)
		demand(vmcs, canonical(get(vmcs, field)), "an address is not canonical");
}

static void check_addresses(struct judged *vmcs)
{
	check_page(vmcs, VMCS_IO_BITMAP_A, 0);
	check_page(vmcs, VMCS_IO_BITMAP_B, 0);
	check_page(vmcs, VMCS_MSR_BITMAP, 0);
	check_page(vmcs, VMCS_EPTP, PAGE_BYTES - 1);
	check_page(vmcs, VMCS_HOST_CR3, 0);
	demand(vmcs, get(vmcs, VMCS_VPID) != 0, "VPID 0 is the monitor's");
	check_canonical(vmcs, VMCS_HOST_FS_BASE, VMCS_HOST_RIP);
	check_canonical(vmcs, VMCS_GUEST_FS_BASE, VMCS_GUEST_IDTR_BASE);
	check_canonical(vmcs, VMCS_GUEST_SYSENTER_ESP, VMCS_GUEST_SYSENTER_EIP);
	demand(vmcs, pat_valid(get(vmcs, VMCS_HOST_PAT)), "host PAT: a reserved memory type");
	demand(vmcs, pat_valid(get(vmcs, VMCS_GUEST_PAT)), "PAT: a reserved memory type");
}

static void check_host(struct judged *vmcs)
{
	const struct vmcs_limits *limits = vmcs->limits;

	check_fixed(vmcs, VMCS_HOST_CR0, limits->cr0_fixed0, limits->cr0_fixed1);
	check_fixed(vmcs, VMCS_HOST_CR4, limits->cr4_fixed0, limits->cr4_fixed1);
	for (uint32_t i = VMCS_HOST_ES_SELECTOR; i <= VMCS_HOST_TR_SELECTOR; i += 2) {
		const uint64_t selector = get(vmcs, i);

		demand(vmcs, !(selector & SELECTOR_RPL_TI), "host selector: RPL or TI is not 0");
		demand(vmcs, selector || (i != VMCS_HOST_CS_SELECTOR && i != VMCS_HOST_TR_SELECTOR),
		       "host CS or TR selector: null");
	}
}

static void check_control_registers(struct judged *vmcs, bool long_mode)
{
	const struct vmcs_limits *limits = vmcs->limits;
	const uint64_t may = limits->cr4_bits | CR4_VMXE;
	/* Unrestricted: the cell is free in PE and PG, 26.3.1.1. */
	const uint64_t cr0 = check_fixed(vmcs, VMCS_GUEST_CR0,
					 limits->cr0_fixed0 & ~(CR0_PE | CR0_PG),
					 limits->cr0_fixed1);
	uint64_t cr4;

	demand(vmcs, !(cr0 & CR0_PG) || cr0 & CR0_PE, "CR0: PG is set and PE is clear");
	demand(vmcs, !long_mode || cr0 & CR0_PG, "CR0: PG is clear in long mode");
	cr4 = check_fixed(vmcs, VMCS_GUEST_CR4, limits->cr4_fixed0, limits->cr4_fixed1);
	demand(vmcs, !(cr4 & ~may), "CR4: a bit that no cell may have");
	demand(vmcs, long_mode || !(cr4 & CR4_PCIDE), "CR4: PCIDE is set outside long mode");
	/* PAE paging outside long mode would need the PDPTEs of 26.3.1.6: no cell starts there. */
	demand(vmcs, !(cr0 & CR0_PG) || long_mode == !!(cr4 & CR4_PAE), "CR4: PAE is not LMA");
	demand(vmcs, !(limits->cr4_fixed1 & ~limits->cr4_bits & ~get(vmcs, VMCS_CR4_MASK)),
	       "CR4 mask: a bit that a cell may not have is the cell's");
	demand(vmcs, get(vmcs, VMCS_GUEST_CR3) < vmcs->end, "CR3: out of range");
}

static void check_mode(struct judged *vmcs, bool long_mode)
{
	const bool paging = get(vmcs, VMCS_GUEST_CR0) & CR0_PG;
	const uint64_t cs = get(vmcs, VMCS_GUEST_CS_RIGHTS);
	const bool long_code = long_mode && cs & VMCS_RIGHTS_LONG;
	uint64_t efer, rip;

	demand(vmcs, !long_code || !(cs & VMCS_RIGHTS_32BIT), "CS: L and D are both set");
	efer = get(vmcs, VMCS_GUEST_EFER);
	demand(vmcs, !(efer & ~(vmcs->limits->efer_bits & EFER_DEFINED)),
	       "EFER: a bit that a cell may not have");
	demand(vmcs, long_mode == !!(efer & EFER_LMA), "EFER: LMA is not IA-32e mode");
	demand(vmcs, !paging || long_mode == !!(efer & EFER_LME), "EFER: LME is not LMA");
	rip = get(vmcs, VMCS_GUEST_RIP);
	demand(vmcs, long_code ? canonical(rip) : !(rip >> 32), "RIP: out of the code's range");
}

static void check_segment(struct judged *vmcs, enum segment segment)
{
	const uint32_t offset = 2u * segment;
	const uint64_t rights = get(vmcs, VMCS_GUEST_ES_RIGHTS + offset);
	const bool unusable = rights & VMCS_RIGHTS_UNUSABLE;
	uint64_t limit, base, selector;

	demand(vmcs, !unusable || (segment != CS && segment != TR), "CS or TR: unusable");
	if (unusable)
		return;
	demand(vmcs, rights & RIGHTS_PRESENT, "segment rights: not present");
	demand(vmcs, !(rights & RIGHTS_RESERVED), "segment rights: a reserved bit is set");
	demand(vmcs, segment_types[segment] >> (rights & RIGHTS_TYPE) & 1, "segment: wrong type");
	limit = get(vmcs, VMCS_GUEST_ES_LIMIT + offset);
	demand(vmcs, !((rights & VMCS_RIGHTS_PAGES) ? ~limit & 0xfff : limit >> 20),
	       "segment limit: does not fit the granularity");
	base = get(vmcs, VMCS_GUEST_ES_BASE + offset);
	demand(vmcs, segment > DS || !(base >> 32), "segment base: beyond 32 bits");
	selector = get(vmcs, VMCS_GUEST_ES_SELECTOR + offset);
	demand(vmcs, segment < LDTR || !(selector & SELECTOR_TI), "LDTR or TR selector: TI is set");
}

const char *vmcs_check(const struct vmcs_reader *reader, const struct vmcs_limits *limits,
		       uint32_t *field)
{
	struct judged vmcs = {
		.reader = reader,
		.limits = limits,
		.end = 1ull << (limits->phys_bits < 52 ? limits->phys_bits : 52),
	};
	bool long_mode;

	check_rules(&vmcs);
	check_addresses(&vmcs);
	check_host(&vmcs);
	long_mode = get(&vmcs, VMCS_ENTRY_CONTROLS) & VMX_ENTRY_IA32E;
	check_control_registers(&vmcs, long_mode);
	check_mode(&vmcs, long_mode);
	for (enum segment segment = ES; segment <= TR; segment++)
		check_segment(&vmcs, segment);
	*field = vmcs.field;
	return vmcs.fault;
}
