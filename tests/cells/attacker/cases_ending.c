/* SPDX-License-Identifier: Apache-2.0 */
/* Attacks that do not come back: resets, shutdowns, endless loops. */
#include "cases.h"

#include "../lib/cpu.h"
#include "../lib/loads.h"
#include "../lib/pm_timer.h"
#include "../lib/traps.h"

#define RESET_CONTROL 0xcf9u
#define KEYBOARD_COMMAND 0x64u
#define SYSTEM_CONTROL_A 0x92u
#define PM1_CONTROL_BELOW_TIMER 4u /* the board's own: SLP_EN there switches it off */
#define SMI_COMMAND 0xb2u
#define CELL_SLEEP 0x5e0u
#define SLEEP_ENABLE_S5 (5u << 2 | 1u << 5) /* ACPI 6.4, 4.8.3.7 */
#define PM1_SLEEP_ENABLE (1u << 13)
#define SETTLE_US 10000u

/* Still here: the machine must be too.  Whether the cell may be is the monitor's policy. */
static void still_here(void)
{
	pm_timer_wait_us(SETTLE_US);
	report_harmless("ignored", 0);
}

static void case_reset_cf9(const char *argument)
{
	(void)argument;
	out8(RESET_CONTROL, 0x02);
	out8(RESET_CONTROL, 0x06);
	still_here();
}

static void case_reset_keyboard(const char *argument)
{
	(void)argument;
	out8(KEYBOARD_COMMAND, 0xfe);
	still_here();
}

static void case_reset_92(const char *argument)
{
	(void)argument;
	out8(SYSTEM_CONTROL_A, 0x01);
	still_here();
}

static void case_sleep_cell(const char *argument)
{
	(void)argument;
	out8(CELL_SLEEP, SLEEP_ENABLE_S5);
	still_here();
}

static void case_sleep_board(const char *argument)
{
	const uint16_t port = (uint16_t)(pm_timer_port() - PM1_CONTROL_BELOW_TIMER);

	(void)argument;
	for (uint32_t type = 0; type < 8; type++)
		out16(port, (uint16_t)(PM1_SLEEP_ENABLE | type << 10));
	still_here();
}

static void case_smi(const char *argument)
{
	(void)argument;
	for (uint32_t command = 0; command < 256; command++)
		out8(SMI_COMMAND, (uint8_t)command);
	still_here();
}

static void case_triple_fault(const char *argument)
{
	(void)argument;
	descriptor_table_load_idt(0, 0);
	asm volatile("ud2");
	report_bad("no triple fault", 0);
}

static void case_loop(const char *argument)
{
	load *run = load_find(argument);

	if (run)
		run();
	report_bad("no such loop", 0);
}

static void case_spin(const char *argument)
{
	(void)argument;
	case_loop("spin");
}

static void case_halt(const char *argument)
{
	(void)argument;
	case_loop("halt");
}

const struct test_case ending_cases[] = {
	{ "reset-cf9", case_reset_cf9 },
	{ "reset-keyboard", case_reset_keyboard },
	{ "reset-92", case_reset_92 },
	{ "sleep-cell", case_sleep_cell },
	{ "sleep-board", case_sleep_board },
	{ "smi", case_smi },
	{ "triple-fault", case_triple_fault },
	{ "loop", case_loop },
	{ "spin", case_spin },
	{ "halt", case_halt },
	{ 0 },
};
