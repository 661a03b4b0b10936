/* SPDX-License-Identifier: Apache-2.0 */
/* Each CPU's numbers: CPUID by APM volume 3, appendix E, and Intel SDM volume 2A. */
#include "cases.h"

#include "../lib/cpu.h"
#include "../lib/string.h"

#include <septum/x86/registers.h>

struct ids {
	struct cpuid_result features, cores, cache, threads, all, address_sizes, amd;
	uint64_t apic_id, logical, apic_base;
	uint32_t max_leaf, max_extended;
};

static volatile struct ids ids[CPUS_MAX];

static void read_ids(void)
{
	struct ids seen = {
		.max_leaf = cpuid(0, 0).eax,
		.max_extended = cpuid(0x80000000, 0).eax,
		.features = cpuid(1, 0),
		.cores = cpuid(4, 0),
		.cache = cpuid(0x8000001d, 3),
		.threads = cpuid(0xb, 0),
		.all = cpuid(0xb, 1),
		.address_sizes = cpuid(0x80000008, 0),
		.amd = cpuid(0x8000001e, 0),
		.apic_id = msr_read(MSR_X2APIC_ID),
		.logical = msr_read(MSR_X2APIC_LDR),
		.apic_base = msr_read(MSR_APIC_BASE),
	};

	ids[cpu_self()] = seen;
}

static void judge_equal(uint64_t value, uint64_t wanted, const char *what)
{
	report_judged(value == wanted, what, value);
}

static void judge_apic(unsigned int cpu)
{
	const uint64_t logical = (uint64_t)(cpu >> 4) << 16 | 1u << (cpu & 15);

	judge_equal(ids[cpu].apic_id, cpu, "x2APIC id");
	judge_equal(ids[cpu].logical, logical, "x2APIC LDR");
	judge_equal(!!(ids[cpu].apic_base & APIC_BASE_BSP), cpu == 0, "APIC_BASE.BSP");
}

static void judge_cpuid(unsigned int cpu)
{
	const unsigned int count = cpus_count();

	judge_equal(ids[cpu].features.ebx >> 24, cpu, "CPUID 1 APIC id");
	judge_equal(ids[cpu].features.ebx >> 16 & 0xff, count, "CPUID 1 logical CPUs");
	judge_equal(ids[cpu].features.edx >> 28 & 1, 1, "CPUID 1 HTT");
	judge_equal(ids[cpu].threads.edx, cpu, "CPUID 0xB id");
	judge_equal(ids[cpu].threads.ebx & 0xffff, 1, "CPUID 0xB threads of a core");
	judge_equal(ids[cpu].all.edx, cpu, "CPUID 0xB 1 id");
	judge_equal(ids[cpu].all.ebx & 0xffff, count, "CPUID 0xB CPUs");
	/* room for every id: APIC ids of one package differ in these bits only */
	report_judged(count - 1 < 1u << (ids[cpu].all.eax & 31), "CPUID 0xB shift",
		      ids[cpu].all.eax);
}

/* Leaves of one vendor read as zero by the other. */
static void judge_vendor(unsigned int cpu)
{
	const unsigned int count = cpus_count();

	if (ids[cpu].cores.eax & 0x1f)
		report_judged(ids[cpu].cores.eax >> 26 >= count - 1, "CPUID 4 cores",
			      ids[cpu].cores.eax >> 26);
	if (ids[cpu].max_extended < 0x8000001e || !ids[cpu].cache.eax)
		return;
	judge_equal(ids[cpu].amd.eax, cpu, "CPUID 0x8000001E id");
	judge_equal(ids[cpu].address_sizes.ecx & 0xff, count - 1, "CPUID 0x80000008 CPUs");
}

static void judge_one(unsigned int cpu)
{
	report_harmless("CPU", cpu);
	judge_apic(cpu);
	judge_cpuid(cpu);
	judge_vendor(cpu);
}

static void ask_and_judge(unsigned int cpu)
{
	if (cpu_run(cpu, read_ids))
		judge_one(cpu);
	else
		report_bad("does no work: CPU", cpu);
}

static void case_ids(const char *argument)
{
	judge_equal(cpuid(0xb, 1).ebx & 0xffff, string_number(argument), "CPUs");
	read_ids();
	judge_one(0);
	for_others(ask_and_judge);
}

const struct test_case id_cases[] = {
	{ "ids", case_ids },
	{ 0 },
};
