/* SPDX-License-Identifier: Apache-2.0 */
/* Exits from other modes than long mode: the monitor must read instructions there as well. */
#include "cases.h"
#include "modes.h"

#include "../lib/cpu.h"
#include "../lib/paging.h"
#include "../lib/selectors.h"
#include "../lib/string.h"

#include <septum/x86/registers.h>
#include <stddef.h>

#define GATE_32_PRESENT 0x8e00u
#define LEGACY_ENTRIES 1024u
#define LEGACY_PAGE_SHIFT 22
#define PAE_ENTRIES 4u

struct trip trip;
extern const uint8_t protected_gp[];

uint64_t protected_idt[MODE_GATES] __attribute__((aligned(16)));
static uint32_t legacy_directory[LEGACY_ENTRIES] __attribute__((aligned(4096)));
static uint64_t pae_pointers[PAE_ENTRIES] __attribute__((aligned(4096)));

/* 32-bit interrupt gate: APM volume 2, 4.7.1. */
void trip_on_gp(const uint8_t *handler)
{
	const uint32_t entry = (uint32_t)(uintptr_t)handler;

	protected_idt[VECTOR_GP] = (entry & 0xffff) | MODE_SEL_CODE32 << 16 |
				   (uint64_t)(entry >> 16 << 16 | GATE_32_PRESENT) << 32;
}

/* 4 MiB pages, one to one: APM volume 2, 5.2.1. */
static uint32_t legacy_tables(void)
{
	for (uint32_t i = 0; i < LEGACY_ENTRIES; i++)
		legacy_directory[i] = i << LEGACY_PAGE_SHIFT | PTE_LARGE | PTE_WRITE | PTE_PRESENT;
	return (uint32_t)(uintptr_t)legacy_directory;
}

/* The page directories of long mode serve; the level above has fewer bits: 5.2.3. */
static uint32_t pae_tables(void)
{
	for (uint32_t i = 0; i < PAE_ENTRIES; i++)
		pae_pointers[i] = paging_directory(i) | PTE_PRESENT;
	return (uint32_t)(uintptr_t)pae_pointers;
}

/* As in long mode, in every respect. */
void trip_judge(void)
{
	const struct cpuid_result home = cpuid(0, 0);

	report_judged(trip.cpuid_ebx == home.ebx && trip.cpuid_ecx == home.ecx &&
			      trip.cpuid_edx == home.edx,
		      "CPUID", trip.cpuid_ebx);
	report_judged(trip.port == 0xffffffff, "port", trip.port);
	report_judged(trip.hole == 0xffffffff, "hole", trip.hole);
	report_judged(trip.gp == 1, "#GPs", trip.gp);
}

void trip_prepare(uint64_t paging, uint32_t cr3, uint64_t cr4, uint32_t efer, const uint8_t *entry)
{
	trip = (struct trip){
		.cr0 = (uint32_t)((cr0_read() & ~CR0_PG) | paging),
		.cr3 = cr3,
		.cr4 = (uint32_t)((cr4_read() & ~(CR4_PAE | CR4_PSE)) | cr4),
		.entry = (uint32_t)(uintptr_t)entry,
		.efer = efer,
	};
	trip_on_gp(protected_gp);
}

static void go(uint64_t paging, uint32_t cr3, uint64_t cr4, uint32_t efer, const uint8_t *entry)
{
	trip_prepare(paging, cr3, cr4, efer, entry);
	trip_make();
	trip_judge();
}

static void go_real(uint32_t efer)
{
	memcpy((void *)(uintptr_t)REAL_PAGE, real_page_start,
	       (size_t)(real_page_end - real_page_start));
	go(0, 0, 0, efer, real_acts);
}

static void case_mode_real(const char *argument)
{
	(void)argument;
	go_real(0);
}

static void case_mode_protected(const char *argument)
{
	(void)argument;
	go(0, 0, 0, 0, protected_acts);
}

static void case_mode_legacy_paging(const char *argument)
{
	(void)argument;
	go(CR0_PG, legacy_tables(), CR4_PSE, 0, protected_acts);
}

static void case_mode_pae(const char *argument)
{
	(void)argument;
	go(CR0_PG, pae_tables(), CR4_PAE, 0, protected_acts);
}

/*
 * On the way to long mode in an order that processors allow and nobody uses:
 * EFER.LME before CR4.PAE.  An emulator then forgets the monitor's CR0 at the
 * next exit, and with it nested paging: see arch/x86/monitor/svm/run.S.
 */
static void case_mode_half_long(const char *argument)
{
	(void)argument;
	go(0, 0, 0, EFER_LME, protected_acts);
	go_real(EFER_LME);
}

const struct test_case mode_cases[] = {
	{ "mode-real", case_mode_real },
	{ "mode-protected", case_mode_protected },
	{ "mode-legacy-paging", case_mode_legacy_paging },
	{ "mode-pae", case_mode_pae },
	{ "mode-half-long", case_mode_half_long },
	{ 0 },
};
