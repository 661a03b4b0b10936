/* SPDX-License-Identifier: Apache-2.0 */
/* Interrupt commands arrive where they are sent, once, and nowhere else: APM volume 2, 16.5. */
#include "cases.h"

#include "../lib/apic.h"
#include "../lib/cpu.h"
#include "../lib/pm_timer.h"
#include "../lib/string.h"

#include <septum/x86/cell_registers.h>

#define SETTLE_US 300u
#define ARRIVE_US 1000000u
#define LATE_US 100000u /* for what need not arrive at all */

/* Which count of each CPU an interrupt command raises. */
enum kind { KIND_FIXED, KIND_NMI };

static uint64_t taken(unsigned int cpu, enum kind kind)
{
	return kind == KIND_NMI ? cpus[cpu].nmis : cpus[cpu].pings;
}

static uint32_t command_of(enum kind kind)
{
	return kind == KIND_NMI ? ICR_DELIVERY_NMI : ICR_DELIVERY_FIXED | VECTOR_PING;
}

static void note(uint64_t before[CPUS_MAX], enum kind kind)
{
	for (unsigned int i = 0; i < CPUS_MAX; i++)
		before[i] = taken(i, kind);
}

/* Bit n: CPU n took one more; bit 16 + n: more than one. */
static uint32_t arrived(const uint64_t before[CPUS_MAX], enum kind kind)
{
	uint32_t set = 0;

	for (unsigned int i = 0; i < CPUS_MAX; i++) {
		const uint64_t more = taken(i, kind) - before[i];

		set |= (more > 0 ? 1u << i : 0) | (more > 1 ? 0x10000u << i : 0);
	}
	return set;
}

/* CPU 0 takes its own interrupts here, too. */
static void let_arrive(const uint64_t before[CPUS_MAX], enum kind kind, uint32_t wanted)
{
	for (uint32_t us = 0; us < ARRIVE_US && (arrived(before, kind) & wanted) != wanted;
	     us += SETTLE_US)
		pm_timer_wait_us(SETTLE_US);
	asm volatile("sti; nop; nop; cli");
	pm_timer_wait_us(SETTLE_US);
}

struct form {
	uint32_t destination, command;
};

static volatile struct form form;

static void job_send(void)
{
	ipi_send(form.destination, form.command);
}

/* From @sender, who may be CPU 0; the others are idle, with interrupts on. */
static void judge_form(unsigned int sender, struct form sent, enum kind kind, uint32_t wanted,
		       const char *what)
{
	uint64_t before[CPUS_MAX];
	uint32_t seen;

	sent.command |= command_of(kind);
	form = sent;
	note(before, kind);
	asm volatile("sti");
	if (sender == 0)
		job_send();
	else
		cpu_run(sender, job_send);
	let_arrive(before, kind, wanted);
	seen = arrived(before, kind);
	report_judged(seen == wanted, what, (uint64_t)wanted << 32 | seen);
}

static void judge_physical(unsigned int sender, enum kind kind)
{
	const unsigned int count = cpus_count();
	static const uint32_t nobody[] = { 15, 16, 31, 0xff, 0x100, 0xffff, 0x10000, 0xfffffffe };

	for (uint32_t id = 0; id < CPUS_MAX; id++)
		judge_form(sender, (struct form){ id, 0 }, kind, id < count ? 1u << id : 0,
			   "physical");
	for (unsigned int i = 0; i < sizeof(nobody) / sizeof(nobody[0]); i++)
		judge_form(sender, (struct form){ nobody[i], 0 }, kind, 0, "physical, nobody");
}

static void judge_logical(unsigned int sender, enum kind kind)
{
	const uint32_t all = (1u << cpus_count()) - 1;

	for (uint32_t mask = 1; mask < 1u << CPUS_MAX; mask++)
		judge_form(sender, (struct form){ mask, ICR_LOGICAL }, kind, mask & all, "logical");
	judge_form(sender, (struct form){ 0xffff, ICR_LOGICAL }, kind, all, "logical, cluster");
	judge_form(sender, (struct form){ 0x1ffff, ICR_LOGICAL }, kind, 0, "logical, cluster 1");
}

static void judge_broadcast(unsigned int sender, enum kind kind)
{
	const uint32_t all = (1u << cpus_count()) - 1;

	judge_form(sender, (struct form){ APIC_BROADCAST, 0 }, kind, all, "broadcast");
	judge_form(sender, (struct form){ APIC_BROADCAST, ICR_LOGICAL }, kind, all,
		   "logical broadcast");
	judge_form(sender, (struct form){ 0, ICR_TO_OTHERS }, kind, all & ~(1u << sender),
		   "shorthand others");
	/* With a shorthand the destination says nothing. */
	judge_form(sender, (struct form){ 1, ICR_TO_OTHERS | ICR_LOGICAL }, kind,
		   all & ~(1u << sender), "shorthand others, with a destination");
}

/* Valid for fixed interrupts only. */
static void judge_with_self(unsigned int sender)
{
	const uint32_t all = (1u << cpus_count()) - 1;

	judge_form(sender, (struct form){ 0, ICR_TO_ALL }, KIND_FIXED, all, "shorthand all");
	judge_form(sender, (struct form){ 0, ICR_TO_SELF }, KIND_FIXED, 1u << sender,
		   "shorthand self");
	judge_form(sender, (struct form){ 1, ICR_TO_SELF }, KIND_FIXED, 1u << sender,
		   "shorthand self, with a destination");
}

static void judge_all(enum kind kind)
{
	const uint64_t sent = ipi_sent();

	if (!cpus_up()) {
		report_bad("a CPU does not start", 0);
		return;
	}
	for (unsigned int sender = 0; sender < cpus_count(); sender++) {
		report_harmless("sender", sender);
		judge_physical(sender, kind);
		judge_logical(sender, kind);
		judge_broadcast(sender, kind);
		if (kind == KIND_FIXED)
			judge_with_self(sender);
	}
	report_harmless("interrupt commands", ipi_sent() - sent);
}

static void case_ipi_fixed(const char *argument)
{
	(void)argument;
	judge_all(KIND_FIXED);
}

static void case_ipi_nmi(const char *argument)
{
	(void)argument;
	judge_all(KIND_NMI);
}

/* May go to any one of those that are named, or, in x2APIC mode, to nobody. */
static void judge_lowest(uint32_t destination, uint32_t command, uint32_t wanted, const char *what)
{
	uint64_t before[CPUS_MAX];
	uint32_t seen;

	note(before, KIND_FIXED);
	asm volatile("sti");
	ipi_send(destination, command | ICR_DELIVERY_LOWEST | VECTOR_PING);
	/* A late one would be taken for the next command's. */
	for (uint32_t us = 0; us < LATE_US && !arrived(before, KIND_FIXED); us += SETTLE_US)
		pm_timer_wait_us(SETTLE_US);
	let_arrive(before, KIND_FIXED, 0);
	seen = arrived(before, KIND_FIXED);
	report_judged(!(seen & ~wanted) && !(seen & (seen - 1)), what,
		      (uint64_t)wanted << 32 | seen);
}

static void case_ipi_lowest(const char *argument)
{
	const uint32_t all = (1u << cpus_count()) - 1;

	(void)argument;
	if (!cpus_up())
		report_bad("a CPU does not start", 0);
	judge_lowest(1, 0, 2, "physical");
	judge_lowest(all, ICR_LOGICAL, all, "logical");
	judge_lowest(0x1ffff, ICR_LOGICAL, 0, "logical, cluster 1");
	judge_lowest(CPUS_MAX, 0, 0, "nobody");
}

static uint32_t self_ipis;

static void job_self_ipis(void)
{
	for (uint32_t i = 0; i < self_ipis; i++) {
		const uint64_t before = cpus[cpu_self()].pings;

		msr_write(MSR_X2APIC_SELF_IPI, VECTOR_PING);
		while (cpus[cpu_self()].pings == before)
			asm volatile("sti; nop; cli");
		asm volatile("sti");
	}
}

static void judge_self_ipis(unsigned int cpu)
{
	const uint64_t before = cpus[cpu].pings;

	if (cpu)
		cpu_run(cpu, job_self_ipis);
	else
		job_self_ipis();
	report_judged(cpus[cpu].pings - before == self_ipis, "taken", cpus[cpu].pings - before);
}

/* That this takes no exit is for the test to say. */
static void case_self_ipi(const char *argument)
{
	const uint64_t sent = ipi_sent();

	self_ipis = (uint32_t)string_number(argument);
	judge_self_ipis(0);
	for_others(judge_self_ipis);
	report_harmless("interrupt commands", ipi_sent() - sent);
}

const struct test_case ipi_cases[] = {
	{ "ipi-fixed", case_ipi_fixed },
	{ "ipi-nmi", case_ipi_nmi },
	{ "ipi-lowest", case_ipi_lowest },
	{ "self-ipi", case_self_ipi },
	{ 0 },
};
