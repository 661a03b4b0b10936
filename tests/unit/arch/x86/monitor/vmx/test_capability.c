/* SPDX-License-Identifier: Apache-2.0 */
#include "vmx/capability.h"

#include <septum/x86/registers.h>
#include <septum/x86/vmcs.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* What a cell needs, by enum vmx_word. */
static const uint32_t wanted[VMX_WORD_CONTROLS] = {
	VMX_PIN_NMI | VMX_PIN_VIRTUAL_NMIS,
	VMX_PRIMARY_MWAIT | VMX_PRIMARY_RDPMC | VMX_PRIMARY_IO_BITMAPS | VMX_PRIMARY_MSR_BITMAPS |
		VMX_PRIMARY_MONITOR | VMX_PRIMARY_SECONDARY,
	VMX_SECONDARY_EPT | VMX_SECONDARY_RDTSCP | VMX_SECONDARY_VPID | VMX_SECONDARY_WBINVD |
		VMX_SECONDARY_UNRESTRICTED | VMX_SECONDARY_INVPCID,
	VMX_EXIT_SAVE_DEBUG | VMX_EXIT_HOST_64 | VMX_EXIT_SAVE_PAT | VMX_EXIT_LOAD_PAT |
		VMX_EXIT_SAVE_EFER | VMX_EXIT_LOAD_EFER,
	VMX_ENTRY_LOAD_DEBUG | VMX_ENTRY_IA32E | VMX_ENTRY_LOAD_PAT | VMX_ENTRY_LOAD_EFER,
};

/* As read on Bochs 2.7, cpu: model=corei7_haswell_4770. */
static const uint64_t bochs[VMX_WORD_CONTROLS] = {
	0x7f00000016, 0xf7f9fffe04006172, 0x47fff00000000, 0x7fffff00036dfb, 0xffff000011fb,
};
#define BOCHS_BASIC 0xd810000000002bull
#define BOCHS_EPT_VPID 0xf0106334141ull

/* A capability MSR of a processor that allows every value but in the reserved bits. */
static uint64_t anything(enum vmx_word word)
{
	return ~0ull << 32 | vmx_controls[word].reserved;
}

static void the_haswell_of_bochs_can_do_all_that_a_cell_needs(void **state)
{
	static const uint32_t expected[VMX_WORD_CONTROLS] = { 0x3e, 0xb6006d72, 0x10ea, 0x3f6fff,
							      0xd3ff };
	struct vmx_refusal refusal;

	(void)state;
	assert_true(vmx_basic_holds(BOCHS_BASIC, &refusal));
	assert_true(vmx_ept_vpid_holds(BOCHS_EPT_VPID, true, &refusal));
	for (enum vmx_word word = 0; word < VMX_WORD_CONTROLS; word++) {
		uint32_t control = 0;

		assert_true(vmx_control_word(word, wanted[word], bochs[word], &control, &refusal));
		assert_int_equal(control, expected[word]);
	}
}

static void each_word_has_its_field_its_true_msr_and_its_reserved_bits(void **state)
{
	/* SDM volume 3D, appendices A and B */
	static const uint32_t fields[] = { 0x4000, 0x4002, 0x401e, 0x400c, 0x4012 };
	static const uint32_t msrs[] = { 0x48d, 0x48e, 0x48b, 0x48f, 0x490 };

	(void)state;
	for (enum vmx_word word = 0; word < VMX_WORD_CONTROLS; word++) {
		assert_int_equal(vmx_controls[word].field, fields[word]);
		assert_int_equal(vmx_controls[word].msr, msrs[word]);
		/* A.2 to A.5, the default1 class; Bochs frees all that may be free. */
		assert_int_equal(vmx_controls[word].reserved, (uint32_t)bochs[word]);
	}
}

static void the_preemption_timer_and_the_nmi_window_must_be_there_for_later(void **state)
{
	struct vmx_refusal refusal;
	uint32_t control = 0x55;

	(void)state;
	assert_false(vmx_control_word(VMX_WORD_PIN, wanted[VMX_WORD_PIN], 0x3f00000016, &control,
				      &refusal));
	assert_string_equal(refusal.name, "VMX-preemption timer");
	assert_int_equal(control, 0x55);
	assert_false(vmx_control_word(VMX_WORD_PRIMARY, wanted[VMX_WORD_PRIMARY],
				      bochs[VMX_WORD_PRIMARY] & ~(1ull << (32 + 22)), &control,
				      &refusal));
	assert_string_equal(refusal.name, "NMI-window exiting");
	assert_false(vmx_control_word(VMX_WORD_ENTRY, wanted[VMX_WORD_ENTRY] & ~VMX_ENTRY_IA32E,
				      bochs[VMX_WORD_ENTRY] & ~(1ull << (32 + 9)), &control,
				      &refusal));
	assert_string_equal(refusal.name, "IA-32e mode guest");
	assert_int_equal(control, 0x55);
}

static void a_missing_bit_is_named_with_its_word_and_number(void **state)
{
	struct vmx_refusal refusal;
	uint32_t control = 0x55;

	(void)state;
	assert_false(vmx_control_word(VMX_WORD_SECONDARY, wanted[VMX_WORD_SECONDARY],
				      bochs[VMX_WORD_SECONDARY] & ~(1ull << (32 + 7)), &control,
				      &refusal));
	assert_string_equal(refusal.name, "unrestricted guest");
	assert_string_equal(refusal.word, "secondary control");
	assert_int_equal(refusal.bit, 7);
	assert_false(refusal.insists);
	assert_int_equal(control, 0x55);
}

/* One bit of one word: refused when the processor lacks it, and when it insists on it. */
static void try_bit(enum vmx_word word, unsigned int bit)
{
	const uint64_t free = anything(word), mask = 1ull << bit;
	const bool reserved = vmx_controls[word].reserved & mask;
	struct vmx_refusal lacks = { 0 }, insists = { 0 };
	uint32_t control = 0;

	assert_true(vmx_control_word(word, (uint32_t)mask, free, &control, &lacks));
	assert_int_equal(control, vmx_controls[word].reserved | mask);
	assert_false(vmx_control_word(word, (uint32_t)mask, free & ~(mask << 32), &control,
				      &lacks));
	assert_non_null(lacks.name);
	assert_int_equal(lacks.bit, bit);
	assert_false(lacks.insists);
	assert_int_equal(vmx_control_word(word, 0, free | mask, &control, &insists), reserved);
	if (reserved)
		return;
	assert_non_null(insists.name);
	assert_int_equal(insists.bit, bit);
	assert_true(insists.insists);
}

static void every_bit_of_every_word_can_be_refused_both_ways(void **state)
{
	(void)state;
	for (enum vmx_word word = 0; word < VMX_WORD_CONTROLS; word++) {
		for (unsigned int bit = 0; bit < 32; bit++)
			try_bit(word, bit);
	}
}

static void what_a_cell_needs_has_a_name_in_every_word(void **state)
{
	(void)state;
	for (enum vmx_word word = 0; word < VMX_WORD_CONTROLS; word++) {
		for (unsigned int bit = 0; bit < 32; bit++) {
			const uint64_t without = anything(word) & ~(1ull << (32 + bit));
			struct vmx_refusal refusal;
			uint32_t control;

			if (!((wanted[word] | vmx_controls[word].switched) >> bit & 1))
				continue;
			assert_false(vmx_control_word(word, wanted[word], without, &control,
						      &refusal));
			assert_null(strstr(refusal.name, "do without"));
		}
	}
}

/* Without the TRUE controls CR3-load exiting is 1 on every processor: A.3.2. */
static void an_exit_that_the_processor_insists_on_is_refused(void **state)
{
	struct vmx_refusal refusal;
	uint32_t control;

	(void)state;
	assert_false(vmx_control_word(VMX_WORD_PRIMARY, wanted[VMX_WORD_PRIMARY],
				      0xf7f9fffe0401e172, &control, &refusal));
	assert_string_equal(refusal.word, "primary control");
	assert_int_equal(refusal.bit, 15);
	assert_true(refusal.insists);
}

static void each_property_of_vmx_basic_is_demanded(void **state)
{
	const uint64_t type = 15ull << 50;
	struct vmx_refusal refusal;

	(void)state;
	assert_false(vmx_basic_holds(BOCHS_BASIC & ~(1ull << 55), &refusal));
	assert_string_equal(refusal.name, "TRUE controls");
	assert_string_equal(refusal.word, "IA32_VMX_BASIC");
	assert_false(vmx_basic_holds(BOCHS_BASIC & ~type, &refusal)); /* uncacheable */
	assert_string_equal(refusal.name, "a VMCS in write-back memory");
	assert_false(vmx_basic_holds(BOCHS_BASIC | type, &refusal));
	assert_string_equal(refusal.name, "a VMCS in write-back memory");
	assert_false(vmx_basic_holds(BOCHS_BASIC | 1ull << 32, &refusal)); /* 4097 bytes */
	assert_string_equal(refusal.name, "a VMCS of at most 4096 bytes");
	assert_true(vmx_basic_holds((BOCHS_BASIC & ~(0x1fffull << 32)) | 1024ull << 32, &refusal));
}

static void each_property_of_ept_and_vpid_is_demanded(void **state)
{
	static const struct {
		unsigned int bit;
		const char *name;
	} needed[] = {
		{ 6, "EPT page-walk length 4" },
		{ 14, "EPT structures in write-back memory" },
		{ 16, "2 MiB pages in EPT" },
		{ 17, "1 GiB pages in EPT" },
		{ 20, "INVEPT" },
		{ 21, "accessed and dirty flags for EPT" },
		{ 25, "single-context INVEPT" },
		{ 26, "all-context INVEPT" },
		{ 32, "INVVPID" },
		{ 41, "single-context INVVPID" },
		{ 42, "all-context INVVPID" },
	};
	struct vmx_refusal refusal;
	uint64_t least = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		const uint64_t bit = 1ull << needed[i].bit;

		least |= bit;
		assert_false(vmx_ept_vpid_holds(~bit, true, &refusal));
		assert_string_equal(refusal.name, needed[i].name);
		assert_int_equal(refusal.bit, needed[i].bit);
		assert_string_equal(refusal.word, "IA32_VMX_EPT_VPID_CAP");
	}
	assert_true(vmx_ept_vpid_holds(least, true, &refusal));
}

static void gigabyte_pages_are_demanded_only_where_the_plan_has_them(void **state)
{
	struct vmx_refusal refusal;

	(void)state;
	assert_true(vmx_ept_vpid_holds(BOCHS_EPT_VPID & ~(1ull << 17), false, &refusal));
	assert_false(vmx_ept_vpid_holds(BOCHS_EPT_VPID & ~(1ull << 17), true, &refusal));
}

static void vmx_that_firmware_locked_off_is_refused_and_an_open_lock_is_closed(void **state)
{
	uint64_t next;

	(void)state;
	assert_true(vmx_feature_control(5, &next)); /* locked on: Bochs */
	assert_int_equal(next, 5);
	assert_true(vmx_feature_control(0, &next));
	assert_int_equal(next, 5);
	assert_true(vmx_feature_control(1u << 18, &next)); /* what else is set stays */
	assert_int_equal(next, 1u << 18 | 5);
	assert_false(vmx_feature_control(1, &next));
	assert_false(vmx_feature_control(3, &next)); /* inside SMX only */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_haswell_of_bochs_can_do_all_that_a_cell_needs),
		cmocka_unit_test(each_word_has_its_field_its_true_msr_and_its_reserved_bits),
		cmocka_unit_test(the_preemption_timer_and_the_nmi_window_must_be_there_for_later),
		cmocka_unit_test(a_missing_bit_is_named_with_its_word_and_number),
		cmocka_unit_test(every_bit_of_every_word_can_be_refused_both_ways),
		cmocka_unit_test(what_a_cell_needs_has_a_name_in_every_word),
		cmocka_unit_test(an_exit_that_the_processor_insists_on_is_refused),
		cmocka_unit_test(each_property_of_vmx_basic_is_demanded),
		cmocka_unit_test(each_property_of_ept_and_vpid_is_demanded),
		cmocka_unit_test(gigabyte_pages_are_demanded_only_where_the_plan_has_them),
		cmocka_unit_test(
			vmx_that_firmware_locked_off_is_refused_and_an_open_lock_is_closed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
