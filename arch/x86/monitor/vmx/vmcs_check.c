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
#define EFER_MONITOR (EFER_LME | EFER_LMA | EFER_NXE)
/* Bits 5, 3 and 63:22, 15 are 0, bit 1 is 1; VM is ours: 26.3.1.4 */
#define RFLAGS_MUST_BE_0 (ALL << 22 | 1ull << 15 | 1ull << 5 | 1ull << 3 | RFLAGS_VM)

#define EXCEPTION_EXITS (1ull << 1 | 1ull << 17 | 1ull << 18) /* #DB, #AC, #MC */

/* By word: what every cell needs, and all that one may have. */
#define PIN_NEEDED (VMX_PIN_NMI | VMX_PIN_VIRTUAL_NMIS)
#define PIN_ALLOWED (PIN_NEEDED | VMX_PIN_RESERVED)
#define PRIMARY_ALLOWED                                                          \
	(VMX_PRIMARY_MWAIT | VMX_PRIMARY_RDPMC | VMX_PRIMARY_IO_BITMAPS |        \
	 VMX_PRIMARY_MSR_BITMAPS | VMX_PRIMARY_MONITOR | VMX_PRIMARY_SECONDARY | \
	 VMX_PRIMARY_RESERVED)
#define SECONDARY_ALLOWED                                                                       \
	(VMX_SECONDARY_EPT | VMX_SECONDARY_RDTSCP | VMX_SECONDARY_VPID | VMX_SECONDARY_WBINVD | \
	 VMX_SECONDARY_UNRESTRICTED | VMX_SECONDARY_INVPCID | VMX_SECONDARY_XSAVES)
#define EXIT_STATE                                                                          \
	(VMX_EXIT_SAVE_DEBUG | VMX_EXIT_SAVE_PAT | VMX_EXIT_LOAD_PAT | VMX_EXIT_SAVE_EFER | \
	 VMX_EXIT_LOAD_EFER)
#define EXIT_ALLOWED (EXIT_STATE | VMX_EXIT_HOST_64 | VMX_EXIT_RESERVED)
#define ENTRY_STATE (VMX_ENTRY_LOAD_DEBUG | VMX_ENTRY_LOAD_PAT | VMX_ENTRY_LOAD_EFER)
#define ENTRY_ALLOWED (ENTRY_STATE | VMX_ENTRY_IA32E | VMX_ENTRY_RESERVED)

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
	enum vmcs_fault fault;
	uint32_t field;
	uint64_t mask, value; /* what must be there */
};

#define PIN VMCS_PIN_CONTROLS
#define PRIMARY VMCS_PRIMARY_CONTROLS
#define SECONDARY VMCS_SECONDARY_CONTROLS
#define SET(fault, field, bits) VMCS_FAULT_##fault, field, bits, bits
#define CLEAR(fault, field, bits) VMCS_FAULT_##fault, field, bits, 0
#define ONLY(fault, field, bits) VMCS_FAULT_##fault, field, ~(uint64_t)(bits), 0
#define ZERO(fault, field) VMCS_FAULT_##fault, field, ALL, 0

/* Conditions on single fields that hold on every processor, in every mode. */
static const struct rule rules[] = {
	{ CLEAR(EXTERNAL_INTERRUPT, PIN, VMX_PIN_EXTERNAL_INTERRUPT) },
	{ SET(NMI, PIN, PIN_NEEDED) },
	{ ONLY(PIN_OTHER, PIN, PIN_ALLOWED) },
	{ SET(IO, PRIMARY, VMX_PRIMARY_IO_BITMAPS) },
	{ SET(MSR, PRIMARY, VMX_PRIMARY_MSR_BITMAPS) },
	{ SET(RDPMC, PRIMARY, VMX_PRIMARY_RDPMC) },
	{ SET(MWAIT, PRIMARY, VMX_PRIMARY_MONITOR | VMX_PRIMARY_MWAIT) },
	{ SET(SECONDARY_OFF, PRIMARY, VMX_PRIMARY_SECONDARY) },
	{ ONLY(PRIMARY_OTHER, PRIMARY, PRIMARY_ALLOWED) },
	{ SET(EPT, SECONDARY, VMX_SECONDARY_EPT) },
	{ SET(VPID_OFF, SECONDARY, VMX_SECONDARY_VPID) },
	{ SET(WBINVD, SECONDARY, VMX_SECONDARY_WBINVD) },
	{ SET(UNRESTRICTED, SECONDARY, VMX_SECONDARY_UNRESTRICTED) },
	{ ONLY(SECONDARY_OTHER, SECONDARY, SECONDARY_ALLOWED) },
	{ VMCS_FAULT_EXCEPTIONS, VMCS_EXCEPTION_BITMAP, ALL, EXCEPTION_EXITS },
	{ ZERO(EXCEPTIONS, VMCS_PF_ERROR_MASK) },
	{ ZERO(EXCEPTIONS, VMCS_PF_ERROR_MATCH) },
	{ SET(CR0_MASK, VMCS_CR0_MASK, CR0_NE | CR0_NW | CR0_CD) },
	{ SET(CR4_MASK, VMCS_CR4_MASK, CR4_MCE | CR4_VMXE) },
	{ ZERO(CR3_TARGETS, VMCS_CR3_TARGET_COUNT) },
	{ SET(HOST_64, VMCS_EXIT_CONTROLS, VMX_EXIT_HOST_64) },
	{ SET(EXIT_STATE, VMCS_EXIT_CONTROLS, EXIT_STATE) },
	{ ONLY(EXIT_OTHER, VMCS_EXIT_CONTROLS, EXIT_ALLOWED) },
	{ SET(ENTRY_STATE, VMCS_ENTRY_CONTROLS, ENTRY_STATE) },
	{ ONLY(ENTRY_OTHER, VMCS_ENTRY_CONTROLS, ENTRY_ALLOWED) },
	{ ZERO(MSR_LISTS, VMCS_EXIT_MSR_STORE_COUNT) },
	{ ZERO(MSR_LISTS, VMCS_EXIT_MSR_LOAD_COUNT) },
	{ ZERO(MSR_LISTS, VMCS_ENTRY_MSR_LOAD_COUNT) },
	{ CLEAR(ENTRY_EVENT, VMCS_ENTRY_EVENT, VMCS_EVENT_VALID) },
	{ VMCS_FAULT_EPTP_FORMAT, VMCS_EPTP, EPTP_FORMAT, EPTP_WRITE_BACK | EPTP_FOUR_LEVELS },
	{ SET(LINK_POINTER, VMCS_LINK_POINTER, ALL) },
	{ SET(HOST_WP, VMCS_HOST_CR0, CR0_WP) },
	{ SET(HOST_CR4, VMCS_HOST_CR4, CR4_PAE) },
	{ SET(HOST_MCE, VMCS_HOST_CR4, CR4_MCE) },
	{ SET(HOST_EFER, VMCS_HOST_EFER, EFER_MONITOR) },
	{ ONLY(HOST_EFER, VMCS_HOST_EFER, EFER_DEFINED) },
	{ SET(GUEST_MCE, VMCS_GUEST_CR4, CR4_MCE) },
	{ ZERO(GUEST_DEBUG, VMCS_GUEST_DEBUGCTL) },
	{ ONLY(GUEST_DEBUG, VMCS_GUEST_DR7, 0xffffffffull) },
	{ CLEAR(SEGMENT_DPL, VMCS_GUEST_CS_RIGHTS, RIGHTS_DPL) },
	{ CLEAR(SEGMENT_DPL, VMCS_GUEST_SS_RIGHTS, RIGHTS_DPL) },
	{ ONLY(TABLE_LIMIT, VMCS_GUEST_GDTR_LIMIT, 0xffffull) },
	{ ONLY(TABLE_LIMIT, VMCS_GUEST_IDTR_LIMIT, 0xffffull) },
	{ CLEAR(GUEST_RFLAGS, VMCS_GUEST_RFLAGS, RFLAGS_MUST_BE_0) },
	{ SET(GUEST_RFLAGS, VMCS_GUEST_RFLAGS, RFLAGS_RESERVED_ONE) },
	{ ZERO(GUEST_ACTIVITY, VMCS_GUEST_ACTIVITY) },
	{ ZERO(GUEST_BLOCKING, VMCS_GUEST_INTERRUPTIBILITY) },
	{ ZERO(GUEST_BLOCKING, VMCS_GUEST_PENDING_DEBUG) },
};

#define HOST_ADDRESSES 8u /* the first of them */
static const uint16_t addresses[] = {
	VMCS_HOST_FS_BASE,	 VMCS_HOST_GS_BASE,    VMCS_HOST_TR_BASE,
	VMCS_HOST_GDTR_BASE,	 VMCS_HOST_IDTR_BASE,  VMCS_HOST_SYSENTER_ESP,
	VMCS_HOST_SYSENTER_EIP,	 VMCS_HOST_RIP,	       VMCS_GUEST_FS_BASE,
	VMCS_GUEST_GS_BASE,	 VMCS_GUEST_LDTR_BASE, VMCS_GUEST_TR_BASE,
	VMCS_GUEST_GDTR_BASE,	 VMCS_GUEST_IDTR_BASE, VMCS_GUEST_SYSENTER_ESP,
	VMCS_GUEST_SYSENTER_EIP,
};

/* The fields are read one by one; the one that was read last is the one at fault. */
struct judged {
	const struct vmcs_reader *reader;
	const struct vmcs_limits *limits;
	uint64_t end; /* of physical addresses */
	uint32_t field;
};

static uint64_t get(struct judged *vmcs, uint32_t field)
{
	vmcs->field = field;
	return vmcs->reader->read(vmcs->reader->context, field);
}

static bool fixed_bits_hold(uint64_t value, uint64_t fixed0, uint64_t fixed1)
{
	return !(~value & fixed0) && !(value & ~fixed1);
}

/* With 48-bit linear addresses, the least there are: LA57 is hidden from cells. */
static bool canonical(uint64_t address)
{
	return (address + (1ull << 47)) >> 48 == 0;
}

static enum vmcs_fault check_rules(struct judged *vmcs)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		if ((get(vmcs, rules[i].field) & rules[i].mask) != rules[i].value)
			return rules[i].fault;
	}
	return VMCS_OK;
}

/* Page 0 is never a table of ours. */
static bool is_page(const struct judged *vmcs, uint64_t base)
{
	return base % PAGE_BYTES == 0 && base != 0 && base < vmcs->end;
}

static enum vmcs_fault check_addresses(struct judged *vmcs)
{
	if (!is_page(vmcs, get(vmcs, VMCS_IO_BITMAP_A)) ||
	    !is_page(vmcs, get(vmcs, VMCS_IO_BITMAP_B)))
		return VMCS_FAULT_IO_BITMAP;
	if (!is_page(vmcs, get(vmcs, VMCS_MSR_BITMAP)))
		return VMCS_FAULT_MSR_BITMAP;
	if (!is_page(vmcs, get(vmcs, VMCS_EPTP) & ~(PAGE_BYTES - 1)))
		return VMCS_FAULT_EPTP_ADDRESS;
	if (get(vmcs, VMCS_VPID) == 0)
		return VMCS_FAULT_VPID;
	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		if (!canonical(get(vmcs, addresses[i])))
			return i < HOST_ADDRESSES ? VMCS_FAULT_HOST_CANONICAL :
						    VMCS_FAULT_GUEST_CANONICAL;
	}
	return VMCS_OK;
}

static enum vmcs_fault check_host(struct judged *vmcs)
{
	const struct vmcs_limits *limits = vmcs->limits;

	if (!fixed_bits_hold(get(vmcs, VMCS_HOST_CR0), limits->cr0_fixed0, limits->cr0_fixed1))
		return VMCS_FAULT_HOST_CR0;
	if (!fixed_bits_hold(get(vmcs, VMCS_HOST_CR4), limits->cr4_fixed0, limits->cr4_fixed1))
		return VMCS_FAULT_HOST_CR4;
	if (!is_page(vmcs, get(vmcs, VMCS_HOST_CR3)))
		return VMCS_FAULT_HOST_CR3;
	if (!pat_valid(get(vmcs, VMCS_HOST_PAT)))
		return VMCS_FAULT_HOST_PAT;
	for (uint32_t i = VMCS_HOST_ES_SELECTOR; i <= VMCS_HOST_TR_SELECTOR; i += 2) {
		const uint64_t selector = get(vmcs, i);

		if (selector & SELECTOR_RPL_TI)
			return VMCS_FAULT_HOST_SELECTOR;
		if (!selector && (i == VMCS_HOST_CS_SELECTOR || i == VMCS_HOST_TR_SELECTOR))
			return VMCS_FAULT_HOST_NULL;
	}
	return VMCS_OK;
}

static enum vmcs_fault check_control_registers(struct judged *vmcs, bool long_mode)
{
	const struct vmcs_limits *limits = vmcs->limits;
	const uint64_t cr4_bits = limits->cr4_fixed1 & (limits->cr4_bits | CR4_VMXE);
	const uint64_t cr0 = get(vmcs, VMCS_GUEST_CR0);
	uint64_t cr4;

	/* Unrestricted: the cell is free in PE and PG, 26.3.1.1. */
	if (!fixed_bits_hold(cr0, limits->cr0_fixed0 & ~(CR0_PE | CR0_PG), limits->cr0_fixed1))
		return VMCS_FAULT_GUEST_CR0;
	if (cr0 & CR0_PG && !(cr0 & CR0_PE))
		return VMCS_FAULT_GUEST_PG;
	if (long_mode && !(cr0 & CR0_PG))
		return VMCS_FAULT_LONG_PG;
	cr4 = get(vmcs, VMCS_GUEST_CR4);
	if (!fixed_bits_hold(cr4, limits->cr4_fixed0, cr4_bits))
		return VMCS_FAULT_GUEST_CR4;
	if (!long_mode && cr4 & CR4_PCIDE)
		return VMCS_FAULT_GUEST_PCIDE;
	/* PAE paging outside long mode would need the PDPTEs of 26.3.1.6: no cell starts there. */
	if (cr0 & CR0_PG && long_mode != !!(cr4 & CR4_PAE))
		return VMCS_FAULT_LONG_PAE;
	if (limits->cr4_fixed1 & ~limits->cr4_bits & ~get(vmcs, VMCS_CR4_MASK))
		return VMCS_FAULT_CR4_MASK;
	return get(vmcs, VMCS_GUEST_CR3) < vmcs->end ? VMCS_OK : VMCS_FAULT_GUEST_CR3;
}

static enum vmcs_fault check_mode(struct judged *vmcs, bool long_mode)
{
	const bool paging = get(vmcs, VMCS_GUEST_CR0) & CR0_PG;
	const uint64_t cs = get(vmcs, VMCS_GUEST_CS_RIGHTS);
	const bool long_code = long_mode && cs & VMCS_RIGHTS_LONG;
	uint64_t efer, rip;

	if (long_code && cs & VMCS_RIGHTS_32BIT)
		return VMCS_FAULT_CS_L_AND_D;
	efer = get(vmcs, VMCS_GUEST_EFER);
	if (efer & ~(vmcs->limits->efer_bits & EFER_DEFINED))
		return VMCS_FAULT_GUEST_EFER;
	if (long_mode != !!(efer & EFER_LMA))
		return VMCS_FAULT_GUEST_LMA;
	if (paging && long_mode != !!(efer & EFER_LME))
		return VMCS_FAULT_GUEST_LME;
	if (!pat_valid(get(vmcs, VMCS_GUEST_PAT)))
		return VMCS_FAULT_GUEST_PAT;
	rip = get(vmcs, VMCS_GUEST_RIP);
	return (long_code ? canonical(rip) : !(rip >> 32)) ? VMCS_OK : VMCS_FAULT_GUEST_RIP;
}

static enum vmcs_fault check_segment(struct judged *vmcs, enum segment segment)
{
	const uint32_t offset = 2u * segment;
	const uint64_t rights = get(vmcs, VMCS_GUEST_ES_RIGHTS + offset);
	uint64_t limit;

	if (rights & VMCS_RIGHTS_UNUSABLE)
		return segment == CS || segment == TR ? VMCS_FAULT_SEGMENT_UNUSABLE : VMCS_OK;
	if (!(rights & RIGHTS_PRESENT))
		return VMCS_FAULT_SEGMENT_PRESENT;
	if (rights & RIGHTS_RESERVED)
		return VMCS_FAULT_SEGMENT_RESERVED;
	if (!(segment_types[segment] >> (rights & RIGHTS_TYPE) & 1))
		return VMCS_FAULT_SEGMENT_TYPE;
	limit = get(vmcs, VMCS_GUEST_ES_LIMIT + offset);
	if ((rights & VMCS_RIGHTS_PAGES) ? ~limit & 0xfff : limit >> 20)
		return VMCS_FAULT_SEGMENT_LIMIT;
	if (segment <= DS && get(vmcs, VMCS_GUEST_ES_BASE + offset) >> 32)
		return VMCS_FAULT_SEGMENT_BASE;
	if (segment >= LDTR && get(vmcs, VMCS_GUEST_ES_SELECTOR + offset) & SELECTOR_TI)
		return VMCS_FAULT_SEGMENT_SELECTOR;
	return VMCS_OK;
}

static enum vmcs_fault check_guest(struct judged *vmcs)
{
	const bool long_mode = get(vmcs, VMCS_ENTRY_CONTROLS) & VMX_ENTRY_IA32E;
	enum vmcs_fault fault = check_control_registers(vmcs, long_mode);

	if (!fault)
		fault = check_mode(vmcs, long_mode);
	for (enum segment segment = ES; !fault && segment <= TR; segment++)
		fault = check_segment(vmcs, segment);
	return fault;
}

enum vmcs_fault vmcs_check(const struct vmcs_reader *reader, const struct vmcs_limits *limits,
			   uint32_t *field)
{
	struct judged vmcs = {
		.reader = reader,
		.limits = limits,
		.end = 1ull << (limits->phys_bits < 52 ? limits->phys_bits : 52),
	};
	enum vmcs_fault fault = check_rules(&vmcs);

	if (!fault)
		fault = check_addresses(&vmcs);
	if (!fault)
		fault = check_host(&vmcs);
	if (!fault)
		fault = check_guest(&vmcs);
	*field = vmcs.field;
	return fault;
}

const char *vmcs_fault_name(enum vmcs_fault fault)
{
#define VMCS_FAULT_TEXT(name, text) text,
	static const char *const names[] = { "no fault", VMCS_FAULTS(VMCS_FAULT_TEXT) };

	return fault < VMCS_FAULT_END ? names[fault] : "not a fault";
}
