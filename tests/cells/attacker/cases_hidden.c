/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Instructions that no cell has, whatever the processor knows: those of VT-x
 * (Intel SDM volume 3C, chapter 30), SMX, SGX and SMM, in ring 0 and ring 3.
 * AMD-V's own are in cases_cpu.c.
 */
#include "cases.h"

#include "../lib/cpu.h"
#include "../lib/paging.h"
#include "../lib/user.h"

#include <septum/x86/registers.h>
#include <stddef.h>

#define REVISION 1u

static uint8_t region[4096] __attribute__((aligned(4096)));
static uint64_t region_address;

/* All operands point to a page that begins like a VMXON region; RAX, RCX, RDX vary. */
struct operands {
	uint64_t rax, rcx, rdx;
};

#define HIDDEN(name, bytes)                                                                 \
	static void act_##name(void *arg)                                                   \
	{                                                                                   \
		const struct operands *o = arg;                                             \
                                                                                            \
		asm volatile(".byte " bytes                                                 \
			     :                                                              \
			     : "a"(o->rax), "c"(o->rcx), "d"(o->rdx), "b"(&region_address), \
			       "D"(&region_address)                                         \
			     : "memory", "cc");                                             \
	}

HIDDEN(vmcall, "0x0f, 0x01, 0xc1")
HIDDEN(vmlaunch, "0x0f, 0x01, 0xc2")
HIDDEN(vmresume, "0x0f, 0x01, 0xc3")
HIDDEN(vmxoff, "0x0f, 0x01, 0xc4")
HIDDEN(vmfunc, "0x0f, 0x01, 0xd4")
HIDDEN(vmxon, "0xf3, 0x0f, 0xc7, 0x33") /* (%rbx) */
HIDDEN(vmclear, "0x66, 0x0f, 0xc7, 0x33")
HIDDEN(vmptrld, "0x0f, 0xc7, 0x33")
HIDDEN(vmptrst, "0x0f, 0xc7, 0x3b")
HIDDEN(vmread, "0x0f, 0x78, 0xc1") /* %rax, %rcx */
HIDDEN(vmwrite, "0x0f, 0x79, 0xc1")
HIDDEN(vmread_memory, "0x0f, 0x78, 0x03")
HIDDEN(invept, "0x66, 0x0f, 0x38, 0x80, 0x03")
HIDDEN(invvpid, "0x66, 0x0f, 0x38, 0x81, 0x03")
HIDDEN(getsec, "0x0f, 0x37")
HIDDEN(enclv, "0x0f, 0x01, 0xc0")
HIDDEN(encls, "0x0f, 0x01, 0xcf")
HIDDEN(enclu, "0x0f, 0x01, 0xd7")
HIDDEN(pconfig, "0x0f, 0x01, 0xc5")
HIDDEN(seamcall, "0x66, 0x0f, 0x01, 0xcf")
HIDDEN(tdcall, "0x66, 0x0f, 0x01, 0xcc")
HIDDEN(rsm, "0x0f, 0xaa")
HIDDEN(monitor, "0x0f, 0x01, 0xc8")
HIDDEN(mwait, "0x0f, 0x01, 0xc9")
HIDDEN(monitorx, "0x0f, 0x01, 0xfa")
HIDDEN(mwaitx, "0x0f, 0x01, 0xfb")
HIDDEN(umonitor, "0xf3, 0x0f, 0xae, 0xf3")
HIDDEN(umwait, "0xf2, 0x0f, 0xae, 0xf1")
HIDDEN(tpause, "0x66, 0x0f, 0xae, 0xf1")
HIDDEN(rdpru, "0x0f, 0x01, 0xfd")
HIDDEN(wbnoinvd_lock, "0xf0, 0x0f, 0x09")
HIDDEN(pvalidate, "0xf2, 0x0f, 0x01, 0xff")
HIDDEN(rmpadjust, "0xf3, 0x0f, 0x01, 0xfe")
HIDDEN(rmpupdate, "0xf2, 0x0f, 0x01, 0xfe")

struct hidden {
	const char *name;
	void (*act)(void *arg);
};

static const struct hidden virtualization[] = {
	{ "vmcall", act_vmcall },     { "vmlaunch", act_vmlaunch },
	{ "vmresume", act_vmresume }, { "vmxoff", act_vmxoff },
	{ "vmfunc", act_vmfunc },     { "vmread", act_vmread },
	{ "vmwrite", act_vmwrite },   { "vmread to memory", act_vmread_memory },
	{ "invept", act_invept },     { "invvpid", act_invvpid },
	{ "seamcall", act_seamcall }, { "tdcall", act_tdcall },
};

/* An emulator takes the memory forms of this opcode for RDRAND and RDSEED. */
static const struct hidden like_random[] = {
	{ "vmxon", act_vmxon },
	{ "vmclear", act_vmclear },
	{ "vmptrld", act_vmptrld },
	{ "vmptrst", act_vmptrst },
};

static const struct hidden others[] = {
	{ "getsec", act_getsec },
	{ "enclv", act_enclv },
	{ "encls", act_encls },
	{ "enclu", act_enclu },
	{ "pconfig", act_pconfig },
	{ "rsm", act_rsm },
	{ "monitor", act_monitor },
	{ "mwait", act_mwait },
	{ "monitorx", act_monitorx },
	{ "mwaitx", act_mwaitx },
	{ "umonitor", act_umonitor },
	{ "umwait", act_umwait },
	{ "tpause", act_tpause },
	{ "rdpru", act_rdpru },
	{ "wbnoinvd with lock", act_wbnoinvd_lock },
	{ "pvalidate", act_pvalidate },
	{ "rmpadjust", act_rmpadjust },
	{ "rmpupdate", act_rmpupdate },
};

static const struct operands operands[] = {
	{ 0, 0, 0 },
	{ 1, 1, 1 },
	{ 0x681e, 0x681e, 0 },
	{ UINT64_MAX, UINT64_MAX, 0 },
};

static void judge_trap(const struct hidden *hidden, bool returned, bool may_return)
{
	if (returned)
		report_judged(may_return, hidden->name, 0);
	else /* operands or the privilege may be found wrong first */
		report_judged(trap_last() == VECTOR_UD || trap_last() == VECTOR_GP, hidden->name,
			      trap_last());
}

static void judge(const struct hidden *list, size_t count, bool may_return)
{
	region_address = (uintptr_t)region;
	*(uint32_t *)region = REVISION;
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < sizeof(operands) / sizeof(operands[0]); j++) {
			struct operands o = operands[j];

			judge_trap(&list[i], trap_guard(list[i].act, &o), may_return);
		}
}

#define JUDGE(list, may_return) judge(list, sizeof(list) / sizeof((list)[0]), may_return)

static void case_vmx(const char *argument)
{
	(void)argument;
	JUDGE(virtualization, false);
	JUDGE(like_random, true);
	for (size_t i = 0; i < sizeof(region); i++)
		if (i >= sizeof(uint32_t) && region[i])
			report_bad("written to memory at", i);
}

static void case_hidden(const char *argument)
{
	(void)argument;
	JUDGE(others, false);
}

static const struct hidden *user_choice;

static void user_act(void)
{
	struct operands o = { 0, 0, 0 };

	user_choice->act(&o);
}

static void judge_user(const struct hidden *list, size_t count, bool may_return)
{
	for (size_t i = 0; i < count; i++) {
		user_choice = &list[i];
		judge_trap(user_choice, user_run(user_act), may_return);
	}
}

#define JUDGE_USER(list, may_return) judge_user(list, sizeof(list) / sizeof((list)[0]), may_return)

static void case_hidden_user(const char *argument)
{
	(void)argument;
	JUDGE_USER(virtualization, false);
	JUDGE_USER(like_random, true);
	JUDGE_USER(others, false);
}

const struct test_case hidden_cases[] = {
	{ "vmx", case_vmx },
	{ "hidden", case_hidden },
	{ "hidden-user", case_hidden_user },
	{ 0 },
};
