/* SPDX-License-Identifier: Apache-2.0 */
/* What a cell's DSDT says about PCI: one host bridge, and where its ECAM lies. */
#ifndef SEPTUM_X86_ACPI_PCI_H
#define SEPTUM_X86_ACPI_PCI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct acpi_pci_window { /* what the bridge passes on: BARs of the cell's functions */
	bool io;
	bool prefetchable; /* memory only */
	uint64_t base; /* GPA, or first port */
	uint64_t size; /* bytes or ports, at least 1 */
};

struct acpi_pci_route { /* where the interrupt of a slot's only function goes */
	uint32_t slot;
	uint32_t gsi;
};

struct acpi_pci {
	uint64_t ecam; /* GPA of bus 0; 0: no PCI */
	struct acpi_pci_window *windows;
	size_t window_count;
	struct acpi_pci_route *routes;
	size_t route_count;
};

/**
 * acpi_pci_sort_windows() - order the windows and join those that touch.
 * I/O first, then by address.  Only windows of one kind are joined, and none
 * over a gap: what lies in it belongs to another cell or to nobody.
 */
void acpi_pci_sort_windows(struct acpi_pci *pci);

/** acpi_pci_write() - the ASL text of the two devices; goes into Scope (\_SB). */
void acpi_pci_write(FILE *out, const struct acpi_pci *pci);

#endif
