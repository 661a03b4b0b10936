/* SPDX-License-Identifier: Apache-2.0 */
/* PCI configuration space by ports, at boot (PCI Local Bus Specification 3.0, 3.2.2.3.2). */
#ifndef SEPTUM_X86_PCI_HW_H
#define SEPTUM_X86_PCI_HW_H

#include <stdint.h>

/* PCI Local Bus Specification 3.0, 6.1 and 6.2 */
#define PCI_COMMAND 0x04u
#define PCI_COMMAND_IO 0x1u
#define PCI_COMMAND_MEMORY 0x2u
#define PCI_COMMAND_MASTER 0x4u
#define PCI_CLASS 0x08u /* base class: bits 31:24 */
#define PCI_CLASS_BRIDGE 0x06u
#define PCI_NOBODY 0xffffffffu

/**
 * pci_port_read(), pci_port_write() - a 32-bit register by CF8/CFC; one CPU alone.
 * @address: requester id << 8 | register, below 100h.
 */
uint32_t pci_port_read(uint32_t address);
void pci_port_write(uint32_t address, uint32_t value);

/**
 * pci_silence() - no function is a bus master any more, and but for bridges none decodes
 * addresses.  Before anything is hashed, so that what was hashed stays as it is.
 */
void pci_silence(void);

#endif
