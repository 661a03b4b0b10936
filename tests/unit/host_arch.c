/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "arch.h"
#include "host_arch.h"

#include <stdlib.h>
#include <string.h>

static char console[1u << 20];
static size_t console_used;
static unsigned int console_lines;
static const struct plan *the_plan;
static uint64_t random_state = 0x9e3779b97f4a7c15ull;

const char *host_console(void)
{
	return console;
}

unsigned int host_console_lines(void)
{
	return console_lines;
}

void host_console_clear(void)
{
	console_used = 0;
	console_lines = 0;
	console[0] = '\0';
}

void host_arch_plan_set(const struct plan *plan)
{
	the_plan = plan;
}

uint64_t host_random(void)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return random_state * 0x2545f4914f6cdd1dull;
}

static void not_on_a_host(const char *function) __attribute__((noreturn));
static void not_on_a_host(const char *function)
{
	fail_msg("%s() was reached", function);
	abort();
}

const struct plan *arch_plan(void)
{
	return the_plan;
}

void arch_console_write_line(const char *text, size_t length)
{
	assert_true(length + 2 <= sizeof(console) - console_used);
	memcpy(console + console_used, text, length);
	console_used += length;
	console[console_used++] = '\n';
	console[console_used] = '\0';
	console_lines++;
}

void arch_wait(uint64_t microseconds)
{
	(void)microseconds;
}

unsigned int arch_check_board(const struct plan *plan)
{
	(void)plan;
	return 0;
}

unsigned int arch_settle_board(const struct plan *plan)
{
	(void)plan;
	return 0;
}

bool arch_connect_devices(const struct plan *plan)
{
	(void)plan;
	return true;
}

unsigned int arch_start_cpus(const struct plan *plan)
{
	(void)plan;
	return 0;
}

bool arch_prepare_cell_cpu(const struct plan *plan, uint32_t index)
{
	(void)plan;
	(void)index;
	return true;
}

void arch_enter_cell(uint32_t index)
{
	(void)index;
	not_on_a_host("arch_enter_cell");
}

void arch_park(void)
{
	not_on_a_host("arch_park");
}

void arch_fill(void *dest, uint64_t bytes)
{
	memset(dest, 0, bytes);
}

void arch_copy(void *dest, const void *source, uint64_t bytes)
{
	memcpy(dest, source, bytes);
}
