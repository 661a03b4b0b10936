/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The local vector table, APM volume 2, 16.4: which delivery modes may be stored,
 * and NMIs and SMIs that a cell's own timer asks for.
 */
#include "cases.h"

#include "../lib/apic.h"
#include "../lib/cpu.h"
#include "../lib/pm_timer.h"
#include "../lib/traps.h"

#include <septum/x86/cell_registers.h>
#include <stddef.h>

#define LVT_MODE (7u << 8)
#define LVT_EXTINT (7u << 8)
#define LVT_MASKED (1u << 16)
#define LVT_PERIODIC (1u << 17)
#define LVT_POLARITY (1u << 13)
#define LVT_LEVEL (1u << 15)
#define MODES 8u
#define QUIET_VECTOR 0x53u
#define LVT_STORED 0x107ffull /* vector, delivery mode, mask */
#define LVT_RESERVED (~0x1f7ffull)
#define RESERVED_BITS 48u
#define TPR_ABOVE_EXCEPTIONS 0x10u
#define STORM_US 500000u
#define STORM_FASTER 50u /* than the poll timer: 10 kHz */

static const uint32_t lvts[] = { MSR_X2APIC_LVT_ERROR, MSR_X2APIC_LVT_LINT0, MSR_X2APIC_LVT_LINT1,
				 MSR_X2APIC_LVT_THERMAL, MSR_X2APIC_LVT_PMC };

struct lvt {
	uint32_t msr;
	uint64_t value;
};

static void act_lvt(void *arg)
{
	const struct lvt *lvt = arg;

	msr_write(lvt->msr, lvt->value);
}

/* Nothing but what the monitor stores, and no mode that reaches beyond the CPU. */
static bool is_clean(uint64_t lvt)
{
	const uint64_t mode = lvt & LVT_MODE;

	return !(lvt & ~LVT_STORED) &&
	       (lvt & LVT_MASKED || mode == ICR_DELIVERY_FIXED || mode == ICR_DELIVERY_NMI);
}

static void store(uint32_t msr, uint64_t value)
{
	struct lvt lvt = { msr, value };

	if (trap_guard(act_lvt, &lvt))
		report_judged(is_clean(msr_read(msr)), "stored", msr_read(msr));
	else
		report_blocked("LVT");
	msr_write(msr, LVT_MASKED);
}

static volatile unsigned int nmis;

static void on_nmi(struct trap_frame *frame)
{
	(void)frame;
	nmis = nmis + 1;
}

/* Among them delivery modes that would reset the CPU, call firmware or listen to the PIC. */
static void case_lvt(const char *argument)
{
	static const uint32_t forms[] = { 0, LVT_POLARITY, LVT_LEVEL, LVT_POLARITY | LVT_LEVEL };

	(void)argument;
	trap_on(VECTOR_NMI, on_nmi);
	for (size_t i = 0; i < sizeof(lvts) / sizeof(lvts[0]); i++)
		for (uint32_t mode = 0; mode < MODES; mode++)
			for (size_t j = 0; j < sizeof(forms) / sizeof(forms[0]); j++)
				store(lvts[i], mode << 8 | forms[j] | QUIET_VECTOR);
	trap_on(VECTOR_NMI, NULL);
}

static bool bit_is_reserved(unsigned int bit)
{
	return LVT_RESERVED >> bit & 1;
}

/* Return: refused with #GP. */
static bool store_bit(uint32_t msr, unsigned int bit)
{
	struct lvt lvt = { msr, 1ull << bit };
	const bool stored = trap_guard(act_lvt, &lvt);

	if (stored == bit_is_reserved(bit))
		report_bad("stored or refused wrongly: bit", bit);
	if (stored && !is_clean(msr_read(msr)))
		report_bad("stored as it was: bit", bit);
	return !stored && trap_last() == VECTOR_GP;
}

static void case_lvt_bits(const char *argument)
{
	(void)argument;
	for (size_t i = 0; i < sizeof(lvts) / sizeof(lvts[0]); i++) {
		unsigned int refused = 0;

		for (unsigned int bit = 0; bit < 64; bit++)
			refused += store_bit(lvts[i], bit);
		msr_write(lvts[i], LVT_MASKED);
		report_judged(refused == RESERVED_BITS, "reserved bits refused", refused);
	}
}

static void act_self_ipi(void *arg)
{
	msr_write(MSR_X2APIC_SELF_IPI, *(const uint32_t *)arg);
}

/* Vectors that do not exist make the APIC raise its error interrupt: APM volume 2, 16.6. */
static void send_illegal_vectors(void)
{
	for (uint32_t vector = 0; vector < 16; vector++)
		if (!trap_guard(act_self_ipi, &vector))
			report_blocked("SELF_IPI");
	pm_timer_wait_us(1000);
}

/*
 * The priority stays raised for good: an emulator that accepts vectors 0 to 15
 * keeps them pending, and they would look like exceptions.
 */
static void case_lvt_error(const char *argument)
{
	static const uint32_t modes[] = { ICR_DELIVERY_SMI, LVT_EXTINT };

	(void)argument;
	msr_write(MSR_X2APIC_TPR, TPR_ABOVE_EXCEPTIONS);
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		msr_write(MSR_X2APIC_LVT_ERROR, modes[i]);
		send_illegal_vectors();
		store(MSR_X2APIC_LVT_ERROR, modes[i]);
	}
}

/* What a machine's NMI button reaches: see the test. */
static void case_lint1_nmi(const char *argument)
{
	(void)argument;
	msr_write(MSR_X2APIC_LVT_LINT1, ICR_DELIVERY_NMI);
	report_harmless("LINT1", msr_read(MSR_X2APIC_LVT_LINT1));
}

/* Runs our timer in another mode for a while; the poll timer goes on afterwards. */
static void borrow_timer(uint32_t lvt, uint32_t faster)
{
	const uint64_t old_lvt = msr_read(MSR_X2APIC_LVT_TIMER);
	const uint64_t old_ticks = msr_read(MSR_X2APIC_TIMER_INIT);

	msr_write(MSR_X2APIC_LVT_TIMER, lvt);
	msr_write(MSR_X2APIC_TIMER_INIT, old_ticks / faster);
	pm_timer_wait_us(STORM_US);
	msr_write(MSR_X2APIC_LVT_TIMER, old_lvt);
	msr_write(MSR_X2APIC_TIMER_INIT, old_ticks);
}

static void case_timer_nmi(const char *argument)
{
	(void)argument;
	nmis = 0;
	trap_on(VECTOR_NMI, on_nmi);
	borrow_timer(LVT_PERIODIC | ICR_DELIVERY_NMI, STORM_FASTER);
	trap_on(VECTOR_NMI, NULL);
	report_harmless("NMIs taken", nmis);
}

/* Processors have no such mode there; for the emulator that has, see docs/platforms.md. */
static void case_timer_smi(const char *argument)
{
	(void)argument;
	borrow_timer(ICR_DELIVERY_SMI, 1);
	report_harmless("timer LVT", msr_read(MSR_X2APIC_LVT_TIMER));
}

static void on_quiet(struct trap_frame *frame)
{
	(void)frame;
	apic_eoi();
}

static void act_wait(void *arg)
{
	(void)arg;
	pm_timer_wait_us(STORM_US / 10);
	asm volatile("sti; nop; nop; cli");
}

/*
 * Modes that a timer does not have, but for SMI: see timer-smi.  An emulator asks
 * the PIC for the vector of an ExtINT, gets none, and raises #GP.
 */
static void case_timer_modes(const char *argument)
{
	static const uint32_t modes[] = { 1, 3, 5, 6, 7 };
	const uint64_t before = msr_read(MSR_X2APIC_LVT_TIMER);
	const uint64_t ticks = msr_read(MSR_X2APIC_TIMER_INIT);

	(void)argument;
	trap_on(QUIET_VECTOR, on_quiet);
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		struct lvt lvt = { MSR_X2APIC_LVT_TIMER, modes[i] << 8 | QUIET_VECTOR };

		if (!trap_guard(act_lvt, &lvt)) {
			report_blocked("timer LVT");
			continue;
		}
		msr_write(MSR_X2APIC_TIMER_INIT, ticks);
		if (!trap_guard(act_wait, NULL))
			report_harmless("exception", trap_last());
		report_harmless("timer LVT", msr_read(MSR_X2APIC_LVT_TIMER));
	}
	msr_write(MSR_X2APIC_LVT_TIMER, before);
	msr_write(MSR_X2APIC_TIMER_INIT, ticks);
}

const struct test_case lvt_cases[] = {
	{ "lvt", case_lvt },
	{ "lvt-bits", case_lvt_bits },
	{ "lvt-error", case_lvt_error },
	{ "lint1-nmi", case_lint1_nmi },
	{ "timer-nmi", case_timer_nmi },
	{ "timer-modes", case_timer_modes },
	{ "timer-smi", case_timer_smi },
	{ 0 },
};
