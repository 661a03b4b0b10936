/* SPDX-License-Identifier: Apache-2.0 */
/* AMD-V's instructions, EFER, caches and alignment checks. */
#include "cases.h"

#include "../lib/cpu.h"
#include "../lib/paging.h"
#include "../lib/selectors.h"
#include "../lib/traps.h"

#include <septum/x86/cell_registers.h>
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
	paging_allow_user(true);
	cr0_write(cr0_read() | CR0_AM);
	traps_seen = 0;
	trap_on(VECTOR_AC, on_ac);
	trap_guard(act_misaligned_in_ring3, NULL);
	trap_on(VECTOR_AC, NULL);
	paging_allow_user(false);
	report_harmless("#AC taken", traps_seen);
}

static void case_ac_endless(const char *argument)
{
	wanted_traps = 0;
	case_ac(argument);
}

const struct test_case cpu_cases[] = {
	{ "svm", case_svm },
	{ "efer", case_efer },
	{ "cache", case_cache },
	{ "ac", case_ac },
	{ "ac-endless", case_ac_endless },
	{ 0 },
};
