/* SPDX-License-Identifier: Apache-2.0 */
/* What boot does to PCI configuration space, and what a running cell may do to it. */
#ifndef SEPTUM_COMPILER_PCI_STEPS_H
#define SEPTUM_COMPILER_PCI_STEPS_H

#include "model.h"

struct step_list {
	struct plan_config_step *items;
	size_t count, room;
};

/**
 * pci_steps_make() - set up bridges and BARs, check everything the board file says.
 * Bridges come before what lies behind them.  Free with pci_steps_free().
 */
void pci_steps_make(const struct model *model, struct step_list *list);
void pci_steps_free(struct step_list *list);

/** pci_bar_registers() - values and writable bits of the registers 10h to 24h. */
void pci_bar_registers(const struct model_function *function, uint32_t values[6],
		       uint32_t masks[6]);

/**
 * pci_writable_emit() - the bits of each 32-bit register that an owner may change.
 * BARs, MSI and MSI-X are not among them: the monitor treats them apart.
 */
void pci_writable_emit(const struct model_function *function,
		       uint32_t registers[PLAN_PAGE_BYTES / 4]);

#endif
