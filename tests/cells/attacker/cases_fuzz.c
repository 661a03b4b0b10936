/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random instructions, in ring 0 and ring 3.  A stream reaches a page of its
 * own and a few pages to write to; all else is read-only or absent by its page
 * tables, so that it rarely ends the cell and the next one can follow.
 */
#include "cases.h"
#include "fuzz.h"

#include "../lib/apic.h"
#include "../lib/console.h"
#include "../lib/cpu.h"
#include "../lib/paging.h"
#include "../lib/selectors.h"
#include "../lib/string.h"

#include <septum/x86/cell_registers.h>

#define PAGE 4096u
#define ENTRIES 512u
#define LARGE_SHIFT 21
#define SCRATCH_PAGES 4u
#define HOLE 0xd0000000ull
#define FILL 0x0b0fu /* UD2 */
#define TICK_FASTER 5u /* than the poll timer: a millisecond */
#define STREAMS 2000u
#define PROGRESS 50u /* streams between two lines */
#define RFLAGS_AC (1ull << 18)
#define RFLAGS_IOPL_3 (3ull << 12)
#define IRR_WORDS 8u
#define SEED_SPREAD 0x9e3779b97f4a7c15ull /* so that no seed is all zeros */
#define FNV_START 0xcbf29ce484222325ull
#define FNV_PRIME 0x100000001b3ull

struct gate { /* APM volume 2, 4.8.4 */
	uint16_t offset_low, selector;
	uint8_t ist, type;
	uint16_t offset_middle;
	uint32_t offset_high, reserved;
};

extern uint8_t cell_start[], cell_bss_end[];

static uint8_t stream_page[PAGE] __attribute__((aligned(PAGE)));
static uint8_t scratch[SCRATCH_PAGES * PAGE] __attribute__((aligned(PAGE)));
static uint64_t pml4[ENTRIES] __attribute__((aligned(PAGE)));
static uint64_t pdpt[ENTRIES] __attribute__((aligned(PAGE)));
static uint64_t low_pd[ENTRIES] __attribute__((aligned(PAGE)));
static uint64_t hole_pd[ENTRIES] __attribute__((aligned(PAGE)));
static uint64_t low_pt[ENTRIES] __attribute__((aligned(PAGE)));
static bool reaches_hole;
static struct gate gates[256] __attribute__((aligned(16)));

static uint64_t link(const void *table)
{
	return (uintptr_t)table | PTE_PRESENT | PTE_WRITE | PTE_USER;
}

static void map(const void *start, size_t bytes, uint64_t rights)
{
	for (uint64_t at = (uintptr_t)start; at < (uintptr_t)start + bytes; at += PAGE)
		low_pt[at / PAGE] = at | PTE_PRESENT | rights;
}

/* All of the payload lies below 2 MiB.  @stack_top: of the exceptions. */
static void build_tables(uint64_t stack_top)
{
	map(cell_start, (size_t)(cell_bss_end - cell_start), 0);
	map(stream_page, PAGE, PTE_WRITE | PTE_USER);
	map(scratch, sizeof(scratch), PTE_WRITE | PTE_USER);
	map((const void *)(uintptr_t)(stack_top - PAGE), PAGE, PTE_WRITE);
	pml4[0] = link(pdpt);
	pdpt[0] = link(low_pd);
	pdpt[HOLE >> 30] = 0;
	low_pd[0] = link(low_pt);
}

/* Instructions that the monitor cannot carry out for a cell end the cell. */
static void add_hole(void)
{
	pdpt[HOLE >> 30] = link(hole_pd);
	hole_pd[HOLE >> LARGE_SHIFT & (ENTRIES - 1)] = HOLE | PTE_LARGE | PTE_PRESENT | PTE_WRITE |
						       PTE_USER;
}

/* Open to ring 3 as well, so that INT n is tried too. */
static void build_gates(void)
{
	for (unsigned int i = 0; i < 256; i++) {
		const uint64_t entry = (uintptr_t)fuzz_entries + (uint64_t)i * 16;

		gates[i] = (struct gate){
			.offset_low = (uint16_t)entry,
			.selector = SEL_CODE,
			.ist = 1,
			.type = 0xee,
			.offset_middle = (uint16_t)(entry >> 16),
			.offset_high = (uint32_t)(entry >> 32),
		};
	}
}

static uint64_t any_register(struct fuzz_random *random)
{
	const uint64_t value = fuzz_next(random);

	switch (fuzz_below(random, 8)) {
	case 0:
		return value;
	case 1:
		return value & 0xffff;
	case 2:
		return value & 63;
	case 3:
		return HOLE + (value & 0xffff);
	default:
		return (uintptr_t)scratch + value % sizeof(scratch);
	}
}

/* RCX names an MSR every other time. */
static uint64_t any_count(struct fuzz_random *random)
{
	static const uint32_t msrs[] = {
		MSR_TSC,
		MSR_APIC_BASE,
		0x3a,
		MSR_PAT,
		MSR_MTRR_CAP,
		MSR_SYSENTER_CS,
		MSR_DEBUGCTL,
		MSR_X2APIC_ID,
		MSR_X2APIC_LDR,
		MSR_X2APIC_ICR,
		MSR_X2APIC_LVT_LINT0,
		MSR_X2APIC_LVT_ERROR,
		MSR_EFER,
		MSR_STAR,
		MSR_FS_BASE,
		MSR_VM_CR,
		MSR_VM_HSAVE_PA,
		0x480,
		0x8b,
		0xc0010015,
		MSR_TSC_ADJUST,
		0x4b564d00,
		MSR_MTRR_DEF_TYPE,
	};
	const uint32_t choice = fuzz_below(random, 2 * sizeof(msrs) / sizeof(msrs[0]));

	return choice < sizeof(msrs) / sizeof(msrs[0]) ? msrs[choice] : any_register(random);
}

static void fill_stream(struct fuzz_random *random)
{
	uint16_t *fill = (uint16_t *)stream_page;

	for (unsigned int i = 0; i < PAGE / 2; i++)
		fill[i] = FILL;
	fuzz_stream(random, stream_page);
}

static struct fuzz_run prepare(struct fuzz_random *random, bool user)
{
	struct fuzz_run run = { .cr3 = (uintptr_t)pml4 };

	for (unsigned int i = 0; i < 16; i++)
		run.gprs[i] = any_register(random);
	run.gprs[1] = any_count(random);
	memset(scratch, (int)fuzz_below(random, 256), sizeof(scratch));
	fill_stream(random);
	run.rip = (uintptr_t)stream_page;
	run.rsp = (uintptr_t)scratch + sizeof(scratch) / 2;
	run.cs = user ? SEL_USER_CODE : SEL_CODE;
	run.ss = user ? SEL_USER_DATA : SEL_DATA;
	run.rflags = RFLAGS_RESERVED_ONE | RFLAGS_IF |
		     (fuzz_next(random) & (RFLAGS_AC | RFLAGS_IOPL_3));
	return run;
}

/* What a stream may have left in the local APIC. */
static void restore_apic(uint32_t ticks)
{
	msr_write(MSR_X2APIC_TPR, 0);
	apic_enable();
	for (uint32_t i = 0; i < IRR_WORDS; i++)
		for (uint32_t isr = (uint32_t)msr_read(MSR_X2APIC_ISR0 + i); isr; isr &= isr - 1)
			apic_eoi();
	apic_timer_periodic(FUZZ_TICK_VECTOR, ticks);
}

static void restore(uint32_t ticks)
{
	traps_init();
	msr_write(MSR_FS_BASE, 0);
	msr_write(MSR_GS_BASE, 0);
	restore_apic(ticks);
}

/* One that came too late for its stream. */
static void on_late_tick(struct trap_frame *frame)
{
	(void)frame;
	apic_eoi();
}

static uint64_t hash(uint64_t digest, const uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		digest = (digest ^ bytes[i]) * FNV_PRIME;
	return digest;
}

/*
 * What is the same each time.  Memory faults count as one: which it is may hang
 * on a value that no seed governs, such as the time.
 */
static uint8_t outcome(uint64_t vector)
{
	if (vector >= 12 && vector <= 14)
		return 13;
	return vector == FUZZ_GIVEN_UP ? 0xff : (uint8_t)vector;
}

static uint64_t run_one(struct fuzz_random *random, bool user, uint32_t ticks, uint64_t digest)
{
	static struct fuzz_run run;
	uint8_t bytes[FUZZ_STREAM_BYTES], end;

	run = prepare(random, user);
	memcpy(bytes, stream_page, sizeof(bytes));
	descriptor_table_load_idt(gates, sizeof(gates) - 1);
	end = outcome(fuzz_enter(&run));
	restore(ticks);
	return hash(hash(digest, bytes, sizeof(bytes)), &end, 1);
}

static void fuzz(const char *argument, bool user)
{
	const uint32_t old_ticks = (uint32_t)msr_read(MSR_X2APIC_TIMER_INIT);
	const uint64_t old_lvt = msr_read(MSR_X2APIC_LVT_TIMER);
	const uint64_t seed = string_number(argument);
	struct fuzz_random random = { seed ^ SEED_SPREAD };
	uint64_t digest = FNV_START;

	build_tables(trap_own_stack(VECTOR_DB));
	if (reaches_hole)
		add_hole();
	build_gates();
	trap_on(FUZZ_TICK_VECTOR, on_late_tick);
	cr0_write(cr0_read() | CR0_WP);
	restore(old_ticks / TICK_FASTER);
	for (unsigned int i = 1; i <= STREAMS; i++) {
		digest = run_one(&random, user, old_ticks / TICK_FASTER, digest);
		if (i % PROGRESS)
			continue;
		console_init(console_port());
		console_format("case fuzz: seed 0x%lx streams %u digest %lx\n", seed, i, digest);
	}
	msr_write(MSR_X2APIC_LVT_TIMER, old_lvt);
	msr_write(MSR_X2APIC_TIMER_INIT, old_ticks);
	report_harmless("digest", digest);
}

static void case_fuzz_kernel(const char *argument)
{
	fuzz(argument, false);
}

static void case_fuzz_hole(const char *argument)
{
	reaches_hole = true;
	fuzz(argument, false);
	reaches_hole = false;
}

static void case_fuzz_user(const char *argument)
{
	fuzz(argument, true);
}

const struct test_case fuzz_cases[] = {
	{ "fuzz-kernel", case_fuzz_kernel },
	{ "fuzz-user", case_fuzz_user },
	{ "fuzz-hole", case_fuzz_hole },
	{ 0 },
};
