/* SPDX-License-Identifier: Apache-2.0 */
/* CR0, CR4 and XCR0: APM volume 2, 3.1 and 11.5; Intel SDM volume 3, 2.5 and 2.6. */
#include "cases.h"

#include "../lib/cpu.h"
#include "../lib/user.h"

#include <septum/x86/cell_registers.h>
#include <stddef.h>

#define CR4_RESERVED (1ull << 15 | 1ull << 19 | ~0ull << 32)
#define CR4_SMXE (1ull << 14)
/* The monitor's: these never change, whatever a cell is told. */
#define CR4_NOT_THE_CELLS (CR4_RESERVED | CR4_VMXE | CR4_SMXE | CR4_LA57 | CR4_PAE)
#define XCR0_MUST 1ull /* x87 */

static void act_cr0(void *arg)
{
	cr0_write(*(const uint64_t *)arg);
}

static void act_cr4(void *arg)
{
	cr4_write(*(const uint64_t *)arg);
}

/* Refused, or taken without an effect on what is not the cell's. */
static void judge_cr4(uint64_t value, const char *what)
{
	const uint64_t before = cr4_read();

	if (!trap_guard(act_cr4, &value)) {
		report_blocked(what);
		return;
	}
	report_judged(!((cr4_read() ^ before) & CR4_NOT_THE_CELLS), what, cr4_read());
	cr4_write(before);
}

/* Processors refuse such values; emulators may take them. */
static void judge_cr0(uint64_t value)
{
	const uint64_t before = cr0_read();

	if (!trap_guard(act_cr0, &value)) {
		report_blocked("CR0");
		return;
	}
	report_harmless("CR0", cr0_read());
	cr0_write(before);
}

/* PG stays: without it 64-bit code ends by itself. */
static void case_control_registers(const char *argument)
{
	const uint64_t cr4 = cr4_read(), cr0 = cr0_read();

	(void)argument;
	for (unsigned int bit = 0; bit < 64; bit++)
		judge_cr4(cr4 ^ 1ull << bit, "CR4");
	judge_cr4(cr4 | CR4_VMXE | CR4_SMXE, "CR4.VMXE and SMXE");
	judge_cr4(UINT64_MAX, "CR4 all ones");
	judge_cr4(0, "CR4 all zeros");
	for (unsigned int bit = 1; bit < 64; bit++)
		if (1ull << bit != CR0_PG)
			judge_cr0(cr0 ^ 1ull << bit);
	judge_cr0(cr0 & ~CR0_PE);
	judge_cr0(cr0 | CR0_CD | CR0_NW);
	judge_cr0(cr0 | CR0_NW);
	judge_cr0((cr0 | CR0_CD) & ~CR0_NE);
}

static void act_cr3(void *arg)
{
	cr3_write(*(const uint64_t *)arg);
}

/* Beyond any processor's addresses; bit 63 alone would ask for the TLB to be kept. */
static void case_cr3_reserved(const char *argument)
{
	uint64_t value = cr3_read() | 1ull << 62;

	(void)argument;
	report_trap(trap_guard(act_cr3, &value), VECTOR_GP, "CR3");
}

/* CR4.MCE belongs to the monitor: a cell may believe to own it, no more. */
static void case_cr4_mce(const char *argument)
{
	uint64_t off = cr4_read() & ~CR4_MCE, on = cr4_read() | CR4_MCE;

	(void)argument;
	for (int i = 0; i < 2; i++) {
		if (trap_guard(act_cr4, i ? &on : &off))
			report_harmless("CR4", cr4_read());
		else
			report_blocked("CR4.MCE");
	}
}

struct xcr {
	uint32_t index;
	uint64_t value;
};

static void act_xsetbv(void *arg)
{
	const struct xcr *xcr = arg;

	xcr_write(xcr->index, xcr->value);
}

static uint64_t xcr0_read(void)
{
	uint32_t low, high;

	asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	return (uint64_t)high << 32 | low;
}

static uint64_t xcr0_offered(void)
{
	const struct cpuid_result states = cpuid(0xd, 0);

	return (uint64_t)states.edx << 32 | states.eax;
}

/* What CPUID does not offer cannot be had; what is taken is there. */
static void judge_xcr0(uint64_t value)
{
	struct xcr xcr = { 0, value };

	if (!trap_guard(act_xsetbv, &xcr))
		report_blocked("xsetbv");
	else
		report_judged(!(value & ~xcr0_offered()) && value & XCR0_MUST &&
				      xcr0_read() == value,
			      "XCR0", value);
}

static void user_xsetbv(void)
{
	xcr_write(0, 3);
}

static void case_xsetbv(const char *argument)
{
	static const uint64_t garbage[] = { 0, 2, 4, 5, UINT64_MAX, ~1ull, 0xe1, 0x63, 0x23, 0x1b };
	const uint64_t with_xsave = cr4_read() | CR4_OSXSAVE;
	struct xcr good = { 0, 3 };

	(void)argument;
	if (!trap_guard(act_cr4, (void *)(uintptr_t)&with_xsave)) {
		report_blocked("CR4.OSXSAVE");
		return;
	}
	for (size_t i = 0; i < sizeof(garbage) / sizeof(garbage[0]); i++)
		judge_xcr0(garbage[i]);
	for (unsigned int bit = 0; bit < 64; bit++)
		judge_xcr0(XCR0_MUST | 1ull << bit);
	for (uint32_t index = 1; index; index <<= 1) {
		struct xcr xcr = { index, 3 };

		report_trap(trap_guard(act_xsetbv, &xcr), VECTOR_GP, "xsetbv of another register");
	}
	report_trap(user_run(user_xsetbv), VECTOR_GP, "xsetbv in ring 3");
	report_judged(trap_guard(act_xsetbv, &good), "xsetbv x87 and SSE", good.value);
}

/* Without the cell's own CR4.OSXSAVE the instruction does not exist: APM volume 4, XSETBV. */
static void case_xsetbv_off(const char *argument)
{
	const uint64_t before = cr4_read();
	struct xcr xcr = { 0, 3 };

	(void)argument;
	cr4_write(before & ~CR4_OSXSAVE);
	report_trap(trap_guard(act_xsetbv, &xcr), VECTOR_UD, "xsetbv");
	cr4_write(before);
}

/* 1/0 with the exception unmasked; WAIT reports it. */
static void act_divide_by_zero(void *arg)
{
	static const uint16_t only_zero_divide = 0x37b;

	(void)arg;
	asm volatile("fninit; fldcw %0; fld1; fldz; fdivrp; fwait" : : "m"(only_zero_divide));
}

/* The PC's way to report it: external IRQ 13, which belongs to nobody. */
static void case_x87_legacy(const char *argument)
{
	const uint64_t before = cr0_read();

	(void)argument;
	cr0_write(before & ~CR0_NE);
	if (trap_guard(act_divide_by_zero, NULL))
		report_harmless("no exception", 0);
	else
		report_blocked("x87");
	asm volatile("fninit");
	cr0_write(before);
}

const struct test_case control_cases[] = {
	{ "control-registers", case_control_registers },
	{ "cr3-reserved", case_cr3_reserved },
	{ "cr4-mce", case_cr4_mce },
	{ "xsetbv", case_xsetbv },
	{ "xsetbv-off", case_xsetbv_off },
	{ "x87-legacy", case_x87_legacy },
	{ 0 },
};
