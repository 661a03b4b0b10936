/* SPDX-License-Identifier: Apache-2.0 */
/* From the model of a cell to what ACPI says about its PCI functions. */
#ifndef SEPTUM_X86_CELL_PCI_H
#define SEPTUM_X86_CELL_PCI_H

#include "acpi_pci.h"
#include "model.h"

/**
 * cell_ecam() - GPA of the configuration space that the cell sees, CELL_ECAM_BYTES.
 * It is where the board has that of its bus 0, so no cell has RAM there.
 * Return: 0 if the cell owns no function.
 */
uint64_t cell_ecam(const struct model *model, const struct model_cell *cell);

/**
 * cell_pci_describe() - the cell's ECAM, a window over each BAR, a route for each pin it owns.
 * All BARs are placed by now.  Free with cell_pci_free(), also if the cell has no function.
 * Return: false after reporting more functions than its bus has slots.
 */
bool cell_pci_describe(const struct model *model, const struct model_cell *cell,
		       struct acpi_pci *pci, struct diag_sink *sink);
void cell_pci_free(struct acpi_pci *pci);

#endif
