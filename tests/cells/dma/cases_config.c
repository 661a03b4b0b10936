/* SPDX-License-Identifier: Apache-2.0 */
/* Configuration space: what a cell can see of the machine and move in it. */
#include "cases.h"

#include "../lib/report.h"
#include "../lib/string.h"

#define COMMAND_MEMORY 0x2u
#define SLOTS 32u
#define FUNCTIONS 8u
#define BAR_BYTES 0x100000u

static void restore(const struct edu *edu)
{
	config_write(edu, PCI_COMMAND, 2, 0);
	config_write(edu, PCI_BAR0, 4, (uint32_t)edu->registers);
	config_write(edu, PCI_COMMAND, 2, 0x6);
}

/* One way to put @value into BAR 0; decode goes on again at the end. */
static void move(const struct edu *edu, uint32_t value, unsigned int bytes, bool decodes)
{
	config_write(edu, PCI_COMMAND, 2, decodes ? COMMAND_MEMORY : 0);
	for (unsigned int i = 0; i < 4; i += bytes)
		config_write(edu, PCI_BAR0 + i, bytes, value >> i * 8);
	config_write(edu, PCI_COMMAND, 2, COMMAND_MEMORY);
}

static bool is_moved(const struct edu *edu)
{
	return config_read(edu, PCI_COMMAND, 2) & COMMAND_MEMORY &&
	       (config_read(edu, PCI_BAR0, 4) & ~0xfu) != edu->registers;
}

/* "bar VALUE": by bytes, halves and whole, decoding or not; after sizing, too. */
static void case_bar(const char *argument)
{
	const struct edu *edu = the_device();
	const uint32_t value = (uint32_t)string_number(argument);

	for (unsigned int bytes = 1; bytes <= 4; bytes *= 2)
		for (unsigned int decodes = 0; decodes < 2; decodes++) {
			move(edu, value, bytes, decodes);
			report_judged(!is_moved(edu), "BAR 0", config_read(edu, PCI_BAR0, 4));
		}
	/* All-ones are allowed while it decodes nothing: then it must not decode. */
	move(edu, ~0u, 4, false);
	report_judged(!is_moved(edu), "command", config_read(edu, PCI_COMMAND, 2));
	restore(edu);
	report_judged(edu_read(edu, EDU_REGISTER_ID) == 0x010000ed, "restored",
		      config_read(edu, PCI_BAR0, 4));
}

/* The size as drivers ask for it. */
static void case_size(const char *argument)
{
	const struct edu *edu = the_device();
	uint32_t size;

	(void)argument;
	config_write(edu, PCI_COMMAND, 2, 0);
	config_write(edu, PCI_BAR0, 4, ~0u);
	size = ~(config_read(edu, PCI_BAR0, 4) & ~0xfu) + 1;
	restore(edu);
	report_judged(size == BAR_BYTES, "size", size);
}

/* "scan": every function of the bus that answers. */
static void case_scan(const char *argument)
{
	(void)argument;
	for (unsigned int slot = 0; slot < SLOTS; slot++)
		for (unsigned int function = 0; function < FUNCTIONS; function++) {
			const uint32_t ids = config_page(slot, function)[0];

			if (ids != ~0u)
				report_harmless("found",
						(uint64_t)(slot << 3 | function) << 32 | ids);
		}
}

/* "config OFFSET VALUE": a 32-bit write, and what is there then. */
static void case_config(const char *argument)
{
	const struct edu *edu = the_device();
	const unsigned int offset = (unsigned int)string_number(argument) & 0xffcu;

	config_write(edu, offset, 4, (uint32_t)string_number(string_next(argument)));
	report_harmless("reads", config_read(edu, offset, 4));
}

/* "peek OFFSET": a register of the device. */
static void case_peek(const char *argument)
{
	report_harmless("register", edu_read(the_device(), (unsigned int)string_number(argument)));
}

/* Functions that are not there take no writes, and harm nobody by it. */
static void case_foreign(const char *argument)
{
	(void)argument;
	for (unsigned int slot = 0; slot < SLOTS; slot++)
		for (unsigned int function = 0; function < FUNCTIONS; function++) {
			volatile uint32_t *page = config_page(slot, function);

			if (page[0] != ~0u)
				continue;
			page[PCI_COMMAND / 4] = 0;
			page[PCI_BAR0 / 4] = 0;
			if (page[PCI_COMMAND / 4] != ~0u)
				report_bad("changed", slot << 3 | function);
		}
	report_harmless("written to", (uint64_t)SLOTS * FUNCTIONS);
}

const struct test_case config_cases[] = {
	{ "bar", case_bar },
	{ "size", case_size },
	{ "scan", case_scan },
	{ "config", case_config },
	{ "foreign", case_foreign },
	{ "peek", case_peek },
	{ NULL, NULL },
};
