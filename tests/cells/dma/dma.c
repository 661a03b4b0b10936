/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A cell that owns a device which reads, writes and interrupts wherever it is told.
 * It knows no monitor and no IOMMU: what it finds is what holds.
 */
#include "cases.h"
#include "edu.h"

#include "../lib/console.h"
#include "../lib/cpu.h"
#include "../lib/orders.h"

void cell_main(uint64_t boot_argument);

static struct edu device;

const struct edu *the_device(void)
{
	return &device;
}

static const struct test_case *const tables[] = { memory_cases, interrupt_cases, config_cases,
						  disk_cases, cost_cases };

void cell_main(uint64_t boot_argument)
{
	const uint16_t port = console_own_port();

	(void)boot_argument;
	console_init(port);
	if (!edu_open(&device)) {
		console_format("dma: no edu device\n");
		cpu_stop();
	}
	console_format("dma: slot %u registers %lx command %x\n", device.slot, device.registers,
		       config_read(&device, PCI_COMMAND, 2));
	orders_forever("dma", port, tables, sizeof(tables) / sizeof(tables[0]));
}
