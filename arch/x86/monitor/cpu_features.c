/* SPDX-License-Identifier: Apache-2.0 */
#include "cpu_features.h"

#include "backend.h"
#include "instructions.h"
#include "log.h"

#include <septum/x86/registers.h>
#include <septum/x86/vmcs.h>

/* APM volume 3, appendix E.3, E.4 */
#define CPUID1_ECX_VMX (1u << 5)
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

static struct cpuid_regs leaf(uint32_t number)
{
	struct cpuid_regs out = { 0 }, top;

	cpuid(number & 0xffff0000u, 0, &top);
	if (top.eax >= number)
		cpuid(number, 0, &out);
	return out;
}

static uint32_t missing_svm(uint32_t want)
{
	if (!(want & PLAN_FEATURE_SVM))
		return 0;
	if (!(leaf(0x80000001).ecx & CPUID80000001_ECX_SVM))
		return CPU_MISSING_SVM;
	if (rdmsr(MSR_VM_CR) & VM_CR_SVMDIS)
		return CPU_MISSING_SVM_LOCKED;
	return leaf(0x8000000a).edx & CPUID8000000A_EDX_NPT ? 0 : CPU_MISSING_NPT;
}

/* SDM volume 3, A.3.2 and A.3.3: the upper half tells what may be 1. */
static bool has_ept(void)
{
	return rdmsr(MSR_VMX_PRIMARY) >> 32 & VMX_PRIMARY_SECONDARY &&
	       rdmsr(MSR_VMX_SECONDARY) >> 32 & VMX_SECONDARY_EPT;
}

/* What else the control words must offer is asked when they are made (vmx/). */
static uint32_t missing_vmx(uint32_t want)
{
	uint64_t control;

	if (!(want & PLAN_FEATURE_VMX))
		return 0;
	if (!(leaf(1).ecx & CPUID1_ECX_VMX))
		return CPU_MISSING_VMX;
	control = rdmsr(MSR_FEATURE_CONTROL);
	if (control & FEATURE_CONTROL_LOCK && !(control & FEATURE_CONTROL_VMXON))
		return CPU_MISSING_VMX_LOCKED;
	return has_ept() ? 0 : CPU_MISSING_NPT;
}

uint32_t cpu_missing_features(const struct plan *plan)
{
	const uint32_t want = backend_features(plan);
	const struct cpuid_regs ext = leaf(0x80000001);
	uint32_t missing = missing_svm(want) | missing_vmx(want);

	if (!missing && !backend_choose())
		missing |= CPU_MISSING_BACKEND;
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
		"SVM switched on (firmware locked it off: VM_CR.SVMDIS)",
		"VMX (VT-x)",
		"VMX switched on (firmware locked it off: IA32_FEATURE_CONTROL)",
		"a back end in this monitor (configure X86_SVM or X86_VMX)",
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

void cpu_redirect_init(void)
{
	if (leaf(0x80000001).ecx & CPUID80000001_ECX_SVM)
		wrmsr(MSR_VM_CR, rdmsr(MSR_VM_CR) | VM_CR_R_INIT);
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
