/* SPDX-License-Identifier: Apache-2.0 */
#include "svm/vmcb_check.h"

#include <septum/x86/registers.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define PHYS_BITS 40u
#define PHYS_END (1ull << PHYS_BITS)

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
#define EVENT(fault, value) PUT(fault, control.event_injection, VMCB_EVENT_VALID | (value))
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
	{ EVENT(EVENT_TYPE, 1u << 8 | 3) },
	{ EVENT(EVENT_TYPE, 5u << 8 | 3) },
	{ EVENT(EVENT_TYPE, 6u << 8 | 3) },
	{ EVENT(EVENT_TYPE, 7u << 8 | 3) },
	{ EVENT(EVENT_VECTOR, VMCB_EVENT_TYPE_EXCEPTION | 2) }, /* NMI is none */
	{ EVENT(EVENT_VECTOR, VMCB_EVENT_TYPE_EXCEPTION | 15) },
	{ EVENT(EVENT_VECTOR, VMCB_EVENT_TYPE_EXCEPTION | 31) },
	{ EVENT(EVENT_VECTOR, VMCB_EVENT_TYPE_EXCEPTION | 32) },
	{ EVENT(EVENT_VECTOR, VMCB_EVENT_TYPE_EXCEPTION | 0xff) },
	{ EVENT(EVENT_ERROR, VMCB_EVENT_TYPE_EXCEPTION | 13) }, /* #GP without */
	{ EVENT(EVENT_ERROR, VMCB_EVENT_TYPE_EXCEPTION | VMCB_EVENT_ERROR_VALID | 6) },
	{ EVENT(EVENT_ERROR, VMCB_EVENT_TYPE_NMI | VMCB_EVENT_ERROR_VALID) },
	{ EVENT(EVENT_ERROR, VMCB_EVENT_TYPE_INTR | VMCB_EVENT_ERROR_VALID | 64) },
	{ EVENT(EVENT_RESERVED, VMCB_EVENT_TYPE_NMI | 1u << 12) },
	{ EVENT(EVENT_RESERVED, VMCB_EVENT_TYPE_NMI | 1u << 30) },
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
	{ BYTE(RESERVED_CONTROL, control.reserved_018, 0) },
	{ BYTE(RESERVED_CONTROL, control.reserved_018, 0x3c - 0x18 - 1) },
	{ BYTE(RESERVED_CONTROL, control.reserved_05d, 2) },
	{ BYTE(RESERVED_CONTROL, control.reserved_0e0, 1) }, /* AVIC backing page */
	{ BYTE(RESERVED_CONTROL, control.reserved_0e0, 0x400 - 0xe0 - 1) },
	{ BYTE(RESERVED_SAVE, save.reserved_0a0, 0) },
	{ BYTE(RESERVED_SAVE, save.reserved_0cc, 3) },
	{ BYTE(RESERVED_SAVE, save.reserved_0d8, 0) },
	{ BYTE(RESERVED_SAVE, save.reserved_180, 0) },
	{ BYTE(RESERVED_SAVE, save.reserved_248, 0) },
	{ BYTE(RESERVED_SAVE, save.reserved_298, 0xc00 - 0x298 - 1) },
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
	assert_int_equal(vmcb_check(&v, &limits), VMCB_OK);
}

static void each_broken_condition_is_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(mutations) / sizeof(mutations[0]); i++) {
		struct vmcb v = mutated(&mutations[i]);
		enum vmcb_fault got = vmcb_check(&v, &limits);

		if (got != mutations[i].fault)
			fail_msg("mutation %zu: expected '%s', got '%s'", i,
				 vmcb_fault_name(mutations[i].fault), vmcb_fault_name(got));
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
			fail_msg("no test for '%s'", vmcb_fault_name(fault));
	}
}

static void long_mode_on_a_cpu_without_it_is_named(void **state)
{
	struct vmcb_limits old_cpu = limits;
	struct vmcb v = good();

	(void)state;
	old_cpu.efer_bits = EFER_SVME | EFER_NXE;
	assert_int_equal(vmcb_check(&v, &old_cpu), VMCB_FAULT_LONG_MODE);
	v.save.efer = EFER_SVME;
	assert_int_equal(vmcb_check(&v, &old_cpu), VMCB_OK);
	v.save.efer |= EFER_LMA;
	assert_int_equal(vmcb_check(&v, &old_cpu), VMCB_FAULT_LONG_MODE);
}

static void cet_without_write_protection_is_named(void **state)
{
	struct vmcb v = good();

	(void)state;
	v.save.cr4 |= CR4_CET;
	assert_int_equal(vmcb_check(&v, &limits), VMCB_OK);
	v.save.cr0 &= ~CR0_WP;
	assert_int_equal(vmcb_check(&v, &limits), VMCB_FAULT_CET_WP);
}

static void a_cell_may_start_in_real_and_in_32_bit_mode(void **state)
{
	struct vmcb v = good();

	(void)state;
	v.save.efer = EFER_SVME;
	v.save.cr0 = CR0_ET;
	v.save.cs.attributes = 0x9b;
	v.save.cr4 = CR4_MCE;
	assert_int_equal(vmcb_check(&v, &limits), VMCB_OK);
	v.save.cr0 |= CR0_PE;
	v.save.cs.attributes = 0xc9b;
	assert_int_equal(vmcb_check(&v, &limits), VMCB_OK);
}

static void caching_disabled_with_write_through_off_is_legal(void **state)
{
	struct vmcb v = good();

	(void)state;
	v.save.cr0 |= CR0_CD | CR0_NW;
	assert_int_equal(vmcb_check(&v, &limits), VMCB_OK);
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
	assert_int_equal(vmcb_check(&v, &limits), VMCB_OK);
}

static void a_physical_width_beyond_the_format_allows_no_more_than_the_format(void **state)
{
	struct vmcb_limits wide = limits;
	struct vmcb v = good();

	(void)state;
	wide.phys_bits = 64;
	v.save.cr3 = 1ull << 51;
	assert_int_equal(vmcb_check(&v, &wide), VMCB_OK);
	v.save.cr3 = 1ull << 52;
	assert_int_equal(vmcb_check(&v, &wide), VMCB_FAULT_CR3_MBZ);
}

static void events_that_the_manual_allows_pass(void **state)
{
	static const uint32_t events[] = {
		VMCB_EVENT_TYPE_INTR | 0x20,
		VMCB_EVENT_TYPE_INTR | 0xff,
		VMCB_EVENT_TYPE_NMI,
		VMCB_EVENT_TYPE_SOFT | 0x80,
		VMCB_EVENT_TYPE_EXCEPTION | 1, /* #DB */
		VMCB_EVENT_TYPE_EXCEPTION | 6, /* #UD */
		VMCB_EVENT_TYPE_EXCEPTION | VMCB_EVENT_ERROR_VALID | 13, /* #GP */
		VMCB_EVENT_TYPE_EXCEPTION | VMCB_EVENT_ERROR_VALID | 17, /* #AC */
	};
	struct vmcb v = good();

	(void)state;
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
		v.control.event_injection = 0xabcdull << 32 | VMCB_EVENT_VALID | events[i];
		assert_int_equal(vmcb_check(&v, &limits), VMCB_OK);
	}
	v.control.event_injection = 7u << 8; /* not valid: ignored */
	assert_int_equal(vmcb_check(&v, &limits), VMCB_OK);
}

static void every_fault_has_a_name_of_its_own(void **state)
{
	(void)state;
	for (enum vmcb_fault fault = VMCB_OK; fault < VMCB_FAULT_END; fault++) {
		assert_true(strlen(vmcb_fault_name(fault)) > 0);
		for (enum vmcb_fault other = VMCB_OK; other < fault; other++)
			assert_string_not_equal(vmcb_fault_name(fault), vmcb_fault_name(other));
	}
	assert_string_equal(vmcb_fault_name(VMCB_FAULT_END), "not a fault");
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
		cmocka_unit_test(events_that_the_manual_allows_pass),
		cmocka_unit_test(every_fault_has_a_name_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
