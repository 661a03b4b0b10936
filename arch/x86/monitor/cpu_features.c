/* SPDX-License-Identifier: Apache-2.0 */
#include "cpu_features.h"

#include "backend.h"
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

struct cpuid_regs cpu_leaf(uint32_t number)
{
	struct cpuid_regs out = { 0 }, top;

	cpuid(number & 0xffff0000u, 0, &top);
	if (top.eax >= number)
		cpuid(number, 0, &out);
	return out;
}

static unsigned int lacks(bool is_there, const char *what)
{
	if (is_there)
		return 0;
	log_line("refused: CPU with APIC id %u lacks %s [rule board-cpu-feature]; mend: switch it "
		 "on in the firmware, or use a CPU that has it",
		 cpu_apic_id().raw, what);
	return 1;
}

unsigned int cpu_check(const struct plan *plan)
{
	const uint32_t want = plan->cpu_features;
	const struct backend *backend = backend_choose(plan);
	const struct cpuid_regs ext = cpu_leaf(0x80000001);
	const char *missing = "AMD-V (SVM) or VT-x (VMX), as this image asks for and this "
			      "monitor has";
	unsigned int wrong;

	if (backend)
		missing = backend->missing();
	wrong = lacks(!missing, missing);
	wrong += lacks(!(want & PLAN_FEATURE_X2APIC) || cpu_leaf(1).ecx & CPUID1_ECX_X2APIC,
		       "x2APIC");
	wrong += lacks(!(want & PLAN_FEATURE_NX) || ext.edx & CPUID80000001_EDX_NX,
		       "no-execute pages");
	wrong += lacks(!(want & PLAN_FEATURE_1G_PAGES) || ext.edx & CPUID80000001_EDX_1G_PAGES,
		       "1 GiB pages");
	wrong += lacks((cpu_leaf(0x80000008).eax & 0xff) >= plan->phys_bits,
		       "the board file's physical address bits");
	return wrong;
}

apic_id_t cpu_apic_id(void)
{
	struct cpuid_regs regs = cpu_leaf(0xb);

	/* Leaf 0Bh holds the 32-bit id where it exists; leaf 1 the 8-bit one. */
	if (regs.ebx)
		return (apic_id_t){ regs.edx };
	return (apic_id_t){ cpu_leaf(1).ebx >> 24 };
}

void cpu_redirect_init(void)
{
	if (cpu_leaf(0x80000001).ecx & CPUID80000001_ECX_SVM)
		wrmsr(MSR_VM_CR, rdmsr(MSR_VM_CR) | VM_CR_R_INIT);
}

uint64_t cpu_cr4_allowed(void)
{
	const struct cpuid_regs one = cpu_leaf(1), seven = cpu_leaf(7);
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
