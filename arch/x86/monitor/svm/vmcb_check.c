/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Conditions: APM volume 2, 15.5.1 (consistency), 15.13 (ASIDs), 15.20 (events),
 * 15.25 (nested paging), appendix B (layout).
 */
#include "vmcb_check.h"

#include "pat.h"

#include <septum/x86/registers.h>

#include <stdbool.h>
#include <stddef.h>

#define PAGE_BYTES 4096ull
#define IOPM_BYTES (3 * PAGE_BYTES)
#define MSRPM_BYTES (2 * PAGE_BYTES)

/* VME..LA57, FSGSBASE, PCIDE, OSXSAVE, SMEP, SMAP, PKE, CET: APM volume 2, 3.1.3 */
#define CR4_DEFINED 0xf71fffull
/* SCE LME LMA NXE SVME LMSLE FFXSR TCE MCOMMIT INTWB UAIE AIBRSE: 3.1.7 */
#define EFER_DEFINED 0x36fd01ull
#define S_CET_DEFINED 3ull

#define SEGMENT_L (1u << 9)
#define SEGMENT_D (1u << 10)

#define INT_V_TPR 0xffull
#define INT_AVIC (3ull << 30) /* AVIC, x2AVIC */

/* Vectors that are exceptions, and those that push an error code: 8.2, table 8-1 */
#define EXCEPTIONS 0x702f7dfbu
#define EXCEPTIONS_WITH_ERROR 0x60227d00u
#define EVENT_RESERVED 0x7ffff000u

#define FIELD(name) offsetof(struct vmcb, name), sizeof(((struct vmcb *)0)->name)
#define CLEAR(fault, name, bits) VMCB_FAULT_##fault, FIELD(name), bits, 0
#define SET(fault, name, bits) VMCB_FAULT_##fault, FIELD(name), bits, bits
#define ZERO(fault, name) CLEAR(fault, name, ~0ull)
#define MISC1(insn) SET(insn, control.intercept_misc1, VMCB_MISC1_##insn)
#define MISC2(insn) SET(insn, control.intercept_misc2, VMCB_MISC2_##insn)

struct rule {
	enum vmcb_fault fault;
	size_t offset, bytes; /* of the field */
	uint64_t mask, value; /* what must be there */
};

/*
 * Conditions on single fields: VMRUN's own, then what isolation rests on
 * (docs/design.md, sections 5 and 7).
 */
static const struct rule rules[] = {
	{ SET(EFER_SVME, save.efer, EFER_SVME) },
	{ CLEAR(CR0_HIGH, save.cr0, ~0ull << 32) },
	{ CLEAR(DR6_HIGH, save.dr6, ~0ull << 32) },
	{ CLEAR(DR7_HIGH, save.dr7, ~0ull << 32) },
	{ CLEAR(S_CET, save.s_cet, ~S_CET_DEFINED) },
	{ MISC2(VMRUN) },
	{ CLEAR(TLB_CONTROL, control.tlb_control, (uint8_t)~VMCB_TLB_FLUSH_ALL) },
	{ MISC1(NMI) },
	{ MISC1(INIT) },
	{ MISC1(RDPMC) },
	{ MISC1(CPUID) },
	{ MISC1(RSM) },
	{ MISC1(INVD) },
	{ MISC1(INVLPGA) },
	{ MISC1(IOIO) },
	{ MISC1(MSR) },
	{ MISC1(FERR_FREEZE) },
	{ MISC1(SHUTDOWN) },
	{ MISC2(VMMCALL) },
	{ MISC2(VMLOAD) },
	{ MISC2(VMSAVE) },
	{ MISC2(STGI) },
	{ MISC2(CLGI) },
	{ MISC2(SKINIT) },
	{ MISC2(WBINVD) },
	{ MISC2(MONITOR) },
	{ MISC2(MWAIT) },
	{ MISC2(XSETBV) },
	{ MISC2(RDPRU) },
	{ SET(CR4_WRITE, control.intercept_cr_write, 1u << 4) },
	{ SET(DB, control.intercept_exceptions, 1u << 1) },
	{ SET(AC, control.intercept_exceptions, 1u << 17) },
	{ SET(MC, control.intercept_exceptions, 1u << 18) },
	{ CLEAR(INTR, control.intercept_misc1, VMCB_MISC1_INTR) },
	{ CLEAR(V_INTR_MASKING, control.int_control, VMCB_INT_V_INTR_MASKING) },
	{ CLEAR(AVIC, control.int_control, INT_AVIC) },
	{ CLEAR(INT_CONTROL, control.int_control, ~INT_V_TPR) },
	{ ZERO(INTERRUPT_SHADOW, control.interrupt_shadow) },
	{ SET(NESTED_PAGING, control.nested_control, VMCB_NESTED_PAGING) },
	{ CLEAR(NESTED_OTHER, control.nested_control, ~VMCB_NESTED_PAGING) },
	{ ZERO(AVIC_BAR, control.avic_apic_bar) },
	{ ZERO(GHCB, control.ghcb) },
	{ ZERO(LBR, control.lbr_control) },
	{ ZERO(CLEAN_BITS, control.clean_bits) },
	{ ZERO(RESERVED_CONTROL, control.reserved_018) },
	{ ZERO(RESERVED_CONTROL, control.reserved_05d) },
	{ ZERO(RESERVED_CONTROL, control.reserved_0e0) },
	{ ZERO(RESERVED_SAVE, save.reserved_0a0) },
	{ ZERO(RESERVED_SAVE, save.reserved_0cc) },
	{ ZERO(RESERVED_SAVE, save.reserved_0d8) },
	{ ZERO(RESERVED_SAVE, save.reserved_180) },
	{ ZERO(RESERVED_SAVE, save.reserved_248) },
	{ ZERO(RESERVED_SAVE, save.reserved_298) },
	{ SET(CR4_MCE, save.cr4, CR4_MCE) },
};

/* Byte by byte, so that one rule serves registers and whole reserved areas. */
static bool holds(const struct vmcb *vmcb, const struct rule *rule)
{
	const uint8_t *field = (const uint8_t *)vmcb + rule->offset;

	for (size_t i = 0; i < rule->bytes; i++) {
		const size_t shift = 8 * (i % 8);

		if ((field[i] & (rule->mask >> shift & 0xff)) != (rule->value >> shift & 0xff))
			return false;
	}
	return true;
}

static enum vmcb_fault check_fields(const struct vmcb *vmcb)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		if (!holds(vmcb, &rules[i]))
			return rules[i].fault;
	}
	return VMCB_OK;
}

/* Page aligned, and all of it below the end of physical addresses. */
static bool in_memory(uint64_t base, uint64_t bytes, uint64_t end)
{
	return base % PAGE_BYTES == 0 && base < end && end - base >= bytes;
}

static enum vmcb_fault check_mode(const struct vmcb_save *save, const struct vmcb_limits *limits)
{
	const bool long_paging = save->efer & EFER_LME && save->cr0 & CR0_PG;

	if (!(limits->efer_bits & EFER_LME) && save->efer & (EFER_LME | EFER_LMA))
		return VMCB_FAULT_LONG_MODE;
	if (save->efer & ~(limits->efer_bits & EFER_DEFINED))
		return VMCB_FAULT_EFER_MBZ;
	if (long_paging && !(save->cr4 & CR4_PAE))
		return VMCB_FAULT_LONG_PAE;
	if (long_paging && !(save->cr0 & CR0_PE))
		return VMCB_FAULT_LONG_PE;
	if (long_paging && save->cs.attributes & SEGMENT_L && save->cs.attributes & SEGMENT_D)
		return VMCB_FAULT_CS_L_AND_D;
	return long_paging == !!(save->efer & EFER_LMA) ? VMCB_OK : VMCB_FAULT_EFER_LMA;
}

static enum vmcb_fault check_registers(const struct vmcb_save *save,
				       const struct vmcb_limits *limits, uint64_t end)
{
	if (save->cr0 & CR0_NW && !(save->cr0 & CR0_CD))
		return VMCB_FAULT_CR0_NW;
	if (save->cr3 >= end)
		return VMCB_FAULT_CR3_MBZ;
	if (save->cr4 & ~(limits->cr4_bits & CR4_DEFINED))
		return VMCB_FAULT_CR4_MBZ;
	if (save->cr4 & CR4_CET && !(save->cr0 & CR0_WP))
		return VMCB_FAULT_CET_WP;
	return pat_valid(save->g_pat) ? VMCB_OK : VMCB_FAULT_G_PAT;
}

static enum vmcb_fault check_addresses(const struct vmcb_control *control, uint32_t asid_count,
				       uint64_t end)
{
	if (control->asid == 0)
		return VMCB_FAULT_ASID_ZERO;
	if (control->asid >= asid_count)
		return VMCB_FAULT_ASID_RANGE;
	if (!in_memory(control->iopm_base, IOPM_BYTES, end))
		return VMCB_FAULT_IOPM;
	if (!in_memory(control->msrpm_base, MSRPM_BYTES, end))
		return VMCB_FAULT_MSRPM;
	if (control->nested_cr3 == 0 || !in_memory(control->nested_cr3, PAGE_BYTES, end))
		return VMCB_FAULT_NESTED_CR3; /* page 0 is never a table of ours */
	return VMCB_OK;
}

static enum vmcb_fault check_exception(uint64_t event)
{
	const unsigned int vector = event & VMCB_EVENT_VECTOR;

	if (vector > 31 || !(EXCEPTIONS >> vector & 1))
		return VMCB_FAULT_EVENT_VECTOR;
	if (!(event & VMCB_EVENT_ERROR_VALID) != !(EXCEPTIONS_WITH_ERROR >> vector & 1))
		return VMCB_FAULT_EVENT_ERROR;
	return VMCB_OK;
}

static enum vmcb_fault check_event(uint64_t event)
{
	const uint64_t type = event & VMCB_EVENT_TYPE;

	if (!(event & VMCB_EVENT_VALID))
		return VMCB_OK;
	if (event & EVENT_RESERVED)
		return VMCB_FAULT_EVENT_RESERVED;
	if (type == VMCB_EVENT_TYPE_EXCEPTION)
		return check_exception(event);
	if (type != VMCB_EVENT_TYPE_INTR && type != VMCB_EVENT_TYPE_NMI &&
	    type != VMCB_EVENT_TYPE_SOFT)
		return VMCB_FAULT_EVENT_TYPE;
	return (event & VMCB_EVENT_ERROR_VALID) ? VMCB_FAULT_EVENT_ERROR : VMCB_OK;
}

enum vmcb_fault vmcb_check(const struct vmcb *vmcb, const struct vmcb_limits *limits)
{
	const uint64_t end = 1ull << (limits->phys_bits < 52 ? limits->phys_bits : 52);
	enum vmcb_fault fault = check_fields(vmcb);

	if (!fault)
		fault = check_mode(&vmcb->save, limits);
	if (!fault)
		fault = check_registers(&vmcb->save, limits, end);
	if (!fault)
		fault = check_addresses(&vmcb->control, limits->asid_count, end);
	if (!fault)
		fault = check_event(vmcb->control.event_injection);
	return fault;
}

const char *vmcb_fault_name(enum vmcb_fault fault)
{
#define VMCB_FAULT_TEXT(name, text) text,
	static const char *const names[] = { "no fault", VMCB_FAULTS(VMCB_FAULT_TEXT) };

	return fault < VMCB_FAULT_END ? names[fault] : "not a fault";
}
