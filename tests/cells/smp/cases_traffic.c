/* SPDX-License-Identifier: Apache-2.0 */
/* All CPUs of the cell at once. */
#include "cases.h"

#include "../lib/apic.h"
#include "../lib/cpu.h"
#include "../lib/loads.h"
#include "../lib/pm_timer.h"
#include "../lib/string.h"

#include <septum/x86/registers.h>

#define ROUND_LIMIT 100000000u
#define BOARD_IDS 8u

static volatile uint32_t rounds;
static volatile bool failed;
static uint64_t pings_before[CPUS_MAX];

static unsigned int next_cpu(void)
{
	return (cpu_self() + 1) % cpus_count();
}

/* One ping to @to has been taken before the next is sent: none merges with another. */
static void wait_for_ping(unsigned int to, uint32_t round)
{
	const uint64_t wanted = pings_before[to] + round;

	for (uint32_t i = 0; i < ROUND_LIMIT; i++)
		if (cpus[to].pings >= wanted)
			return;
	failed = true;
}

/* A ring: each sends to the next one, and takes what comes from the one before. */
static void job_ring(void)
{
	const unsigned int to = next_cpu();

	for (uint32_t i = 1; i <= rounds && !failed; i++) {
		ipi_send(to, VECTOR_PING);
		cpuid(0, 0);
		wait_for_ping(to, i);
	}
}

static void all_do(cpu_job *job)
{
	for (unsigned int i = 0; i < cpus_count(); i++)
		pings_before[i] = cpus[i].pings;
	failed = false;
	for (unsigned int i = 1; i < cpus_count(); i++)
		cpu_give(i, job);
	asm volatile("sti");
	job();
	for (unsigned int i = 1; i < cpus_count(); i++)
		if (!cpu_finish(i))
			report_bad("does not end: CPU", i);
	asm volatile("cli");
}

static bool begin(const char *argument)
{
	rounds = (uint32_t)string_number(argument);
	if (!cpus_up())
		report_bad("a CPU does not start", 0);
	return cpus_count() > 1 && rounds;
}

static void case_ring(const char *argument)
{
	if (!begin(argument))
		return;
	all_do(job_ring);
	report_judged(!failed, "all rounds made", rounds);
	for (unsigned int i = 0; i < cpus_count(); i++)
		report_judged(cpus[i].pings - pings_before[i] == rounds, "taken",
			      cpus[i].pings - pings_before[i]);
}

/* As the ring, with an NMI beside each interrupt. */
static void job_ring_nmi(void)
{
	const unsigned int to = next_cpu();

	for (uint32_t i = 1; i <= rounds && !failed; i++) {
		ipi_send(to, ICR_DELIVERY_NMI);
		ipi_send(to, VECTOR_PING);
		wait_for_ping(to, i);
	}
}

static void case_ring_nmi(const char *argument)
{
	uint64_t nmis[CPUS_MAX] = { 0 };

	if (!begin(argument))
		return;
	for (unsigned int i = 0; i < cpus_count(); i++)
		nmis[i] = cpus[i].nmis;
	all_do(job_ring_nmi);
	report_judged(!failed, "all rounds made", rounds);
	for (unsigned int i = 0; i < cpus_count(); i++) {
		const uint64_t taken = cpus[i].nmis - nmis[i];

		/* some merge, none is made up */
		report_judged(taken >= 1 && taken <= rounds, "NMIs", taken);
		report_judged(cpus[i].nmi_depth_most == 1, "handlers within handlers",
			      cpus[i].nmi_depth_most);
	}
}

/* Every delivery mode to every id that is nobody's in this cell, from all CPUs at once. */
static void job_siege(void)
{
	for (uint32_t i = 0; i < rounds; i++)
		for (uint32_t id = cpus_count(); id < BOARD_IDS; id++)
			for (uint32_t mode = 0; mode < 8; mode++)
				ipi_send(id, mode << 8 | ICR_LEVEL_ASSERT | VECTOR_PING);
}

static void case_siege(const char *argument)
{
	if (!begin(argument))
		return;
	all_do(job_siege);
	for (unsigned int i = 0; i < cpus_count(); i++)
		report_judged(cpus[i].pings == pings_before[i], "taken",
			      cpus[i].pings - pings_before[i]);
}

static load *volatile chosen;

static void job_load(void)
{
	chosen();
}

/* For ever, on all CPUs. */
static void case_load(const char *argument)
{
	chosen = load_find(argument);
	if (!chosen || !cpus_up()) {
		report_bad("no such load", 0);
		return;
	}
	for (unsigned int i = 1; i < cpus_count(); i++)
		cpu_give(i, job_load);
	chosen();
}

const struct test_case traffic_cases[] = {
	{ "ring", case_ring },
	{ "ring-nmi", case_ring_nmi },
	{ "siege", case_siege },
	{ "load", case_load },
	{ 0 },
};
