/* SPDX-License-Identifier: Apache-2.0 */
#include "report.h"

#include "console.h"
#include "traps.h"

static const char *current;
static unsigned int blocked, harmless, bad;

void report_start(const char *name)
{
	current = name;
	blocked = harmless = bad = 0;
	console_format("case %s: start\n", current);
}

void report_end(void)
{
	console_format("case %s: end blocked %u harmless %u bad %u\n", current, blocked, harmless,
		       bad);
}

void report_blocked(const char *what)
{
	blocked++;
	console_format("case %s: blocked %s %s\n", current, trap_name(trap_last()), what);
}

void report_harmless(const char *what, uint64_t value)
{
	harmless++;
	console_format("case %s: %s %lx\n", current, what, value);
}

void report_bad(const char *what, uint64_t value)
{
	bad++;
	console_format("case %s: SURVIVED (bad) %s %lx\n", current, what, value);
}

void report_judged(bool good, const char *what, uint64_t value)
{
	if (good)
		report_harmless(what, value);
	else
		report_bad(what, value);
}

void report_trap(bool returned, unsigned int vector, const char *what)
{
	if (returned)
		report_bad(what, 0);
	else if (trap_last() != vector)
		report_bad(what, trap_last());
	else
		report_blocked(what);
}
