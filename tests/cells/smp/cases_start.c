/* SPDX-License-Identifier: Apache-2.0 */
/*
 * INIT and SIPI: APM volume 2, 14.1.3 and 16.5; Intel SDM volume 3, 8.4 and
 * table 9-1.
 */
#include "cases.h"

#include "../lib/apic.h"
#include "../lib/cpu.h"
#include "../lib/pm_timer.h"

#include <septum/x86/cell_registers.h>

#define SETTLE_US 2000u
#define STILL_US 20000u
#define ARRIVE_US 1000000u
#define CR0_CACHE (CR0_CD | CR0_NW) /* INIT leaves them as they were */
#define LVT_MASKED (1u << 16)
#define SVR_AT_RESET 0xffu

static volatile struct ap_record *record(void)
{
	return (volatile struct ap_record *)AP_RECORD;
}

static void judge_zero(uint64_t value, const char *what)
{
	report_judged(!value, what, value);
}

static void judge_registers(void)
{
	static const char *const names[8] = {
		"EAX", NULL, "EDX", "EBX", "ESP", "EBP", "ESI", "EDI"
	};

	for (unsigned int i = 0; i < 8; i++)
		if (i == 2) /* family, model, stepping: as CPUID says */
			report_judged(record()->gprs[i] == cpuid(1, 0).eax, names[i],
				      record()->gprs[i]);
		else if (names[i])
			judge_zero(record()->gprs[i], names[i]);
	judge_zero(record()->gprs[1], "ECX");
	report_judged((record()->cr0 & ~CR0_CACHE) == CR0_ET, "CR0", record()->cr0);
	judge_zero(record()->cr3, "CR3");
	/* a cell sees the monitor's MCE */
	judge_zero(record()->cr4 & ~CR4_MCE, "CR4");
	judge_zero(record()->efer, "EFER");
	report_judged(record()->flags == RFLAGS_RESERVED_ONE, "EFLAGS", record()->flags);
}

static void judge_segments(uint32_t page)
{
	static const char *const segments[4] = { "ES base", "FS base", "GS base", "SS base" };

	report_judged(record()->selectors[0] == page >> 4, "CS", record()->selectors[0]);
	for (unsigned int i = 1; i < 6; i++)
		judge_zero(record()->selectors[i], "selector");
	/* DS has base 0, or nothing would have been recorded */
	for (unsigned int i = 0; i < 4; i++)
		report_judged(record()->seen[i] == record()->signature, segments[i],
			      record()->seen[i]);
	judge_zero(record()->gdtr.base, "GDT base");
	judge_zero(record()->idtr.base, "IDT base");
	report_judged(record()->gdtr.limit == 0xffff, "GDT limit", record()->gdtr.limit);
	report_judged(record()->idtr.limit == 0xffff, "IDT limit", record()->idtr.limit);
}

static void judge_apic(const struct cpu_start *start)
{
	report_judged(start->svr == SVR_AT_RESET, "SVR", start->svr);
	judge_zero(start->tpr, "TPR");
	report_judged(start->lvt_timer == LVT_MASKED, "timer LVT", start->lvt_timer);
	judge_zero(start->timer_init, "timer");
	judge_zero(start->irr, "pending interrupts");
	judge_zero(start->apic_base & APIC_BASE_BSP, "APIC_BASE.BSP");
	judge_zero(start->tr, "TR");
	judge_zero(start->ldtr, "LDTR");
}

static void judge_reset_state(unsigned int cpu, uint32_t page)
{
	judge_registers();
	judge_segments(page);
	judge_apic(&cpus[cpu].start);
}

/* Return: it made no turn during a while that a busy emulator does not take from it. */
static bool is_still(unsigned int cpu)
{
	const uint64_t turns = cpus[cpu].turns;

	pm_timer_wait_us(STILL_US);
	return cpus[cpu].turns == turns;
}

/* An INIT takes its time; a CPU that it does not reach is never still. */
static bool becomes_still(unsigned int cpu)
{
	for (uint32_t us = 0; us < ARRIVE_US; us += STILL_US)
		if (is_still(cpu))
			return true;
	return false;
}

/* Two SIPIs are sent: a running CPU ignores the second one. */
static void judge_restart(unsigned int cpu, uint32_t page)
{
	const uint32_t before = record()->starts;

	if (!cpu_restart(cpu, page)) {
		report_bad("does not start: CPU", cpu);
		return;
	}
	pm_timer_wait_us(SETTLE_US);
	report_judged(record()->starts == before + 1, "starts", record()->starts - before);
	judge_reset_state(cpu, page);
}

static void judge_first_start(unsigned int cpu)
{
	judge_restart(cpu, AP_PAGE_LOW);
	judge_restart(cpu, AP_PAGE_HIGH);
}

/* The others have been asleep since the cell's start: a SIPI alone wakes them. */
static void case_sipi_alone(const char *argument)
{
	(void)argument;
	for (unsigned int i = 1; i < cpus_count(); i++) {
		const uint32_t before = cpus[i].starts;

		cpu_sipi(i, AP_PAGE_HIGH);
		report_judged(cpu_came_up(i, before), "started: CPU", i);
		judge_reset_state(i, AP_PAGE_HIGH);
	}
}

static void case_start(const char *argument)
{
	(void)argument;
	for_others(judge_first_start);
}

static void job_nothing(void)
{
}

static void judge_stopped(unsigned int cpu, const char *doing)
{
	report_judged(becomes_still(cpu), doing, cpus[cpu].turns);
	/* It listens to nobody but a SIPI. */
	ipi_send(cpu, VECTOR_PING);
	report_judged(is_still(cpu), "after an interrupt", cpus[cpu].turns);
}

static void judge_new_life(unsigned int cpu)
{
	const uint64_t pings = cpus[cpu].pings;

	judge_restart(cpu, AP_PAGE_HIGH);
	if (!cpu_run(cpu, job_nothing))
		report_bad("does no work: CPU", cpu);
	report_judged(cpus[cpu].pings == pings, "left from before", cpus[cpu].pings - pings);
}

/* With an interrupt pending and a timer that runs; INIT ends both. */
static void job_timer(void)
{
	asm volatile("cli");
	apic_timer_periodic(VECTOR_PING, 100000);
	job_spin();
}

static const struct pastime with_timer = { "timer", job_timer };

static void judge_stop(unsigned int cpu, const struct pastime *pastime)
{
	cpu_give(cpu, pastime->job);
	pm_timer_wait_us(SETTLE_US);
	cpu_init(cpu);
	pm_timer_wait_us(SETTLE_US);
	judge_stopped(cpu, pastime->name);
	judge_new_life(cpu);
}

static void judge_stops(unsigned int cpu)
{
	for (unsigned int i = 0; i < PASTIMES; i++)
		judge_stop(cpu, &pastimes[i]);
	judge_stop(cpu, &with_timer);
}

static void case_init(const char *argument)
{
	(void)argument;
	for_others(judge_stops);
}

/* NMIs are open again in the new life. */
static void judge_init_in_nmi(unsigned int cpu)
{
	const uint64_t before = cpus[cpu].nmis;

	nmi_hold = true;
	ipi_send(cpu, ICR_DELIVERY_NMI);
	report_judged(wait_for(&cpus[cpu].nmis, before + 1, ARRIVE_US), "in the handler", cpu);
	cpu_init(cpu);
	pm_timer_wait_us(SETTLE_US);
	nmi_hold = false;
	judge_new_life(cpu);
	report_judged(cpus[cpu].nmis == before + 1, "NMIs before", cpus[cpu].nmis - before);
	ipi_send(cpu, ICR_DELIVERY_NMI);
	report_judged(wait_for(&cpus[cpu].nmis, before + 2, ARRIVE_US), "NMIs after",
		      cpus[cpu].nmis - before);
}

static void case_init_in_nmi(const char *argument)
{
	(void)argument;
	for_others(judge_init_in_nmi);
}

static void judge_init_twice(unsigned int cpu)
{
	for (int i = 0; i < 3; i++)
		cpu_init(cpu);
	pm_timer_wait_us(SETTLE_US);
	judge_stopped(cpu, "after three INITs");
	judge_new_life(cpu);
}

static void case_init_twice(const char *argument)
{
	(void)argument;
	for_others(judge_init_twice);
}

/* Return: it makes turns, and did not start anew. */
static bool goes_on(unsigned int cpu, uint32_t starts)
{
	return wait_for(&cpus[cpu].turns, cpus[cpu].turns + 1, ARRIVE_US) &&
	       record()->starts == starts;
}

static void judge_ignored(unsigned int cpu, uint32_t destination, uint32_t command)
{
	const uint32_t starts = record()->starts;

	cpu_give(cpu, job_spin);
	ipi_send(destination, command);
	pm_timer_wait_us(SETTLE_US);
	report_judged(goes_on(cpu, starts), "goes on", command);
	if (!cpu_finish(cpu))
		report_bad("does not end: CPU", cpu);
}

static void judge_sipi_running(unsigned int cpu)
{
	judge_ignored(cpu, cpu, ICR_DELIVERY_STARTUP | ICR_LEVEL_ASSERT | AP_PAGE_LOW >> 12);
	judge_ignored(cpu, 0, ICR_TO_OTHERS | ICR_DELIVERY_STARTUP | AP_PAGE_HIGH >> 12);
}

static void case_sipi_running(const char *argument)
{
	(void)argument;
	for_others(judge_sipi_running);
}

/* Once synchronized arbitration ids; processors since ignore it: APM volume 2, 16.5. */
static void judge_deassert(unsigned int cpu)
{
	judge_ignored(cpu, cpu, ICR_DELIVERY_INIT | ICR_TRIGGER_LEVEL);
	judge_ignored(cpu, 0, ICR_TO_ALL | ICR_DELIVERY_INIT | ICR_TRIGGER_LEVEL);
}

static void case_init_deassert(const char *argument)
{
	(void)argument;
	for_others(judge_deassert);
}

static void give_spin(unsigned int cpu)
{
	cpu_give(cpu, job_spin);
}

static void judge_after_init_others(unsigned int cpu)
{
	judge_stopped(cpu, "stopped: CPU");
	judge_new_life(cpu);
}

static void case_init_others(const char *argument)
{
	(void)argument;
	for_others(give_spin);
	ipi_send(0, ICR_TO_OTHERS | ICR_DELIVERY_INIT | ICR_LEVEL_ASSERT);
	for (unsigned int i = 1; i < cpus_count(); i++)
		cpus[i].job = NULL;
	pm_timer_wait_us(SETTLE_US);
	for_others(judge_after_init_others);
}

static void job_init_self(void)
{
	ipi_send(cpu_self(), ICR_DELIVERY_INIT | ICR_LEVEL_ASSERT);
	job_spin();
}

static const struct pastime to_self = { "INIT to itself", job_init_self };

static void judge_init_self(unsigned int cpu)
{
	cpu_give(cpu, to_self.job);
	pm_timer_wait_us(SETTLE_US);
	judge_stopped(cpu, to_self.name);
	cpus[cpu].job = NULL;
	judge_new_life(cpu);
}

static void case_init_self(const char *argument)
{
	(void)argument;
	for_others(judge_init_self);
}

/* An NMI that finds the CPU without IDT would end it; one that is kept would come later. */
static void judge_nmi_waiting(unsigned int cpu)
{
	const uint64_t before = cpus[cpu].nmis;

	cpu_init(cpu);
	pm_timer_wait_us(SETTLE_US);
	ipi_send(cpu, ICR_DELIVERY_NMI);
	pm_timer_wait_us(SETTLE_US);
	judge_new_life(cpu);
	report_judged(cpus[cpu].nmis == before, "NMIs", cpus[cpu].nmis - before);
}

static void case_nmi_waiting(const char *argument)
{
	(void)argument;
	for_others(judge_nmi_waiting);
}

const struct test_case start_cases[] = {
	{ "sipi-alone", case_sipi_alone },
	{ "start", case_start },
	{ "init", case_init },
	{ "init-in-nmi", case_init_in_nmi },
	{ "init-twice", case_init_twice },
	{ "init-deassert", case_init_deassert },
	{ "init-others", case_init_others },
	{ "init-self", case_init_self },
	{ "sipi-running", case_sipi_running },
	{ "nmi-waiting", case_nmi_waiting },
	{ 0 },
};
