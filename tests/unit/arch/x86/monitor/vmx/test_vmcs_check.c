/* SPDX-License-Identifier: Apache-2.0 */
#include "vmcs_image.h"

#include <septum/x86/cell_registers.h>
#include <septum/x86/vmcs.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define ALL (~0ull)
#define NOT_CANONICAL (1ull << 47)

/* One change to a good VMCS: (field & ~clear) | set. */
struct mutation {
	enum vmcs_mode mode;
	enum vmcs_fault fault;
	uint32_t field;
	uint64_t clear, set;
};

#define VMCS_FAULT_OK VMCS_OK /* for the near misses */
#define CLEAR(fault, field, bits) LONG, VMCS_FAULT_##fault, VMCS_##field, bits, 0
#define SET(fault, field, bits) LONG, VMCS_FAULT_##fault, VMCS_##field, 0, bits
#define PUT(fault, field, value) LONG, VMCS_FAULT_##fault, VMCS_##field, ALL, value
#define SET_IN(mode, fault, field, bits) mode, VMCS_FAULT_##fault, VMCS_##field, 0, bits

static const struct mutation mutations[] = {
	{ SET(PIN, PIN_CONTROLS, VMX_PIN_EXTERNAL_INTERRUPT) },
	{ CLEAR(PIN, PIN_CONTROLS, VMX_PIN_NMI) },
	{ CLEAR(PIN, PIN_CONTROLS, VMX_PIN_VIRTUAL_NMIS) },
	{ SET(PIN, PIN_CONTROLS, VMX_PIN_PREEMPTION_TIMER) },
	{ SET(PIN, PIN_CONTROLS, VMX_PIN_POSTED_INTERRUPTS) },
	{ CLEAR(PRIMARY, PRIMARY_CONTROLS, VMX_PRIMARY_IO_BITMAPS) },
	{ CLEAR(PRIMARY, PRIMARY_CONTROLS, VMX_PRIMARY_MSR_BITMAPS) },
	{ CLEAR(PRIMARY, PRIMARY_CONTROLS, VMX_PRIMARY_RDPMC) },
	{ CLEAR(PRIMARY, PRIMARY_CONTROLS, VMX_PRIMARY_MWAIT) },
	{ CLEAR(PRIMARY, PRIMARY_CONTROLS, VMX_PRIMARY_MONITOR) },
	{ CLEAR(PRIMARY, PRIMARY_CONTROLS, VMX_PRIMARY_SECONDARY) },
	{ SET(PRIMARY, PRIMARY_CONTROLS, VMX_PRIMARY_HLT) },
	{ SET(PRIMARY, PRIMARY_CONTROLS, VMX_PRIMARY_TPR_SHADOW) },
	{ SET(PRIMARY, PRIMARY_CONTROLS, VMX_PRIMARY_MONITOR_TRAP) },
	{ SET(PRIMARY, PRIMARY_CONTROLS, 1u << 17) }, /* tertiary controls */
	{ CLEAR(SECONDARY, SECONDARY_CONTROLS, VMX_SECONDARY_EPT) },
	{ CLEAR(SECONDARY, SECONDARY_CONTROLS, VMX_SECONDARY_VPID) },
	{ CLEAR(SECONDARY, SECONDARY_CONTROLS, VMX_SECONDARY_WBINVD) },
	{ CLEAR(SECONDARY, SECONDARY_CONTROLS, VMX_SECONDARY_UNRESTRICTED) },
	{ SET(SECONDARY, SECONDARY_CONTROLS, VMX_SECONDARY_APIC_ACCESSES) },
	{ SET(SECONDARY, SECONDARY_CONTROLS, VMX_SECONDARY_X2APIC_MODE) },
	{ SET(SECONDARY, SECONDARY_CONTROLS, VMX_SECONDARY_VMFUNC) },
	{ SET(SECONDARY, SECONDARY_CONTROLS, VMX_SECONDARY_SHADOW_VMCS) },
	{ SET(SECONDARY, SECONDARY_CONTROLS, VMX_SECONDARY_PCONFIG) },
	{ SET(SECONDARY, SECONDARY_CONTROLS, 1u << 22) }, /* mode-based execute control */
	{ CLEAR(EXCEPTIONS, EXCEPTION_BITMAP, EXCEPTION(1)) },
	{ CLEAR(EXCEPTIONS, EXCEPTION_BITMAP, EXCEPTION(17)) },
	{ CLEAR(EXCEPTIONS, EXCEPTION_BITMAP, EXCEPTION(18)) },
	{ SET(EXCEPTIONS, EXCEPTION_BITMAP, EXCEPTION(14)) },
	{ SET(PF_MASK, PF_ERROR_MASK, 1) },
	{ SET(PF_MATCH, PF_ERROR_MATCH, 1) },
	{ CLEAR(CR0_MASK, CR0_MASK, CR0_NE) },
	{ CLEAR(CR0_MASK, CR0_MASK, CR0_NW) },
	{ CLEAR(CR0_MASK, CR0_MASK, CR0_CD) },
	{ CLEAR(CR4_MASK_OURS, CR4_MASK, CR4_MCE) },
	{ CLEAR(CR4_MASK_OURS, CR4_MASK, CR4_VMXE) },
	{ CLEAR(CR4_MASK, CR4_MASK, CR4_LA57) },
	{ CLEAR(CR4_MASK, CR4_MASK, CR4_SMXE) },
	{ SET(CR3_TARGETS, CR3_TARGET_COUNT, 1) },
	{ PUT(TABLE_ADDRESS, IO_BITMAP_A, 0) },
	{ SET(TABLE_ADDRESS, IO_BITMAP_A, 0x800) },
	{ PUT(TABLE_ADDRESS, IO_BITMAP_B, 0) },
	{ PUT(TABLE_ADDRESS, IO_BITMAP_B, PHYS_END) },
	{ SET(TABLE_ADDRESS, MSR_BITMAP, 8) },
	{ SET(TABLE_ADDRESS, MSR_BITMAP, 1ull << 63) },
	{ PUT(TABLE_ADDRESS, MSR_BITMAP, 0) },
	{ PUT(VPID, VPID, 0) },
	{ CLEAR(EPTP_FORMAT, EPTP, 7) }, /* uncacheable */
	{ SET(EPTP_FORMAT, EPTP, 1) }, /* a reserved memory type */
	{ CLEAR(EPTP_FORMAT, EPTP, 1 << 3) }, /* 3 levels */
	{ SET(EPTP_FORMAT, EPTP, 1 << 5) },
	{ SET(EPTP_FORMAT, EPTP, 1 << 7) },
	{ SET(EPTP_FORMAT, EPTP, 1 << 11) },
	{ CLEAR(TABLE_ADDRESS, EPTP, ~0xfffull) },
	{ SET(TABLE_ADDRESS, EPTP, PHYS_END) },
	{ SET(TABLE_ADDRESS, EPTP, 1ull << 63) },
	{ CLEAR(EXIT, EXIT_CONTROLS, VMX_EXIT_HOST_64) },
	{ CLEAR(EXIT, EXIT_CONTROLS, VMX_EXIT_SAVE_DEBUG) },
	{ CLEAR(EXIT, EXIT_CONTROLS, VMX_EXIT_SAVE_PAT) },
	{ CLEAR(EXIT, EXIT_CONTROLS, VMX_EXIT_LOAD_PAT) },
	{ CLEAR(EXIT, EXIT_CONTROLS, VMX_EXIT_SAVE_EFER) },
	{ CLEAR(EXIT, EXIT_CONTROLS, VMX_EXIT_LOAD_EFER) },
	{ SET(EXIT, EXIT_CONTROLS, VMX_EXIT_ACK_INTERRUPT) },
	{ SET(EXIT, EXIT_CONTROLS, VMX_EXIT_SAVE_TIMER) },
	{ CLEAR(ENTRY, ENTRY_CONTROLS, VMX_ENTRY_LOAD_DEBUG) },
	{ CLEAR(ENTRY, ENTRY_CONTROLS, VMX_ENTRY_LOAD_PAT) },
	{ CLEAR(ENTRY, ENTRY_CONTROLS, VMX_ENTRY_LOAD_EFER) },
	{ SET(ENTRY, ENTRY_CONTROLS, VMX_ENTRY_SMM) },
	{ SET(ENTRY, ENTRY_CONTROLS, VMX_ENTRY_DUAL_MONITOR) },
	{ SET(ENTRY_EVENT, ENTRY_EVENT, VMCS_EVENT_VALID | VMCS_EVENT_TYPE_NMI | 2) },
	{ SET(EXIT_STORE_LIST, EXIT_MSR_STORE_COUNT, 1) },
	{ SET(EXIT_LOAD_LIST, EXIT_MSR_LOAD_COUNT, 1) },
	{ SET(ENTRY_LOAD_LIST, ENTRY_MSR_LOAD_COUNT, 1) },
	{ PUT(LINK_POINTER, LINK_POINTER, 0) },
	{ PUT(LINK_POINTER, LINK_POINTER, 0xffffffff) },

	{ CLEAR(FIXED, HOST_CR0, CR0_NE) },
	{ CLEAR(FIXED, HOST_CR0, CR0_PG) },
	{ SET(FIXED, HOST_CR0, 1ull << 32) },
	{ CLEAR(HOST_WP, HOST_CR0, CR0_WP) },
	{ PUT(TABLE_ADDRESS, HOST_CR3, 0) },
	{ SET(TABLE_ADDRESS, HOST_CR3, PHYS_END) },
	{ SET(TABLE_ADDRESS, HOST_CR3, 1ull << 63) },
	{ CLEAR(FIXED, HOST_CR4, CR4_VMXE) },
	{ CLEAR(HOST_CR4_BITS, HOST_CR4, CR4_PAE) },
	{ SET(FIXED, HOST_CR4, 1ull << 15) },
	{ CLEAR(HOST_CR4_BITS, HOST_CR4, CR4_MCE) },
	{ PUT(HOST_PAT, HOST_PAT, 0x0007040600070402) },
	{ CLEAR(HOST_EFER, HOST_EFER, EFER_LMA) },
	{ CLEAR(HOST_EFER, HOST_EFER, EFER_LME) },
	{ CLEAR(HOST_EFER, HOST_EFER, EFER_NXE) },
	{ SET(HOST_EFER, HOST_EFER, EFER_SVME) },
	{ SET(HOST_SELECTOR, HOST_ES_SELECTOR, 1) },
	{ SET(HOST_SELECTOR, HOST_CS_SELECTOR, 4) },
	{ SET(HOST_SELECTOR, HOST_SS_SELECTOR, 3) },
	{ SET(HOST_SELECTOR, HOST_DS_SELECTOR, 2) },
	{ SET(HOST_SELECTOR, HOST_FS_SELECTOR, 4) },
	{ SET(HOST_SELECTOR, HOST_GS_SELECTOR, 4) },
	{ SET(HOST_SELECTOR, HOST_TR_SELECTOR, 4) },
	{ PUT(HOST_NULL, HOST_CS_SELECTOR, 0) },
	{ PUT(HOST_NULL, HOST_TR_SELECTOR, 0) },
	{ PUT(CANONICAL, HOST_FS_BASE, NOT_CANONICAL) },
	{ PUT(CANONICAL, HOST_GS_BASE, NOT_CANONICAL) },
	{ PUT(CANONICAL, HOST_TR_BASE, NOT_CANONICAL) },
	{ PUT(CANONICAL, HOST_GDTR_BASE, NOT_CANONICAL) },
	{ PUT(CANONICAL, HOST_IDTR_BASE, 1ull << 63) },
	{ PUT(CANONICAL, HOST_SYSENTER_ESP, ALL >> 1) },
	{ PUT(CANONICAL, HOST_SYSENTER_EIP, NOT_CANONICAL) },
	{ PUT(CANONICAL, HOST_RSP, NOT_CANONICAL) },
	{ PUT(CANONICAL, HOST_RIP, 0xffff7fffffffffff) },

	{ CLEAR(FIXED, GUEST_CR0, CR0_NE) },
	{ SET(FIXED, GUEST_CR0, 1ull << 32) },
	{ CLEAR(GUEST_PG, GUEST_CR0, CR0_PE) },
	{ CLEAR(LONG_PG, GUEST_CR0, CR0_PG) },
	{ SET(GUEST_CR3, GUEST_CR3, PHYS_END) },
	{ SET(GUEST_CR3, GUEST_CR3, 1ull << 63) },
	{ CLEAR(FIXED, GUEST_CR4, CR4_VMXE) },
	{ SET(FIXED, GUEST_CR4, 1ull << 15) }, /* the CPU has not */
	{ SET(GUEST_CR4, GUEST_CR4, CR4_LA57) }, /* it has, but no cell may */
	{ SET(GUEST_CR4, GUEST_CR4, CR4_SMXE) },
	{ CLEAR(GUEST_MCE, GUEST_CR4, CR4_MCE) },
	{ SET_IN(REAL, GUEST_PCIDE, GUEST_CR4, CR4_PCIDE) },
	{ CLEAR(LONG_PAE, GUEST_CR4, CR4_PAE) },
	{ SET_IN(PAGED, LONG_PAE, GUEST_CR4, CR4_PAE) },
	{ SET(GUEST_EFER, GUEST_EFER, 1ull << 1) },
	{ SET(GUEST_EFER, GUEST_EFER, EFER_SVME) },
	{ CLEAR(GUEST_LMA, GUEST_EFER, EFER_LMA) },
	{ SET_IN(REAL, GUEST_LMA, GUEST_EFER, EFER_LMA) },
	{ CLEAR(GUEST_LME, GUEST_EFER, EFER_LME) },
	{ SET_IN(PAGED, GUEST_LME, GUEST_EFER, EFER_LME) },
	{ PUT(GUEST_PAT, GUEST_PAT, 0x0307040600070406) },
	{ SET(GUEST_DEBUGCTL, GUEST_DEBUGCTL, 1) },
	{ SET(GUEST_DR7, GUEST_DR7, 1ull << 32) },
	{ PUT(CANONICAL, GUEST_FS_BASE, NOT_CANONICAL) },
	{ PUT(CANONICAL, GUEST_GS_BASE, NOT_CANONICAL) },
	{ PUT(CANONICAL, GUEST_LDTR_BASE, NOT_CANONICAL) },
	{ PUT(CANONICAL, GUEST_TR_BASE, NOT_CANONICAL) },
	{ PUT(CANONICAL, GUEST_GDTR_BASE, NOT_CANONICAL) },
	{ PUT(CANONICAL, GUEST_IDTR_BASE, NOT_CANONICAL) },
	{ PUT(CANONICAL, GUEST_SYSENTER_ESP, NOT_CANONICAL) },
	{ PUT(CANONICAL, GUEST_SYSENTER_EIP, NOT_CANONICAL) },

	{ SET(SEGMENT_UNUSABLE, GUEST_CS_RIGHTS, VMCS_RIGHTS_UNUSABLE) },
	{ SET(SEGMENT_UNUSABLE, GUEST_TR_RIGHTS, VMCS_RIGHTS_UNUSABLE) },
	{ CLEAR(SEGMENT_PRESENT, GUEST_ES_RIGHTS, 1u << 7) },
	{ CLEAR(SEGMENT_PRESENT, GUEST_LDTR_RIGHTS, 1u << 7) },
	{ SET(SEGMENT_RESERVED, GUEST_SS_RIGHTS, 1u << 8) },
	{ SET(SEGMENT_RESERVED, GUEST_FS_RIGHTS, 1u << 11) },
	{ SET(SEGMENT_RESERVED, GUEST_TR_RIGHTS, 1u << 17) },
	{ SET(SEGMENT_RESERVED, GUEST_GS_RIGHTS, 1u << 31) },
	{ PUT(SEGMENT_TYPE, GUEST_CS_RIGHTS, 0xa09a) }, /* not accessed */
	{ PUT(SEGMENT_TYPE, GUEST_CS_RIGHTS, 0xa08b) }, /* a system segment */
	{ PUT(SEGMENT_TYPE, GUEST_CS_RIGHTS, 0xa091) }, /* data that cannot be written */
	{ PUT(SEGMENT_TYPE, GUEST_SS_RIGHTS, 0xc091) },
	{ PUT(SEGMENT_TYPE, GUEST_SS_RIGHTS, 0xc09b) },
	{ PUT(SEGMENT_TYPE, GUEST_DS_RIGHTS, 0xc092) },
	{ PUT(SEGMENT_TYPE, GUEST_DS_RIGHTS, 0xc099) }, /* code that cannot be read */
	{ PUT(SEGMENT_TYPE, GUEST_GS_RIGHTS, 0xc083) },
	{ PUT(SEGMENT_TYPE, GUEST_LDTR_RIGHTS, 0x8b) },
	{ PUT(SEGMENT_TYPE, GUEST_LDTR_RIGHTS, 0x92) },
	{ PUT(SEGMENT_TYPE, GUEST_TR_RIGHTS, 0x89) }, /* not busy */
	{ PUT(SEGMENT_TYPE, GUEST_TR_RIGHTS, 0x83) }, /* 16-bit: not in long mode */
	{ PUT(SEGMENT_TYPE, GUEST_TR_RIGHTS, 0x9b) },
	{ SET(CS_DPL, GUEST_CS_RIGHTS, 3u << 5) },
	{ SET(SS_DPL, GUEST_SS_RIGHTS, 1u << 5) },
	{ PUT(SEGMENT_LIMIT, GUEST_CS_LIMIT, 0xfffff000) },
	{ PUT(SEGMENT_LIMIT, GUEST_DS_LIMIT, 0xfffffffe) },
	{ PUT(SEGMENT_LIMIT, GUEST_TR_LIMIT, 0x100000) }, /* in bytes: below 1 MiB */
	{ PUT(SEGMENT_BASE, GUEST_ES_BASE, 1ull << 32) },
	{ PUT(SEGMENT_BASE, GUEST_CS_BASE, 1ull << 32) },
	{ PUT(SEGMENT_BASE, GUEST_SS_BASE, ALL) },
	{ PUT(SEGMENT_BASE, GUEST_DS_BASE, 1ull << 40) },
	{ SET(SEGMENT_SELECTOR, GUEST_LDTR_SELECTOR, 4) },
	{ SET(SEGMENT_SELECTOR, GUEST_TR_SELECTOR, 4) },
	{ SET(CS_L_AND_D, GUEST_CS_RIGHTS, VMCS_RIGHTS_32BIT) },
	{ SET(GDTR_LIMIT, GUEST_GDTR_LIMIT, 0x10000) },
	{ SET(IDTR_LIMIT, GUEST_IDTR_LIMIT, 0x10000) },
	{ PUT(GUEST_RIP, GUEST_RIP, NOT_CANONICAL) },
	{ SET_IN(REAL, GUEST_RIP, GUEST_RIP, 1ull << 32) },
	{ CLEAR(GUEST_RFLAGS, GUEST_RFLAGS, 2) },
	{ SET(GUEST_RFLAGS, GUEST_RFLAGS, 1ull << 3) },
	{ SET(GUEST_RFLAGS, GUEST_RFLAGS, 1ull << 5) },
	{ SET(GUEST_RFLAGS, GUEST_RFLAGS, 1ull << 15) },
	{ SET(GUEST_RFLAGS, GUEST_RFLAGS, RFLAGS_VM) },
	{ SET(GUEST_RFLAGS, GUEST_RFLAGS, 1ull << 22) },
	{ SET(GUEST_RFLAGS, GUEST_RFLAGS, 1ull << 63) },
	{ PUT(GUEST_ACTIVITY, GUEST_ACTIVITY, 1) },
	{ PUT(GUEST_ACTIVITY, GUEST_ACTIVITY, 3) }, /* wait-for-SIPI */
	{ SET(GUEST_BLOCKING, GUEST_INTERRUPTIBILITY, VMCS_BLOCKING_STI) },
	{ SET(GUEST_BLOCKING, GUEST_INTERRUPTIBILITY, VMCS_BLOCKING_NMI) },
	{ SET(GUEST_PENDING_DEBUG, GUEST_PENDING_DEBUG, 1ull << 12) },
};

/* Changes that neither the manual nor isolation minds. */
static const struct mutation near_misses[] = {
	{ SET(OK, SECONDARY_CONTROLS, VMX_SECONDARY_XSAVES) },
	{ CLEAR(OK, SECONDARY_CONTROLS, VMX_SECONDARY_RDTSCP | VMX_SECONDARY_INVPCID) },
	{ CLEAR(OK, EPTP, 1 << 6) }, /* accessed and dirty flags off */
	{ PUT(OK, VPID, 0xffff) },
	{ PUT(OK, IO_BITMAP_B, PHYS_END - 0x1000) },
	{ PUT(OK, MSR_BITMAP, PHYS_END - 0x1000) },
	{ PUT(OK, CR0_MASK, ALL) },
	{ PUT(OK, CR4_MASK, ALL) },
	{ SET(OK, ENTRY_EVENT, 0x7ff) }, /* not valid: ignored */
	{ SET(OK, HOST_EFER, EFER_SCE) },
	{ PUT(OK, HOST_RIP, 0xffff800000000000) },
	{ PUT(OK, HOST_FS_BASE, NOT_CANONICAL - 1) },
	{ PUT(OK, HOST_SS_SELECTOR, 0) }, /* null is fine for a 64-bit host */
	{ PUT(OK, GUEST_CR3, PHYS_END - 1) },
	{ SET(OK, GUEST_CR0, CR0_CD | CR0_NW) }, /* VM entry does not load them */
	{ SET(OK, GUEST_CR4, CR4_PCIDE | CR4_SMAP) },
	{ CLEAR(OK, GUEST_EFER, EFER_NXE) },
	{ PUT(OK, GUEST_PAT, 0x0007040600070105) },
	{ PUT(OK, GUEST_RIP, 0xffff800000000000) },
	{ PUT(OK, GUEST_RFLAGS, 0x3f7fd7 & ~RFLAGS_VM) },
	{ PUT(OK, GUEST_DR7, 0xffffffff) },
	{ PUT(OK, GUEST_SS_RIGHTS, VMCS_RIGHTS_UNUSABLE) },
	{ PUT(OK, GUEST_DS_RIGHTS, VMCS_RIGHTS_UNUSABLE) },
	{ PUT(OK, GUEST_LDTR_RIGHTS, VMCS_RIGHTS_UNUSABLE) },
	{ PUT(OK, GUEST_CS_RIGHTS, 0xa09f) }, /* conforming */
	{ PUT(OK, GUEST_SS_RIGHTS, 0xc097) }, /* expand-down */
	{ PUT(OK, GUEST_DS_RIGHTS, 0xc0f3) }, /* DPL 3 */
	{ PUT(OK, GUEST_DS_RIGHTS, 0xc09b) }, /* readable code */
	{ PUT(OK, GUEST_TR_LIMIT, 0xfffff) },
	{ PUT(OK, GUEST_GDTR_LIMIT, 0xffff) },
	{ PUT(OK, GUEST_CS_BASE, 0xffffffff) },
	{ PUT(OK, GUEST_FS_BASE, 0xffff800000000000) },
	{ SET_IN(REAL, OK, GUEST_CR4, CR4_PAE) }, /* not yet paging */
	{ SET_IN(REAL, OK, GUEST_EFER, EFER_LME) },
	{ SET_IN(REAL, OK, GUEST_CR0, CR0_PE) },
	{ REAL, VMCS_OK, VMCS_GUEST_CS_RIGHTS, ALL, 0x93 }, /* CS as writable data */
	{ SET_IN(PAGED, OK, GUEST_CR0, CR0_WP) },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct vmcs_image mutated(const struct mutation *m)
{
	struct vmcs_image image = vmcs_good(m->mode);

	if (!image.known[m->field / 2])
		fail_msg("field %xh is mutated, but a good VMCS has none", m->field);
	image.value[m->field / 2] = (image.value[m->field / 2] & ~m->clear) | m->set;
	return image;
}

static void a_good_vmcs_passes_in_each_mode(void **state)
{
	(void)state;
	for (enum vmcs_mode mode = LONG; mode <= PAGED; mode++) {
		const struct vmcs_image image = vmcs_good(mode);
		uint32_t field;

		assert_string_equal(vmcs_fault_name(vmcs_image_check(&image, &vmcs_image_limits,
								     &field)),
				    "no fault");
	}
}

static void each_broken_condition_is_named_with_its_field(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(mutations); i++) {
		const struct vmcs_image image = mutated(&mutations[i]);
		uint32_t field = 0;
		const enum vmcs_fault got = vmcs_image_check(&image, &vmcs_image_limits, &field);

		if (got != mutations[i].fault || field != mutations[i].field)
			fail_msg("mutation %zu: expected '%s' in %xh, got '%s' in %xh", i,
				 vmcs_fault_name(mutations[i].fault), mutations[i].field,
				 vmcs_fault_name(got), field);
	}
}

static void what_neither_the_manual_nor_isolation_minds_passes(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(near_misses); i++) {
		const struct vmcs_image image = mutated(&near_misses[i]);
		uint32_t field = 0;
		const enum vmcs_fault got = vmcs_image_check(&image, &vmcs_image_limits, &field);

		if (got != VMCS_OK)
			fail_msg("near miss %zu: '%s' in %xh", i, vmcs_fault_name(got), field);
	}
}

static void every_fault_is_reached_by_a_mutation(void **state)
{
	(void)state;
	for (enum vmcs_fault fault = VMCS_OK + 1; fault < VMCS_FAULT_END; fault++) {
		bool reached = false;

		for (size_t i = 0; i < COUNT(mutations); i++)
			reached |= mutations[i].fault == fault;
		if (!reached)
			fail_msg("no test for '%s'", vmcs_fault_name(fault));
	}
}

static void code_is_64_bit_only_in_long_mode_and_with_l(void **state)
{
	struct vmcs_image image = vmcs_good(LONG);
	uint32_t field;

	(void)state;
	vmcs_put(&image, VMCS_GUEST_CS_RIGHTS, 0xc09b); /* compatibility mode */
	assert_int_equal(vmcs_image_check(&image, &vmcs_image_limits, &field), VMCS_OK);
	vmcs_put(&image, VMCS_GUEST_RIP, 0xffff800000000000);
	assert_int_equal(vmcs_image_check(&image, &vmcs_image_limits, &field),
			 VMCS_FAULT_GUEST_RIP);
	image = vmcs_good(PAGED);
	vmcs_put(&image, VMCS_GUEST_CS_RIGHTS, 0xe09b); /* L means nothing here */
	assert_int_equal(vmcs_image_check(&image, &vmcs_image_limits, &field), VMCS_OK);
}

static void a_cell_has_no_bit_of_efer_that_the_limits_or_the_manual_do_not_give(void **state)
{
	struct vmcs_limits narrow = vmcs_image_limits, wide = vmcs_image_limits;
	struct vmcs_image image = vmcs_good(LONG);
	uint32_t field;

	(void)state;
	narrow.efer_bits &= ~EFER_NXE;
	assert_int_equal(vmcs_image_check(&image, &narrow, &field), VMCS_FAULT_GUEST_EFER);
	wide.efer_bits = ALL;
	assert_int_equal(vmcs_image_check(&image, &wide, &field), VMCS_OK);
	image.value[VMCS_GUEST_EFER / 2] |= EFER_SVME;
	assert_int_equal(vmcs_image_check(&image, &wide, &field), VMCS_FAULT_GUEST_EFER);
}

static void granularity_and_limit_must_agree(void **state)
{
	struct vmcs_image image = vmcs_good(LONG);
	uint32_t field;

	(void)state;
	image.value[VMCS_GUEST_DS_RIGHTS / 2] &= ~(uint64_t)VMCS_RIGHTS_PAGES;
	assert_int_equal(vmcs_image_check(&image, &vmcs_image_limits, &field),
			 VMCS_FAULT_SEGMENT_LIMIT);
	image.value[VMCS_GUEST_DS_LIMIT / 2] = 0xfffff;
	assert_int_equal(vmcs_image_check(&image, &vmcs_image_limits, &field), VMCS_OK);
	image.value[VMCS_GUEST_DS_RIGHTS / 2] |= VMCS_RIGHTS_PAGES;
	assert_int_equal(vmcs_image_check(&image, &vmcs_image_limits, &field),
			 VMCS_OK); /* 256 pages */
	image.value[VMCS_GUEST_DS_LIMIT / 2] = 0xffffe;
	assert_int_equal(vmcs_image_check(&image, &vmcs_image_limits, &field),
			 VMCS_FAULT_SEGMENT_LIMIT);
}

static void a_physical_width_beyond_the_format_allows_no_more_than_the_format(void **state)
{
	struct vmcs_limits wide = vmcs_image_limits;
	struct vmcs_image image = vmcs_good(LONG);
	uint32_t field;

	(void)state;
	wide.phys_bits = 64;
	vmcs_put(&image, VMCS_GUEST_CR3, 1ull << 51);
	assert_int_equal(vmcs_image_check(&image, &wide, &field), VMCS_OK);
	vmcs_put(&image, VMCS_GUEST_CR3, 1ull << 52);
	assert_int_equal(vmcs_image_check(&image, &wide, &field), VMCS_FAULT_GUEST_CR3);
}

static void no_two_faults_are_reported_alike(void **state)
{
	(void)state;
	for (enum vmcs_fault fault = VMCS_OK; fault < VMCS_FAULT_END; fault++) {
		for (enum vmcs_fault other = VMCS_OK; other < fault; other++)
			assert_string_not_equal(vmcs_fault_name(fault), vmcs_fault_name(other));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_vmcs_passes_in_each_mode),
		cmocka_unit_test(each_broken_condition_is_named_with_its_field),
		cmocka_unit_test(what_neither_the_manual_nor_isolation_minds_passes),
		cmocka_unit_test(every_fault_is_reached_by_a_mutation),
		cmocka_unit_test(code_is_64_bit_only_in_long_mode_and_with_l),
		cmocka_unit_test(
			a_cell_has_no_bit_of_efer_that_the_limits_or_the_manual_do_not_give),
		cmocka_unit_test(granularity_and_limit_must_agree),
		cmocka_unit_test(a_physical_width_beyond_the_format_allows_no_more_than_the_format),
		cmocka_unit_test(no_two_faults_are_reported_alike),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
