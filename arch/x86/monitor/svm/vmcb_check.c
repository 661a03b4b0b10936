/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Conditions: APM volume 2, 15.5.1 (consistency), 15.13 (ASIDs), 15.25 (nested paging), appendix B (layout).
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

#define RULE(name, mask, value, why) \
	offsetof(struct vmcb, name), sizeof(((struct vmcb *)0)->name), mask, value, #name ": " why
#define CLEAR(name, bits, why) RULE(name, bits, 0, why)
#define SET(name, bits, why) RULE(name, bits, bits, why)
#define ZERO(name) CLEAR(name, ~0ull, "not zero")
#define MISC1(insn) SET(control.intercept_misc1, VMCB_MISC1_##insn, #insn " is not intercepted")
#define MISC2(insn) SET(control.intercept_misc2, VMCB_MISC2_##insn, #insn " is not intercepted")

struct rule {
	size_t offset, bytes; /* of the field */
	uint64_t mask, value; /* what must be there */
	const char *fault;
};

/*
 * Conditions on single fields: VMRUN's own, then what isolation rests on
 * (docs/design.md, sections 5 and 7).
 */
static const struct rule rules[] = {
	{ SET(save.efer, EFER_SVME, "SVME is clear") },
	{ CLEAR(save.cr0, ~0ull << 32, "bits 63:32 are not zero") },
	{ CLEAR(save.dr6, ~0ull << 32, "bits 63:32 are not zero") },
	{ CLEAR(save.dr7, ~0ull << 32, "bits 63:32 are not zero") },
	{ CLEAR(save.s_cet, ~S_CET_DEFINED, "a reserved bit is set") },
	{ MISC2(VMRUN) },
	{ CLEAR(control.tlb_control, (uint8_t)~VMCB_TLB_FLUSH_ALL,
		"neither nothing nor flush all") },
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
	{ SET(control.intercept_cr_write, 1u << 4, "CR4 is not intercepted") },
	{ SET(control.intercept_exceptions, 1u << 1, "#DB is not intercepted") },
	{ SET(control.intercept_exceptions, 1u << 17, "#AC is not intercepted") },
	{ SET(control.intercept_exceptions, 1u << 18, "#MC is not intercepted") },
	{ CLEAR(control.intercept_misc1, VMCB_MISC1_INTR,
		"INTR is intercepted: interrupts would exit") },
	{ CLEAR(control.int_control, VMCB_INT_V_INTR_MASKING, "V_INTR_MASKING is set") },
	{ CLEAR(control.int_control, INT_AVIC, "AVIC is on") },
	{ CLEAR(control.int_control, ~INT_V_TPR, "a virtual interrupt, NMI or GIF is set up") },
	{ CLEAR(control.event_injection, VMCB_EVENT_VALID, "one would be injected") },
	{ ZERO(control.interrupt_shadow) },
	{ SET(control.nested_control, VMCB_NESTED_PAGING, "nested paging is off") },
	{ CLEAR(control.nested_control, ~VMCB_NESTED_PAGING, "more than nested paging is on") },
	{ ZERO(control.avic_apic_bar) },
	{ ZERO(control.ghcb) },
	{ ZERO(control.lbr_control) },
	{ ZERO(control.clean_bits) },
	{ ZERO(control.reserved_018) },
	{ ZERO(control.reserved_05d) },
	{ ZERO(control.reserved_0e0) },
	{ ZERO(save.reserved_0a0) },
	{ ZERO(save.reserved_0cc) },
	{ ZERO(save.reserved_0d8) },
	{ ZERO(save.reserved_180) },
	{ ZERO(save.reserved_248) },
	{ ZERO(save.reserved_298) },
	{ SET(save.cr4, CR4_MCE, "MCE is clear: a machine check would shut the CPU down") },
};

/* Keeps the first fault. */
static void demand(const char **fault, bool holds, const char *why)
{
	if (!holds && !*fault)
		*fault = why;
}

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

/* Page aligned, and all of it below the end of physical addresses. */
static bool in_memory(uint64_t base, uint64_t bytes, uint64_t end)
{
	return base % PAGE_BYTES == 0 && base < end && end - base >= bytes;
}

static void check_mode(const struct vmcb_save *save, const struct vmcb_limits *limits,
		       const char **fault)
{
	const bool long_paging = save->efer & EFER_LME && save->cr0 & CR0_PG;
	const bool long_code = long_paging && save->cs.attributes & SEGMENT_L;

	demand(fault, limits->efer_bits & EFER_LME || !(save->efer & (EFER_LME | EFER_LMA)),
	       "save.efer: LME or LMA is set on a CPU without long mode");
	demand(fault, !(save->efer & ~(limits->efer_bits & EFER_DEFINED)),
	       "save.efer: a bit that this CPU does not have is set");
	demand(fault, !long_paging || save->cr4 & CR4_PAE,
	       "save.cr4: PAE is clear with EFER.LME and CR0.PG");
	demand(fault, !long_paging || save->cr0 & CR0_PE,
	       "save.cr0: PE is clear with EFER.LME and CR0.PG");
	demand(fault, !long_code || !(save->cs.attributes & SEGMENT_D),
	       "save.cs: L and D are both set in long mode");
	demand(fault, long_paging == !!(save->efer & EFER_LMA),
	       "save.efer: LMA is not LME and CR0.PG");
}

static void check_registers(const struct vmcb_save *save, const struct vmcb_limits *limits,
			    uint64_t end, const char **fault)
{
	demand(fault, !(save->cr0 & CR0_NW) || save->cr0 & CR0_CD,
	       "save.cr0: NW is set and CD is clear");
	demand(fault, save->cr3 < end, "save.cr3: bits beyond the physical address width are set");
	demand(fault, !(save->cr4 & ~(limits->cr4_bits & CR4_DEFINED)),
	       "save.cr4: a bit that this CPU does not have is set");
	demand(fault, !(save->cr4 & CR4_CET) || save->cr0 & CR0_WP,
	       "save.cr4: CET is set and CR0.WP is clear");
	demand(fault, pat_valid(save->g_pat), "save.g_pat: a reserved memory type");
}

static void check_addresses(const struct vmcb_control *control, uint32_t asid_count, uint64_t end,
			    const char **fault)
{
	demand(fault, control->asid != 0, "control.asid: 0 is the host's");
	demand(fault, control->asid < asid_count, "control.asid: not below the CPU's count");
	demand(fault, in_memory(control->iopm_base, IOPM_BYTES, end),
	       "control.iopm_base: not aligned, or beyond the physical addresses");
	demand(fault, in_memory(control->msrpm_base, MSRPM_BYTES, end),
	       "control.msrpm_base: not aligned, or beyond the physical addresses");
	/* Page 0 is never a table of ours. */
	demand(fault, control->nested_cr3 != 0 && in_memory(control->nested_cr3, PAGE_BYTES, end),
	       "control.nested_cr3: zero, not aligned, or out of range");
}

const char *vmcb_check(const struct vmcb *vmcb, const struct vmcb_limits *limits)
{
	const uint64_t end = 1ull << (limits->phys_bits < 52 ? limits->phys_bits : 52);
	const char *fault = NULL;

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		demand(&fault, holds(vmcb, &rules[i]), rules[i].fault);
	check_mode(&vmcb->save, limits, &fault);
	check_registers(&vmcb->save, limits, end, &fault);
	check_addresses(&vmcb->control, limits->asid_count, end, &fault);
	return fault;
}
