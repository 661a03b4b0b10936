/* SPDX-License-Identifier: Apache-2.0 */
/* A cell's DSDT: written as ASL, compiled by iasl. */
#ifndef SEPTUM_X86_ACPI_DSDT_H
#define SEPTUM_X86_ACPI_DSDT_H

#include "acpi_pci.h"
#include "diag.h"
#include "payload.h"

/* SLP_TYP of \_S5: a write of SLP_TYP << 2 | SLP_EN to the sleep control register. */
#define ACPI_S5_SLEEP_TYPE 5u

struct acpi_uart { /* a 16550 in I/O space */
	uint32_t port;
	uint32_t port_count;
	bool has_gsi; /* else its driver polls */
	bool gsi_shared; /* with another of these */
	uint32_t gsi;
	uint32_t gsi_flags; /* PLAN_PIN_* */
};

/**
 * acpi_dsdt_write() - the ASL text of a cell's DSDT.
 * @cpus: number of processor devices, _UID 0 .. cpus - 1, as in the MADT.
 * @pci: its windows in order, by acpi_pci_sort_windows(); ecam == 0: there is no PCI.
 */
void acpi_dsdt_write(FILE *out, uint32_t cpus, const struct acpi_uart *uarts, size_t uart_count,
		     const struct acpi_pci *pci);

/**
 * acpi_dsdt_compile() - run iasl on @dir/dsdt.asl.
 * @aml: the bytes of @dir/dsdt.aml on success; free with blob_free().
 * iasl's own words stay in @dir/iasl.log; a warning counts as a failure.
 * Return: false after reporting to @sink under the id "acpi".
 */
bool acpi_dsdt_compile(const char *dir, struct src_pos pos, struct blob *aml,
		       struct diag_sink *sink);

#endif
