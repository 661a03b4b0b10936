/* SPDX-License-Identifier: Apache-2.0 */
/* Interrupts sent to others, and the local APIC's machine-wide modes. */
#include "cases.h"

#include "../lib/apic.h"
#include "../lib/beat.h"
#include "../lib/cpu.h"
#include "../lib/pm_timer.h"
#include "../lib/traps.h"

#include <septum/x86/registers.h>
#include <stddef.h>

#define OWN_VECTOR 0x52u
#define BOARD_CPUS 4u
#define SETTLE_US 1000u

static volatile unsigned int received;

static void on_own(struct trap_frame *frame)
{
	(void)frame;
	received = received + 1;
	apic_eoi();
}

struct command {
	uint32_t destination, command;
};

static void act_send(void *arg)
{
	const struct command *c = arg;

	apic_send(c->destination, c->command);
}

static void send(uint32_t destination, uint32_t command)
{
	struct command c = { destination, command };

	if (trap_guard(act_send, &c))
		report_harmless("sent, command", command);
	else
		report_blocked("ICR");
}

/* The virtual id 0 is ours; all others, and no physical id, are nobody. */
static void case_ipi(const char *argument)
{
	static const uint32_t commands[] = {
		ICR_DELIVERY_FIXED | OWN_VECTOR,
		ICR_DELIVERY_FIXED | BEAT_VECTOR, /* would be a false beat */
		ICR_DELIVERY_NMI,
		ICR_DELIVERY_SMI,
		ICR_DELIVERY_INIT | ICR_LEVEL_ASSERT,
		ICR_DELIVERY_STARTUP | 8u,
	};

	(void)argument;
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		for (uint32_t id = 1; id < BOARD_CPUS; id++)
			send(id, commands[i]);
		send(0, commands[i] | ICR_TO_OTHERS);
		/* logical: everybody of cluster 0 but us */
		send(0xe, commands[i] | ICR_LOGICAL);
	}
	pm_timer_wait_us(SETTLE_US);
}

/* Broadcasts that include us: our copy may come, nobody else's may. */
static void case_ipi_broadcast(const char *argument)
{
	(void)argument;
	trap_on(OWN_VECTOR, on_own);
	received = 0;
	send(APIC_BROADCAST, ICR_DELIVERY_FIXED | OWN_VECTOR);
	send(0, ICR_TO_ALL | ICR_DELIVERY_FIXED | OWN_VECTOR);
	send(APIC_BROADCAST, ICR_LOGICAL | ICR_DELIVERY_FIXED | OWN_VECTOR);
	asm volatile("sti; nop; nop; cli");
	report_harmless("own copies received", received);
}

/* What must work: a cell may interrupt itself, in all the ways there are. */
static void case_ipi_self(const char *argument)
{
	(void)argument;
	trap_on(OWN_VECTOR, on_own);
	received = 0;
	apic_send(0, ICR_DELIVERY_FIXED | OWN_VECTOR);
	asm volatile("sti; nop; nop; cli");
	report_judged(received == 1, "by id", received);
	apic_send(0, ICR_TO_SELF | ICR_DELIVERY_FIXED | OWN_VECTOR);
	asm volatile("sti; nop; nop; cli");
	report_judged(received == 2, "by shorthand", received);
	msr_write(MSR_X2APIC_SELF_IPI, OWN_VECTOR);
	asm volatile("sti; nop; nop; cli");
	report_judged(received == 3, "by SELF_IPI", received);
}

static void act_apic_base(void *arg)
{
	msr_write(MSR_APIC_BASE, *(const uint64_t *)arg);
}

static void case_apic_base(const char *argument)
{
	uint64_t base = msr_read(MSR_APIC_BASE);
	uint64_t values[] = {
		base & ~APIC_BASE_EXTD,	       base & ~(APIC_BASE_EXTD | APIC_BASE_ENABLE),
		base & ~APIC_BASE_ENABLE,      base + 0x1000,
		0x10000000 | APIC_BASE_ENABLE, /* over the monitor */
	};

	(void)argument;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		report_trap(trap_guard(act_apic_base, &values[i]), VECTOR_GP, "APIC_BASE");
	report_judged(msr_read(MSR_APIC_BASE) == base, "APIC_BASE", msr_read(MSR_APIC_BASE));
}

static void case_apic_id(const char *argument)
{
	(void)argument;
	report_judged(msr_read(MSR_X2APIC_ID) == 0, "x2APIC id", msr_read(MSR_X2APIC_ID));
	report_judged(cpuid(1, 0).ebx >> 24 == 0, "CPUID 1 APIC id", cpuid(1, 0).ebx >> 24);
	report_judged(cpuid(0xb, 0).edx == 0, "CPUID 0xB APIC id", cpuid(0xb, 0).edx);
}

const struct attack_case apic_cases[] = {
	{ "ipi", case_ipi },	       { "ipi-broadcast", case_ipi_broadcast },
	{ "ipi-self", case_ipi_self }, { "apic-base", case_apic_base },
	{ "apic-id", case_apic_id },   { 0 },
};
