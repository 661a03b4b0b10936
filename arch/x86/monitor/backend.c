/* SPDX-License-Identifier: Apache-2.0 */
#include "backend.h"

#include "instructions.h"

#define CPUID1_ECX_VMX (1u << 5) /* Intel SDM volume 3C, 23.6 */
#define CPUID80000001_ECX_SVM (1u << 2) /* APM volume 2, 15.4 */
#define FEATURES_SVM (PLAN_FEATURE_SVM | PLAN_FEATURE_NPT)
#define FEATURES_VMX (PLAN_FEATURE_VMX | PLAN_FEATURE_EPT | PLAN_FEATURE_EPT_1G)

static bool has_svm(void)
{
	struct cpuid_regs regs;

	cpuid(0x80000000, 0, &regs);
	if (regs.eax < 0x80000001)
		return false;
	cpuid(0x80000001, 0, &regs);
	return regs.ecx & CPUID80000001_ECX_SVM;
}

static bool has_vmx(void)
{
	struct cpuid_regs regs;

	cpuid(1, 0, &regs);
	return regs.ecx & CPUID1_ECX_VMX;
}

const struct backend *backend_choose(void)
{
#ifdef CONFIG_X86_SVM
	if (has_svm())
		return &svm_backend;
#endif
#ifdef CONFIG_X86_VMX
	if (has_vmx())
		return &vmx_backend;
#endif
	return NULL;
}

uint32_t backend_features(const struct plan *plan)
{
	uint32_t want = plan->cpu_features;

	if (!(want & PLAN_FEATURE_SVM) || !(want & PLAN_FEATURE_VMX))
		return want;
	if (has_svm())
		want &= ~FEATURES_VMX;
	else if (has_vmx())
		want &= ~FEATURES_SVM;
	return want;
}
