/* SPDX-License-Identifier: Apache-2.0 */
/* QEMU's teaching device "edu": DMA to any address, interrupts by message or by pin. */
#ifndef DMA_EDU_H
#define DMA_EDU_H

#include <stdbool.h>
#include <stdint.h>

/* A function found in the cell's configuration space. */
struct edu {
	volatile uint32_t *config; /* its page */
	uint64_t registers; /* BAR 0 */
	unsigned int slot;
};

#define EDU_REGISTER_ID 0x00u
#define EDU_REGISTER_INTERRUPT_STATUS 0x24u
#define EDU_REGISTER_RAISE 0x60u
#define EDU_REGISTER_ACKNOWLEDGE 0x64u
#define EDU_BUFFER_BYTES 4096u

#define PCI_COMMAND 0x04u
#define PCI_BAR0 0x10u
#define PCI_MSI 0x40u /* the capability, 64-bit */

/** edu_open() - find it, switch decode and bus mastering on.  Return: false: there is none. */
bool edu_open(struct edu *edu);

/** config_page() - configuration space of a slot's function in the ECAM. */
volatile uint32_t *config_page(unsigned int slot, unsigned int function);

/** config_read(), config_write() - @bytes (1, 2, 4) at @offset. */
uint32_t config_read(const struct edu *edu, unsigned int offset, unsigned int bytes);
void config_write(const struct edu *edu, unsigned int offset, unsigned int bytes, uint32_t value);

uint32_t edu_read(const struct edu *edu, unsigned int reg);
void edu_write(const struct edu *edu, unsigned int reg, uint32_t value);

/**
 * edu_fetch(), edu_store() - DMA between an address and the device's buffer.
 * @bytes: up to EDU_BUFFER_BYTES.  Return: false: it did not end within a second.
 */
bool edu_fetch(const struct edu *edu, uint64_t from, uint32_t bytes);
bool edu_store(const struct edu *edu, uint64_t to, uint32_t bytes);

#endif
