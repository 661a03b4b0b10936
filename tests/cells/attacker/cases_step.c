/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Single steps over instructions that the monitor carries out: each must trap
 * once, after it, like any other (APM volume 2, 13.1.4).
 */
#include "cases.h"

#include "../lib/traps.h"

#include <stddef.h>

#define RFLAGS_TF (1ull << 8)
#define STEPS 3u /* the instruction and the two NOPs behind it */

static uint64_t after_instruction;
static uint64_t trapped_at[STEPS + 1];
static volatile unsigned int traps_seen;

static void on_trap(struct trap_frame *frame)
{
	if (traps_seen <= STEPS)
		trapped_at[traps_seen] = frame->rip;
	traps_seen = traps_seen + 1;
	if (traps_seen >= STEPS)
		frame->rflags &= ~RFLAGS_TF;
}

#define STEP_ACT(name, prepare, instruction)                                                  \
	static void act_##name(void *arg)                                                     \
	{                                                                                     \
		(void)arg;                                                                    \
		asm volatile("leaq 1f(%%rip), %%rax; movq %%rax, %0; " prepare                \
			     "; pushfq; orl %1, (%%rsp); popfq; " instruction "; 1: nop; nop" \
			     : "=m"(after_instruction)                                        \
			     : "i"(RFLAGS_TF)                                                 \
			     : "rax", "rbx", "rcx", "rdx", "memory", "cc");                   \
	}

STEP_ACT(nop, "", "nop")
STEP_ACT(cpuid, "xorl %%eax, %%eax", "cpuid")
STEP_ACT(rdmsr, "movl $0x1b, %%ecx", "rdmsr")
STEP_ACT(wrmsr, "movl $0x1b, %%ecx; rdmsr", "wrmsr")
STEP_ACT(in, "movl $0x80, %%edx", "inl %%dx, %%eax")
STEP_ACT(out, "movl $0x80, %%edx", "outl %%eax, %%dx")
STEP_ACT(cr4, "movq %%cr4, %%rax", "movq %%rax, %%cr4")
STEP_ACT(wbinvd, "", "wbinvd")
STEP_ACT(load, "movl $0xd0000000, %%ecx", "movl (%%rcx), %%eax")
STEP_ACT(store, "movl $0xd0000000, %%ecx", "movl %%eax, (%%rcx)")
STEP_ACT(icebp, "", ".byte 0xf1")
STEP_ACT(int1, "", "int $1")
STEP_ACT(int3, "", "int3")

static void judge(const char *name, void (*act)(void *arg))
{
	traps_seen = 0;
	trap_guard(act, NULL);
	for (unsigned int i = 0; i < STEPS; i++)
		if (trapped_at[i] != after_instruction + i)
			report_bad(name, trapped_at[i] - after_instruction);
	report_judged(traps_seen == STEPS, name, traps_seen);
}

static void case_step(const char *argument)
{
	static const struct {
		const char *name;
		void (*act)(void *arg);
	} acts[] = {
		{ "nop", act_nop },	{ "cpuid", act_cpuid },	  { "rdmsr", act_rdmsr },
		{ "wrmsr", act_wrmsr }, { "in", act_in },	  { "out", act_out },
		{ "cr4", act_cr4 },	{ "wbinvd", act_wbinvd }, { "load", act_load },
		{ "store", act_store }, { "icebp", act_icebp },	  { "int1", act_int1 },
		{ "int3", act_int3 },
	};

	(void)argument;
	trap_on(VECTOR_DB, on_trap);
	trap_on(VECTOR_BP, on_trap);
	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++)
		judge(acts[i].name, acts[i].act);
	trap_on(VECTOR_DB, NULL);
	trap_on(VECTOR_BP, NULL);
}

const struct test_case step_cases[] = {
	{ "step", case_step },
	{ 0 },
};
