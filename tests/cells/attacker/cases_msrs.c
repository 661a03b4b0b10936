/* SPDX-License-Identifier: Apache-2.0 */
/* Model-specific registers that reach beyond one cell. */
#include "cases.h"

#include "../lib/cpu.h"
#include "../lib/traps.h"

#include <septum/x86/cell_registers.h>
#include <stddef.h>

struct msr_access {
	uint32_t msr;
	uint64_t value;
};

static void act_read(void *arg)
{
	struct msr_access *access = arg;

	access->value = msr_read(access->msr);
}

static void act_write(void *arg)
{
	const struct msr_access *access = arg;

	msr_write(access->msr, access->value);
}

/* Machine-wide registers: not even to be read.  APM volume 2, appendix A. */
static const uint32_t machine_wide[] = {
	0x3a, /* IA32_FEATURE_CONTROL */
	0x480, /* IA32_VMX_BASIC */
	0x48b, /* IA32_VMX_PROCBASED_CTLS2 */
	0xc0010010, /* SYSCFG */
	0xc0010016, /* IORRBase0 */
	0xc001001a, /* TOP_MEM */
	0xc001001d, /* TOP_MEM2 */
	0xc0010061, /* P-state current limit */
	0xc0010062, /* P-state control */
	0xc0010064, /* P-state 0 */
	0xc0010111, /* SMM_BASE */
	0xc0010112, /* SMM_ADDR */
	0xc0010113, /* SMM_MASK */
	0xc0010116, /* SMM_CTL */
	0xc0010117, /* VM_HSAVE_PA */
	0xc0010118, /* SVM lock key */
	0xc0010140, /* OSVW id length */
	0xc0010299, /* RAPL power unit */
	0xc00102b1, /* CPPC enable */
	0x17b, /* MCG_CTL */
	0x401, /* MC0_STATUS */
	0xc81, /* L3 QOS configuration */
	0xc90, /* L3 mask 0 */
	0x40000000, /* Hyper-V guest OS id */
	0x4b564d00, /* KVM wall clock */
	0x12345678, 0xffffffff,
};

static void judge_denied(uint32_t msr)
{
	struct msr_access access = { msr, 0 };

	if (trap_guard(act_read, &access))
		report_bad("read of MSR", access.msr);
	else
		report_trap(false, VECTOR_GP, "read");
	access.value = 0;
	if (trap_guard(act_write, &access))
		report_bad("write of MSR", access.msr);
	else
		report_trap(false, VECTOR_GP, "write");
}

static void case_msr(const char *argument)
{
	(void)argument;
	for (size_t i = 0; i < sizeof(machine_wide) / sizeof(machine_wide[0]); i++)
		judge_denied(machine_wide[i]);
}

/*
 * AMD's extended APIC registers (APM volume 2, 16.13): specific EOI, interrupt
 * enables, and four LVTs with a delivery mode.  And the doorbell of its virtual one.
 */
static void case_msr_apic_extended(const char *argument)
{
	(void)argument;
	for (uint32_t msr = 0x840; msr <= 0x853; msr++)
		judge_denied(msr);
	judge_denied(0xc001011b);
}

/* Writes: refused by #GP, or quietly so that the register reads as before. */
static void judge_change(uint32_t msr, uint64_t value)
{
	struct msr_access before = { msr, 0 }, access = { msr, value }, after = { msr, 0 };
	bool readable = trap_guard(act_read, &before);

	if (!trap_guard(act_write, &access)) {
		report_blocked("write");
		return;
	}
	if (!readable || !trap_guard(act_read, &after))
		report_harmless("written, cannot be read: MSR", msr);
	else
		report_judged(after.value == before.value, "change of MSR", msr);
}

static void case_msr_change(const char *argument)
{
	static const struct msr_access changes[] = {
		{ 0x79, 0 }, /* microcode update, Intel's */
		{ MSR_PATCH_LEVEL, 1 },
		{ 0xc0010020, 0 }, /* microcode patch loader */
		{ 0xc0010015, 1ull << 4 | 1ull << 24 }, /* HWCR: no WBINVD, TSC stops */
		{ MSR_VM_CR, VM_CR_SVMDIS | 1ull << 3 }, /* SVM off, locked */
		{ 0x17a, 4 }, /* MCG_STATUS: machine check in progress */
		{ 0x200, 0x10000006 }, /* MTRR of the monitor's memory */
		{ 0x201, 0xff0000800ull },
		{ MSR_MTRR_DEF_TYPE, 0 }, /* the whole machine uncached */
		{ 0x1a0, 0 }, /* MISC_ENABLE, Intel's */
		{ 0x3a, 5 }, /* FEATURE_CONTROL, Intel's */
		{ 0x610, 0 }, /* package power limit, Intel's */
		{ 0xc0011029, 0 }, /* DE_CFG */
		{ 0xc0011022, 0 }, /* DC_CFG */
	};

	(void)argument;
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++)
		judge_change(changes[i].msr, changes[i].value);
}

/* Moving the time base: another cell's clocks must not notice. */
static void case_msr_tsc(const char *argument)
{
	struct msr_access tsc = { MSR_TSC, 0 }, adjust = { MSR_TSC_ADJUST, 1ull << 40 };
	uint64_t before = tsc_read();

	(void)argument;
	if (!trap_guard(act_write, &tsc))
		report_blocked("TSC");
	if (!trap_guard(act_write, &adjust))
		report_blocked("TSC_ADJUST");
	report_judged(tsc_read() - before < 1ull << 36, "TSC goes on from", before);
}

/* Every number in the ranges that AMD defines: how many answer is told, not judged. */
static void case_msr_sweep(const char *argument)
{
	static const uint32_t starts[] = { 0, 0xc0000000, 0xc0010000 };
	uint64_t readable = 0;

	(void)argument;
	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		for (uint32_t n = 0; n < 0x2000; n++) {
			struct msr_access access = { starts[i] + n, 0 };

			readable += trap_guard(act_read, &access);
		}
	report_harmless("readable MSRs", readable);
}

const struct test_case msr_cases[] = {
	{ "msr", case_msr },
	{ "msr-apic-extended", case_msr_apic_extended },
	{ "msr-change", case_msr_change },
	{ "msr-tsc", case_msr_tsc },
	{ "msr-sweep", case_msr_sweep },
	{ 0 },
};
