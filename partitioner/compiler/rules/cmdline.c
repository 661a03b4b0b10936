/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules about a Linux cell's command line.  The console parameters are those of
 * the kernel's Documentation/admin-guide/kernel-parameters.txt and serial-console.rst.
 */
#include "gpa_map.h"
#include "rules.h"
#include "span.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define LEGACY_UARTS 4u
#define UNKNOWN_PORT 0u

/* Where a PC's ttyS0 .. ttyS3 are, whatever else the machine has. */
static const uint32_t legacy_port[LEGACY_UARTS] = { 0x3f8, 0x2f8, 0x3e8, 0x2e8 };

void rule_cmdline_length(const struct model *m, struct diag_sink *sink)
{
	for (size_t c = 0; c < m->cell_count; c++) {
		const struct model_payload *p = &m->cells[c].payload;
		uint64_t limit = GPA_CMDLINE_END - GPA_CMDLINE - 1; /* its NUL comes on top */
		size_t length = p->cmdline != NULL ? strlen(p->cmdline) : 0;

		if (p->kind != PAYLOAD_LINUX || p->image.bytes == NULL || p->info.error != NULL)
			continue;
		if (p->info.cmdline_size < limit)
			limit = p->info.cmdline_size;
		if (length > limit)
			diag_add(sink, "cmdline-length", DIAG_ERROR, p->cmdline_pos,
				 "cell '%s': bootargs have %zu characters, but '%s' takes %" PRIu64
				 "; shorten them",
				 m->cells[c].name, length, p->image.path, limit);
	}
}

/* The text after @prefix, or NULL if @word does not start with it. */
static const char *after(const char *word, const char *prefix)
{
	size_t n = strlen(prefix);

	return strncmp(word, prefix, n) == 0 ? word + n : NULL;
}

/* "ttyS1,115200n8": the port of that UART; a number no PC has gives UNKNOWN_PORT. */
static bool parse_tty(const char *word, uint32_t *port)
{
	const char *number = after(word, "ttyS");
	unsigned long n;

	if (number == NULL || *number < '0' || *number > '9')
		return false;
	n = strtoul(number, NULL, 10);
	*port = n < LEGACY_UARTS ? legacy_port[n] : UNKNOWN_PORT;
	return true;
}

/* "uart8250,io,0x2f8,115200n8" or "uart,io,0x2f8" */
static bool parse_uart(const char *word, uint32_t *port)
{
	const char *number = after(word, "uart8250,io,");
	unsigned long n;

	if (number == NULL)
		number = after(word, "uart,io,");
	if (number == NULL)
		return false;
	n = strtoul(number, NULL, 0);
	*port = n <= 0xffff ? (uint32_t)n : UNKNOWN_PORT;
	return true;
}

/* "serial", "serial,ttyS1", "serial,0x3f8", "serial,1" or "ttyS1" */
static bool parse_earlyprintk(const char *word, uint32_t *port)
{
	const char *serial = after(word, "serial");
	unsigned long n = 0;

	if (serial == NULL)
		return parse_tty(word, port);
	if (*serial == ',' && parse_tty(serial + 1, port))
		return true;
	if (*serial == ',')
		n = strtoul(serial + 1, NULL, 0);
	if (n < LEGACY_UARTS)
		*port = legacy_port[n];
	else
		*port = n <= 0xffff ? (uint32_t)n : UNKNOWN_PORT;
	return true;
}

/* Does this one parameter name a UART, and at which port? */
static bool parse_console(const char *word, uint32_t *port)
{
	const char *value = after(word, "console=");

	if (value != NULL)
		return parse_tty(value, port) || parse_uart(value, port);
	value = after(word, "earlycon=");
	if (value != NULL)
		return parse_uart(value, port);
	value = after(word, "earlyprintk=");
	return value != NULL && parse_earlyprintk(value, port);
}

static bool in_ports(uint32_t port, uint32_t first, uint32_t count)
{
	return port >= first && port - first < count;
}

static bool owns_port(const struct model *m, const struct model_cell *cell, uint32_t port)
{
	for (size_t i = 0; i < cell->device_count; i++) {
		int index = cell->devices[i].index;

		if (index >= 0 && (size_t)index < m->device_count &&
		    in_ports(port, m->devices[index].port, m->devices[index].port_count))
			return true;
	}
	for (size_t i = 0; i < cell->port_count; i++)
		if (in_ports(port, cell->ports[i].first, cell->ports[i].count))
			return true;
	return false;
}

static void check_word(const struct model *m, const struct model_cell *cell, const char *word,
		       size_t length, struct diag_sink *sink)
{
	uint32_t port;

	if (!parse_console(word, &port) || (port != UNKNOWN_PORT && owns_port(m, cell, port)))
		return;
	if (port == UNKNOWN_PORT)
		diag_add(sink, "cmdline-console", DIAG_ERROR, cell->payload.cmdline_pos,
			 "cell '%s': '%.*s' names no UART of a PC; name one of ttyS0 to ttyS3 that "
			 "the cell owns",
			 cell->name, (int)length, word);
	else
		diag_add(sink, "cmdline-console", DIAG_ERROR, cell->payload.cmdline_pos,
			 "cell '%s': '%.*s' is the UART at port 0x%x, which the cell does not own; "
			 "add it to septum,devices or name another",
			 cell->name, (int)length, word, port);
}

static void check_consoles(const struct model *m, const struct model_cell *cell,
			   struct diag_sink *sink)
{
	const char *word = cell->payload.cmdline;

	while (*(word += strspn(word, " \t\n")) != '\0') {
		size_t length = strcspn(word, " \t\n");

		check_word(m, cell, word, length, sink);
		word += length;
	}
}

void rule_cmdline_console(const struct model *m, struct diag_sink *sink)
{
	for (size_t c = 0; c < m->cell_count; c++)
		if (m->cells[c].payload.kind == PAYLOAD_LINUX &&
		    m->cells[c].payload.cmdline != NULL)
			check_consoles(m, &m->cells[c], sink);
}
