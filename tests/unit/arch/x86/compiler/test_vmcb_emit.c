/* SPDX-License-Identifier: Apache-2.0 */
#include "vmcb_emit.h"

#include "svm/vmcb_check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static const struct vmcb_tables tables = { { 0x10100000 }, { 0x10200000 }, { 0x10300000 } };
static const struct entry_state long_entry = {
	.mode = ENTRY_LONG64,
	.rip = { 0x1000200 },
	.rsp = { 0x9000 },
	.cr3 = { 0x2000 },
	.gdt = { 0x1000 },
	.gdt_limit = 31,
	.rax = 0x11,
	.rbx = 0x22,
	.rsi = 0x10000,
};
static const struct entry_state flat_entry = {
	.mode = ENTRY_PROTECTED32,
	.rip = { 0x100000 },
	.rsp = { 0x9000 },
	.gdt = { 0x1000 },
	.gdt_limit = 31,
	.rax = 0x36d76289,
};

/* Fields by their offsets in APM volume 2, tables B-1 and B-2, not by our struct. */
static uint64_t field(const struct vmcb *vmcb, size_t offset, size_t bytes)
{
	uint64_t value = 0;

	memcpy(&value, (const uint8_t *)vmcb + offset, bytes);
	return value;
}

static struct vmcb emit(const struct entry_state *entry)
{
	struct vmcb vmcb;

	memset(&vmcb, 0xa5, sizeof(vmcb));
	vmcb_emit(&vmcb, &tables, entry);
	return vmcb;
}

static void the_intercepts_are_those_of_the_exit_policy(void **unused)
{
	const struct vmcb vmcb = emit(&long_entry);

	(void)unused;
	assert_int_equal(field(&vmcb, 0x00, 4), 1u << 20); /* CR4 writes */
	assert_int_equal(field(&vmcb, 0x04, 4), 0);
	assert_int_equal(field(&vmcb, 0x08, 4), 1u << 1 | 1u << 17 | 1u << 18); /* #DB #AC #MC */
	/* NMI INIT RDPMC CPUID RSM INVD INVLPGA IOIO MSR FERR SHUTDOWN */
	assert_int_equal(field(&vmcb, 0x0c, 4), 1u << 1 | 1u << 3 | 1u << 15 | 1u << 18 | 1u << 19 |
							1u << 22 | 1u << 26 | 1u << 27 | 1u << 28 |
							1u << 30 | 1u << 31);
	/* VMRUN VMMCALL VMLOAD VMSAVE STGI CLGI SKINIT, WBINVD .. XSETBV, RDPRU */
	assert_int_equal(field(&vmcb, 0x10, 4), 0x7f | 0x7e00);
	/* INVLPGB, its illegal forms, MCOMMIT, TLBSYNC; not INVPCID */
	assert_int_equal(field(&vmcb, 0x14, 4), 0x1b);
}

static void the_control_area_names_the_cells_tables(void **unused)
{
	const struct vmcb vmcb = emit(&long_entry);

	(void)unused;
	assert_int_equal(field(&vmcb, 0x40, 8), tables.iopm.raw);
	assert_int_equal(field(&vmcb, 0x48, 8), tables.msrpm.raw);
	assert_int_equal(field(&vmcb, 0x50, 8), 0); /* TSC offset */
	assert_int_equal(field(&vmcb, 0x58, 4), 1); /* ASID */
	assert_int_equal(field(&vmcb, 0x5c, 1), 1); /* flush all */
	assert_int_equal(field(&vmcb, 0x60, 8), 0); /* no virtual interrupts */
	assert_int_equal(field(&vmcb, 0x68, 8), 0);
	assert_int_equal(field(&vmcb, 0x90, 8), 1); /* nested paging */
	assert_int_equal(field(&vmcb, 0xa8, 8), 0); /* nothing injected */
	assert_int_equal(field(&vmcb, 0xb0, 8), tables.nested_root.raw);
	assert_int_equal(field(&vmcb, 0xc0, 8), 0); /* everything is dirty */
}

static void a_long_mode_entry_has_paging_and_a_64_bit_code_segment(void **unused)
{
	const struct vmcb vmcb = emit(&long_entry);

	(void)unused;
	assert_int_equal(field(&vmcb, 0x4d0, 8), 0x1d00); /* SVME NXE LMA LME */
	assert_int_equal(field(&vmcb, 0x548, 8), 0x60); /* MCE PAE */
	assert_int_equal(field(&vmcb, 0x550, 8), 0x2000); /* CR3 */
	assert_int_equal(field(&vmcb, 0x558, 8), 0x80010031ull); /* PG WP NE ET PE */
	assert_int_equal(field(&vmcb, 0x410, 2), 0x10);
	assert_int_equal(field(&vmcb, 0x412, 2), 0xa9b); /* G, L, not D */
	assert_int_equal(field(&vmcb, 0x578, 8), 0x1000200); /* RIP */
	assert_int_equal(field(&vmcb, 0x5d8, 8), 0x9000); /* RSP */
	assert_int_equal(field(&vmcb, 0x5f8, 8), 0x11); /* RAX */
}

static void a_protected_mode_entry_has_no_paging_and_flat_segments(void **unused)
{
	static const size_t data_segments[] = { 0x400, 0x420, 0x430, 0x440, 0x450 };
	const struct vmcb vmcb = emit(&flat_entry);

	(void)unused;
	assert_int_equal(field(&vmcb, 0x4d0, 8), 0x1000); /* SVME alone */
	assert_int_equal(field(&vmcb, 0x548, 8), 0x40);
	assert_int_equal(field(&vmcb, 0x550, 8), 0);
	assert_int_equal(field(&vmcb, 0x558, 8), 0x31);
	assert_int_equal(field(&vmcb, 0x412, 2), 0xc9b); /* G, D */
	for (size_t i = 0; i < sizeof(data_segments) / sizeof(data_segments[0]); i++) {
		assert_int_equal(field(&vmcb, data_segments[i], 2), 0x18);
		assert_int_equal(field(&vmcb, data_segments[i] + 2, 2), 0xc93);
		assert_int_equal(field(&vmcb, data_segments[i] + 4, 4), 0xffffffff);
		assert_int_equal(field(&vmcb, data_segments[i] + 8, 8), 0);
	}
	assert_int_equal(field(&vmcb, 0x5f8, 8), 0x36d76289);
}

static void the_rest_is_as_after_reset(void **unused)
{
	const struct vmcb vmcb = emit(&long_entry);

	(void)unused;
	assert_int_equal(field(&vmcb, 0x464, 4), 31); /* GDTR */
	assert_int_equal(field(&vmcb, 0x468, 8), 0x1000);
	assert_int_equal(field(&vmcb, 0x484, 4), 0); /* IDTR: none */
	assert_int_equal(field(&vmcb, 0x492, 2), 0x8b); /* TR: busy TSS, present */
	assert_int_equal(field(&vmcb, 0x472, 2), 0x82); /* LDTR */
	assert_int_equal(field(&vmcb, 0x4cb, 1), 0); /* CPL */
	assert_int_equal(field(&vmcb, 0x560, 8), 0x400); /* DR7 */
	assert_int_equal(field(&vmcb, 0x568, 8), 0xffff0ff0); /* DR6 */
	assert_int_equal(field(&vmcb, 0x570, 8), 2); /* RFLAGS */
	assert_int_equal(field(&vmcb, 0x668, 8), 0x0007040600070406ull); /* PAT */
}

/* APM volume 2, table 14-1, the column of INIT */
static void after_init_a_cpu_is_in_real_mode(void **unused)
{
	static const size_t data_segments[] = { 0x400, 0x420, 0x430, 0x440, 0x450 };
	struct vmcb vmcb;

	(void)unused;
	memset(&vmcb, 0xa5, sizeof(vmcb));
	vmcb_emit_init(&vmcb, &tables);
	for (size_t i = 0; i < sizeof(data_segments) / sizeof(data_segments[0]); i++) {
		assert_int_equal(field(&vmcb, data_segments[i], 2), 0);
		assert_int_equal(field(&vmcb, data_segments[i] + 2, 2), 0x93);
		assert_int_equal(field(&vmcb, data_segments[i] + 4, 4), 0xffff);
		assert_int_equal(field(&vmcb, data_segments[i] + 8, 8), 0);
	}
	assert_int_equal(field(&vmcb, 0x410, 2), 0xf000); /* CS, until a SIPI comes */
	assert_int_equal(field(&vmcb, 0x412, 2), 0x9b);
	assert_int_equal(field(&vmcb, 0x414, 4), 0xffff);
	assert_int_equal(field(&vmcb, 0x418, 8), 0xffff0000);
	assert_int_equal(field(&vmcb, 0x464, 4), 0xffff); /* GDTR */
	assert_int_equal(field(&vmcb, 0x468, 8), 0);
	assert_int_equal(field(&vmcb, 0x484, 4), 0xffff); /* IDTR: vectors at 0 */
	assert_int_equal(field(&vmcb, 0x488, 8), 0);
	assert_int_equal(field(&vmcb, 0x4d0, 8), 0x1000); /* EFER: SVME alone */
	assert_int_equal(field(&vmcb, 0x548, 8), 0x40); /* CR4: MCE */
	assert_int_equal(field(&vmcb, 0x550, 8), 0); /* CR3 */
	assert_int_equal(field(&vmcb, 0x558, 8), 0x10); /* CR0: ET */
	assert_int_equal(field(&vmcb, 0x560, 8), 0x400); /* DR7 */
	assert_int_equal(field(&vmcb, 0x568, 8), 0xffff0ff0); /* DR6 */
	assert_int_equal(field(&vmcb, 0x570, 8), 2); /* RFLAGS */
	assert_int_equal(field(&vmcb, 0x578, 8), 0); /* RIP */
	assert_int_equal(field(&vmcb, 0x668, 8), 0x0007040600070406ull); /* PAT */
}

static void the_control_area_is_the_same_after_init(void **unused)
{
	const struct vmcb entry = emit(&long_entry);
	struct vmcb init;

	(void)unused;
	vmcb_emit_init(&init, &tables);
	assert_memory_equal(&init.control, &entry.control, sizeof(init.control));
}

static void fields_nobody_names_are_zero(void **unused)
{
	const struct vmcb vmcb = emit(&flat_entry);

	(void)unused;
	for (size_t offset = 0x18; offset < 0x40; offset++)
		assert_int_equal(field(&vmcb, offset, 1), 0);
	for (size_t offset = 0xb8; offset < 0x400; offset++)
		assert_int_equal(field(&vmcb, offset, 1), 0);
	for (size_t offset = 0x670; offset < 0x1000; offset++)
		assert_int_equal(field(&vmcb, offset, 1), 0);
}

static void every_template_passes_the_monitors_own_check(void **unused)
{
	const struct vmcb_limits limits = {
		.phys_bits = 36, .asid_count = 2, .cr4_bits = ~0ull, .efer_bits = ~0ull
	};
	struct vmcb templates[] = { emit(&long_entry),
				    emit(&flat_entry),
				    { .save = { .rip = 1 } } };

	(void)unused;
	vmcb_emit_init(&templates[2], &tables);
	for (size_t i = 0; i < sizeof(templates) / sizeof(templates[0]); i++)
		assert_null(vmcb_check(&templates[i], &limits));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_intercepts_are_those_of_the_exit_policy),
		cmocka_unit_test(the_control_area_names_the_cells_tables),
		cmocka_unit_test(a_long_mode_entry_has_paging_and_a_64_bit_code_segment),
		cmocka_unit_test(a_protected_mode_entry_has_no_paging_and_flat_segments),
		cmocka_unit_test(the_rest_is_as_after_reset),
		cmocka_unit_test(after_init_a_cpu_is_in_real_mode),
		cmocka_unit_test(the_control_area_is_the_same_after_init),
		cmocka_unit_test(fields_nobody_names_are_zero),
		cmocka_unit_test(every_template_passes_the_monitors_own_check),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
