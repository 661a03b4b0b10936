/* SPDX-License-Identifier: Apache-2.0 */
/* PCI functions and IOMMUs at boot: nobody reaches anything, then each what the plan says. */
#include "arch.h"
#include "devices.h"
#include "iommu/iommu.h"
#include "log.h"
#include "pci_hw.h"
#include "plan_view.h"

static const struct plan_iommu *units_of(const struct plan *plan)
{
	return hpa_pointer(plan->iommus.base);
}

static unsigned int check_unit(const struct plan_iommu *unit)
{
	const struct iommu_driver *driver = iommu_driver_of(unit);

	if (driver)
		return driver->check(unit);
	log_line("refused: IOMMU at 0x%lx: this monitor has no driver for it [rule iommu-driver]; "
		 "mend: build it in (Kconfig, IOMMU)",
		 unit->registers.raw);
	return 1;
}

/* Present in nobody's name, and of VT-d with the source that each may have. */
static void fill_remap_table(const struct plan_iommu *unit)
{
	if (unit->remap_source.raw)
		arch_copy(hpa_pointer(unit->remap), hpa_pointer(unit->remap_source),
			  (uint64_t)unit->remap_entries * PLAN_REMAP_BYTES);
}

static unsigned int start_unit(const struct plan_iommu *unit)
{
	const unsigned int wrong = check_unit(unit);

	if (wrong)
		return wrong;
	fill_remap_table(unit);
	if (!iommu_driver_of(unit)->start(unit))
		return 1;
	log_at(1, "%s at 0x%lx denies everything", iommu_driver_of(unit)->name,
	       unit->registers.raw);
	return 0;
}

/* Returns 1, after printing it, for a result that differs. */
static unsigned int perform(const struct plan_config_step *step)
{
	uint32_t found = pci_port_read(step->address);

	if (step->kind == PLAN_CONFIG_SIZE) {
		pci_port_write(step->address, PCI_NOBODY);
		found = pci_port_read(step->address);
	} else if (step->kind == PLAN_CONFIG_SET) {
		pci_port_write(step->address, (found & ~step->mask) | step->value);
		found = pci_port_read(step->address);
	}
	if ((found & step->mask) == step->value)
		return 0;
	log_line("refused: PCI function %x:%x.%x '%s': %s: register 0x%x is 0x%x, the plan says "
		 "0x%x of bits 0x%x [rule pci-function]; mend: correct the board file, or put the "
		 "device into its slot",
		 step->address >> 16, step->address >> 11 & 31, step->address >> 8 & 7, step->name,
		 step->what, step->address & 0xff, found, step->value, step->mask);
	return 1;
}

/* The plan's steps, in their order.  Returns how many registers are not as it says. */
static unsigned int program_functions(const struct plan *plan)
{
	const struct plan_config_step *steps = hpa_pointer(plan->config.base);
	unsigned int wrong = 0;

	for (uint32_t i = 0; i < plan->config.count; i++)
		wrong += perform(&steps[i]);
	if (plan->config.count && !wrong)
		log_at(1, "PCI: %u settings made and read back, %u functions owned",
		       plan->config.count, plan->functions.count);
	return wrong;
}

unsigned int devices_start(const struct plan *plan)
{
	unsigned int wrong = 0;

	/* First, so that nothing that a function does while it is programmed matters. */
	for (uint32_t i = 0; i < plan->iommus.count; i++)
		wrong += start_unit(&units_of(plan)[i]);
	return wrong + program_functions(plan);
}

bool devices_connect(const struct plan *plan)
{
	bool fine = true;

	for (uint32_t i = 0; i < plan->iommus.count; i++)
		fine &= iommu_driver_of(&units_of(plan)[i])->live(&units_of(plan)[i]);
	return fine;
}
