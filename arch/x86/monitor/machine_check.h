/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Machine checks as health events (Intel SDM volume 3B, 15.3; APM volume 2, 9.3).
 * Whatever the processor could not correct ends the cell whose CPU reports it, with
 * one exception: Intel processors tell all CPUs of all machine checks, and a bank
 * that names memory of another cell is left for that cell.
 */
#ifndef SEPTUM_X86_MACHINE_CHECK_H
#define SEPTUM_X86_MACHINE_CHECK_H

#include "cpu.h"

#define MCG_CAP_SER_P (1ull << 24) /* Intel: MISC says what kind of address ADDR is */
#define MCG_STATUS_RIPV (1ull << 0) /* the cell can go on where it was */

#define MC_STATUS_VALID (1ull << 63)
#define MC_STATUS_OVERFLOW (1ull << 62)
#define MC_STATUS_UNCORRECTED (1ull << 61)
#define MC_STATUS_MISC (1ull << 59)
#define MC_STATUS_ADDRESS (1ull << 58)
#define MC_STATUS_CORRUPT (1ull << 57) /* PCC */
#define MC_MISC_MODE(misc) ((misc) >> 6 & 7)
#define MC_MISC_PHYSICAL 2u

/* MSRs of a bank */
#define MC_CTL(bank) (MSR_MC0_CTL + 4 * (bank))
#define MC_STATUS(bank) (MC_CTL(bank) + 1)
#define MC_ADDRESS(bank) (MC_CTL(bank) + 2)
#define MC_MISC(bank) (MC_CTL(bank) + 3)

struct machine_check_bank {
	uint64_t status;
	uint64_t address; /* with MC_STATUS_ADDRESS */
	uint64_t misc; /* with MC_STATUS_MISC */
};

struct machine_check {
	const struct plan *plan;
	uint32_t cell; /* index, of the CPU that reports */
	bool names_memory; /* MCG_CAP_SER_P */
	bool ends_cell;
	uint64_t address; /* HPA of what ends it; 0: unknown */
};

/** machine_check_begin() - before the banks. @capability, @status: MCG_CAP, MCG_STATUS. */
void machine_check_begin(struct machine_check *check, const struct cpu *cpu, uint64_t capability,
			 uint64_t status);

/** machine_check_judge() - one bank. Return: true: clear it; it is not another cell's. */
bool machine_check_judge(struct machine_check *check, const struct machine_check_bank *bank);

/** machine_check_enable() - this CPU reports errors of all its banks, and has none to report. */
void machine_check_enable(void);

/**
 * machine_check_test() - a cell writes bank 0, with an ADDR that is physical, and gets the
 * answer to it: bits 7:0 are STATUS's bits 63:56, bits 10:8 MCG_STATUS's 2:0, the rest ADDR.
 * Return: false: another MSR.  Only in builds for tests.
 */
bool machine_check_test(struct cpu *cpu, uint32_t msr, uint64_t value);
#ifdef CONFIG_TEST_INJECT_MC
#define HAS_MACHINE_CHECK_TEST true
#else
#define HAS_MACHINE_CHECK_TEST false
#endif

#endif
