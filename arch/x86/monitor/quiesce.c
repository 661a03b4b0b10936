/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What firmware and boot loader left running is switched off before any cell
 * runs: all PCI functions first, then the other CPUs, legacy interrupt controllers and I/O APIC
 * pins.
 */
#include "apic.h"
#include "arch.h"
#include "cpu_features.h"
#include "devices.h"
#include "instructions.h"
#include "ioapic_hw.h"
#include "log.h"
#include "pci_hw.h"

#include <septum/x86/registers.h>

#define ICR_INIT_OTHERS 0xc4500u /* INIT, level assert, all but this CPU */
#define PIC_MASTER_DATA 0x21
#define PIC_SLAVE_DATA 0xa1
#define PCI_FUNCTIONS 0x10000u /* 256 buses, 32 slots of 8 functions each */

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

/*
 * Bridges keep their decode: what lies behind the one to ISA, the PM timer among it, has
 * no command register of its own.  Returns 1 if the function had to be stopped.
 */
static uint32_t silence_function(uint32_t function)
{
	const uint32_t address = function << 8;
	const uint32_t command = pci_port_read(address | PCI_COMMAND);
	uint32_t quiet = command & 0xffffu & ~PCI_COMMAND_MASTER;

	if (command == PCI_NOBODY)
		return 0;
	if (pci_port_read(address | PCI_CLASS) >> 24 != PCI_CLASS_BRIDGE)
		quiet &= ~(PCI_COMMAND_IO | PCI_COMMAND_MEMORY);
	/* The upper half is the status register: zero clears none of its bits. */
	if (quiet != (command & 0xffffu))
		pci_port_write(address | PCI_COMMAND, quiet);
	return !!(command & PCI_COMMAND_MASTER);
}

static uint32_t stopped; /* bus masters */

void pci_silence(void)
{
	/* One function may answer to all 8 numbers. */
	for (uint32_t function = 0; function < PCI_FUNCTIONS; function++)
		stopped += silence_function(function);
}

/* Functions and IOMMUs in a plan for a monitor that cannot drive any. */
static unsigned int refuse_devices(const struct plan *plan)
{
	if (!plan->functions.count && !plan->iommus.count)
		return 0;
	log_line("refused: the plan has %u PCI functions and %u IOMMUs [rule pci-support]; mend: "
		 "build the monitor with PCI support (Kconfig, PCI)",
		 plan->functions.count, plan->iommus.count);
	return 1;
}

unsigned int arch_settle_board(const struct plan *plan)
{
	uint32_t pins;

	hold_other_cpus();
	apic_quiet();
	mask_pic();
	pins = mask_ioapic(plan->ioapic);
	log_at(1, "board quiet: %u I/O APIC pins masked, %u bus masters stopped", pins, stopped);
	return HAS_PCI ? devices_start(plan) : refuse_devices(plan);
}

bool arch_connect_devices(const struct plan *plan)
{
	return !HAS_PCI || devices_connect(plan);
}
