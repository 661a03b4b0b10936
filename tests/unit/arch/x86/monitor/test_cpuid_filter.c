/* SPDX-License-Identifier: Apache-2.0 */
#include "cpuid_filter.h"
#include "xcr0.h"

#include <septum/x86/registers.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define ALL 0xffffffffu

static const struct cpuid_regs every_bit = { ALL, ALL, ALL, ALL };
static const struct cpuid_regs no_bit = { 0, 0, 0, 0 };

/* CPU 2 of a cell of 4, on a CPU that has every leaf. */
static const struct cpuid_view view = {
	.max_leaf = 0x23,
	.max_extended_leaf = 0x80000028,
	.virtual_id = 2,
	.cpu_count = 4,
	.tsc_khz = 2400000,
	.apic_khz = 1000000,
};

static struct cpuid_regs filtered(uint32_t leaf, uint32_t subleaf, struct cpuid_regs host,
				  struct cpuid_view who)
{
	struct cpuid_regs out = { 0xdead, 0xdead, 0xdead, 0xdead };

	cpuid_filter(leaf, subleaf, &host, &who, &out);
	return out;
}

static struct cpuid_regs seen(uint32_t leaf, uint32_t subleaf)
{
	return filtered(leaf, subleaf, every_bit, view);
}

static struct cpuid_view cell_of(uint32_t cpu_count, uint32_t virtual_id)
{
	struct cpuid_view v = view;

	v.cpu_count = cpu_count;
	v.virtual_id = virtual_id;
	return v;
}

static void assert_regs(struct cpuid_regs got, struct cpuid_regs want)
{
	assert_int_equal(got.eax, want.eax);
	assert_int_equal(got.ebx, want.ebx);
	assert_int_equal(got.ecx, want.ecx);
	assert_int_equal(got.edx, want.edx);
}

enum reg { EAX, EBX, ECX, EDX };

struct feature {
	const char *name;
	uint32_t leaf, subleaf;
	enum reg reg;
	unsigned int bit;
};

static bool is_seen(const struct feature *f)
{
	struct cpuid_regs out = seen(f->leaf, f->subleaf);
	const uint32_t regs[] = { out.eax, out.ebx, out.ecx, out.edx };

	return regs[f->reg] >> f->bit & 1;
}

static void features_that_reach_beyond_the_cell_are_hidden(void **state)
{
	static const struct feature hidden[] = {
		{ "DTES64", 1, 0, ECX, 2 },
		{ "MONITOR", 1, 0, ECX, 3 },
		{ "VMX", 1, 0, ECX, 5 },
		{ "SMX", 1, 0, ECX, 6 },
		{ "EIST", 1, 0, ECX, 7 },
		{ "PDCM", 1, 0, ECX, 15 },
		{ "MCE", 1, 0, EDX, 7 },
		{ "MCA", 1, 0, EDX, 14 },
		{ "PSN", 1, 0, EDX, 18 },
		{ "DS", 1, 0, EDX, 21 },
		{ "ACPI thermal", 1, 0, EDX, 22 },
		{ "turbo", 6, 0, EAX, 1 },
		{ "HWP", 6, 0, EAX, 7 },
		{ "HFI", 6, 0, EAX, 19 },
		{ "APERFMPERF", 6, 0, ECX, 0 },
		{ "TSC_ADJUST", 7, 0, EBX, 1 },
		{ "SGX", 7, 0, EBX, 2 },
		{ "HLE", 7, 0, EBX, 4 },
		{ "RTM", 7, 0, EBX, 11 },
		{ "RDT monitoring", 7, 0, EBX, 12 },
		{ "MPX", 7, 0, EBX, 14 },
		{ "RDT allocation", 7, 0, EBX, 15 },
		{ "PT", 7, 0, EBX, 25 },
		{ "WAITPKG", 7, 0, ECX, 5 },
		{ "CET_SS", 7, 0, ECX, 7 },
		{ "TME", 7, 0, ECX, 13 },
		{ "LA57", 7, 0, ECX, 16 },
		{ "bus lock detection", 7, 0, ECX, 24 },
		{ "ENQCMD", 7, 0, ECX, 29 },
		{ "PKS", 7, 0, ECX, 31 },
		{ "UINTR", 7, 0, EDX, 5 },
		{ "hybrid", 7, 0, EDX, 15 },
		{ "PCONFIG", 7, 0, EDX, 18 },
		{ "CET_IBT", 7, 0, EDX, 20 },
		{ "AMX_TILE", 7, 0, EDX, 24 },
		{ "IBRS", 7, 0, EDX, 26 },
		{ "STIBP", 7, 0, EDX, 27 },
		{ "ARCH_CAPABILITIES", 7, 0, EDX, 29 },
		{ "SSBD", 7, 0, EDX, 31 },
		{ "XSAVES", 0xd, 1, EAX, 3 },
		{ "XFD", 0xd, 1, EAX, 4 },
		{ "SVM", 0x80000001, 0, ECX, 2 },
		{ "extended APIC", 0x80000001, 0, ECX, 3 },
		{ "OSVW", 0x80000001, 0, ECX, 9 },
		{ "IBS", 0x80000001, 0, ECX, 10 },
		{ "SKINIT", 0x80000001, 0, ECX, 12 },
		{ "LWP", 0x80000001, 0, ECX, 15 },
		{ "node id MSR", 0x80000001, 0, ECX, 19 },
		{ "core counters", 0x80000001, 0, ECX, 23 },
		{ "MONITORX", 0x80000001, 0, ECX, 29 },
		{ "MCE", 0x80000001, 0, EDX, 7 },
		{ "MCA", 0x80000001, 0, EDX, 14 },
		{ "hardware P-states", 0x80000007, 0, EDX, 7 },
		{ "INVLPGB", 0x80000008, 0, EBX, 3 },
		{ "RDPRU", 0x80000008, 0, EBX, 4 },
		{ "WBNOINVD", 0x80000008, 0, EBX, 9 },
		{ "IBPB", 0x80000008, 0, EBX, 12 },
		{ "IBRS", 0x80000008, 0, EBX, 14 },
		{ "SSBD", 0x80000008, 0, EBX, 24 },
		{ "automatic IBRS", 0x80000021, 0, EAX, 8 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++) {
		if (is_seen(&hidden[i]))
			fail_msg("%s is visible", hidden[i].name);
	}
}

static void features_that_a_cell_owns_are_visible(void **state)
{
	static const struct feature visible[] = {
		{ "SSE3", 1, 0, ECX, 0 },
		{ "PCID", 1, 0, ECX, 17 },
		{ "x2APIC", 1, 0, ECX, 21 },
		{ "TSC deadline", 1, 0, ECX, 24 },
		{ "XSAVE", 1, 0, ECX, 26 },
		{ "RDRAND", 1, 0, ECX, 30 },
		{ "FPU", 1, 0, EDX, 0 },
		{ "TSC", 1, 0, EDX, 4 },
		{ "APIC", 1, 0, EDX, 9 },
		{ "SEP", 1, 0, EDX, 11 },
		{ "MTRR", 1, 0, EDX, 12 },
		{ "PAT", 1, 0, EDX, 16 },
		{ "SSE2", 1, 0, EDX, 26 },
		{ "ARAT", 6, 0, EAX, 2 },
		{ "FSGSBASE", 7, 0, EBX, 0 },
		{ "SMEP", 7, 0, EBX, 7 },
		{ "ERMS", 7, 0, EBX, 9 },
		{ "INVPCID", 7, 0, EBX, 10 },
		{ "AVX512F", 7, 0, EBX, 16 },
		{ "SMAP", 7, 0, EBX, 20 },
		{ "UMIP", 7, 0, ECX, 2 },
		{ "PKU", 7, 0, ECX, 3 },
		{ "RDPID", 7, 0, ECX, 22 },
		{ "FSRM", 7, 0, EDX, 4 },
		{ "MD_CLEAR", 7, 0, EDX, 10 },
		{ "AVX_VNNI", 7, 1, EAX, 4 },
		{ "XSAVEC", 0xd, 1, EAX, 1 },
		{ "LAHF", 0x80000001, 0, ECX, 0 },
		{ "TOPOEXT", 0x80000001, 0, ECX, 22 },
		{ "SYSCALL", 0x80000001, 0, EDX, 11 },
		{ "NX", 0x80000001, 0, EDX, 20 },
		{ "1 GiB pages", 0x80000001, 0, EDX, 26 },
		{ "RDTSCP", 0x80000001, 0, EDX, 27 },
		{ "long mode", 0x80000001, 0, EDX, 29 },
		{ "invariant TSC", 0x80000007, 0, EDX, 8 },
		{ "LFENCE serializes", 0x80000021, 0, EAX, 2 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(visible) / sizeof(visible[0]); i++) {
		if (!is_seen(&visible[i]))
			fail_msg("%s is hidden", visible[i].name);
	}
}

static void nothing_is_invented_that_the_cpu_lacks(void **state)
{
	(void)state;
	assert_int_equal(filtered(1, 0, no_bit, cell_of(1, 0)).ecx, 1u << 31);
	assert_int_equal(filtered(1, 0, no_bit, cell_of(1, 0)).edx, 0);
	assert_regs(filtered(7, 0, no_bit, view), no_bit);
	assert_regs(filtered(0xd, 0, no_bit, view), no_bit);
	assert_int_equal(filtered(0x80000001, 0, no_bit, view).ecx, 0);
	assert_regs(filtered(4, 0, no_bit, view), no_bit);
	assert_regs(filtered(0x8000001d, 0, no_bit, view), no_bit);
}

static bool is_answered(uint32_t leaf)
{
	static const uint32_t known[] = {
		0,	    1,		2,	    4,		6,	    7,
		0xb,	    0xd,	0x15,	    0x16,	0x1f,	    0x40000000,
		0x40000001, 0x40000010, 0x80000000, 0x80000001, 0x80000002, 0x80000003,
		0x80000004, 0x80000005, 0x80000006, 0x80000007, 0x80000008, 0x80000019,
		0x8000001a, 0x8000001d, 0x8000001e, 0x80000021, 0x80000026
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (known[i] == leaf)
			return true;
	}
	return false;
}

static void leaves_outside_the_whitelist_read_zero(void **state)
{
	static const uint32_t ranges[] = { 0,	       0x20000000, 0x40000000, 0x40000100,
					   0x80000000, 0x8fffff00, 0xc0000000, 0xffffff00 };

	(void)state;
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		for (uint32_t leaf = ranges[i]; leaf - ranges[i] < 0x100; leaf++) {
			struct cpuid_regs out = seen(leaf, 0);
			bool zero = memcmp(&out, &no_bit, sizeof(out)) == 0;

			if (zero == is_answered(leaf))
				fail_msg("leaf 0x%x", leaf);
		}
	}
}

/* Intel CPUs answer such leaves with those of their highest one. */
static void leaves_beyond_the_maximum_read_zero(void **state)
{
	struct cpuid_view old = view;

	(void)state;
	old.max_leaf = 0xd;
	old.max_extended_leaf = 0x80000008;
	assert_int_not_equal(filtered(0xd, 0, every_bit, old).ebx, 0);
	assert_regs(filtered(0x15, 0, every_bit, old), no_bit);
	assert_regs(filtered(0x1f, 0, every_bit, old), no_bit);
	assert_int_not_equal(filtered(0x80000008, 0, every_bit, old).eax, 0);
	assert_regs(filtered(0x8000001e, 0, every_bit, old), no_bit);
	old.max_extended_leaf = 0;
	assert_regs(filtered(0x80000000, 0, every_bit, old), no_bit);
}

static void maximum_leaves_are_those_of_the_cpu_up_to_ours(void **state)
{
	const struct cpuid_regs amd = { 0x10, 0x68747541, 0x444d4163, 0x69746e65 };
	const struct cpuid_regs intel = { 0x23, 0x756e6547, 0x6c65746e, 0x49656e69 };
	struct cpuid_regs out = filtered(0, 0, intel, view);

	(void)state;
	assert_regs(filtered(0, 0, amd, view), amd);
	assert_int_equal(out.eax, 0x1f);
	assert_int_equal(out.ebx, intel.ebx);
	assert_int_equal(filtered(0x80000000, 0, (struct cpuid_regs){ 0x80000008, 0, 0, 0 }, view)
				 .eax,
			 0x80000008);
	assert_int_equal(seen(0x80000000, 0).eax, 0x80000026);
	assert_int_equal(seen(7, 0).eax, 1);
}

static void os_bits_follow_the_cells_cr4(void **state)
{
	struct cpuid_view on = view;

	(void)state;
	on.cr4 = CR4_OSXSAVE;
	assert_int_equal(seen(1, 0).ecx >> 27 & 1, 0);
	assert_int_equal(filtered(1, 0, no_bit, on).ecx >> 27 & 1, 1);
	assert_int_equal(seen(7, 0).ecx >> 4 & 1, 0);
	on.cr4 = CR4_PKE;
	assert_int_equal(filtered(7, 0, no_bit, on).ecx >> 4 & 1, 1);
	assert_int_equal(filtered(7, 1, no_bit, on).ecx, 0);
}

static void stock_kernels_find_a_hypervisor_they_know(void **state)
{
	struct cpuid_regs base = filtered(0x40000000, 0, no_bit, view);
	char signature[13] = { 0 };

	(void)state;
	memcpy(signature, &base.ebx, 4);
	memcpy(signature + 4, &base.ecx, 4);
	memcpy(signature + 8, &base.edx, 4);
	assert_string_equal(signature, "KVMKVMKVM");
	assert_int_equal(base.eax, 0x40000010);
	assert_int_equal(seen(1, 0).ecx >> 31, 1);
	assert_regs(seen(0x40000001, 0), (struct cpuid_regs){ 0, 0, 0, 1 });
	assert_regs(seen(0x40000010, 0), (struct cpuid_regs){ 2400000, 1000000, 0, 0 });
}

/* The id space must hold every CPU, and each leaf must tell the same story. */
static void assert_topology(uint32_t count, uint32_t id)
{
	const struct cpuid_view who = cell_of(count, id);
	struct cpuid_regs thread = filtered(0xb, 0, every_bit, who);
	struct cpuid_regs core = filtered(0xb, 1, every_bit, who);
	struct cpuid_regs end = filtered(0xb, 2, every_bit, who);
	struct cpuid_regs amd = filtered(0x80000008, 0, every_bit, who);

	assert_regs(thread, (struct cpuid_regs){ 0, 1, 0x100, id });
	assert_int_equal(core.ebx, count);
	assert_int_equal(core.ecx, 0x201);
	assert_int_equal(core.edx, id);
	assert_true(1u << core.eax >= count && (count == 1 || 1u << (core.eax - 1) < count));
	assert_regs(end, (struct cpuid_regs){ 0, 0, 2, id });
	assert_regs(filtered(0x1f, 1, every_bit, who), core);
	assert_int_equal(amd.ecx & 0xff, count - 1);
	assert_int_equal(amd.ecx >> 12 & 0xf, core.eax);
	assert_regs(filtered(0x8000001e, 0, every_bit, who),
		    (struct cpuid_regs){ id, id & 0xff, 0, 0 });
	assert_regs(filtered(0x80000026, 0, every_bit, who),
		    (struct cpuid_regs){ 0, 1, 0x100, id });
	assert_regs(filtered(0x80000026, 3, every_bit, who),
		    (struct cpuid_regs){ core.eax, count, 0x403, id });
	assert_int_equal(filtered(0x80000026, 4, every_bit, who).ecx, 4);
}

static void topology_leaves_agree_for_every_size_of_cell(void **state)
{
	(void)state;
	for (uint32_t count = 1; count <= 256; count++) {
		assert_topology(count, 0);
		assert_topology(count, count - 1);
	}
}

static void leaf_1_counts_the_cells_cpus(void **state)
{
	struct cpuid_regs out = filtered(1, 0, every_bit, cell_of(4, 3));

	(void)state;
	assert_int_equal(out.ebx, 3u << 24 | 4u << 16 | 0xffff);
	assert_int_equal(out.edx >> 28 & 1, 1);
	out = filtered(1, 0, every_bit, cell_of(1, 0));
	assert_int_equal(out.ebx, 1u << 16 | 0xffff);
	assert_int_equal(out.edx >> 28 & 1, 0);
	assert_int_equal(filtered(1, 0, every_bit, cell_of(256, 0)).ebx >> 16, 0xff);
	assert_int_equal(filtered(0x80000001, 0, every_bit, cell_of(4, 0)).ecx >> 1 & 1, 1);
	assert_int_equal(filtered(0x80000001, 0, every_bit, cell_of(1, 0)).ecx >> 1 & 1, 0);
}

static void nothing_tells_which_physical_cpu_it_is(void **state)
{
	static const uint32_t leaves[] = { 1, 0xb, 0x1f, 0x8000001e, 0x80000026 };
	const struct cpuid_regs one = { 0x1111, 0x11001111, 0x1111, 0x1111 };
	struct cpuid_regs two = one;

	(void)state;
	two.ebx = 0x22001111;
	for (size_t i = 0; i < sizeof(leaves) / sizeof(leaves[0]); i++) {
		if (leaves[i] != 1)
			two = (struct cpuid_regs){ 0x2222, 0x2222, 0x2222, 0x2222 };
		assert_regs(filtered(leaves[i], 0, one, view), filtered(leaves[i], 0, two, view));
	}
}

static void private_caches_have_one_cpu_and_the_last_level_has_all(void **state)
{
	/* type 1, 2 or 3, level, self-initializing, shared by 16, 32 cores */
	const uint32_t host[] = { 0x7c03c121, 0x7c03c122, 0x7c03c143, 0x7c03c163 };
	const uint32_t shared[] = { 0, 0, 0, 5 };

	(void)state;
	for (uint32_t i = 0; i < 4; i++) {
		struct cpuid_regs in = { host[i], 0x01c0003f, 0x3f, 1 };
		struct cpuid_regs intel = filtered(4, i, in, cell_of(6, 0));
		struct cpuid_regs amd = filtered(0x8000001d, i, in, cell_of(6, 0));

		assert_int_equal(intel.eax & 0x3ff, host[i] & 0x3ff);
		assert_int_equal(intel.eax >> 14 & 0xfff, shared[i]);
		assert_int_equal(intel.eax >> 26, 5);
		assert_int_equal(amd.eax, (host[i] & 0x3ff) | shared[i] << 14);
		assert_int_equal(amd.ebx, in.ebx);
		assert_int_equal(intel.ecx, in.ecx);
	}
}

static void only_states_that_xsetbv_accepts_are_enumerated(void **state)
{
	const struct cpuid_regs component = { 0x100, 0x240, 2, 0 };

	(void)state;
	assert_int_equal(seen(0xd, 0).eax, XCR0_ALLOWED);
	assert_int_equal(seen(0xd, 0).edx, XCR0_ALLOWED >> 32);
	assert_int_equal(seen(0xd, 0).ebx, ALL);
	assert_int_equal(seen(0xd, 1).ecx | seen(0xd, 1).edx, 0); /* no XSS states */
	for (uint32_t n = 2; n < 70; n++) {
		bool allowed = n < 64 && (XCR0_ALLOWED >> n & 1);

		assert_regs(filtered(0xd, n, component, view), allowed ? component : no_bit);
	}
}

static void linear_addresses_have_48_bits(void **state)
{
	struct cpuid_regs host = { 0x00303934, 0, 0x7007, 0x10007 }; /* 57 linear, 52 physical */
	struct cpuid_regs out = filtered(0x80000008, 0, host, view);

	(void)state;
	assert_int_equal(out.eax, 0x00303034);
	assert_int_equal(out.edx, 0);
	host.eax = 0x3028;
	assert_int_equal(filtered(0x80000008, 0, host, view).eax, 0x3028);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(features_that_reach_beyond_the_cell_are_hidden),
		cmocka_unit_test(features_that_a_cell_owns_are_visible),
		cmocka_unit_test(nothing_is_invented_that_the_cpu_lacks),
		cmocka_unit_test(leaves_outside_the_whitelist_read_zero),
		cmocka_unit_test(leaves_beyond_the_maximum_read_zero),
		cmocka_unit_test(maximum_leaves_are_those_of_the_cpu_up_to_ours),
		cmocka_unit_test(os_bits_follow_the_cells_cr4),
		cmocka_unit_test(stock_kernels_find_a_hypervisor_they_know),
		cmocka_unit_test(topology_leaves_agree_for_every_size_of_cell),
		cmocka_unit_test(leaf_1_counts_the_cells_cpus),
		cmocka_unit_test(nothing_tells_which_physical_cpu_it_is),
		cmocka_unit_test(private_caches_have_one_cpu_and_the_last_level_has_all),
		cmocka_unit_test(only_states_that_xsetbv_accepts_are_enumerated),
		cmocka_unit_test(linear_addresses_have_48_bits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
