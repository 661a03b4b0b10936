/* SPDX-License-Identifier: Apache-2.0 */
#include "svm/vmcb_check.h"

#include <septum/x86/cell_registers.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define PHYS_BITS 40u
#define PHYS_END (1ull << PHYS_BITS)

/* Every fault there is, as the monitor prints it. */
#define VMCB_FAULTS(FAULT)                                                                   \
	FAULT(EFER_SVME, "save.efer: SVME is clear")                                         \
	FAULT(CR0_HIGH, "save.cr0: bits 63:32 are not zero")                                 \
	FAULT(DR6_HIGH, "save.dr6: bits 63:32 are not zero")                                 \
	FAULT(DR7_HIGH, "save.dr7: bits 63:32 are not zero")                                 \
	FAULT(S_CET, "save.s_cet: a reserved bit is set")                                    \
	FAULT(VMRUN, "control.intercept_misc2: VMRUN is not intercepted")                    \
	FAULT(TLB_CONTROL, "control.tlb_control: neither nothing nor flush all")             \
	FAULT(NMI, "control.intercept_misc1: NMI is not intercepted")                        \
	FAULT(INIT, "control.intercept_misc1: INIT is not intercepted")                      \
	FAULT(RDPMC, "control.intercept_misc1: RDPMC is not intercepted")                    \
	FAULT(CPUID, "control.intercept_misc1: CPUID is not intercepted")                    \
	FAULT(RSM, "control.intercept_misc1: RSM is not intercepted")                        \
	FAULT(INVD, "control.intercept_misc1: INVD is not intercepted")                      \
	FAULT(INVLPGA, "control.intercept_misc1: INVLPGA is not intercepted")                \
	FAULT(IOIO, "control.intercept_misc1: IOIO is not intercepted")                      \
	FAULT(MSR, "control.intercept_misc1: MSR is not intercepted")                        \
	FAULT(FERR_FREEZE, "control.intercept_misc1: FERR_FREEZE is not intercepted")        \
	FAULT(SHUTDOWN, "control.intercept_misc1: SHUTDOWN is not intercepted")              \
	FAULT(VMMCALL, "control.intercept_misc2: VMMCALL is not intercepted")                \
	FAULT(VMLOAD, "control.intercept_misc2: VMLOAD is not intercepted")                  \
	FAULT(VMSAVE, "control.intercept_misc2: VMSAVE is not intercepted")                  \
	FAULT(STGI, "control.intercept_misc2: STGI is not intercepted")                      \
	FAULT(CLGI, "control.intercept_misc2: CLGI is not intercepted")                      \
	FAULT(SKINIT, "control.intercept_misc2: SKINIT is not intercepted")                  \
	FAULT(WBINVD, "control.intercept_misc2: WBINVD is not intercepted")                  \
	FAULT(MONITOR, "control.intercept_misc2: MONITOR is not intercepted")                \
	FAULT(MWAIT, "control.intercept_misc2: MWAIT is not intercepted")                    \
	FAULT(XSETBV, "control.intercept_misc2: XSETBV is not intercepted")                  \
	FAULT(RDPRU, "control.intercept_misc2: RDPRU is not intercepted")                    \
	FAULT(CR4_WRITE, "control.intercept_cr_write: CR4 is not intercepted")               \
	FAULT(DB, "control.intercept_exceptions: #DB is not intercepted")                    \
	FAULT(AC, "control.intercept_exceptions: #AC is not intercepted")                    \
	FAULT(MC, "control.intercept_exceptions: #MC is not intercepted")                    \
	FAULT(INTR, "control.intercept_misc1: INTR is intercepted: interrupts would exit")   \
	FAULT(V_INTR_MASKING, "control.int_control: V_INTR_MASKING is set")                  \
	FAULT(AVIC, "control.int_control: AVIC is on")                                       \
	FAULT(INT_CONTROL, "control.int_control: a virtual interrupt, NMI or GIF is set up") \
	FAULT(EVENT, "control.event_injection: one would be injected")                       \
	FAULT(INTERRUPT_SHADOW, "control.interrupt_shadow: not zero")                        \
	FAULT(NESTED_PAGING, "control.nested_control: nested paging is off")                 \
	FAULT(NESTED_OTHER, "control.nested_control: more than nested paging is on")         \
	FAULT(AVIC_BAR, "control.avic_apic_bar: not zero")                                   \
	FAULT(GHCB, "control.ghcb: not zero")                                                \
	FAULT(LBR, "control.lbr_control: not zero")                                          \
	FAULT(CLEAN_BITS, "control.clean_bits: not zero")                                    \
	FAULT(CONTROL_018, "control.reserved_018: not zero")                                 \
	FAULT(CONTROL_05D, "control.reserved_05d: not zero")                                 \
	FAULT(CONTROL_0E0, "control.reserved_0e0: not zero")                                 \
	FAULT(SAVE_0A0, "save.reserved_0a0: not zero")                                       \
	FAULT(SAVE_0CC, "save.reserved_0cc: not zero")                                       \
	FAULT(SAVE_0D8, "save.reserved_0d8: not zero")                                       \
	FAULT(SAVE_180, "save.reserved_180: not zero")                                       \
	FAULT(SAVE_248, "save.reserved_248: not zero")                                       \
	FAULT(SAVE_298, "save.reserved_298: not zero")                                       \
	FAULT(CR4_MCE, "save.cr4: MCE is clear: a machine check would shut the CPU down")    \
	FAULT(LONG_MODE, "save.efer: LME or LMA is set on a CPU without long mode")          \
	FAULT(EFER_MBZ, "save.efer: a bit that this CPU does not have is set")               \
	FAULT(LONG_PAE, "save.cr4: PAE is clear with EFER.LME and CR0.PG")                   \
	FAULT(LONG_PE, "save.cr0: PE is clear with EFER.LME and CR0.PG")                     \
	FAULT(CS_L_AND_D, "save.cs: L and D are both set in long mode")                      \
	FAULT(EFER_LMA, "save.efer: LMA is not LME and CR0.PG")                              \
	FAULT(CR0_NW, "save.cr0: NW is set and CD is clear")                                 \
	FAULT(CR3_MBZ, "save.cr3: bits beyond the physical address width are set")           \
	FAULT(CR4_MBZ, "save.cr4: a bit that this CPU does not have is set")                 \
	FAULT(CET_WP, "save.cr4: CET is set and CR0.WP is clear")                            \
	FAULT(G_PAT, "save.g_pat: a reserved memory type")                                   \
	FAULT(ASID_ZERO, "control.asid: 0 is the host's")                                    \
	FAULT(ASID_RANGE, "control.asid: not below the CPU's count")                         \
	FAULT(IOPM, "control.iopm_base: not aligned, or beyond the physical addresses")      \
	FAULT(MSRPM, "control.msrpm_base: not aligned, or beyond the physical addresses")    \
	FAULT(NESTED_CR3, "control.nested_cr3: zero, not aligned, or out of range")

#define VMCB_FAULT_ENUMERATOR(name, text) VMCB_FAULT_##name,
enum vmcb_fault { VMCB_OK, VMCB_FAULTS(VMCB_FAULT_ENUMERATOR) VMCB_FAULT_END };

static const char *fault_name(enum vmcb_fault fault)
{
#define VMCB_FAULT_TEXT(name, text) text,
	static const char *const names[] = { "no fault", VMCB_FAULTS(VMCB_FAULT_TEXT) };

	return names[fault];
}

/* vmcb_check(); a text that VMCB_FAULTS does not have fails the test. */
static enum vmcb_fault check(const struct vmcb *vmcb, const struct vmcb_limits *of_cpu)
{
	const char *text = vmcb_check(vmcb, of_cpu);

	if (!text)
		return VMCB_OK;
	for (enum vmcb_fault fault = VMCB_OK + 1; fault < VMCB_FAULT_END; fault++) {
		if (!strcmp(text, fault_name(fault)))
			return fault;
	}
	fail_msg("'%s' is no fault that the tests know", text);
	return VMCB_FAULT_END;
}

static const struct vmcb_limits limits = {
	.phys_bits = PHYS_BITS,
	.asid_count = 16,
	.cr4_bits = ~(CR4_LA57),
	.efer_bits = ~0ull,
};

/* A 64-bit cell at its first instruction. */
static struct vmcb good(void)
{
	struct vmcb v = { 0 };

	v.control.intercept_cr_write = 1u << 4;
	v.control.intercept_exceptions = 1u << 1 | 1u << 17 | 1u << 18;
	v.control.intercept_misc1 = VMCB_MISC1_NMI | VMCB_MISC1_INIT | VMCB_MISC1_RDPMC |
				    VMCB_MISC1_CPUID | VMCB_MISC1_RSM | VMCB_MISC1_INVD |
				    VMCB_MISC1_INVLPGA | VMCB_MISC1_IOIO | VMCB_MISC1_MSR |
				    VMCB_MISC1_FERR_FREEZE | VMCB_MISC1_SHUTDOWN;
	v.control.intercept_misc2 = VMCB_MISC2_VMRUN | VMCB_MISC2_VMMCALL | VMCB_MISC2_VMLOAD |
				    VMCB_MISC2_VMSAVE | VMCB_MISC2_STGI | VMCB_MISC2_CLGI |
				    VMCB_MISC2_SKINIT | VMCB_MISC2_WBINVD | VMCB_MISC2_MONITOR |
				    VMCB_MISC2_MWAIT | VMCB_MISC2_XSETBV | VMCB_MISC2_RDPRU;
	v.control.iopm_base = 0x100000;
	v.control.msrpm_base = 0x103000;
	v.control.asid = 1;
	v.control.tlb_control = VMCB_TLB_FLUSH_ALL;
	v.control.nested_control = VMCB_NESTED_PAGING;
	v.control.nested_cr3 = 0x105000;
	v.save.cs.attributes = 0x29b; /* present, code, long */
	v.save.efer = EFER_SVME | EFER_LME | EFER_LMA | EFER_NXE;
	v.save.cr0 = CR0_PE | CR0_PG | CR0_ET | CR0_NE | CR0_WP;
	v.save.cr3 = 0x2000;
	v.save.cr4 = CR4_PAE | CR4_MCE;
	v.save.dr6 = 0xffff0ff0;
	v.save.dr7 = 0x400;
	v.save.g_pat = 0x0007040600070406ull;
	v.save.rflags = RFLAGS_RESERVED_ONE;
	return v;
}

/* One change to a good VMCB: (field & ~clear) | set, at an offset, in up to 8 bytes. */
struct mutation {
	enum vmcb_fault fault;
	size_t offset, bytes;
	uint64_t clear, set;
};

#define FIELD(name) offsetof(struct vmcb, name), sizeof(((struct vmcb *)0)->name)
#define CLEAR(fault, name, bits) VMCB_FAULT_##fault, FIELD(name), bits, 0
#define SET(fault, name, bits) VMCB_FAULT_##fault, FIELD(name), 0, bits
#define PUT(fault, name, value) VMCB_FAULT_##fault, FIELD(name), ~0ull, value
#define EVENT(value) PUT(EVENT, control.event_injection, VMCB_EVENT_VALID | (value))
/* One byte of an area, by its index there. */
#define BYTE(fault, name, index) VMCB_FAULT_##fault, offsetof(struct vmcb, name) + (index), 1, 0, 1

static const struct mutation mutations[] = {
	{ CLEAR(EFER_SVME, save.efer, EFER_SVME) },
	{ SET(CR0_NW, save.cr0, CR0_NW) },
	{ SET(CR0_HIGH, save.cr0, 1ull << 32) },
	{ SET(CR0_HIGH, save.cr0, 1ull << 63) },
	{ SET(CR3_MBZ, save.cr3, PHYS_END) },
	{ SET(CR3_MBZ, save.cr3, 1ull << 63) },
	{ SET(CR4_MBZ, save.cr4, CR4_VMXE) },
	{ SET(CR4_MBZ, save.cr4, 1ull << 15) },
	{ SET(CR4_MBZ, save.cr4, 1ull << 19) },
	{ SET(CR4_MBZ, save.cr4, 1ull << 24) },
	{ SET(CR4_MBZ, save.cr4, 1ull << 63) },
	{ SET(CR4_MBZ, save.cr4, CR4_LA57) }, /* defined, but not in these limits */
	{ SET(DR6_HIGH, save.dr6, 1ull << 32) },
	{ SET(DR7_HIGH, save.dr7, 1ull << 32) },
	{ SET(EFER_MBZ, save.efer, 1ull << 1) },
	{ SET(EFER_MBZ, save.efer, 1ull << 9) },
	{ SET(EFER_MBZ, save.efer, 1ull << 19) },
	{ SET(EFER_MBZ, save.efer, 1ull << 22) },
	{ CLEAR(LONG_PAE, save.cr4, CR4_PAE) },
	{ CLEAR(LONG_PE, save.cr0, CR0_PE) },
	{ SET(CS_L_AND_D, save.cs.attributes, 1u << 10) },
	{ SET(S_CET, save.s_cet, 1ull << 2) },
	{ PUT(G_PAT, save.g_pat, 0x0007040600070402ull) },
	{ PUT(G_PAT, save.g_pat, 0x0307040600070406ull) },
	{ PUT(G_PAT, save.g_pat, 0x0007040800070406ull) },
	{ PUT(G_PAT, save.g_pat, 0x8007040600070406ull) },
	{ CLEAR(VMRUN, control.intercept_misc2, VMCB_MISC2_VMRUN) },
	{ PUT(ASID_ZERO, control.asid, 0) },
	{ PUT(ASID_RANGE, control.asid, 16) },
	{ SET(IOPM, control.iopm_base, 0x800) },
	{ PUT(IOPM, control.iopm_base, PHYS_END) },
	{ PUT(IOPM, control.iopm_base, PHYS_END - 0x2000) },
	{ PUT(IOPM, control.iopm_base, ~0xfffull) },
	{ SET(MSRPM, control.msrpm_base, 0x800) },
	{ PUT(MSRPM, control.msrpm_base, PHYS_END) },
	{ PUT(MSRPM, control.msrpm_base, PHYS_END - 0x1000) },
	{ PUT(NESTED_CR3, control.nested_cr3, 0) },
	{ SET(NESTED_CR3, control.nested_cr3, 1u << 3) },
	{ SET(NESTED_CR3, control.nested_cr3, PHYS_END) },
	{ SET(NESTED_CR3, control.nested_cr3, 1ull << 63) },
	{ EVENT(1u << 8 | 3) },
	{ EVENT(5u << 8 | 3) },
	{ EVENT(6u << 8 | 3) },
	{ EVENT(7u << 8 | 3) },
	{ EVENT(VMCB_EVENT_TYPE_EXCEPTION | 2) }, /* NMI is none */
	{ EVENT(VMCB_EVENT_TYPE_EXCEPTION | 15) },
	{ EVENT(VMCB_EVENT_TYPE_EXCEPTION | 31) },
	{ EVENT(VMCB_EVENT_TYPE_EXCEPTION | 32) },
	{ EVENT(VMCB_EVENT_TYPE_EXCEPTION | 0xff) },
	{ EVENT(VMCB_EVENT_TYPE_EXCEPTION | 13) }, /* #GP without */
	{ EVENT(VMCB_EVENT_TYPE_EXCEPTION | VMCB_EVENT_ERROR_VALID | 6) },
	{ EVENT(VMCB_EVENT_TYPE_NMI | VMCB_EVENT_ERROR_VALID) },
	{ EVENT(VMCB_EVENT_TYPE_INTR | VMCB_EVENT_ERROR_VALID | 64) },
	{ EVENT(VMCB_EVENT_TYPE_NMI | 1u << 12) },
	{ EVENT(VMCB_EVENT_TYPE_NMI | 1u << 30) },
	{ PUT(TLB_CONTROL, control.tlb_control, 2) },
	{ PUT(TLB_CONTROL, control.tlb_control, 3) },
	{ PUT(TLB_CONTROL, control.tlb_control, 0x81) },
	{ CLEAR(NMI, control.intercept_misc1, VMCB_MISC1_NMI) },
	{ CLEAR(INIT, control.intercept_misc1, VMCB_MISC1_INIT) },
	{ CLEAR(RDPMC, control.intercept_misc1, VMCB_MISC1_RDPMC) },
	{ CLEAR(CPUID, control.intercept_misc1, VMCB_MISC1_CPUID) },
	{ CLEAR(RSM, control.intercept_misc1, VMCB_MISC1_RSM) },
	{ CLEAR(INVD, control.intercept_misc1, VMCB_MISC1_INVD) },
	{ CLEAR(INVLPGA, control.intercept_misc1, VMCB_MISC1_INVLPGA) },
	{ CLEAR(IOIO, control.intercept_misc1, VMCB_MISC1_IOIO) },
	{ CLEAR(MSR, control.intercept_misc1, VMCB_MISC1_MSR) },
	{ CLEAR(FERR_FREEZE, control.intercept_misc1, VMCB_MISC1_FERR_FREEZE) },
	{ CLEAR(SHUTDOWN, control.intercept_misc1, VMCB_MISC1_SHUTDOWN) },
	{ CLEAR(VMMCALL, control.intercept_misc2, VMCB_MISC2_VMMCALL) },
	{ CLEAR(VMLOAD, control.intercept_misc2, VMCB_MISC2_VMLOAD) },
	{ CLEAR(VMSAVE, control.intercept_misc2, VMCB_MISC2_VMSAVE) },
	{ CLEAR(STGI, control.intercept_misc2, VMCB_MISC2_STGI) },
	{ CLEAR(CLGI, control.intercept_misc2, VMCB_MISC2_CLGI) },
	{ CLEAR(SKINIT, control.intercept_misc2, VMCB_MISC2_SKINIT) },
	{ CLEAR(WBINVD, control.intercept_misc2, VMCB_MISC2_WBINVD) },
	{ CLEAR(MONITOR, control.intercept_misc2, VMCB_MISC2_MONITOR) },
	{ CLEAR(MWAIT, control.intercept_misc2, VMCB_MISC2_MWAIT) },
	{ CLEAR(XSETBV, control.intercept_misc2, VMCB_MISC2_XSETBV) },
	{ CLEAR(RDPRU, control.intercept_misc2, VMCB_MISC2_RDPRU) },
	{ CLEAR(CR4_WRITE, control.intercept_cr_write, 1u << 4) },
	{ CLEAR(DB, control.intercept_exceptions, 1u << 1) },
	{ CLEAR(AC, control.intercept_exceptions, 1u << 17) },
	{ CLEAR(MC, control.intercept_exceptions, 1u << 18) },
	{ SET(INTR, control.intercept_misc1, VMCB_MISC1_INTR) },
	{ SET(V_INTR_MASKING, control.int_control, VMCB_INT_V_INTR_MASKING) },
	{ SET(AVIC, control.int_control, 1ull << 31) },
	{ SET(AVIC, control.int_control, 1ull << 30) }, /* x2AVIC */
	{ SET(INT_CONTROL, control.int_control, 1ull << 8) }, /* V_IRQ */
	{ SET(INT_CONTROL, control.int_control, 1ull << 25) }, /* virtual GIF */
	{ SET(INT_CONTROL, control.int_control, 1ull << 26) }, /* virtual NMI */
	{ SET(INT_CONTROL, control.int_control, 1ull << 32) }, /* V_INTR_VECTOR */
	{ SET(INTERRUPT_SHADOW, control.interrupt_shadow, 1) },
	{ CLEAR(NESTED_PAGING, control.nested_control, VMCB_NESTED_PAGING) },
	{ SET(NESTED_OTHER, control.nested_control, 1ull << 1) }, /* SEV */
	{ SET(NESTED_OTHER, control.nested_control, 1ull << 7) }, /* INVLPGB in the cell */
	{ SET(AVIC_BAR, control.avic_apic_bar, 0xfee00000) },
	{ SET(GHCB, control.ghcb, 0x1000) },
	{ SET(LBR, control.lbr_control, 1) },
	{ SET(LBR, control.lbr_control, 2) }, /* VMLOAD and VMSAVE in the cell */
	{ SET(CLEAN_BITS, control.clean_bits, 1) },
	{ SET(CLEAN_BITS, control.clean_bits, 1ull << 31) },
	{ BYTE(CONTROL_018, control.reserved_018, 0) },
	{ BYTE(CONTROL_018, control.reserved_018, 0x3c - 0x18 - 1) },
	{ BYTE(CONTROL_05D, control.reserved_05d, 2) },
	{ BYTE(CONTROL_0E0, control.reserved_0e0, 1) }, /* AVIC backing page */
	{ BYTE(CONTROL_0E0, control.reserved_0e0, 0x400 - 0xe0 - 1) },
	{ BYTE(SAVE_0A0, save.reserved_0a0, 0) },
	{ BYTE(SAVE_0CC, save.reserved_0cc, 3) },
	{ BYTE(SAVE_0D8, save.reserved_0d8, 0) },
	{ BYTE(SAVE_180, save.reserved_180, 0) },
	{ BYTE(SAVE_248, save.reserved_248, 0) },
	{ BYTE(SAVE_298, save.reserved_298, 0xc00 - 0x298 - 1) },
	{ CLEAR(CR4_MCE, save.cr4, CR4_MCE) },
	{ CLEAR(EFER_LMA, save.efer, EFER_LMA) },
};

static struct vmcb mutated(const struct mutation *m)
{
	struct vmcb v = good();
	uint8_t *field = (uint8_t *)&v + m->offset;

	for (size_t i = 0; i < m->bytes; i++) {
		field[i] &= (uint8_t) ~(m->clear >> 8 * i);
		field[i] |= (uint8_t)(m->set >> 8 * i);
	}
	return v;
}

static void a_good_vmcb_passes(void **state)
{
	struct vmcb v = good();

	(void)state;
	assert_int_equal(check(&v, &limits), VMCB_OK);
}

static void each_broken_condition_is_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(mutations) / sizeof(mutations[0]); i++) {
		struct vmcb v = mutated(&mutations[i]);
		enum vmcb_fault got = check(&v, &limits);

		if (got != mutations[i].fault)
			fail_msg("mutation %zu: expected '%s', got '%s'", i,
				 fault_name(mutations[i].fault), fault_name(got));
	}
}

/* Faults that one changed field of a good VMCB can not cause alone. */
static bool has_its_own_test(enum vmcb_fault fault)
{
	return fault == VMCB_FAULT_LONG_MODE || fault == VMCB_FAULT_CET_WP;
}

static void every_fault_is_reached_by_a_test(void **state)
{
	(void)state;
	for (enum vmcb_fault fault = VMCB_OK + 1; fault < VMCB_FAULT_END; fault++) {
		bool reached = has_its_own_test(fault);

		for (size_t i = 0; i < sizeof(mutations) / sizeof(mutations[0]); i++)
			reached |= mutations[i].fault == fault;
		if (!reached)
			fail_msg("no test for '%s'", fault_name(fault));
	}
}

static void long_mode_on_a_cpu_without_it_is_named(void **state)
{
	struct vmcb_limits old_cpu = limits;
	struct vmcb v = good();

	(void)state;
	old_cpu.efer_bits = EFER_SVME | EFER_NXE;
	assert_int_equal(check(&v, &old_cpu), VMCB_FAULT_LONG_MODE);
	v.save.efer = EFER_SVME;
	assert_int_equal(check(&v, &old_cpu), VMCB_OK);
	v.save.efer |= EFER_LMA;
	assert_int_equal(check(&v, &old_cpu), VMCB_FAULT_LONG_MODE);
}

static void cet_without_write_protection_is_named(void **state)
{
	struct vmcb v = good();

	(void)state;
	v.save.cr4 |= CR4_CET;
	assert_int_equal(check(&v, &limits), VMCB_OK);
	v.save.cr0 &= ~CR0_WP;
	assert_int_equal(check(&v, &limits), VMCB_FAULT_CET_WP);
}

static void a_cell_may_start_in_real_and_in_32_bit_mode(void **state)
{
	struct vmcb v = good();

	(void)state;
	v.save.efer = EFER_SVME;
	v.save.cr0 = CR0_ET;
	v.save.cs.attributes = 0x9b;
	v.save.cr4 = CR4_MCE;
	assert_int_equal(check(&v, &limits), VMCB_OK);
	v.save.cr0 |= CR0_PE;
	v.save.cs.attributes = 0xc9b;
	assert_int_equal(check(&v, &limits), VMCB_OK);
}

static void caching_disabled_with_write_through_off_is_legal(void **state)
{
	struct vmcb v = good();

	(void)state;
	v.save.cr0 |= CR0_CD | CR0_NW;
	assert_int_equal(check(&v, &limits), VMCB_OK);
}

static void addresses_may_touch_the_last_page_of_memory(void **state)
{
	struct vmcb v = good();

	(void)state;
	v.control.iopm_base = PHYS_END - 0x3000;
	v.control.msrpm_base = PHYS_END - 0x2000;
	v.control.nested_cr3 = PHYS_END - 0x1000;
	v.save.cr3 = PHYS_END - 0x1000;
	v.control.asid = limits.asid_count - 1;
	assert_int_equal(check(&v, &limits), VMCB_OK);
}

static void a_physical_width_beyond_the_format_allows_no_more_than_the_format(void **state)
{
	struct vmcb_limits wide = limits;
	struct vmcb v = good();

	(void)state;
	wide.phys_bits = 64;
	v.save.cr3 = 1ull << 51;
	assert_int_equal(check(&v, &wide), VMCB_OK);
	v.save.cr3 = 1ull << 52;
	assert_int_equal(check(&v, &wide), VMCB_FAULT_CR3_MBZ);
}

static void an_event_that_is_not_valid_is_ignored(void **state)
{
	struct vmcb v = good();

	(void)state;
	v.control.event_injection = ~(uint64_t)VMCB_EVENT_VALID;
	assert_int_equal(check(&v, &limits), VMCB_OK);
}

static void no_two_faults_are_reported_alike(void **state)
{
	(void)state;
	for (enum vmcb_fault fault = VMCB_OK; fault < VMCB_FAULT_END; fault++) {
		for (enum vmcb_fault other = VMCB_OK; other < fault; other++)
			assert_string_not_equal(fault_name(fault), fault_name(other));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_vmcb_passes),
		cmocka_unit_test(each_broken_condition_is_named),
		cmocka_unit_test(every_fault_is_reached_by_a_test),
		cmocka_unit_test(long_mode_on_a_cpu_without_it_is_named),
		cmocka_unit_test(cet_without_write_protection_is_named),
		cmocka_unit_test(a_cell_may_start_in_real_and_in_32_bit_mode),
		cmocka_unit_test(caching_disabled_with_write_through_off_is_legal),
		cmocka_unit_test(addresses_may_touch_the_last_page_of_memory),
		cmocka_unit_test(a_physical_width_beyond_the_format_allows_no_more_than_the_format),
		cmocka_unit_test(an_event_that_is_not_valid_is_ignored),
		cmocka_unit_test(no_two_faults_are_reported_alike),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
