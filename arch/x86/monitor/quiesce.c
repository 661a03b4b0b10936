/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What firmware and boot loader left running is switched off before any cell
 * runs: the other CPUs, legacy interrupt controllers, I/O APIC pins, and every PCI function's
 * bus mastering (which also stops message-signalled interrupts).
 */
#include "apic.h"
#include "arch.h"
#include "cpu_features.h"
#include "instructions.h"
#include "ioapic_hw.h"
#include "log.h"

#include <septum/x86/registers.h>

#define ICR_INIT_OTHERS 0xc4500u /* INIT, level assert, all but this CPU */
#define PIC_MASTER_DATA 0x21
#define PIC_SLAVE_DATA 0xa1

/* PCI Local Bus Specification 3.0, 3.2.2.3.2 and 6.2 */
#define PCI_ADDRESS 0xcf8
#define PCI_DATA 0xcfc
#define PCI_ENABLE 0x80000000u
#define PCI_COMMAND 0x04u
#define PCI_COMMAND_BUS_MASTER 0x4u
#define PCI_NOBODY 0xffffffffu

/* Firmware may have left them waiting in memory that is ours now: SDM volume 3, 9.4.3. */
static void hold_other_cpus(void)
{
	if (rdmsr(MSR_APIC_BASE) & APIC_BASE_EXTD)
		wrmsr(MSR_X2APIC_ICR, ICR_INIT_OTHERS);
}

static void mask_pic(void)
{
	out8(PIC_MASTER_DATA, 0xff);
	out8(PIC_SLAVE_DATA, 0xff);
}

static uint32_t mask_ioapic(hpa_t base)
{
	uint32_t pins;

	if (!base.raw)
		return 0;
	pins = (ioapic_read(base, IOAPIC_VERSION) & IOAPIC_MAX_ENTRY) / IOAPIC_ONE_ENTRY + 1;
	for (uint32_t pin = 0; pin < pins; pin++)
		ioapic_write(base, IOAPIC_REDIRECTION + 2 * pin, (uint32_t)IOAPIC_MASKED);
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
	const uint32_t command = pci_read(function, PCI_COMMAND);

	if (command == PCI_NOBODY || !(command & PCI_COMMAND_BUS_MASTER))
		return 0;
	/* The upper half is the status register: zero clears none of its bits. */
	pci_write(function, PCI_COMMAND, command & 0xffffu & ~PCI_COMMAND_BUS_MASTER);
	return 1;
}

void arch_quiesce_board(const struct plan *plan)
{
	uint32_t pins, stopped = 0;

	hold_other_cpus();
	apic_quiet();
	mask_pic();
	pins = mask_ioapic(plan->ioapic);
	/* All 256 buses, 32 slots of 8 functions each; one function may answer to all 8 numbers. */
	for (uint32_t function = 0; function < 0x10000; function++)
		stopped += stop_bus_master(function);
	log_at(1, "board quiet: %u I/O APIC pins masked, %u bus masters stopped", pins, stopped);
}
