/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Interrupt messages (PCI Local Bus Specification 3.0, 6.8).  A cell writes ordinary
 * ones; what its functions send is an index into the remapping table, whose entry goes
 * to one CPU of the cell or nowhere.
 */
#ifndef SEPTUM_X86_MSI_H
#define SEPTUM_X86_MSI_H

#include "cpu.h"
#include "plan_view.h"

#include <septum/plan_pci.h>

/** cell_functions() - the first of the cell's cell->function_count functions. */
static inline const struct plan_function *cell_functions(const struct cpu *cpu)
{
	return (const struct plan_function *)hpa_pointer(cpu->plan->functions.base) +
	       cpu->cell->first_function;
}

/** msix_function_at() - the function whose MSI-X table's page holds this address, or NULL. */
const struct plan_function *msix_function_at(const struct cpu *cpu, uint64_t gpa);

/**
 * msi_write() - a write to a register of the MSI or MSI-X capability.
 * @bytes: 0xff in each byte of @value that is written.
 * Return: false: the register belongs to neither.
 */
bool msi_write(const struct cpu *cpu, const struct plan_function *function, uint32_t reg,
	       uint32_t value, uint32_t bytes);

/** msix_write() - a write into the page of an MSI-X table; what is no table goes through. */
void msix_write(const struct cpu *cpu, uint64_t gpa, unsigned int width, uint64_t value);

#endif
