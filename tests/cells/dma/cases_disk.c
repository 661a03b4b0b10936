/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An NVMe controller that is told to put its data anywhere (NVM Express 1.4; section
 * numbers are of that revision).
 */
#include "cases.h"

#include "../lib/pm_timer.h"
#include "../lib/report.h"
#include "../lib/string.h"

#define SLOTS 32u
#define CLASS_NVME 0x010802u
#define COMMAND_MEMORY_AND_MASTER 0x6u
/* 3.1: registers */
#define CONFIGURATION 0x14u
#define ENABLE (1u | 6u << 16 | 4u << 20) /* EN; entries of 64 and 16 bytes */
#define STATUS 0x1cu
#define STATUS_READY 1u
#define QUEUE_SIZES 0x24u
#define SUBMISSION_QUEUE 0x28u
#define COMPLETION_QUEUE 0x30u
#define DOORBELL 0x1000u
#define ENTRIES 16u
#define IDENTIFY 0x06u /* 5.15 */
#define IDENTIFY_CONTROLLER 1u
#define PHASE (1u << 16)
#define VENDOR 0x1b36u /* of QEMU's, first in what it tells of itself */
/* Of QEMU's; PCI Local Bus Specification 3.0, 6.8.2 */
#define MSIX_TABLE 0x2000u
#define MSIX_DATA 8u
#define WAIT_MS 1000u

static uint32_t submissions[ENTRIES][16] __attribute__((aligned(4096)));
static volatile uint32_t completions[ENTRIES][4] __attribute__((aligned(4096)));
static volatile uint64_t data[512] __attribute__((aligned(4096)));

static volatile uint32_t *registers(void)
{
	for (unsigned int slot = 0; slot < SLOTS; slot++) {
		volatile uint32_t *config = config_page(slot, 0);

		if (config[0] == ~0u || config[2] >> 8 != CLASS_NVME)
			continue;
		*(volatile uint16_t *)(config + PCI_COMMAND / 4) = COMMAND_MEMORY_AND_MASTER;
		return (volatile uint32_t *)((uintptr_t)config[5] << 32 |
					     (config[PCI_BAR0 / 4] & ~0xfu));
	}
	return NULL;
}

static bool becomes(const volatile uint32_t *word, uint32_t mask, uint32_t value)
{
	for (unsigned int ms = 0; ms < WAIT_MS; ms++) {
		if ((*word & mask) == value)
			return true;
		pm_timer_wait_us(1000);
	}
	return false;
}

static void write64(volatile uint32_t *at, uint64_t value)
{
	at[0] = (uint32_t)value;
	at[1] = (uint32_t)(value >> 32);
}

/* @base: where the device finds our memory.  Return: false: it does not come up (7.6.1). */
static bool start(volatile uint32_t *nvme, uint64_t base)
{
	nvme[CONFIGURATION / 4] = 0;
	if (!becomes(&nvme[STATUS / 4], STATUS_READY, 0))
		return false;
	memset((void *)(uintptr_t)completions, 0, sizeof(completions));
	nvme[QUEUE_SIZES / 4] = (ENTRIES - 1) << 16 | (ENTRIES - 1);
	write64(&nvme[SUBMISSION_QUEUE / 4], base + (uintptr_t)submissions);
	write64(&nvme[COMPLETION_QUEUE / 4], base + (uintptr_t)completions);
	nvme[CONFIGURATION / 4] = ENABLE;
	return becomes(&nvme[STATUS / 4], STATUS_READY, STATUS_READY);
}

/* 4 KiB that the controller tells of itself go to @to. */
static bool identify(uint64_t to, uint64_t base)
{
	volatile uint32_t *nvme = registers();

	if (!nvme || !start(nvme, base))
		return false;
	memset(submissions, 0, sizeof(submissions));
	submissions[0][0] = IDENTIFY;
	write64(&submissions[0][6], to);
	submissions[0][10] = IDENTIFY_CONTROLLER;
	nvme[DOORBELL / 4] = 1;
	return becomes(&completions[0][3], PHASE, PHASE);
}

void disk_message_write(uint32_t value)
{
	static volatile uint32_t *nvme;

	if (!nvme)
		nvme = registers();
	if (nvme)
		nvme[(MSIX_TABLE + MSIX_DATA) / 4] = value;
}

/* "disk ADDRESS [BASE]": the controller's data goes there. */
static void case_disk(const char *argument)
{
	const uint64_t to = string_number(argument);
	const char *base = string_next(argument);

	report_judged(identify(to, *base ? string_number(base) : 0), "command ended", to);
}

/* The control: to our own memory. */
static void case_own_disk(const char *argument)
{
	(void)argument;
	data[0] = 0;
	report_judged(identify((uintptr_t)data, 0) && (data[0] & 0xffff) == VENDOR, "identified",
		      data[0]);
}

const struct test_case disk_cases[] = {
	{ "disk", case_disk },
	{ "own-disk", case_own_disk },
	{ NULL, NULL },
};
