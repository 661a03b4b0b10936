/* SPDX-License-Identifier: Apache-2.0 */
/* Starting the other CPUs: INIT-SIPI-SIPI, one CPU at a time (Intel SDM volume 3A, 9.4.4). */
#include "apic.h"
#include "arch.h"
#include "boot.h"
#include "clock.h"
#include "cpu.h"
#include "cpu_features.h"
#include "instructions.h"
#include "log.h"
#include "plan_view.h"
#include "x86.h"

#include <septum/x86/registers.h>

#define ICR_INIT_ASSERT 0x4500u /* delivery mode INIT, level assert */
#define ICR_STARTUP 0x4600u /* delivery mode startup; vector = page number */
#define INIT_TO_SIPI_US 10000u
#define SIPI_TO_SIPI_US 200u
#define CPU_START_TRIES 1000u /* times 1 ms */

/* What the boot CPU leaves in the boot page for the CPU it starts (ap_start.S). */
struct ap_mailbox {
	uint64_t cr3;
	uint64_t stack_top;
	uint64_t index;
};

extern const uint8_t ap_start[], ap_start_end[], ap_mailbox[];

/*
 * How much the CPU that was started lacks, plus one; 0: not there yet.  Each
 * CPU writes its own answer once, before any cell starts.
 */
static uint32_t answers[PLAN_MAX_CPUS];

static void send_startup(apic_id_t id, hpa_t page)
{
	const uint64_t dest = (uint64_t)id.raw << 32;
	const uint64_t sipi = dest | ICR_STARTUP | page.raw >> 12;

	wrmsr(MSR_X2APIC_ICR, dest | ICR_INIT_ASSERT);
	arch_wait(INIT_TO_SIPI_US);
	wrmsr(MSR_X2APIC_ICR, sipi);
	arch_wait(SIPI_TO_SIPI_US);
	wrmsr(MSR_X2APIC_ICR, sipi);
}

static void fill_boot_page(const struct plan *plan, uint32_t index)
{
	const struct plan_cpu *cpu = &plan_cpus(plan)[index];
	uint8_t *page = hpa_pointer(plan->boot_page);
	struct ap_mailbox *mailbox = (void *)(page + (ap_mailbox - ap_start));

	arch_copy(page, ap_start, (uint64_t)(ap_start_end - ap_start));
	mailbox->cr3 = cpu->cr3.raw;
	mailbox->stack_top = cpu->block.raw + CPU_BLOCK_STACK_TOP;
	mailbox->index = index;
}

/* Returns what the CPU lacks plus one, or 0 if it never answered. */
static uint32_t start_cpu(const struct plan *plan, uint32_t index)
{
	uint32_t answer = 0;

	fill_boot_page(plan, index);
	send_startup(plan_cpus(plan)[index].apic_id, plan->boot_page);
	for (uint32_t i = 0; i < CPU_START_TRIES && !answer; i++) {
		arch_wait(1000);
		answer = __atomic_load_n(&answers[index], __ATOMIC_ACQUIRE);
	}
	return answer;
}

static const char *owner_name(const struct plan *plan, uint32_t index)
{
	const struct plan_cell *cell = plan_cell_of(plan, &plan_cpus(plan)[index]);

	return cell ? cell->name : "nobody's, parked";
}

static unsigned int start_and_report(const struct plan *plan, uint32_t index)
{
	const uint32_t answer = start_cpu(plan, index);

	if (answer)
		return answer - 1; /* it printed what it lacks */
	log_line("refused: CPU %u (APIC id %u, %s) does not start [rule board-cpu]; mend: give "
		 "the machine that CPU, or correct the board file",
		 index, plan_cpus(plan)[index].apic_id.raw, owner_name(plan, index));
	return 1;
}

unsigned int arch_start_cpus(const struct plan *plan)
{
	const apic_id_t self = cpu_apic_id();
	unsigned int wrong = 0;

	/* Without a clock or x2APIC, which were reported, nobody can be started. */
	if (!clock_rates.tsc_khz)
		return 0;
	for (uint32_t i = 0; i < plan->cpus.count && i < PLAN_MAX_CPUS; i++) {
		const apic_id_t id = plan_cpus(plan)[i].apic_id;
		const unsigned int failed = id.raw == self.raw ? 0 : start_and_report(plan, i);

		if (!failed)
			log_at(1, "cpu %u (APIC id %u): %s, %s", i, id.raw, owner_name(plan, i),
			       id.raw == self.raw ? "boot CPU" : "up");
		wrong += failed;
	}
	return wrong;
}

void ap_boot(uint32_t index)
{
	const struct plan *plan = arch_plan();
	uint32_t missing;

	exceptions_setup(plan_block(&plan_cpus(plan)[index], CPU_BLOCK_IDT), GATE_COUNT);
	missing = cpu_check(plan);
	apic_enable_x2apic();
	apic_quiet();
	if (!missing)
		cpu_redirect_init();
	__atomic_store_n(&answers[index], missing + 1, __ATOMIC_RELEASE);
	boot_join(plan, index, 0);
}
