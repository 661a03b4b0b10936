/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hardware task switches, which AMD-V leaves to the processor and VT-x hands to
 * the monitor (Intel SDM volume 3C, 25.4.2), and virtual-8086 mode.
 */
#include "cases.h"
#include "modes.h"
#include "tasks.h"

#include "../lib/paging.h"
#include "../lib/selectors.h"
#include "../lib/string.h"

#include <septum/x86/registers.h>
#include <stddef.h>

#define TSS_AVAILABLE 0x89ull
#define TSS_BUSY 0x8bull
#define TASK_GATE 0x85ull
#define PAGES 1024u
#define PAGE_SHIFT 12
#define LARGE_SHIFT 22

/* 32-bit TSS, APM volume 2, 12.2.4; and room for permissions of ports below 0x100. */
struct task {
	uint32_t link;
	uint32_t stacks[6]; /* ESP0 SS0 ESP1 SS1 ESP2 SS2 */
	uint32_t cr3, eip, eflags;
	uint32_t gprs[8]; /* EAX ECX EDX EBX ESP EBP ESI EDI */
	uint32_t es, cs, ss, ds, fs, gs, ldt;
	uint16_t trap, io_map;
	uint8_t ports[33]; /* all open; the last byte must be all ones */
} __attribute__((packed));

static struct task task_a, task_b;
static uint32_t directory[PAGES] __attribute__((aligned(4096)));
static uint32_t low_pages[PAGES] __attribute__((aligned(4096)));

static uint64_t descriptor(uint64_t base, uint64_t type)
{
	return (sizeof(struct task) - 1) | (base & 0xffffff) << 16 | type << 40 |
	       (base >> 24 & 0xff) << 56;
}

static void fill_tasks(uint64_t base_b, uint64_t type_b)
{
	const uint32_t stack = (uint32_t)(uintptr_t)task_stack_top;

	task_a = (struct task){
		.link = MODE_SEL_TASK_B,
		.stacks = { stack, SEL_DATA },
		.cr3 = trip.cr3,
		.io_map = offsetof(struct task, ports),
		.ports = { [32] = 0xff },
	};
	task_b = task_a;
	task_b.link = 0;
	task_b.eip = (uint32_t)(uintptr_t)task_main;
	task_b.eflags = (uint32_t)RFLAGS_RESERVED_ONE;
	task_b.gprs[4] = stack;
	task_b.cs = MODE_SEL_CODE32;
	task_b.es = task_b.ss = task_b.ds = task_b.fs = task_b.gs = SEL_DATA;
	mode_gdt[MODE_SEL_TASK_A / 8] = descriptor((uintptr_t)&task_a, TSS_AVAILABLE);
	mode_gdt[MODE_SEL_TASK_B / 8] = descriptor(base_b, type_b);
	protected_idt[TASK_GATE_VECTOR] = (uint64_t)MODE_SEL_TASK_B << 16 | TASK_GATE << 40;
}

/* @base_b: where the other task's state is */
static void switch_tasks(const uint8_t *way, uint64_t base_b, uint64_t type_b)
{
	trip_prepare(0, 0, 0, 0, way);
	fill_tasks(base_b, type_b);
	task_turns = 0;
	trip_make();
	traps_init(); /* for the task register */
	report_judged(task_turns == 1, "turns of the other task", task_turns);
}

static void case_task_jump(const char *argument)
{
	(void)argument;
	switch_tasks(task_by_jump, (uintptr_t)&task_b, TSS_AVAILABLE);
}

static void case_task_call(const char *argument)
{
	(void)argument;
	switch_tasks(task_by_call, (uintptr_t)&task_b, TSS_AVAILABLE);
}

static void case_task_gate(const char *argument)
{
	(void)argument;
	switch_tasks(task_by_gate, (uintptr_t)&task_b, TSS_AVAILABLE);
}

static void case_task_return(const char *argument)
{
	(void)argument;
	switch_tasks(task_by_return, (uintptr_t)&task_b, TSS_BUSY);
}

/* The processor itself would read the other task's state, and write it later. */
static void case_task_foreign(const char *argument)
{
	switch_tasks(task_by_jump, string_number(argument), TSS_AVAILABLE);
	report_bad("switched", task_turns);
}

/* One to one, open to ring 3, but for the page of the hole. */
static uint32_t v86_tables(void)
{
	const uint32_t rights = PTE_PRESENT | PTE_WRITE | PTE_USER;

	for (uint32_t i = 0; i < PAGES; i++) {
		low_pages[i] = i << PAGE_SHIFT | rights;
		directory[i] = i << LARGE_SHIFT | PTE_LARGE | rights;
	}
	low_pages[V86_HOLE_SEGMENT >> 8] = NOBODYS_ADDRESS | rights;
	directory[0] = (uint32_t)(uintptr_t)low_pages | rights;
	return (uint32_t)(uintptr_t)directory;
}

static uint32_t result(uint32_t offset)
{
	return *(const volatile uint32_t *)(uintptr_t)(REAL_PAGE + offset);
}

static void case_mode_v86(const char *argument)
{
	(void)argument;
	memcpy((void *)(uintptr_t)REAL_PAGE, v86_page_start,
	       (size_t)(v86_page_end - v86_page_start));
	trip_prepare(CR0_PG, v86_tables(), CR4_PSE, 0, v86_acts);
	trip_on_gp(v86_gp);
	fill_tasks((uintptr_t)&task_b, TSS_AVAILABLE);
	trip_make();
	traps_init();
	trip.cpuid_ebx = result(V86_CPUID_EBX);
	trip.cpuid_ecx = result(V86_CPUID_ECX);
	trip.cpuid_edx = result(V86_CPUID_EDX);
	trip.port = result(V86_PORT);
	trip.hole = result(V86_HOLE);
	trip.gp--; /* the way back */
	trip_judge();
}

const struct test_case task_cases[] = {
	{ "task-jump", case_task_jump },
	{ "task-call", case_task_call },
	{ "task-gate", case_task_gate },
	{ "task-return", case_task_return },
	{ "task-foreign", case_task_foreign },
	{ "mode-v86", case_mode_v86 },
	{ 0 },
};
