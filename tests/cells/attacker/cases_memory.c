/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reaching for memory that is not ours.  Addresses are HPAs used as GPAs: what
 * a cell would name if nested paging let host addresses through.
 */
#include "cases.h"

#include "../lib/console.h"
#include "../lib/cpu.h"
#include "../lib/paging.h"
#include "../lib/string.h"
#include "../lib/traps.h"

#define MONITOR_BASE 0x10000000ull
#define OWN_RAM_END 0x200000ull
#define HOLE 0xd0000000ull /* nobody's address on the board */
#define FAR_HOLE 0x7f0000000ull /* the same, above 4 GiB and above the board's RAM */
#define FORGED 0x6465676465676465ull
#define ALL_ONES UINT64_MAX

struct access {
	volatile uint64_t *at;
	uint64_t value;
};

static void act_read(void *arg)
{
	struct access *access = arg;

	access->value = *access->at;
}

static void act_write(void *arg)
{
	struct access *access = arg;

	*access->at = access->value;
}

static void read_at(uint64_t gpa)
{
	struct access access = { paging_reach(gpa), 0 };

	if (!trap_guard(act_read, &access))
		report_blocked("read");
	else
		report_judged(access.value == ALL_ONES, "read", access.value);
}

static void write_at(uint64_t gpa)
{
	struct access access = { paging_reach(gpa), FORGED };

	if (!trap_guard(act_write, &access)) {
		report_blocked("write");
		return;
	}
	if (!trap_guard(act_read, &access))
		report_blocked("read back");
	else
		report_judged(access.value == ALL_ONES, "dropped, reads", access.value);
}

/* The stack pointer is ours again even if what is there returns oddly. */
static void act_call(void *arg)
{
	asm volatile("call *%0" : : "r"(arg) : "memory", "cc", "rax", "rcx", "rdx");
}

static void exec_at(uint64_t gpa)
{
	if (trap_guard(act_call, paging_reach(gpa)))
		report_bad("executed", gpa);
	else
		report_blocked("exec");
}

static void case_read(const char *argument)
{
	read_at(string_number(argument));
}

static void case_write(const char *argument)
{
	write_at(string_number(argument));
}

static void case_exec(const char *argument)
{
	exec_at(string_number(argument));
}

static void case_read_monitor(const char *argument)
{
	(void)argument;
	read_at(MONITOR_BASE);
}

static void case_write_monitor(const char *argument)
{
	(void)argument;
	write_at(MONITOR_BASE);
}

static void case_exec_monitor(const char *argument)
{
	(void)argument;
	exec_at(MONITOR_BASE);
}

static void case_above(const char *argument)
{
	(void)argument;
	read_at(HOLE);
	write_at(HOLE + 0xff8);
	read_at(FAR_HOLE);
	write_at(FAR_HOLE);
}

/* Accesses of every width, each of which the monitor has to complete. */
static void case_hole_widths(const char *argument)
{
	uint8_t byte;
	uint16_t word;
	uint32_t dword;
	uint64_t extended, exchanged = FORGED, copied;
	uint32_t count = 1;
	volatile uint64_t *hole = paging_reach(HOLE);

	(void)argument;
	asm volatile("movb (%1), %0" : "=r"(byte) : "r"(hole) : "memory");
	report_judged(byte == 0xff, "byte", byte);
	asm volatile("movw (%1), %0" : "=r"(word) : "r"(hole) : "memory");
	report_judged(word == 0xffff, "word", word);
	asm volatile("movl (%1), %0" : "=r"(dword) : "r"(hole) : "memory");
	report_judged(dword == 0xffffffff, "dword", dword);
	asm volatile("movzbl (%1), %k0" : "=r"(extended) : "r"(hole) : "memory");
	report_judged(extended == 0xff, "zero-extended", extended);
	asm volatile("movslq (%1), %0" : "=r"(extended) : "r"(hole) : "memory");
	report_judged(extended == ALL_ONES, "sign-extended", extended);
	asm volatile("movb $1, (%0); movw $1, (%0); movl $1, (%0); movq $1, (%0)"
		     :
		     : "r"(hole)
		     : "memory");
	copied = *hole;
	report_judged(copied == ALL_ONES, "after immediates", copied);
	asm volatile("movl %k0, 0x10(%1, %q2, 8)"
		     :
		     : "r"(exchanged), "r"(hole), "r"((uint64_t)count));
	report_harmless("addressed with an index", *hole);
}

/* Eight bytes of which four are ours. */
static void case_straddle(const char *argument)
{
	struct access access = { (void *)(uintptr_t)(OWN_RAM_END - 4), 0 };

	(void)argument;
	if (trap_guard(act_read, &access))
		report_judged(access.value >> 32 == 0xffffffff, "read", access.value);
	else
		report_blocked("read");
}

/* An instruction that the monitor need not know: it may stop us, not err. */
static void case_odd(const char *argument)
{
	uint64_t value = 1;

	(void)argument;
	asm volatile("lock xaddq %0, (%1)" : "+r"(value) : "r"(HOLE) : "memory", "cc");
	report_judged(value == ALL_ONES, "xadd", value);
}

static void case_table(const char *argument)
{
	struct access access = { paging_table_at(string_number(argument)), 0 };

	if (trap_guard(act_read, &access))
		report_bad("page table of another used, read", access.value);
	else
		report_blocked("table");
}

/* Our own UART's port, somebody else's memory: the CPU reads it for us. */
static void case_outs(const char *argument)
{
	const void *source = paging_reach(string_number(argument));
	uint16_t port = console_port();

	asm volatile("outsb" : "+S"(source) : "d"(port) : "memory");
	report_bad("outs", (uintptr_t)source);
}

static void case_ins(const char *argument)
{
	void *dest = paging_reach(string_number(argument));
	uint16_t port = console_port();

	asm volatile("insb" : "+D"(dest) : "d"(port) : "memory");
	report_bad("ins", (uintptr_t)dest);
}

static void case_stack(const char *argument)
{
	uint64_t top = string_number(argument) + 8;

	asm volatile("movq %%rsp, %%rbx; movq %0, %%rsp; pushq %0; movq %%rbx, %%rsp"
		     :
		     : "r"(paging_reach(top))
		     : "rbx", "memory");
	report_bad("pushed", top);
}

/* The CPU itself reads the gate, in the middle of delivering an exception. */
static void case_idt(const char *argument)
{
	descriptor_table_load_idt(paging_reach(string_number(argument)), 0xfff);
	asm volatile("int3");
	traps_load();
	report_bad("delivered", 0);
}

/* The next instruction fetch walks tables that we may not read. */
static void case_cr3(const char *argument)
{
	cr3_write(string_number(argument));
	report_bad("CR3", string_number(argument));
}

static void case_rep_copy(const char *argument)
{
	static uint8_t loot[4096];
	const void *source = paging_reach(string_number(argument));
	void *dest = loot;
	uint64_t count = sizeof(loot);

	asm volatile("rep movsb" : "+S"(source), "+D"(dest), "+c"(count) : : "memory");
	report_bad("copied", loot[0]);
}

const struct test_case memory_cases[] = {
	{ "read", case_read },
	{ "write", case_write },
	{ "exec", case_exec },
	{ "read-monitor", case_read_monitor },
	{ "write-monitor", case_write_monitor },
	{ "exec-monitor", case_exec_monitor },
	{ "above", case_above },
	{ "hole-widths", case_hole_widths },
	{ "straddle", case_straddle },
	{ "odd", case_odd },
	{ "table", case_table },
	{ "outs", case_outs },
	{ "ins", case_ins },
	{ "stack", case_stack },
	{ "idt", case_idt },
	{ "cr3", case_cr3 },
	{ "rep-copy", case_rep_copy },
	{ 0 },
};
