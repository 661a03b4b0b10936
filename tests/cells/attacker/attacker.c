/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The attacker: takes the name of an attack, tries it and tells what came of
 * it.  It knows no monitor: what it expects is what the design promises to
 * every cell.
 */
#include "cases.h"

#include "../lib/console.h"

void cell_main(uint64_t boot_argument);

static const struct test_case *const tables[] = {
	memory_cases, port_cases, msr_cases,	cpu_cases,	     control_cases, hidden_cases,
	apic_cases,   ipi_cases,  lvt_cases,	debug_cases,	     step_cases,    mode_cases,
	task_cases,   fuzz_cases, ending_cases, machine_check_cases,
};

void cell_main(uint64_t boot_argument)
{
	(void)boot_argument;
	orders_forever("attacker", UART_COM4, tables, sizeof(tables) / sizeof(tables[0]));
}
