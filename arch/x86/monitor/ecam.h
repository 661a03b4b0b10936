/* SPDX-License-Identifier: Apache-2.0 */
/* Registers of a running cell's functions, in memory. */
#ifndef SEPTUM_X86_ECAM_H
#define SEPTUM_X86_ECAM_H

#include <septum/plan.h>

/* PCI Local Bus Specification 3.0, 6.1 and 6.2 */
#define PCI_COMMAND_NO_INTX 0x400u
#define PCI_BAR0 0x10u
#define PCI_BAR_END 0x28u
#define PCI_ROM 0x30u

/** pci_read() - a 32-bit register of a function's ECAM page. */
uint32_t pci_read(hpa_t config, uint32_t reg);

/** pci_write() - @bytes (1, 2, 4) at @offset of a function's ECAM page, in one access. */
void pci_write(hpa_t config, uint32_t offset, unsigned int bytes, uint32_t value);

/** mmio_write() - @bytes (1, 2, 4, 8) at @address, in one access. */
void mmio_write(uint64_t address, unsigned int bytes, uint64_t value);

#endif
