/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Interrupts sent to others.  The cell's only CPU has the virtual id 0; every
 * other number is nobody's here, also those that other cells' CPUs have on the
 * board.  What a command does to them is for the test to see.
 */
#include "cases.h"

#include "../lib/apic.h"
#include "../lib/beat.h"
#include "../lib/cpu.h"
#include "../lib/pm_timer.h"

#include <septum/x86/cell_registers.h>
#include <stddef.h>

#define OWN_VECTOR 0x52u
#define SETTLE_US 1000u
#define MODES 8u
#define TPR_ABOVE_EXCEPTIONS 0x10u

static volatile unsigned int received, nmis;

static void on_own(struct trap_frame *frame)
{
	(void)frame;
	received = received + 1;
	apic_eoi();
}

static void on_nmi(struct trap_frame *frame)
{
	(void)frame;
	nmis = nmis + 1;
}

/* What arrived since: all pending interrupts are taken first. */
static void listen(void)
{
	trap_on(OWN_VECTOR, on_own);
	trap_on(VECTOR_NMI, on_nmi);
	asm volatile("sti; nop; nop; cli");
	received = nmis = 0;
}

static void judge_received(unsigned int wanted, unsigned int wanted_nmis, const char *what)
{
	asm volatile("sti; nop; nop; cli");
	pm_timer_wait_us(SETTLE_US);
	asm volatile("sti; nop; nop; cli");
	report_judged(received == wanted, what, received);
	report_judged(nmis == wanted_nmis, "NMIs", nmis);
}

struct command {
	uint32_t destination, command;
};

static void act_send(void *arg)
{
	const struct command *c = arg;

	apic_send(c->destination, c->command);
}

/* Processors refuse reserved bits with #GP and may refuse reserved modes. */
static bool try_send(uint32_t destination, uint32_t command)
{
	struct command c = { destination, command };

	return trap_guard(act_send, &c);
}

static void send(uint32_t destination, uint32_t command)
{
	if (try_send(destination, command))
		report_harmless("sent, command", command);
	else
		report_blocked("ICR");
}

static const uint32_t foreign[] = {
	1, 2, 3, 4, 5, 6, 7, 15, 16, 31, 0xfe, 0xff, 0x100, 0xffff, 0x10000, 0x80000000, 0xfffffffe,
};
/* Logical: all of cluster 0 but us, one by one; other clusters; nobody. */
static const uint32_t foreign_logical[] = {
	0xe, 2, 4, 8, 0xfffe, 0, 0x10001, 0x1ffff, 0xf000f, 0xffff0001,
};

/* Return: how many were refused. */
static unsigned int send_to_all_foreign(uint32_t command)
{
	unsigned int refused = 0;

	for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++)
		refused += !try_send(foreign[i], command);
	for (size_t i = 0; i < sizeof(foreign_logical) / sizeof(foreign_logical[0]); i++)
		refused += !try_send(foreign_logical[i], command | ICR_LOGICAL);
	refused += !try_send(0, command | ICR_TO_OTHERS);
	return refused;
}

/* Every delivery mode, level and trigger, to everybody else. */
static void case_ipi(const char *argument)
{
	static const uint32_t forms[] = { 0, ICR_LEVEL_ASSERT, ICR_TRIGGER_LEVEL,
					  ICR_TRIGGER_LEVEL | ICR_LEVEL_ASSERT };
	/* a false beat, our own, a page to start at */
	static const uint32_t vectors[] = { BEAT_VECTOR, OWN_VECTOR, 8 };

	(void)argument;
	listen();
	for (uint32_t mode = 0; mode < MODES; mode++)
		for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
			for (size_t j = 0; j < sizeof(vectors) / sizeof(vectors[0]); j++)
				report_harmless("refused",
						send_to_all_foreign(mode << 8 | forms[i] |
								    vectors[j]));
	judge_received(0, 0, "own copies");
}

/* Broadcasts that include us: our copy comes, nobody else's may. */
static void case_ipi_broadcast(const char *argument)
{
	(void)argument;
	listen();
	send(APIC_BROADCAST, ICR_DELIVERY_FIXED | OWN_VECTOR);
	judge_received(1, 0, "physical");
	send(0, ICR_TO_ALL | ICR_DELIVERY_FIXED | OWN_VECTOR);
	judge_received(2, 0, "shorthand");
	send(APIC_BROADCAST, ICR_LOGICAL | ICR_DELIVERY_FIXED | OWN_VECTOR);
	judge_received(3, 0, "logical");
	send(APIC_BROADCAST, ICR_DELIVERY_NMI);
	judge_received(3, 1, "and an NMI");
	send(APIC_BROADCAST, ICR_LOGICAL | ICR_DELIVERY_NMI);
	judge_received(3, 2, "and a logical NMI");
}

/* Modes that would leave the cell for the firmware or the PIC, or that nobody defined. */
static void case_ipi_modes(const char *argument)
{
	static const uint32_t modes[] = { ICR_DELIVERY_SMI, ICR_DELIVERY_RESERVED,
					  ICR_DELIVERY_EXTINT, ICR_DELIVERY_STARTUP };
	static const struct command to_us[] = {
		{ 0, 0 },	   { 1, ICR_LOGICAL },	  { 0, ICR_TO_SELF },
		{ 0, ICR_TO_ALL }, { APIC_BROADCAST, 0 }, { APIC_BROADCAST, ICR_LOGICAL },
	};

	(void)argument;
	listen();
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		for (size_t j = 0; j < sizeof(to_us) / sizeof(to_us[0]); j++)
			send(to_us[j].destination, to_us[j].command | modes[i] | OWN_VECTOR);
	judge_received(0, 0, "own copies");
}

/* INIT with level de-assert once synchronized APICs: APM volume 2, 16.5. */
static void case_init_deassert(const char *argument)
{
	(void)argument;
	listen();
	send(0, ICR_DELIVERY_INIT | ICR_TRIGGER_LEVEL);
	send(0, ICR_DELIVERY_INIT | ICR_TRIGGER_LEVEL | ICR_TO_ALL);
	send(APIC_BROADCAST, ICR_DELIVERY_INIT | ICR_TRIGGER_LEVEL);
	judge_received(0, 0, "own copies");
}

/* One bit after the other beside a command to nobody. */
static void case_ipi_bits(const char *argument)
{
	(void)argument;
	listen();
	for (unsigned int bit = 0; bit < 32; bit++)
		send(0x77, (ICR_DELIVERY_FIXED | OWN_VECTOR) ^ 1u << bit);
	for (unsigned int bit = 0; bit < 32; bit++)
		send(0x77 ^ 1u << bit, ICR_DELIVERY_FIXED | BEAT_VECTOR);
	/* bits 18 and 19 alone name ourselves; both were sent before one was taken */
	judge_received(1, 0, "own copies");
}

/*
 * Vectors that no interrupt can have.  The priority stays raised for good: an
 * emulator that accepts them keeps them pending, and they would look like exceptions.
 */
static void case_ipi_vectors(const char *argument)
{
	(void)argument;
	msr_write(MSR_X2APIC_TPR, TPR_ABOVE_EXCEPTIONS);
	for (uint32_t vector = 0; vector < 16; vector++) {
		send(0, ICR_DELIVERY_FIXED | vector);
		send(0, ICR_TO_SELF | vector);
		send(1, ICR_DELIVERY_FIXED | vector);
		send(APIC_BROADCAST, ICR_DELIVERY_LOWEST | vector);
	}
	listen();
	judge_received(0, 0, "own copies");
}

/* What must work: a cell may interrupt itself, in all the ways there are. */
static void case_ipi_self(const char *argument)
{
	(void)argument;
	listen();
	apic_send(0, ICR_DELIVERY_FIXED | OWN_VECTOR);
	judge_received(1, 0, "by id");
	apic_send(1, ICR_LOGICAL | ICR_DELIVERY_FIXED | OWN_VECTOR);
	judge_received(2, 0, "by logical id");
	apic_send(0, ICR_TO_SELF | ICR_DELIVERY_FIXED | OWN_VECTOR);
	judge_received(3, 0, "by shorthand");
	msr_write(MSR_X2APIC_SELF_IPI, OWN_VECTOR);
	judge_received(4, 0, "by SELF_IPI");
	apic_send(0, ICR_DELIVERY_NMI);
	judge_received(4, 1, "NMI by id");
	apic_send(1, ICR_LOGICAL | ICR_DELIVERY_NMI);
	judge_received(4, 2, "NMI by logical id");
}

/* A CPU that resets itself and that nobody starts again; the board does not notice. */
static void case_init_self(const char *argument)
{
	(void)argument;
	apic_send(0, ICR_DELIVERY_INIT | ICR_LEVEL_ASSERT);
	pm_timer_wait_us(SETTLE_US);
	report_harmless("ignored", 0);
}

const struct test_case ipi_cases[] = {
	{ "ipi", case_ipi },
	{ "ipi-broadcast", case_ipi_broadcast },
	{ "ipi-modes", case_ipi_modes },
	{ "ipi-bits", case_ipi_bits },
	{ "ipi-vectors", case_ipi_vectors },
	{ "ipi-self", case_ipi_self },
	{ "init-deassert", case_init_deassert },
	{ "init-self", case_init_self },
	{ 0 },
};
