/* SPDX-License-Identifier: Apache-2.0 */
#include "backend.h"

const struct backend *backend_choose(const struct plan *plan)
{
	static const struct backend *const built_in[] = {
#ifdef CONFIG_X86_SVM
		&svm_backend,
#endif
#ifdef CONFIG_X86_VMX
		&vmx_backend,
#endif
	};

	for (uint32_t i = 0; i < sizeof(built_in) / sizeof(built_in[0]); i++)
		if (plan->cpu_features & built_in[i]->feature && built_in[i]->present())
			return built_in[i];
	return NULL;
}
