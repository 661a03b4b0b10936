/* SPDX-License-Identifier: Apache-2.0 */
#include "orders.h"

#include "apic.h"
#include "console.h"
#include "cpu.h"
#include "report.h"
#include "string.h"
#include "traps.h"

#define LINE_BYTES 80u
#define POLL_VECTOR 0x41u
#define POLL_HZ 200u

static const char *self;
static const struct test_case *const *known;
static size_t known_count;

static void on_poll(struct trap_frame *frame)
{
	(void)frame;
	apic_eoi();
}

/* Halts between polls: an idle cell takes no time from its host's other CPUs. */
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

static const struct test_case *find(const char *name)
{
	for (size_t i = 0; i < known_count; i++)
		for (const struct test_case *c = known[i]; c->name; c++)
			if (string_equal(c->name, name))
				return c;
	return NULL;
}

static void list(void)
{
	for (size_t i = 0; i < known_count; i++)
		for (const struct test_case *c = known[i]; c->name; c++)
			console_format("%s ", c->name);
	console_format("\n");
}

static void obey(char *line)
{
	const char *argument = split(line);
	const struct test_case *wanted = find(line);

	if (wanted) {
		report_start(wanted->name);
		wanted->run(argument);
		report_end();
	} else if (*line) {
		console_format("%s: no case '%s'; there are: ", self, line);
		list();
	}
}

void orders_forever(const char *who, uint16_t port, const struct test_case *const *tables,
		    size_t count)
{
	static char line[LINE_BYTES];

	self = who;
	known = tables;
	known_count = count;
	console_init(port);
	apic_enable();
	trap_on(POLL_VECTOR, on_poll);
	apic_timer_periodic(POLL_VECTOR, (uint32_t)(apic_timer_khz() * 1000 / POLL_HZ));
	console_format("%s: ready\n", self);
	for (;;) {
		read_line(line);
		obey(line);
	}
}
