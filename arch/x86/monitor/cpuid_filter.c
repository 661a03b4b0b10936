/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Leaves: APM volume 3, appendix E; Intel SDM volume 2A, CPUID.  A bit is on
 * the whitelist when its feature lives inside one core and needs no MSR beyond
 * those of the cell's MSR map.
 */
#include "cpuid_filter.h"

#include "xcr0.h"

#include <septum/x86/registers.h>

#include <stddef.h>

#define BIT(n) (1u << (n))
#define BITS(high, low) ((0xffffffffu >> (31 - (high))) & (0xffffffffu << (low)))
#define ALL 0xffffffffu

#define HYPERVISOR_BASE 0x40000000u
#define HYPERVISOR_FEATURES 0x40000001u
#define HYPERVISOR_TIMING 0x40000010u
#define EXTENDED_BASE 0x80000000u
#define TOP_LEAF 0x1fu
#define TOP_EXTENDED_LEAF 0x80000026u

/*
 * Leaf 1, ECX: SSE3 PCLMULQDQ SSSE3 FMA CX16 PCID SSE4.1 SSE4.2 x2APIC MOVBE POPCNT TSC-deadline
 * AES XSAVE AVX F16C RDRAND.  EDX: FPU VME DE PSE TSC MSR PAE CX8 APIC SEP MTRR PGE CMOV PAT PSE36
 * CLFSH MMX FXSR SSE SSE2 SS.
 * Not there: MONITOR (package-wide C-states), VMX, SMX, speed step, thermal, debug store, PDCM,
 * DCA, MCE, MCA, processor serial number.
 */
#define LEAF1_ECX (BITS(1, 0) | BIT(9) | BITS(13, 12) | BIT(17) | BITS(26, 19) | BITS(30, 28))
#define LEAF1_EDX (BITS(6, 0) | BITS(9, 8) | BITS(13, 11) | BITS(17, 15) | BIT(19) | BITS(27, 23))
#define LEAF1_ECX_OSXSAVE BIT(27)
#define LEAF1_ECX_HYPERVISOR BIT(31)
#define LEAF1_EDX_HTT BIT(28) /* more than one logical CPU in the package */

/*
 * Leaf 7, EBX: FSGSBASE BMI1 AVX2 FDP SMEP BMI2 ERMS INVPCID FCS AVX512F AVX512DQ RDSEED ADX SMAP
 * IFMA CLFLUSHOPT CLWB AVX512PF AVX512ER AVX512CD SHA AVX512BW AVX512VL.  ECX: PREFETCHWT1 VBMI
 * UMIP PKU VBMI2 GFNI VAES VPCLMULQDQ VNNI BITALG VPOPCNTDQ RDPID CLDEMOTE MOVDIRI MOVDIR64B.
 * EDX: 4VNNIW 4FMAPS FSRM VP2INTERSECT MD_CLEAR SERIALIZE AVX512_FP16.
 * Not there, for want of their MSRs: TSC_ADJUST, MPX, CET, WAITPKG (kernels write UMWAIT_CONTROL),
 * AMX (XFD), TSX (TSX_CTRL), SPEC_CTRL and its kin, ARCH_CAPABILITIES, key locker, bus-lock
 * detection, PKS, ENQCMD.  Because they reach beyond the core: SGX, RDT, PT, UINTR, HFI, TME,
 * PCONFIG.  LA57: docs/design.md, section 6.
 */
#define LEAF7_EBX \
	(BIT(0) | BIT(3) | BITS(10, 5) | BIT(13) | BITS(21, 16) | BITS(24, 23) | BITS(31, 26))
#define LEAF7_ECX (BITS(3, 0) | BIT(6) | BITS(12, 8) | BIT(14) | BIT(22) | BIT(25) | BITS(28, 27))
#define LEAF7_EDX (BITS(4, 2) | BIT(8) | BIT(10) | BIT(14) | BIT(23))
#define LEAF7_ECX_OSPKE BIT(4)
/* SHA512 SM3 SM4 AVX_VNNI BF16 CMPCCXADD FZRM FSRS FSRC AVX_IFMA */
#define LEAF7_1_EAX (BITS(2, 0) | BITS(5, 4) | BIT(7) | BITS(12, 10) | BIT(23))
/* AVX_VNNI_INT8 AVX_NE_CONVERT AVX_VNNI_INT16 PREFETCHI */
#define LEAF7_1_EDX (BITS(5, 4) | BIT(10) | BIT(14))

/*
 * Leaf 0x80000001, ECX: LAHF CR8-legacy ABM SSE4A misaligned-SSE PREFETCHW XOP FMA4 TBM TOPOEXT.
 * EDX: bits 17:0 as leaf 1 (SYSCALL for SEP), NX MMXEXT MMX FXSR FFXSR 1G-pages RDTSCP LM 3DNOW.
 * Not there: SVM, SKINIT, extended APIC space, OSVW, IBS, watchdog, LWP, TCE, node id MSR,
 * performance counters, data breakpoints, MONITORX.
 */
#define EXT1_ECX (BIT(0) | BITS(8, 4) | BIT(11) | BIT(16) | BITS(22, 21))
#define EXT1_EDX ((LEAF1_EDX & BITS(17, 0)) | BIT(20) | BITS(27, 22) | BITS(31, 29))
#define EXT1_ECX_CMP_LEGACY BIT(1)
/*
 * Leaf 0x80000008, EBX: CLZERO, XSAVEERPTR, and reports of absence: EFER.LMSLE, SSB, BTC.
 * Not there: IRPERF, INVLPGB, RDPRU, MCOMMIT, WBNOINVD (it would be a no-op, like WBINVD) and all
 * that wants SPEC_CTRL or PRED_CMD.
 */
#define EXT8_EBX (BIT(0) | BIT(2) | BIT(20) | BIT(26) | BIT(29))
/* 0x80000021, EAX: NO_NESTED_DATA_BP LFENCE_SERIALIZES NULL_SELECTOR_CLEARS_BASE FSRS FSRC */
#define EXT21_EAX (BIT(0) | BIT(2) | BIT(6) | BITS(11, 10))

#define ANY_SUBLEAF ALL

/* The bits that pass as the CPU gives them; what is not here is zero. */
static const struct {
	uint32_t first, last; /* leaves */
	uint32_t subleaf;
	struct cpuid_regs keep;
} whitelist[] = {
	{ 0x0, 0x0, ANY_SUBLEAF, { ALL, ALL, ALL, ALL } },
	{ 0x1, 0x1, ANY_SUBLEAF, { ALL, BITS(15, 0), LEAF1_ECX, LEAF1_EDX } },
	{ 0x2, 0x2, ANY_SUBLEAF, { ALL, ALL, ALL, ALL } },
	{ 0x4, 0x4, ANY_SUBLEAF, { BITS(9, 0), ALL, ALL, ALL } },
	{ 0x6, 0x6, ANY_SUBLEAF, { BIT(2), 0, 0, 0 } }, /* ARAT */
	{ 0x7, 0x7, 0, { ALL, LEAF7_EBX, LEAF7_ECX, LEAF7_EDX } },
	{ 0x7, 0x7, 1, { LEAF7_1_EAX, 0, 0, LEAF7_1_EDX } },
	/* ECX, the size for all states, may count hidden ones: larger is safe. */
	{ 0xd, 0xd, 0, { (uint32_t)XCR0_ALLOWED, ALL, ALL, XCR0_ALLOWED >> 32 } },
	/* XSAVEOPT XSAVEC XGETBV1; no XSAVES, no XFD: their MSRs are out of reach */
	{ 0xd, 0xd, 1, { BITS(2, 0), ALL, 0, 0 } },
	{ 0x15, 0x16, ANY_SUBLEAF, { ALL, ALL, ALL, 0 } }, /* TSC, crystal, nominal MHz */
	{ 0x80000000, 0x80000000, ANY_SUBLEAF, { ALL, ALL, ALL, ALL } },
	{ 0x80000001, 0x80000001, ANY_SUBLEAF, { ALL, ALL, EXT1_ECX, EXT1_EDX } },
	{ 0x80000002, 0x80000006, ANY_SUBLEAF, { ALL, ALL, ALL, ALL } }, /* brand, caches */
	{ 0x80000007, 0x80000007, ANY_SUBLEAF, { 0, 0, 0, BIT(8) } }, /* invariant TSC */
	{ 0x80000008, 0x80000008, ANY_SUBLEAF, { ALL, EXT8_EBX, 0, 0 } },
	{ 0x80000019, 0x8000001a, ANY_SUBLEAF, { ALL, ALL, 0, 0 } }, /* 1G TLBs, vector width */
	{ 0x8000001d, 0x8000001d, ANY_SUBLEAF, { BITS(9, 0), ALL, ALL, ALL } },
	{ 0x80000021, 0x80000021, ANY_SUBLEAF, { EXT21_EAX, 0, 0, 0 } },
};

static uint32_t at_most(uint32_t value, uint32_t limit)
{
	return value < limit ? value : limit;
}

/* Bits of APIC id that number the cell's CPUs. */
static uint32_t id_bits(const struct cpuid_view *view)
{
	uint32_t bits = 0;

	while (bits < 31 && (1u << bits) < view->cpu_count)
		bits++;
	return bits;
}

static void keep(uint32_t leaf, uint32_t subleaf, const struct cpuid_regs *host,
		 struct cpuid_regs *out)
{
	for (size_t i = 0; i < sizeof(whitelist) / sizeof(whitelist[0]); i++) {
		const struct cpuid_regs *mask = &whitelist[i].keep;

		if (leaf < whitelist[i].first || leaf > whitelist[i].last)
			continue;
		if (whitelist[i].subleaf != ANY_SUBLEAF && whitelist[i].subleaf != subleaf)
			continue;
		*out = (struct cpuid_regs){ host->eax & mask->eax, host->ebx & mask->ebx,
					    host->ecx & mask->ecx, host->edx & mask->edx };
		return;
	}
}

static void version_and_features(const struct cpuid_view *view, struct cpuid_regs *out)
{
	out->ebx |= at_most(view->cpu_count, 255) << 16 | (view->virtual_id & 0xff) << 24;
	out->ecx |= LEAF1_ECX_HYPERVISOR;
	out->ecx |= (view->cr4 & CR4_OSXSAVE) ? LEAF1_ECX_OSXSAVE : 0;
	out->edx |= view->cpu_count > 1 ? LEAF1_EDX_HTT : 0;
}

/*
 * Leaves 4 and 0x8000001D: levels 1 and 2 are private to a core, of which each
 * has one thread; the last level is shared by the whole cell.
 */
static void cache(const struct cpuid_view *view, struct cpuid_regs *out)
{
	uint32_t level = out->eax >> 5 & 7;

	if (level >= 3)
		out->eax |= (view->cpu_count - 1) << 14;
}

/*
 * Leaves 0xB and 0x1F (levels thread, core) and 0x80000026 (levels core,
 * complex, die, socket): only the first level differs from the whole cell.
 */
static void topology(uint32_t subleaf, uint32_t levels, const struct cpuid_view *view,
		     struct cpuid_regs *out)
{
	out->ecx = subleaf & 0xff;
	out->edx = view->virtual_id;
	if (subleaf >= levels)
		return;
	out->eax = subleaf == 0 ? 0 : id_bits(view);
	out->ebx = subleaf == 0 ? 1 : view->cpu_count;
	out->ecx |= (subleaf + 1) << 8;
}

static void basic(uint32_t leaf, uint32_t subleaf, const struct cpuid_regs *host,
		  const struct cpuid_view *view, struct cpuid_regs *out)
{
	keep(leaf, subleaf, host, out);
	switch (leaf) {
	case 0x0:
		out->eax = at_most(out->eax, TOP_LEAF);
		break;
	case 0x1:
		version_and_features(view, out);
		break;
	case 0x4:
		cache(view, out);
		if (out->eax != 0) /* cores of the package */
			out->eax |= at_most(view->cpu_count - 1, 63) << 26;
		break;
	case 0x7:
		if (subleaf == 0) {
			out->eax = at_most(out->eax, 1);
			out->ecx |= (view->cr4 & CR4_PKE) ? LEAF7_ECX_OSPKE : 0;
		}
		break;
	case 0xb:
	case 0x1f:
		topology(subleaf, 2, view, out);
		break;
	case 0xd: /* size and place of a state that a cell may enable */
		if (subleaf >= 2 && subleaf < 63 && (XCR0_ALLOWED >> subleaf & 1))
			*out = *host;
		break;
	default:
		break;
	}
}

/*
 * The signature that stock kernels know, without paravirtual features: it says
 * that x2APIC works without interrupt remapping.  The hint is the only bit.
 */
static void hypervisor(uint32_t leaf, const struct cpuid_view *view, struct cpuid_regs *out)
{
	if (leaf == HYPERVISOR_BASE) /* "KVMKVMKVM\0\0\0" */
		*out = (struct cpuid_regs){ HYPERVISOR_TIMING, 0x4b4d564b, 0x564b4d56, 0x4d };
	else if (leaf == HYPERVISOR_FEATURES)
		out->edx = BIT(0); /* CPUs are never preempted */
	else if (leaf == HYPERVISOR_TIMING)
		*out = (struct cpuid_regs){ view->tsc_khz, view->apic_khz, 0, 0 };
}

static void extended(uint32_t leaf, uint32_t subleaf, const struct cpuid_regs *host,
		     const struct cpuid_view *view, struct cpuid_regs *out)
{
	keep(leaf, subleaf, host, out);
	switch (leaf) {
	case 0x80000000:
		out->eax = at_most(out->eax, TOP_EXTENDED_LEAF);
		break;
	case 0x80000001:
		out->ecx |= view->cpu_count > 1 ? host->ecx & EXT1_ECX_CMP_LEGACY : 0;
		break;
	case 0x80000008: /* 48 linear bits, for LA57 is hidden; ApicIdCoreIdSize, NC */
		out->eax = (out->eax & ~0xff00u) | at_most(out->eax & 0xff00, 48 << 8);
		out->ecx = id_bits(view) << 12 | (view->cpu_count - 1);
		break;
	case 0x8000001d:
		cache(view, out);
		break;
	case 0x8000001e: /* APIC id; one thread per core; one node */
		out->eax = view->virtual_id;
		out->ebx = view->virtual_id & 0xff;
		break;
	case 0x80000026:
		topology(subleaf, 4, view, out);
		break;
	default:
		break;
	}
}

void cpuid_filter(uint32_t leaf, uint32_t subleaf, const struct cpuid_regs *host,
		  const struct cpuid_view *view, struct cpuid_regs *out)
{
	*out = (struct cpuid_regs){ 0 };
	if (leaf <= view->max_leaf && leaf <= TOP_LEAF)
		basic(leaf, subleaf, host, view, out);
	else if (leaf >= HYPERVISOR_BASE && leaf <= HYPERVISOR_TIMING)
		hypervisor(leaf, view, out);
	else if (leaf >= EXTENDED_BASE && leaf <= view->max_extended_leaf)
		extended(leaf, subleaf, host, view, out);
}
