/* SPDX-License-Identifier: Apache-2.0 */
#include "pci_hw.h"

#include "instructions.h"

#define PORT_ADDRESS 0xcf8
#define PORT_DATA 0xcfc
#define ADDRESS_ENABLE 0x80000000u

uint32_t pci_port_read(uint32_t address)
{
	out32(PORT_ADDRESS, ADDRESS_ENABLE | address);
	return in32(PORT_DATA);
}

void pci_port_write(uint32_t address, uint32_t value)
{
	out32(PORT_ADDRESS, ADDRESS_ENABLE | address);
	out32(PORT_DATA, value);
}
