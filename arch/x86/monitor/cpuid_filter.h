/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a cell reads from CPUID: a whitelist over what the CPU answers, with
 * the cell's own topology (docs/design.md, section 6).
 */
#ifndef SEPTUM_X86_CPUID_FILTER_H
#define SEPTUM_X86_CPUID_FILTER_H

#include <stdint.h>

struct cpuid_regs {
	uint32_t eax, ebx, ecx, edx;
};

/* The CPU as its cell sees it. */
struct cpuid_view {
	uint32_t max_leaf; /* the CPU's own: EAX of leaf 0 */
	uint32_t max_extended_leaf; /* the CPU's own: EAX of leaf 0x80000000, 0 if it has none */
	uint32_t virtual_id; /* x2APIC id in the cell: 0 .. cpu_count - 1 */
	uint32_t cpu_count; /* CPUs of the cell: 1 .. PLAN_MAX_CPUS */
	uint32_t tsc_khz;
	uint32_t apic_khz; /* input clock of the APIC timer */
	uint64_t cr4; /* the cell's CR4 now: OSXSAVE and OSPKE follow it */
};

/**
 * cpuid_filter - answer a cell's CPUID.
 * @leaf: the cell's EAX.
 * @subleaf: the cell's ECX.
 * @host: what this CPU answers to the same leaf and subleaf; ignored for leaves
 *        beyond its maximum, where processors return unrelated data.
 * @view: who asks.
 * @out: all four registers are written; zero is the default for every bit.
 */
void cpuid_filter(uint32_t leaf, uint32_t subleaf, const struct cpuid_regs *host,
		  const struct cpuid_view *view, struct cpuid_regs *out);

#endif
