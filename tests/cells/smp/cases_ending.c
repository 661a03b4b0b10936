/* SPDX-License-Identifier: Apache-2.0 */
/* One CPU ends the cell, whatever the others are doing. */
#include "cases.h"

#include "../lib/apic.h"
#include "../lib/console.h"
#include "../lib/cpu.h"
#include "../lib/pm_timer.h"
#include "../lib/string.h"
#include "../lib/traps.h"

#define MONITOR_BASE 0x10000000u
#define CELL_SLEEP 0x5e0u
#define SLEEP_ENABLE_S5 (5u << 2 | 1u << 5) /* ACPI 6.4, 4.8.3.7 */
#define SETTLE_US 2000u
#define END_US 1000000u

static void job_foreign(void)
{
	(void)*(volatile uint64_t *)(uintptr_t)MONITOR_BASE;
}

static void job_triple_fault(void)
{
	descriptor_table_load_idt(0, 0);
	asm volatile("ud2");
}

static void job_poweroff(void)
{
	out8(CELL_SLEEP, SLEEP_ENABLE_S5);
}

static const struct pastime ends[] = {
	{ "foreign", job_foreign },
	{ "triple-fault", job_triple_fault },
	{ "poweroff", job_poweroff },
};

static cpu_job *end_find(const char *name)
{
	for (unsigned int i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (string_contains(name, ends[i].name))
			return ends[i].job;
	return NULL;
}

static cpu_job *pastime_named_in(const char *argument)
{
	for (unsigned int i = 0; i < PASTIMES; i++)
		if (string_contains(argument, pastimes[i].name))
			return pastimes[i].job;
	return NULL;
}

/* @argument names what the others do, or "nmi", "waiting"; default: nothing. */
static void occupy(unsigned int cpu, const char *argument)
{
	cpu_job *job = pastime_named_in(argument);

	if (job)
		cpu_give(cpu, job);
	if (string_contains(argument, "nmi"))
		ipi_send(cpu, ICR_DELIVERY_NMI);
	if (string_contains(argument, "waiting"))
		cpu_init(cpu);
}

/* CPU 0 ends it: "end-first END PASTIME". */
static void case_end_first(const char *argument)
{
	cpu_job *end = end_find(argument);

	if (!end || !cpus_up()) {
		report_bad("no such end", 0);
		return;
	}
	nmi_hold = true;
	for (unsigned int i = 1; i < cpus_count(); i++)
		occupy(i, argument);
	pm_timer_wait_us(SETTLE_US);
	end();
	report_bad("goes on", 0);
}

/* The last CPU ends it; CPU 0 does what the others do. */
static void case_end_last(const char *argument)
{
	const unsigned int last = cpus_count() - 1;
	cpu_job *end = end_find(argument), *job = pastime_named_in(argument);

	if (!end || !cpus_up()) {
		report_bad("no such end", 0);
		return;
	}
	nmi_hold = true;
	for (unsigned int i = 1; i < last; i++)
		occupy(i, argument);
	cpu_give(last, end);
	if (job)
		job();
	pm_timer_wait_us(END_US);
	report_bad("goes on", 0);
}

static void job_restart_first(void)
{
	const uint32_t before = cpus[0].starts;

	cpu_init(0);
	pm_timer_wait_us(10000);
	cpu_sipi(0, AP_PAGE_LOW);
	console_format("case init-first: %s\n",
		       cpu_came_up(0, before) ? "started again" : "SURVIVED (bad) not started");
}

/* The first CPU of a cell is no better than the others; on a PC the firmware would run. */
static void case_init_first(const char *argument)
{
	(void)argument;
	if (cpus_up())
		cpu_give(1, job_restart_first);
	job_spin();
}

const struct test_case ending_cases[] = {
	{ "end-first", case_end_first },
	{ "end-last", case_end_last },
	{ "init-first", case_init_first },
	{ 0 },
};
