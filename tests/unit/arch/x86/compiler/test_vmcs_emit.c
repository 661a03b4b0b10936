/* SPDX-License-Identifier: Apache-2.0 */
#include "vmcs_emit.h"

#include "permission_maps.h"
#include "vmcb_emit.h"
#include "vmx/vmcs_check.h"

#include <septum/x86/registers.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static const struct vmcs_tables tables = { { 0x10100000 }, { 0x10200000 }, { 0x10300000 } };
static const struct entry_state long_entry = {
	.mode = ENTRY_LONG64,
	.rip = { 0x1000200 },
	.rsp = { 0x9000 },
	.cr3 = { 0x2000 },
	.gdt = { 0x1000 },
	.gdt_limit = 31,
};
static const struct entry_state flat_entry = {
	.mode = ENTRY_PROTECTED32,
	.rip = { 0x100000 },
	.rsp = { 0x9000 },
	.gdt = { 0x1000 },
	.gdt_limit = 31,
};

/* Any of the three templates: an entry, or without one the state after INIT. */
static struct vmcs_template emit(const struct entry_state *entry)
{
	struct vmcs_template vmcs;

	memset(&vmcs, 0xa5, sizeof(vmcs));
	if (entry)
		vmcs_emit(&vmcs, &tables, entry);
	else
		vmcs_emit_init(&vmcs, &tables);
	return vmcs;
}

static const struct vmcs_field *find(const struct vmcs_template *vmcs, uint32_t encoding)
{
	for (uint32_t i = 0; i < vmcs->count; i++)
		if (vmcs->fields[i].encoding == encoding)
			return &vmcs->fields[i];
	return NULL;
}

/* Fields by their encodings in SDM volume 3D, appendix B, not by our names. */
static uint64_t field(const struct vmcs_template *vmcs, uint32_t encoding)
{
	const struct vmcs_field *at = find(vmcs, encoding);

	if (!at)
		fail_msg("field %04x is missing", encoding);
	return at->value;
}

struct wanted {
	uint32_t encoding;
	uint64_t value;
};

static void expect(const struct vmcs_template *vmcs, const struct wanted *wanted, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (field(vmcs, wanted[i].encoding) != wanted[i].value)
			fail_msg("field %04x is %llx, not %llx", wanted[i].encoding,
				 (unsigned long long)field(vmcs, wanted[i].encoding),
				 (unsigned long long)wanted[i].value);
}

#define EXPECT(vmcs, wanted) expect(vmcs, wanted, sizeof(wanted) / sizeof((wanted)[0]))

static const struct entry_state *const all_states[] = { &long_entry, &flat_entry, NULL };
#define STATES (sizeof(all_states) / sizeof(all_states[0]))

static void a_template_is_marked_and_names_each_field_once(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < STATES; i++) {
		const struct vmcs_template vmcs = emit(all_states[i]);

		assert_int_equal(vmcs.magic, 0x53434d56);
		assert_true(vmcs.count > 0 && vmcs.count <= 255);
		for (uint32_t n = 0; n < vmcs.count; n++) {
			assert_ptr_equal(find(&vmcs, vmcs.fields[n].encoding), &vmcs.fields[n]);
			assert_int_equal(vmcs.fields[n].reserved, 0);
			/* Bits 11:10 of an encoding: 0 = control, 2 = guest state, 3 = host state. */
			assert_int_not_equal(vmcs.fields[n].encoding >> 10 & 3, 1);
			if ((vmcs.fields[n].encoding >> 10 & 3) == 3)
				assert_int_equal(vmcs.fields[n].value, 0);
		}
		for (uint32_t n = vmcs.count; n < 255; n++)
			assert_true(vmcs.fields[n].encoding == 0 && vmcs.fields[n].value == 0);
	}
}

static void the_exits_are_those_of_the_exit_policy(void **unused)
{
	static const struct wanted wanted[] = {
		{ 0x4000, 1u << 3 | 1u << 5 }, /* NMI exiting, virtual NMIs; nothing else */
		/* MWAIT RDPMC, I/O and MSR bitmaps, MONITOR, secondary controls */
		{ 0x4002, 1u << 10 | 1u << 11 | 1u << 25 | 1u << 28 | 1u << 29 | 1u << 31 },
		/* EPT RDTSCP VPID WBINVD, unrestricted guest, INVPCID */
		{ 0x401e, 1u << 1 | 1u << 3 | 1u << 5 | 1u << 6 | 1u << 7 | 1u << 12 },
		{ 0x4004, 1u << 1 | 1u << 17 | 1u << 18 }, /* #DB #AC #MC */
		{ 0x4006, 0 }, /* page faults: mask and match equal, bit 14 of the bitmap 0 */
		{ 0x4008, 0 },
		{ 0x400a, 0 }, /* CR3 targets */
		/* save debug, 64-bit host, save and load PAT, save and load EFER */
		{ 0x400c, 1u << 2 | 1u << 9 | 1u << 18 | 1u << 19 | 1u << 20 | 1u << 21 },
		{ 0x400e, 0 }, /* no MSR lists */
		{ 0x4010, 0 },
		{ 0x4014, 0 },
		{ 0x4016, 0 }, /* nothing is injected */
	};

	(void)unused;
	for (size_t i = 0; i < STATES; i++) {
		const struct vmcs_template vmcs = emit(all_states[i]);
		/* load debug, PAT, EFER; IA-32e mode for a 64-bit entry alone */
		const uint64_t entry = 1u << 2 | 1u << 14 | 1u << 15;

		EXPECT(&vmcs, wanted);
		assert_int_equal(field(&vmcs, 0x4012),
				 all_states[i] == &long_entry ? entry | 1u << 9 : entry);
	}
}

static void the_template_names_the_cells_tables(void **unused)
{
	static const struct wanted wanted[] = {
		{ 0x2000, 0x10100000 }, /* I/O bitmap A: ports 0 to 7FFFh */
		{ 0x2002, 0x10101000 }, /* B: the others */
		{ 0x2004, 0x10200000 }, /* MSR bitmap */
		{ 0x201a, 0x1030005e }, /* EPTP: write-back, walk of 4, accessed and dirty */
		{ 0x0000, 1 }, /* VPID */
		{ 0x2800, ~0ull }, /* VMCS link */
	};

	(void)unused;
	for (size_t i = 0; i < STATES; i++) {
		const struct vmcs_template vmcs = emit(all_states[i]);

		EXPECT(&vmcs, wanted);
	}
}

static void what_the_monitor_keeps_of_cr0_and_cr4_is_masked(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < STATES; i++) {
		const struct vmcs_template vmcs = emit(all_states[i]);
		const uint64_t cr0_mask = field(&vmcs, 0x6000), cr4_mask = field(&vmcs, 0x6002);

		/* Free: PE MP EM TS ET, WP, AM, PG. */
		assert_int_equal(cr0_mask, ~0x8005001full);
		/* Free: bits 0 to 10 but MCE, UMIP, FSGSBASE PCIDE OSXSAVE, SMEP SMAP PKE. */
		assert_int_equal(cr4_mask, ~0x770fbfull);
		/* Real: NE, MCE and VMXE are set, CD and NW are clear. */
		assert_int_equal(field(&vmcs, 0x6800) & 0x60000020, 0x20);
		assert_int_equal(field(&vmcs, 0x6804) & 0x2040, 0x2040);
		/* Seen: neither MCE nor VMXE. */
		assert_int_equal(field(&vmcs, 0x6006) & 0x2040, 0);
		/* Where the cell is free, both are the same. */
		assert_int_equal((field(&vmcs, 0x6800) ^ field(&vmcs, 0x6004)) & ~cr0_mask, 0);
		assert_int_equal((field(&vmcs, 0x6804) ^ field(&vmcs, 0x6006)) & ~cr4_mask, 0);
	}
}

static void a_long_mode_entry_has_paging_and_a_64_bit_code_segment(void **unused)
{
	static const struct wanted wanted[] = {
		{ 0x6800, 0x80010031 }, /* CR0: PG WP NE ET PE */
		{ 0x6004, 0x80010031 }, { 0x6802, 0x2000 }, /* CR3 */
		{ 0x6804, 0x2060 }, /* CR4: VMXE MCE PAE */
		{ 0x6006, 0x20 },	{ 0x2806, 0xd00 }, /* EFER: NXE LMA LME */
		{ 0x0802, 0x10 }, /* CS */
		{ 0x4802, 0xffffffff }, { 0x4816, 0xa09b }, /* G, L, not D */
		{ 0x6808, 0 },		{ 0x681e, 0x1000200 }, /* RIP */
		{ 0x681c, 0x9000 }, /* RSP */
	};
	const struct vmcs_template vmcs = emit(&long_entry);

	(void)unused;
	EXPECT(&vmcs, wanted);
}

static void a_protected_mode_entry_has_no_paging_and_flat_segments(void **unused)
{
	static const struct wanted wanted[] = {
		{ 0x6800, 0x31 }, /* CR0 */
		{ 0x6004, 0x31 },     { 0x6802, 0 }, { 0x6804, 0x2040 },
		{ 0x6006, 0 },	      { 0x2806, 0 }, /* EFER */
		{ 0x4816, 0xc09b }, /* CS: G, D */
		{ 0x681e, 0x100000 }, /* RIP */
	};
	const struct vmcs_template vmcs = emit(&flat_entry);

	(void)unused;
	EXPECT(&vmcs, wanted);
	for (uint32_t i = 0; i < 6; i++) {
		if (i == 1) /* CS */
			continue;
		assert_int_equal(field(&vmcs, 0x0800 + 2 * i), 0x18);
		assert_int_equal(field(&vmcs, 0x4800 + 2 * i), 0xffffffff);
		assert_int_equal(field(&vmcs, 0x4814 + 2 * i), 0xc093);
		assert_int_equal(field(&vmcs, 0x6806 + 2 * i), 0);
	}
}

static void an_entry_finds_a_gdt_and_no_idt(void **unused)
{
	static const struct wanted wanted[] = {
		{ 0x6816, 0x1000 },
		{ 0x4810, 31 },
		{ 0x6818, 0 },
		{ 0x4812, 0 },
	};
	const struct vmcs_template vmcs = emit(&long_entry);

	(void)unused;
	EXPECT(&vmcs, wanted);
}

static void the_rest_is_as_after_reset_in_every_state(void **unused)
{
	static const struct wanted wanted[] = {
		{ 0x2802, 0 }, /* DEBUGCTL */
		{ 0x2804, 0x0007040600070406ull }, /* PAT */
		{ 0x681a, 0x400 }, /* DR7 */
		{ 0x6820, 2 }, /* RFLAGS */
		{ 0x6822, 0 }, /* pending debug exceptions */
		{ 0x4824, 0 }, /* interruptibility */
		{ 0x4826, 0 }, /* active */
		{ 0x482a, 0 }, /* SYSENTER */
		{ 0x6824, 0 },
		{ 0x6826, 0 },
		{ 0x4820, 0x10000 }, /* LDTR: unusable */
		{ 0x4822, 0x8b }, /* TR: busy TSS, present, no granularity */
		{ 0x480e, 0xffff },
		{ 0x080e, 0 },
		{ 0x6814, 0 },
	};

	(void)unused;
	for (size_t i = 0; i < STATES; i++) {
		const struct vmcs_template vmcs = emit(all_states[i]);

		EXPECT(&vmcs, wanted);
	}
}

/* SDM volume 3A, table 9-1 */
static void after_init_a_cpu_is_in_real_mode(void **unused)
{
	static const struct wanted wanted[] = {
		{ 0x6800, 0x30 }, /* CR0, real: NE ET */
		{ 0x6004, 0x60000010 }, /* CR0 as the cell sees it: CD NW ET */
		{ 0x6802, 0 },		{ 0x6804, 0x2040 }, { 0x6006, 0 },
		{ 0x2806, 0 },		{ 0x0802, 0xf000 }, /* CS, until a SIPI comes */
		{ 0x6808, 0xffff0000 }, { 0x4802, 0xffff }, { 0x4816, 0x9b },
		{ 0x6816, 0 }, /* GDTR, IDTR */
		{ 0x4810, 0xffff },	{ 0x6818, 0 },	    { 0x4812, 0xffff },
		{ 0x681e, 0 },		{ 0x681c, 0 },
	};
	const struct vmcs_template vmcs = emit(NULL);

	(void)unused;
	EXPECT(&vmcs, wanted);
	for (uint32_t i = 0; i < 6; i++) {
		if (i == 1)
			continue;
		assert_int_equal(field(&vmcs, 0x0800 + 2 * i), 0);
		assert_int_equal(field(&vmcs, 0x4800 + 2 * i), 0xffff);
		assert_int_equal(field(&vmcs, 0x4814 + 2 * i), 0x93);
		assert_int_equal(field(&vmcs, 0x6806 + 2 * i), 0);
	}
}

/* What the monitor adds by itself, as of a sound machine. */
static const struct wanted host[] = {
	{ 0x0c02, 0x08 },   { 0x0c0c, 0x18 },	    { 0x2c00, 0x0007040600070406ull },
	{ 0x2c02, 0xd00 },  { 0x6c00, 0x80010031 }, { 0x6c02, 0x10400000 },
	{ 0x6c04, 0x2060 }, { 0x6c16, 0x10000000 },
};

static uint64_t read_field(const void *context, uint32_t encoding)
{
	for (size_t i = 0; i < sizeof(host) / sizeof(host[0]); i++)
		if (host[i].encoding == encoding)
			return host[i].value;
	if ((encoding >> 10 & 3) == 3)
		return 0; /* the rest of the host state */
	return field(context, encoding);
}

static void every_template_passes_the_monitors_own_check(void **unused)
{
	/* As a processor has it: PE NE PG and VMXE fixed to 1, nothing fixed to 0. */
	const struct vmcs_limits limits = {
		.phys_bits = 36,
		.cr0_fixed0 = 0x80000021,
		.cr0_fixed1 = 0xffffffff,
		.cr4_fixed0 = 0x2000,
		.cr4_fixed1 = 0xffffff,
		.cr4_bits = 0x770fff,
		.efer_bits = EFER_SCE | EFER_LME | EFER_LMA | EFER_NXE,
	};

	(void)unused;
	for (size_t i = 0; i < STATES; i++) {
		const struct vmcs_template vmcs = emit(all_states[i]);
		const struct vmcs_reader reader = { read_field, &vmcs };
		uint32_t at = 0;

		assert_null(vmcs_check(&reader, &limits, &at));
	}
}

/* One payload, one state, whichever machine it finds itself on. */
static void both_vendors_start_a_cell_in_the_same_state(void **unused)
{
	const struct vmcb_tables amd = { { 0x10100000 }, { 0x10200000 }, { 0x10300000 } };

	(void)unused;
	for (size_t i = 0; i < STATES; i++) {
		const struct vmcs_template vmcs = emit(all_states[i]);
		const bool init = all_states[i] == NULL;
		struct vmcb vmcb;

		if (init)
			vmcb_emit_init(&vmcb, &amd);
		else
			vmcb_emit(&vmcb, &amd, all_states[i]);
		assert_int_equal(vmcb.save.rip, field(&vmcs, 0x681e));
		assert_int_equal(vmcb.save.rsp, field(&vmcs, 0x681c));
		assert_int_equal(vmcb.save.cr3, field(&vmcs, 0x6802));
		assert_int_equal(vmcb.save.rflags, field(&vmcs, 0x6820));
		assert_int_equal(vmcb.save.efer & ~EFER_SVME, field(&vmcs, 0x2806));
		assert_int_equal(vmcb.save.g_pat, field(&vmcs, 0x2804));
		assert_int_equal(vmcb.save.dr7, field(&vmcs, 0x681a));
		/* As the cell sees them; caches are on for AMD after INIT (vmcb_emit.c). */
		assert_int_equal(vmcb.save.cr0,
				 field(&vmcs, 0x6004) & (init ? ~(CR0_CD | CR0_NW) : ~0ull));
		assert_int_equal(vmcb.save.cr4 & ~CR4_MCE, field(&vmcs, 0x6006));
		assert_int_equal(vmcb.save.gdtr.base, field(&vmcs, 0x6816));
		assert_int_equal(vmcb.save.idtr.limit, field(&vmcs, 0x4812));
		assert_int_equal(vmcb.save.cs.selector, field(&vmcs, 0x0802));
		assert_int_equal(vmcb.save.cs.base, field(&vmcs, 0x6808));
		assert_int_equal(vmcb.save.cs.limit, field(&vmcs, 0x4802));
		/* 15:12 of the rights are 11:8 of the attributes. */
		assert_int_equal((vmcb.save.cs.attributes & 0xff) |
					 (vmcb.save.cs.attributes & 0xf00) << 4,
				 field(&vmcs, 0x4816));
		assert_int_equal(vmcb.control.intercept_exceptions, field(&vmcs, 0x4004));
	}
}

static bool set(const uint8_t *map, uint32_t bit)
{
	return map[bit / 8] >> (bit % 8) & 1;
}

static void both_vendors_intercept_the_same_msrs(void **unused)
{
	uint8_t amd[MSRPM_BYTES], intel[MSR_BITMAP_BYTES];

	(void)unused;
	msrpm_emit(amd);
	msr_bitmap_emit(intel);
	for (uint32_t range = 0; range < 2; range++)
		for (uint32_t n = 0; n < 0x2000; n++) {
			const uint32_t pair = range * 0x4000 + 2 * n;
			const uint32_t bit = range * 0x2000 + n;

			assert_int_equal(set(amd, pair), set(intel, bit));
			assert_int_equal(set(amd, pair + 1), set(intel, bit + 0x4000));
		}
	/* AMD's third range, C0010000h on, is not in Intel's map: it always exits. */
	for (uint32_t i = 0x1000; i < MSRPM_BYTES; i++)
		assert_int_equal(amd[i], 0xff);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_template_is_marked_and_names_each_field_once),
		cmocka_unit_test(the_exits_are_those_of_the_exit_policy),
		cmocka_unit_test(the_template_names_the_cells_tables),
		cmocka_unit_test(what_the_monitor_keeps_of_cr0_and_cr4_is_masked),
		cmocka_unit_test(a_long_mode_entry_has_paging_and_a_64_bit_code_segment),
		cmocka_unit_test(a_protected_mode_entry_has_no_paging_and_flat_segments),
		cmocka_unit_test(an_entry_finds_a_gdt_and_no_idt),
		cmocka_unit_test(the_rest_is_as_after_reset_in_every_state),
		cmocka_unit_test(after_init_a_cpu_is_in_real_mode),
		cmocka_unit_test(every_template_passes_the_monitors_own_check),
		cmocka_unit_test(both_vendors_start_a_cell_in_the_same_state),
		cmocka_unit_test(both_vendors_intercept_the_same_msrs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
