/* SPDX-License-Identifier: Apache-2.0 */
#include "cpu_features.h"

#include "instructions.h"
#include "log.h"

#include <septum/x86/registers.h>

/* APM volume 3, appendix E.3, E.4 */
#define CPUID1_ECX_X2APIC (1u << 21)
#define CPUID1_ECX_PCID (1u << 17)
#define CPUID1_ECX_XSAVE (1u << 26)
#define CPUID7_EBX_FSGSBASE (1u << 0)
#define CPUID7_EBX_SMEP (1u << 7)
#define CPUID7_EBX_SMAP (1u << 20)
#define CPUID7_ECX_UMIP (1u << 2)
#define CPUID7_ECX_PKU (1u << 3)
#define CPUID80000001_ECX_SVM (1u << 2)
#define CPUID80000001_EDX_NX (1u << 20)
#define CPUID80000001_EDX_1G_PAGES (1u << 26)
#define CPUID8000000A_EDX_NPT (1u << 0)
#define CPUID8000000A_EDX_NEXT_RIP (1u << 3)

#define LVT_MASKED 0x10000u
#define SVR_RESET 0xffu

static struct cpuid_regs leaf(uint32_t number)
{
	struct cpuid_regs out = { 0 }, top;

	cpuid(number & 0xffff0000u, 0, &top);
	if (top.eax >= number)
		cpuid(number, 0, &out);
	return out;
}

uint32_t cpu_missing_features(const struct plan *plan)
{
	const uint32_t want = plan->cpu_features;
	const struct cpuid_regs ext = leaf(0x80000001);
	const bool svm = ext.ecx & CPUID80000001_ECX_SVM;
	uint32_t missing = 0;

	if (want & PLAN_FEATURE_SVM && !svm)
		missing |= CPU_MISSING_SVM;
	if (want & PLAN_FEATURE_SVM && svm && rdmsr(MSR_VM_CR) & VM_CR_SVMDIS)
		missing |= CPU_MISSING_SVM_LOCKED;
	if (want & PLAN_FEATURE_NPT && svm && !(leaf(0x8000000a).edx & CPUID8000000A_EDX_NPT))
		missing |= CPU_MISSING_NPT;
	if (want & PLAN_FEATURE_X2APIC && !(leaf(1).ecx & CPUID1_ECX_X2APIC))
		missing |= CPU_MISSING_X2APIC;
	if (want & PLAN_FEATURE_NX && !(ext.edx & CPUID80000001_EDX_NX))
		missing |= CPU_MISSING_NX;
	if (want & PLAN_FEATURE_1G_PAGES && !(ext.edx & CPUID80000001_EDX_1G_PAGES))
		missing |= CPU_MISSING_1G_PAGES;
	if ((leaf(0x80000008).eax & 0xff) < plan->phys_bits)
		missing |= CPU_MISSING_PHYS_BITS;
	return missing;
}

unsigned int cpu_report_missing(uint32_t missing, apic_id_t id)
{
	static const char *const names[] = {
		"SVM (AMD-V)",
		"nested paging",
		"x2APIC",
		"no-execute pages",
		"1 GiB pages",
		"the board file's physical address bits",
		"SVM switched on (firmware locked it off: VM_CR.SVMDIS)"
	};
	unsigned int count = 0;

	for (uint32_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!(missing >> i & 1))
			continue;
		log_line("refused: CPU with APIC id %u lacks %s [rule board-cpu-feature]; mend: "
			 "switch it on in the firmware, or use a CPU that has it",
			 id.raw, names[i]);
		count++;
	}
	return count;
}

apic_id_t cpu_apic_id(void)
{
	struct cpuid_regs regs = leaf(0xb);

	/* Leaf 0Bh holds the 32-bit id where it exists; leaf 1 the 8-bit one. */
	if (regs.ebx)
		return (apic_id_t){ regs.edx };
	return (apic_id_t){ leaf(1).ebx >> 24 };
}

bool cpu_enable_x2apic(void)
{
	uint64_t base;

	if (!(leaf(1).ecx & CPUID1_ECX_X2APIC))
		return false;
	base = rdmsr(MSR_APIC_BASE);
	/* xAPIC first: a direct step from disabled to x2APIC is not allowed. */
	wrmsr(MSR_APIC_BASE, base | APIC_BASE_ENABLE);
	wrmsr(MSR_APIC_BASE, base | APIC_BASE_ENABLE | APIC_BASE_EXTD);
	return true;
}

void cpu_redirect_init(void)
{
	wrmsr(MSR_VM_CR, rdmsr(MSR_VM_CR) | VM_CR_R_INIT);
}

void cpu_quiet_apic(void)
{
	/* A refusal may come before x2APIC mode, where its MSRs are #GP (APM volume 2, 16.11). */
	if (!(rdmsr(MSR_APIC_BASE) & APIC_BASE_EXTD))
		return;
	for (uint32_t lvt = MSR_X2APIC_LVT_TIMER; lvt <= MSR_X2APIC_LVT_ERROR; lvt++)
		wrmsr(lvt, LVT_MASKED);
	wrmsr(MSR_X2APIC_TIMER_INIT, 0);
	wrmsr(MSR_X2APIC_TPR, 0);
	wrmsr(MSR_X2APIC_SVR, SVR_RESET);
}

uint64_t cpu_cr4_allowed(void)
{
	const struct cpuid_regs one = leaf(1), seven = leaf(7);
	/* VME, PVI, TSD, DE, PSE, PAE, MCE, PGE, PCE, OSFXSR, OSXMMEXCPT: in every x86-64 CPU.
	 * LA57, VMXE, SMXE, CET, PKS and the rest stay hidden (docs/design.md, 6). */
	uint64_t allowed = 0x7ff;

	allowed |= seven.ecx & CPUID7_ECX_UMIP ? CR4_UMIP : 0;
	allowed |= seven.ebx & CPUID7_EBX_FSGSBASE ? CR4_FSGSBASE : 0;
	allowed |= one.ecx & CPUID1_ECX_PCID ? CR4_PCIDE : 0;
	allowed |= one.ecx & CPUID1_ECX_XSAVE ? CR4_OSXSAVE : 0;
	allowed |= seven.ebx & CPUID7_EBX_SMEP ? CR4_SMEP : 0;
	allowed |= seven.ebx & CPUID7_EBX_SMAP ? CR4_SMAP : 0;
	allowed |= seven.ecx & CPUID7_ECX_PKU ? CR4_PKE : 0;
	return allowed;
}

bool cpu_has_next_rip(void)
{
	return leaf(0x8000000a).edx & CPUID8000000A_EDX_NEXT_RIP;
}
