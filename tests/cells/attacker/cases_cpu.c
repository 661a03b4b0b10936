/* SPDX-License-Identifier: Apache-2.0 */
/* Instructions and control registers that belong to the monitor. */
#include "cases.h"

#include "../lib/cpu.h"
#include "../lib/paging.h"
#include "../lib/selectors.h"
#include "../lib/traps.h"

#include <septum/x86/registers.h>
#include <stddef.h>

#define RFLAGS_AC (1ull << 18)
#define FEW 1000u

/* The operand of VMRUN, VMLOAD and VMSAVE is an HPA in RAX. */
#define SVM_ACT(name, instruction)                                         \
	static void act_##name(void *arg)                                  \
	{                                                                  \
		asm volatile(instruction : : "a"(arg), "c"(0) : "memory"); \
	}

SVM_ACT(vmrun, "vmrun %%rax")
SVM_ACT(vmmcall, "vmmcall")
SVM_ACT(vmload, "vmload %%rax")
SVM_ACT(vmsave, "vmsave %%rax")
SVM_ACT(stgi, "stgi")
SVM_ACT(clgi, "clgi")
SVM_ACT(skinit, "skinit %%eax")
SVM_ACT(invlpga, "invlpga %%rax, %%ecx")
SVM_ACT(vmcall, "vmcall")
SVM_ACT(vmxoff, "vmxoff")

static void svm_all(void *operand)
{
	static const struct {
		const char *name;
		void (*act)(void *arg);
	} acts[] = {
		{ "vmrun", act_vmrun },	  { "vmmcall", act_vmmcall }, { "vmload", act_vmload },
		{ "vmsave", act_vmsave }, { "stgi", act_stgi },	      { "clgi", act_clgi },
		{ "skinit", act_skinit }, { "invlpga", act_invlpga }, { "vmcall", act_vmcall },
		{ "vmxoff", act_vmxoff },
	};

	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++)
		report_trap(trap_guard(acts[i].act, operand), VECTOR_UD, acts[i].name);
}

static void case_svm(const char *argument)
{
	static uint8_t page[4096] __attribute__((aligned(4096)));

	(void)argument;
	svm_all(page);
}

static void act_efer(void *arg)
{
	msr_write(MSR_EFER, *(const uint64_t *)arg);
}

/* Whatever the register says afterwards, SVM instructions stay undefined. */
static void case_efer(const char *argument)
{
	uint64_t efer = msr_read(MSR_EFER);
	uint64_t values[] = { efer & ~EFER_SVME, efer | EFER_SVME, efer | 1ull << 40 };

	(void)argument;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		if (trap_guard(act_efer, &values[i]))
			report_judged(msr_read(MSR_EFER) == efer, "EFER", msr_read(MSR_EFER));
		else
			report_blocked("EFER");
	}
	svm_all(NULL);
}

static void act_cr0(void *arg)
{
	cr0_write(*(const uint64_t *)arg);
}

static void act_cr4(void *arg)
{
	cr4_write(*(const uint64_t *)arg);
}

static void judge_cr4(uint64_t value, uint64_t changed, const char *what)
{
	uint64_t before = cr4_read();

	if (!trap_guard(act_cr4, &value)) {
		report_blocked(what);
		return;
	}
	report_judged(!((cr4_read() ^ before) & changed), what, cr4_read());
	cr4_write(before);
}

/* CR0 is not intercepted: processors refuse such values, emulators may take them. */
static void judge_cr0(uint64_t value)
{
	uint64_t before = cr0_read();

	if (!trap_guard(act_cr0, &value)) {
		report_blocked("CR0");
		return;
	}
	report_harmless("CR0", cr0_read());
	cr0_write(before);
}

static void case_control_registers(const char *argument)
{
	uint64_t cr4 = cr4_read(), cr0 = cr0_read();

	(void)argument;
	judge_cr4(cr4 | 1ull << 40, 1ull << 40, "CR4 reserved high bit");
	judge_cr4(cr4 | 1ull << 15, 1ull << 15, "CR4 reserved low bit");
	judge_cr4(cr4 | CR4_VMXE, CR4_VMXE, "CR4.VMXE");
	judge_cr4(cr4 & ~CR4_PAE, CR4_PAE, "CR4.PAE in long mode");
	judge_cr4(cr4 | CR4_LA57, CR4_LA57, "CR4.LA57 in long mode");
	judge_cr4(UINT64_MAX, UINT64_MAX, "CR4 all ones");
	judge_cr0(cr0 | 1ull << 40);
	judge_cr0(cr0 & ~CR0_PE);
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

static void case_xsetbv(const char *argument)
{
	static const struct xcr values[] = {
		{ 0, 0 }, { 0, UINT64_MAX }, { 0, 4 }, { 5, 1 }, { 0, 1ull << 62 }
	};
	uint64_t with_xsave = cr4_read() | CR4_OSXSAVE;
	struct xcr good = { 0, 3 };

	(void)argument;
	if (!trap_guard(act_cr4, &with_xsave)) {
		report_blocked("CR4.OSXSAVE");
		return;
	}
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		struct xcr xcr = values[i];

		report_trap(trap_guard(act_xsetbv, &xcr), VECTOR_GP, "xsetbv");
	}
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

static void case_cache(const char *argument)
{
	static volatile uint64_t canary = 0x600dda7a;

	(void)argument;
	asm volatile("wbinvd" : : : "memory");
	asm volatile("invd" : : : "memory");
	report_judged(canary == 0x600dda7a, "after WBINVD and INVD", canary);
}

static volatile unsigned int traps_seen;
static unsigned int wanted_traps = FEW; /* 0: without end */

static uint64_t ring0_stack;

/* Returns to the same instruction, which traps again, as often as wanted. */
static void on_ac(struct trap_frame *frame)
{
	traps_seen = traps_seen + 1;
	if (traps_seen == wanted_traps) {
		frame->rflags &= ~RFLAGS_AC;
		frame->rcx = 1; /* tells ring 3 to leave */
	}
}

/* Ring 3 leaves by an exception: its INT3 is not allowed and gives #GP. */
static void act_misaligned_in_ring3(void *arg)
{
	static uint8_t user_stack[4096] __attribute__((aligned(16)));

	(void)arg;
	asm volatile("movq %%rsp, %0; xorl %%ecx, %%ecx; pushq %1; pushq %2; pushq %3; pushq %4;"
		     "leaq 1f(%%rip), %%rax; pushq %%rax; iretq;"
		     "1: movl 1(%%rsp), %%eax; int3"
		     : "=m"(ring0_stack)
		     : "i"(SEL_USER_DATA), "r"(user_stack + sizeof(user_stack) - 64),
		       "i"(RFLAGS_AC | RFLAGS_RESERVED_ONE), "i"(SEL_USER_CODE)
		     : "rax", "rcx", "memory");
}

static void case_ac(const char *argument)
{
	(void)argument;
	paging_allow_user();
	cr0_write(cr0_read() | CR0_AM);
	traps_seen = 0;
	trap_on(VECTOR_AC, on_ac);
	trap_guard(act_misaligned_in_ring3, NULL);
	trap_on(VECTOR_AC, NULL);
	report_harmless("#AC taken", traps_seen);
}

static void case_ac_endless(const char *argument)
{
	wanted_traps = 0;
	case_ac(argument);
}

const struct attack_case cpu_cases[] = {
	{ "svm", case_svm },
	{ "efer", case_efer },
	{ "control-registers", case_control_registers },
	{ "cr4-mce", case_cr4_mce },
	{ "xsetbv", case_xsetbv },
	{ "xsetbv-off", case_xsetbv_off },
	{ "x87-legacy", case_x87_legacy },
	{ "cache", case_cache },
	{ "ac", case_ac },
	{ "ac-endless", case_ac_endless },
	{ 0 },
};
