/* SPDX-License-Identifier: Apache-2.0 */
#include "edu.h"

#include "../lib/pm_timer.h"

/* docs/specs/edu of QEMU */
#define IDS 0x11e81234u
#define ID_REGISTER 0x010000edu
#define DMA_SOURCE 0x80u
#define DMA_DESTINATION 0x88u
#define DMA_COUNT 0x90u
#define DMA_COMMAND 0x98u
#define DMA_RUN 1u
#define DMA_TO_MEMORY 2u
#define BUFFER 0x40000u
#define DMA_MS 1000u /* it takes 100 */

#define ECAM 0xb0000000u /* of the board, and so of the cell */
#define SLOTS 32u
#define COMMAND_MEMORY_AND_MASTER 0x6u

volatile uint32_t *config_page(unsigned int slot, unsigned int function)
{
	return (volatile uint32_t *)(uintptr_t)(ECAM + (slot << 15) + (function << 12));
}

uint32_t config_read(const struct edu *edu, unsigned int offset, unsigned int bytes)
{
	const volatile uint8_t *at = (const volatile uint8_t *)edu->config + offset;

	if (bytes == 1)
		return *at;
	return bytes == 2 ? *(const volatile uint16_t *)at : *(const volatile uint32_t *)at;
}

void config_write(const struct edu *edu, unsigned int offset, unsigned int bytes, uint32_t value)
{
	volatile uint8_t *at = (volatile uint8_t *)edu->config + offset;

	if (bytes == 1)
		*at = (uint8_t)value;
	else if (bytes == 2)
		*(volatile uint16_t *)at = (uint16_t)value;
	else
		*(volatile uint32_t *)at = value;
}

uint32_t edu_read(const struct edu *edu, unsigned int reg)
{
	return *(volatile uint32_t *)(uintptr_t)(edu->registers + reg);
}

void edu_write(const struct edu *edu, unsigned int reg, uint32_t value)
{
	*(volatile uint32_t *)(uintptr_t)(edu->registers + reg) = value;
}

static void write64(const struct edu *edu, unsigned int reg, uint64_t value)
{
	*(volatile uint64_t *)(uintptr_t)(edu->registers + reg) = value;
}

static bool run(const struct edu *edu, uint64_t from, uint64_t to, uint32_t bytes, uint32_t how)
{
	write64(edu, DMA_SOURCE, from);
	write64(edu, DMA_DESTINATION, to);
	write64(edu, DMA_COUNT, bytes);
	write64(edu, DMA_COMMAND, DMA_RUN | how);
	for (unsigned int ms = 0; ms < DMA_MS; ms++) {
		if (!(edu_read(edu, DMA_COMMAND) & DMA_RUN))
			return true;
		pm_timer_wait_us(1000);
	}
	return false;
}

bool edu_fetch(const struct edu *edu, uint64_t from, uint32_t bytes)
{
	return run(edu, from, BUFFER, bytes, 0);
}

bool edu_store(const struct edu *edu, uint64_t to, uint32_t bytes)
{
	return run(edu, BUFFER, to, bytes, DMA_TO_MEMORY);
}

bool edu_open(struct edu *edu)
{
	for (edu->slot = 0; edu->slot < SLOTS; edu->slot++) {
		edu->config = config_page(edu->slot, 0);
		if (edu->config[0] != IDS)
			continue;
		edu->registers = edu->config[PCI_BAR0 / 4] & ~0xfu;
		config_write(edu, PCI_COMMAND, 2, COMMAND_MEMORY_AND_MASTER);
		return edu_read(edu, EDU_REGISTER_ID) == ID_REGISTER;
	}
	return false;
}
