/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The attacker: reads the name of an attack from its UART, tries it, tells
 * what came of it, and asks for the next.  It knows no monitor: what it
 * expects is what the design promises to every cell.
 */
#include "cases.h"

#include "../lib/apic.h"
#include "../lib/console.h"
#include "../lib/cpu.h"
#include "../lib/string.h"
#include "../lib/traps.h"

#define LINE_BYTES 80u
#define POLL_VECTOR 0x41u
#define POLL_HZ 200u

void cell_main(uint64_t boot_argument);

static const struct attack_case *const tables[] = {
	memory_cases, port_cases,  msr_cases,  cpu_cases,  apic_cases,
	lvt_cases,    debug_cases, step_cases, mode_cases, ending_cases,
};

static void on_poll(struct trap_frame *frame)
{
	(void)frame;
	apic_eoi();
}

/* Halts between polls: an idle attacker takes no time from its host's other CPUs. */
static char receive(void)
{
	char c;

	while (!console_receive(&c))
		cpu_wait_for_interrupt();
	return c;
}

/* Echoes, so that a person sees what they type. */
static void read_line(char line[LINE_BYTES])
{
	unsigned int length = 0;
	char c;

	for (c = receive(); c != '\n' && c != '\r'; c = receive())
		if (length < LINE_BYTES - 1) {
			line[length++] = c;
			console_format("%c", c);
		}
	line[length] = '\0';
	console_format("\n");
}

/* Cuts the line after its first word.  Return: the rest. */
static const char *split(char *line)
{
	for (; *line; line++)
		if (*line == ' ') {
			*line = '\0';
			return line + 1;
		}
	return line;
}

static const struct attack_case *find(const char *name)
{
	for (unsigned int i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		for (const struct attack_case *c = tables[i]; c->name; c++)
			if (string_equal(c->name, name))
				return c;
	return NULL;
}

static void list(void)
{
	for (unsigned int i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		for (const struct attack_case *c = tables[i]; c->name; c++)
			console_format("%s ", c->name);
	console_format("\n");
}

static void obey(char *line)
{
	const char *argument = split(line);
	const struct attack_case *attack = find(line);

	if (attack) {
		report_start(attack->name);
		attack->run(argument);
		report_end();
	} else if (*line) {
		console_format("attacker: no case '%s'; there are: ", line);
		list();
	}
}

void cell_main(uint64_t boot_argument)
{
	static char line[LINE_BYTES];

	(void)boot_argument;
	console_init(UART_COM4);
	apic_enable();
	trap_on(POLL_VECTOR, on_poll);
	apic_timer_periodic(POLL_VECTOR, (uint32_t)(apic_timer_khz() * 1000 / POLL_HZ));
	console_format("attacker: ready\n");
	for (;;) {
		read_line(line);
		obey(line);
	}
}
