/* SPDX-License-Identifier: Apache-2.0 */
/* Debug exceptions and debug registers, APM volume 2, 13.1. */
#include "cases.h"

#include "../lib/apic.h"
#include "../lib/cpu.h"
#include "../lib/pm_timer.h"
#include "../lib/string.h"
#include "../lib/traps.h"

#define RFLAGS_TF (1ull << 8)
#define FEW 1000u
#define DR7_ONE (1ull << 10)
#define DR7_ENABLE(n) (3ull << 2 * (n)) /* local and global */
#define DR7_WRITES(n) (1ull << (16 + 4 * (n)))
#define DR7_ACCESSES(n) (3ull << (16 + 4 * (n)))
#define DR7_8_BYTES(n) (2ull << (18 + 4 * (n)))
#define PM_TIMER_MASK 0xffffffu
#define WATCHED_TICKS (PM_TIMER_HZ / 10)

static volatile unsigned int traps_seen;
static unsigned int wanted_traps = FEW; /* 0: without end */

static void dr7_write(uint64_t value)
{
	asm volatile("movq %0, %%dr7" : : "r"(value | DR7_ONE) : "memory");
}

static void on_db(struct trap_frame *frame)
{
	traps_seen = traps_seen + 1;
	if (traps_seen != wanted_traps)
		return;
	frame->rflags &= ~RFLAGS_TF;
	dr7_write(0);
}

static void act_single_step(void *arg)
{
	(void)arg;
	asm volatile("pushfq; orq %0, (%%rsp); popfq; 1: pushfq; testq %0, (%%rsp);"
		     "leaq 8(%%rsp), %%rsp; jnz 1b"
		     :
		     : "i"(RFLAGS_TF)
		     : "memory", "cc");
}

/* Each #DB is intercepted and given back; the loop ends when the handler says so. */
static void case_db(const char *argument)
{
	(void)argument;
	traps_seen = 0;
	trap_on(VECTOR_DB, on_db);
	trap_guard(act_single_step, NULL);
	trap_on(VECTOR_DB, NULL);
	report_judged(traps_seen == wanted_traps, "#DB taken", traps_seen);
}

static void case_db_endless(const char *argument)
{
	wanted_traps = 0;
	case_db(argument);
}

/* All four on one address of the monitor's: its own accesses must not trap. */
static void case_breakpoint(const char *argument)
{
	const uint64_t address = string_number(argument);

	traps_seen = 0;
	trap_on(VECTOR_DB, on_db);
	asm volatile("movq %0, %%dr0; movq %0, %%dr3; movq %1, %%dr1; movq %1, %%dr2"
		     :
		     : "r"(address), "r"(address & ~7ull));
	dr7_write(DR7_ENABLE(0) | DR7_ENABLE(1) | DR7_WRITES(1) | DR7_8_BYTES(1) | DR7_ENABLE(2) |
		  DR7_ACCESSES(2) | DR7_8_BYTES(2) | DR7_ENABLE(3));
	for (unsigned int i = 0; i < FEW; i++)
		cpuid(0, 0);
	dr7_write(0);
	trap_on(VECTOR_DB, NULL);
	report_judged(traps_seen == 0, "#DB taken", traps_seen);
}

static void watch(uint64_t address)
{
	asm volatile("movq %0, %%dr0" : : "r"(address) : "memory");
	dr7_write(DR7_ENABLE(0) | DR7_WRITES(0) | DR7_8_BYTES(0));
}

/* The CPU aligns RSP to 16 bytes and pushes SS first: APM volume 2, 8.9.3. */
static inline uint64_t __attribute__((always_inline)) next_frame(void)
{
	uint64_t rsp;

	asm volatile("movq %%rsp, %0" : "=r"(rsp));
	return (rsp & ~15ull) - 8;
}

/*
 * Each timer interrupt's frame falls on the watched word.  An emulator loses the
 * interrupt after accepting it: the EOI keeps the poll timer alive.
 */
static void case_watch_stack(const char *argument)
{
	const uint16_t port = pm_timer_port();
	const uint32_t start = in32(port);

	(void)argument;
	traps_seen = 0;
	trap_on(VECTOR_DB, on_db);
	watch(next_frame());
	while (((in32(port) - start) & PM_TIMER_MASK) < WATCHED_TICKS)
		asm volatile("sti; nop; cli");
	dr7_write(0);
	trap_on(VECTOR_DB, NULL);
	apic_eoi();
	report_harmless("#DB taken", traps_seen);
}

/* Here it is the #DB's own frame: its delivery raises the next one at the same place. */
static void case_watch_stack_endless(const char *argument)
{
	const uint64_t frame = trap_own_stack(VECTOR_DB) - 8;

	(void)argument;
	wanted_traps = 0;
	trap_on(VECTOR_DB, on_db);
	watch(frame);
	for (;;)
		*(volatile uint64_t *)(uintptr_t)frame = 0;
}

const struct test_case debug_cases[] = {
	{ "db", case_db },
	{ "db-endless", case_db_endless },
	{ "breakpoint", case_breakpoint },
	{ "watch-stack", case_watch_stack },
	{ "watch-stack-endless", case_watch_stack_endless },
	{ 0 },
};
