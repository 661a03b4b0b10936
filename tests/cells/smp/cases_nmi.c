/* SPDX-License-Identifier: Apache-2.0 */
/* NMIs between the CPUs of a cell: none is lost, none comes twice or into a handler. */
#include "cases.h"

#include "../lib/apic.h"
#include "../lib/pm_timer.h"
#include "../lib/string.h"

#define SETTLE_US 1000u
#define ARRIVE_US 1000000u
#define QUIET_US 20000u

/* Return: did one more arrive, and no second one? */
static bool send_one(unsigned int cpu)
{
	const uint64_t before = cpus[cpu].nmis;

	ipi_send(cpu, ICR_DELIVERY_NMI);
	return wait_for(&cpus[cpu].nmis, before + 1, ARRIVE_US) && cpus[cpu].nmis == before + 1;
}

static uint32_t rounds;

static void judge_pastime(unsigned int cpu, const struct pastime *pastime)
{
	const uint64_t before = cpus[cpu].nmis;
	uint32_t arrived = 0;

	cpu_give(cpu, pastime->job);
	for (uint32_t i = 0; i < rounds; i++)
		arrived += send_one(cpu);
	pm_timer_wait_us(SETTLE_US);
	report_judged(arrived == rounds && cpus[cpu].nmis - before == rounds, pastime->name,
		      cpus[cpu].nmis - before);
	if (!cpu_finish(cpu))
		report_bad("does not go on after", rounds);
	report_judged(cpus[cpu].nmi_depth_most == 1, "handlers within handlers",
		      cpus[cpu].nmi_depth_most);
}

static void judge_pastimes(unsigned int cpu)
{
	for (unsigned int i = 0; i < PASTIMES; i++)
		judge_pastime(cpu, &pastimes[i]);
}

/* One after the other, to a CPU in each state. */
static void case_nmi_each(const char *argument)
{
	rounds = (uint32_t)string_number(argument);
	for_others(judge_pastimes);
}

/* The next case's hold must not catch this one's handler. */
static void wait_until_out(unsigned int cpu)
{
	for (uint32_t us = 0; cpus[cpu].nmi_depth && us < ARRIVE_US; us += SETTLE_US)
		pm_timer_wait_us(SETTLE_US);
}

/* A CPU inside its handler keeps one NMI, however many come, until IRET: APM volume 2, 8.2.3. */
static void judge_nested(unsigned int cpu)
{
	const uint64_t before = cpus[cpu].nmis;

	for (unsigned int more = 0; more < 4; more++) {
		const uint64_t start = cpus[cpu].nmis;
		const uint64_t wanted = start + (more ? 2 : 1);

		nmi_hold = true;
		ipi_send(cpu, ICR_DELIVERY_NMI);
		if (!wait_for(&cpus[cpu].nmis, start + 1, ARRIVE_US))
			report_bad("the first does not arrive", more);
		for (unsigned int i = 0; i < more; i++) {
			ipi_send(cpu, ICR_DELIVERY_NMI);
			pm_timer_wait_us(SETTLE_US);
		}
		if (cpus[cpu].nmis != start + 1)
			report_bad("inside the handler", cpus[cpu].nmis - start);
		nmi_hold = false;
		wait_for(&cpus[cpu].nmis, wanted, ARRIVE_US);
		pm_timer_wait_us(SETTLE_US);
		wait_until_out(cpu);
		report_judged(cpus[cpu].nmis == wanted, "taken", cpus[cpu].nmis - start);
	}
	report_judged(cpus[cpu].nmi_depth_most == 1, "handlers within handlers",
		      cpus[cpu].nmi_depth_most);
	report_harmless("in all", cpus[cpu].nmis - before);
}

static void case_nmi_nested(const char *argument)
{
	(void)argument;
	for_others(judge_nested);
}

/* The last one of a burst may come late: the emulator's CPUs do not run at the same time. */
static void wait_until_quiet(unsigned int cpu)
{
	uint64_t seen = cpus[cpu].nmis + 1;

	for (uint32_t us = 0; us < ARRIVE_US && seen != cpus[cpu].nmis; us += QUIET_US) {
		seen = cpus[cpu].nmis;
		pm_timer_wait_us(QUIET_US);
	}
}

/* Faster than they can be taken: some merge; what is sent last still comes. */
static void judge_burst(unsigned int cpu)
{
	const uint64_t before = cpus[cpu].nmis;
	uint64_t taken;
	bool one_more;

	cpu_give(cpu, job_exits);
	for (uint32_t i = 0; i < rounds; i++)
		ipi_send(cpu, ICR_DELIVERY_NMI);
	wait_for(&cpus[cpu].nmis, before + 1, ARRIVE_US);
	wait_until_quiet(cpu);
	taken = cpus[cpu].nmis - before;
	report_judged(taken >= 1 && taken <= rounds, "of a burst", taken);
	one_more = send_one(cpu);
	report_judged(one_more, "with one more", cpus[cpu].nmis - before);
	report_judged(cpu_finish(cpu), "goes on", cpus[cpu].turns);
}

static void case_nmi_burst(const char *argument)
{
	rounds = (uint32_t)string_number(argument);
	for_others(judge_burst);
}

/* All others send to CPU 0, which makes exits. */
static void job_nmi_to_first(void)
{
	for (uint32_t i = 0; i < rounds; i++)
		ipi_send(0, ICR_DELIVERY_NMI);
}

static void case_nmi_first(const char *argument)
{
	const uint64_t before = cpus[0].nmis;
	uint64_t most;

	rounds = (uint32_t)string_number(argument);
	most = (uint64_t)rounds * (cpus_count() - 1);
	for (unsigned int i = 1; cpus_up() && i < cpus_count(); i++)
		if (!cpu_run(i, job_nmi_to_first))
			report_bad("does not end: CPU", i);
	wait_for(&cpus[0].nmis, before + 1, ARRIVE_US);
	pm_timer_wait_us(SETTLE_US);
	report_judged(cpus[0].nmis > before && cpus[0].nmis - before <= most, "taken",
		      cpus[0].nmis - before);
}

const struct test_case nmi_cases[] = {
	{ "nmi-each", case_nmi_each },
	{ "nmi-nested", case_nmi_nested },
	{ "nmi-burst", case_nmi_burst },
	{ "nmi-first", case_nmi_first },
	{ 0 },
};
