/* SPDX-License-Identifier: Apache-2.0 */
#include "ecam.h"

uint32_t pci_read(hpa_t config, uint32_t reg)
{
	return *(volatile uint32_t *)(uintptr_t)(config.raw + reg);
}

void pci_write(hpa_t config, uint32_t offset, unsigned int bytes, uint32_t value)
{
	mmio_write(config.raw + offset, bytes, value);
}

void mmio_write(uint64_t address, unsigned int bytes, uint64_t value)
{
	void *at = (void *)(uintptr_t)address;

	if (bytes == 1)
		*(volatile uint8_t *)at = (uint8_t)value;
	else if (bytes == 2)
		*(volatile uint16_t *)at = (uint16_t)value;
	else if (bytes == 4)
		*(volatile uint32_t *)at = (uint32_t)value;
	else
		*(volatile uint64_t *)at = value;
}
