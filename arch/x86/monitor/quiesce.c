/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What firmware and boot loader left running is switched off before any cell
 * runs: legacy interrupt controllers, I/O APIC pins, and every PCI function's
 * bus mastering (which also stops message-signalled interrupts).
 */
#include "arch.h"
#include "cpu_features.h"
#include "instructions.h"
#include "log.h"
#include "plan_view.h"

#define PIC_MASTER_DATA 0x21
#define PIC_SLAVE_DATA 0xa1

/* Intel 82093AA data sheet, 3.1, 3.2 */
#define IOAPIC_WINDOW 0x10
#define IOAPIC_VERSION 0x01
#define IOAPIC_REDIRECTION 0x10
#define IOAPIC_MASKED 0x10000u

/* PCI Local Bus Specification 3.0, 3.2.2.3.2 and 6.2 */
#define PCI_ADDRESS 0xcf8
#define PCI_DATA 0xcfc
#define PCI_ENABLE 0x80000000u
#define PCI_COMMAND 0x04u
#define PCI_COMMAND_BUS_MASTER 0x4u
#define PCI_HEADER 0x0cu
#define PCI_HEADER_MULTIFUNCTION 0x800000u
#define PCI_NOBODY 0xffffffffu

static void mask_pic(void)
{
	out8(PIC_MASTER_DATA, 0xff);
	out8(PIC_SLAVE_DATA, 0xff);
}

static uint32_t ioapic_read(volatile uint32_t *ioapic, uint32_t reg)
{
	ioapic[0] = reg;
	return ioapic[IOAPIC_WINDOW / 4];
}

static void ioapic_write(volatile uint32_t *ioapic, uint32_t reg, uint32_t value)
{
	ioapic[0] = reg;
	ioapic[IOAPIC_WINDOW / 4] = value;
}

static uint32_t mask_ioapic(hpa_t base)
{
	volatile uint32_t *ioapic = hpa_pointer(base);
	uint32_t pins;

	if (!base.raw)
		return 0;
	pins = (ioapic_read(ioapic, IOAPIC_VERSION) >> 16 & 0xff) + 1;
	for (uint32_t pin = 0; pin < pins; pin++)
		ioapic_write(ioapic, IOAPIC_REDIRECTION + 2 * pin, IOAPIC_MASKED);
	return pins;
}

static uint32_t pci_read(uint32_t function, uint32_t reg)
{
	out32(PCI_ADDRESS, PCI_ENABLE | function << 8 | reg);
	return in32(PCI_DATA);
}

static void pci_write(uint32_t function, uint32_t reg, uint32_t value)
{
	out32(PCI_ADDRESS, PCI_ENABLE | function << 8 | reg);
	out32(PCI_DATA, value);
}

/* Returns 1 if the function had to be stopped. */
static uint32_t stop_bus_master(uint32_t function)
{
	uint32_t command = pci_read(function, PCI_COMMAND);

	if (!(command & PCI_COMMAND_BUS_MASTER))
		return 0;
	/* The upper half is the status register: zero clears none of its bits. */
	pci_write(function, PCI_COMMAND, command & 0xffffu & ~PCI_COMMAND_BUS_MASTER);
	return 1;
}

static uint32_t stop_device(uint32_t slot)
{
	uint32_t functions = 1, stopped = 0;

	if (pci_read(slot, 0) == PCI_NOBODY)
		return 0;
	if (pci_read(slot, PCI_HEADER) & PCI_HEADER_MULTIFUNCTION)
		functions = 8;
	for (uint32_t f = 0; f < functions; f++)
		if (pci_read(slot + f, 0) != PCI_NOBODY)
			stopped += stop_bus_master(slot + f);
	return stopped;
}

void arch_quiesce_board(const struct plan *plan)
{
	uint32_t pins, stopped = 0;

	cpu_quiet_apic();
	mask_pic();
	pins = mask_ioapic(plan->ioapic);
	/* All 256 buses, 32 slots of 8 functions each: a BDF counted in slots. */
	for (uint32_t slot = 0; slot < 0x10000; slot += 8)
		stopped += stop_device(slot);
	log_at(1, "board quiet: %u I/O APIC pins masked, %u bus masters stopped", pins, stopped);
}
