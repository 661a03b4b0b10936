/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A cell with two or more CPUs: takes the name of a case, and judges what its
 * local APICs, start-ups and NMIs do against the manuals.  It runs without the
 * monitor as well, where the same must hold.
 */
#include "cases.h"

#include "../lib/boot_word.h"
#include "../lib/console.h"
#include "../lib/cpu.h"
#include "../lib/string.h"

void cell_main(uint64_t boot_argument);

static const struct test_case *const tables[] = {
	id_cases, ipi_cases, nmi_cases, start_cases, traffic_cases, ending_cases,
};

void for_others(void (*act)(unsigned int cpu))
{
	if (!cpus_up()) {
		report_bad("a CPU does not start", 0);
		return;
	}
	for (unsigned int i = 1; i < cpus_count(); i++)
		act(i);
}

static void turn(void)
{
	struct cpu *self = &cpus[cpu_self()];

	self->turns = self->turns + 1;
}

void job_halt(void)
{
	while (!cpus_should_stop()) {
		cpu_wait_for_interrupt();
		turn();
	}
}

void job_spin(void)
{
	while (!cpus_should_stop())
		turn();
}

void job_deaf(void)
{
	asm volatile("cli");
	job_spin();
}

void job_exits(void)
{
	while (!cpus_should_stop()) {
		cpuid(0, 0);
		turn();
	}
}

const struct pastime pastimes[PASTIMES] = {
	{ "halt", job_halt },
	{ "spin", job_spin },
	{ "deaf", job_deaf },
	{ "exits", job_exits },
};

const struct pastime *pastime_find(const char *name)
{
	for (unsigned int i = 0; i < PASTIMES; i++)
		if (string_equal(pastimes[i].name, name))
			return &pastimes[i];
	return NULL;
}

void cell_main(uint64_t boot_argument)
{
	const char *told = boot_word(boot_argument);

	cpus_init(told ? (unsigned int)string_number(told) : 0);
	orders_forever("smp", UART_COM4, tables, sizeof(tables) / sizeof(tables[0]));
}
