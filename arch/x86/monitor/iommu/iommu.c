/* SPDX-License-Identifier: Apache-2.0 */
#include "iommu.h"

#include "log.h"

const struct iommu_driver *iommu_driver_of(const struct plan_iommu *unit)
{
#ifdef CONFIG_X86_VTD
	if (unit->kind == PLAN_IOMMU_VTD)
		return &vtd_driver;
#endif
#ifdef CONFIG_X86_AMDVI
	if (unit->kind == PLAN_IOMMU_AMDVI)
		return &amdvi_driver;
#endif
	(void)unit;
	return NULL;
}

bool iommu_failed(const struct plan_iommu *unit, const char *what)
{
	log_line("refused: IOMMU at 0x%lx: %s [rule iommu-start]; mend: replace the machine, "
		 "its IOMMU does not work",
		 unit->registers.raw, what);
	return false;
}

unsigned int iommu_lacks(const struct plan_iommu *unit, bool is_there, const char *what)
{
	if (is_there)
		return 0;
	log_line("refused: IOMMU at 0x%lx: it has no %s [rule iommu-caps]; mend: correct the "
		 "board file's iommu node, or take another machine",
		 unit->registers.raw, what);
	return 1;
}
