/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What configuring a function costs, as the cell sees it: TSC before and after one store,
 * less the same without it.  "make bench" runs it where a TSC cycle is an instruction.
 */
#include "cases.h"

#include "../lib/console.h"
#include "../lib/cpu.h"
#include "../lib/report.h"

#define RUNS 64u
/* PCI Local Bus Specification 3.0, 6.8.1, of a 64-bit capability */
#define MSI_DATA (PCI_MSI + 12)
/* Intel 82093AA data sheet, 3.1 and 3.2 */
#define IOAPIC 0xfec00000u
#define IOAPIC_WINDOW 0x10u
#define ENTRY_OF_PIN 0x38u /* of pin 20, of slot 10h on a q35 board */
#define ENTRY_MASKED 0x10000u

static void act_nothing(void)
{
}

static void act_read(void)
{
	(void)config_read(the_device(), PCI_COMMAND, 4);
}

static void act_command(void)
{
	config_write(the_device(), PCI_COMMAND, 2, 0x6);
}

static void act_message(void)
{
	config_write(the_device(), MSI_DATA, 2, 0x61);
}

static void act_table(void)
{
	disk_message_write(0x61);
}

/* Masked, as its owner leaves it. */
static void act_pin(void)
{
	*(volatile uint32_t *)(uintptr_t)(IOAPIC + IOAPIC_WINDOW) = ENTRY_MASKED;
}

static uint64_t least(void (*act)(void))
{
	uint64_t best = ~0ull;

	for (unsigned int i = 0; i < RUNS; i++) {
		const uint64_t start = tsc_read();
		uint64_t passed;

		act();
		passed = tsc_read() - start;
		if (passed < best)
			best = passed;
	}
	return best;
}

/* "cost" */
static void case_cost(const char *argument)
{
	static const struct {
		const char *name;
		void (*act)(void);
	} acts[] = {
		{ "configuration-read", act_read }, { "configuration-write", act_command },
		{ "message-write", act_message },   { "message-table-write", act_table },
		{ "interrupt-pin-write", act_pin },
	};
	const uint64_t overhead = least(act_nothing);

	(void)argument;
	*(volatile uint32_t *)(uintptr_t)IOAPIC = ENTRY_OF_PIN;
	for (unsigned int i = 0; i < sizeof(acts) / sizeof(acts[0]); i++)
		console_format("cost %s least %u\n", acts[i].name,
			       (unsigned int)(least(acts[i].act) - overhead));
	report_harmless("measured", RUNS);
}

const struct test_case cost_cases[] = { { "cost", case_cost }, { NULL, NULL } };
