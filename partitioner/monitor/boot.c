/* SPDX-License-Identifier: Apache-2.0 */
#include "boot.h"

#include "arch.h"
#include "crash.h"
#include "load.h"
#include "log.h"
#include "plan_view.h"
#include "sha256.h"

#define SEPTUM_VERSION "0.1"

#define POLLS_PER_SECOND 100000u

enum phase {
	PHASE_CHECK, /* the boot CPU still checks */
	PHASE_PREPARE, /* every CPU fills its cell */
	PHASE_START, /* every CPU enters its cell */
	PHASE_REFUSED,
};

/*
 * All that the CPUs share.  Nobody writes it after PHASE_START, so in steady
 * state no cell can feel another through it.
 */
static struct {
	uint32_t phase;
	uint32_t arrived;
	uint32_t failed;
} barrier;

static void set_phase(enum phase phase)
{
	__atomic_store_n(&barrier.phase, phase, __ATOMIC_RELEASE);
}

static enum phase get_phase(void)
{
	return (enum phase)__atomic_load_n(&barrier.phase, __ATOMIC_ACQUIRE);
}

static void __attribute__((noreturn)) refuse(void)
{
	set_phase(PHASE_REFUSED);
	log_line("nothing was started");
	arch_park();
}

static bool plan_header_sane(const struct plan *plan)
{
	return plan->magic == PLAN_MAGIC && plan->version == PLAN_VERSION &&
	       plan->header_bytes == sizeof(*plan) && plan->size >= sizeof(*plan);
}

static void print_banner(const struct plan *plan)
{
	char hex[17];

	for (uint32_t i = 0; i < 16; i++)
		hex[i] = "0123456789abcdef"[plan->hash[i / 2] >> (i % 2 ? 0 : 4) & 15];
	hex[16] = '\0';
	log_line("Septum %s, plan %s", SEPTUM_VERSION, hex);
	log_at(1, "system '%s' on board '%s': %u cells, %u CPUs", plan->system, plan->board,
	       plan->cells.count, plan->cpus.count);
}

void boot_run(const struct plan *plan)
{
	unsigned int wrong = 0;

	print_banner(plan);
	if (!plan_header_sane(plan) || !plan_hash_matches(plan)) {
		log_line("refused: the plan at 0x%lx is damaged or of another version "
			 "[rule plan-hash]; mend: write the image to the medium again",
			 (uint64_t)(uintptr_t)plan);
		refuse();
	}
	wrong = arch_check_board(plan);
	if (wrong == 0)
		crash_print_all(plan);
	wrong += arch_settle_board(plan);
	wrong += load_check_store(plan);
	wrong += arch_start_cpus(plan);
	if (wrong) {
		log_line("refused: %u differences between this machine and the plan", wrong);
		refuse();
	}
	if (!arch_connect_devices(plan))
		refuse();
	set_phase(PHASE_PREPARE);
}

/* The boot CPU waits for all and decides. */
static void end_barrier(const struct plan *plan)
{
	uint64_t polls = (uint64_t)plan->prepare_seconds * POLLS_PER_SECOND;

	while (__atomic_load_n(&barrier.arrived, __ATOMIC_ACQUIRE) < plan->cpus.count) {
		if (polls-- == 0) {
			log_line(
				"refused: only %u of %u CPUs are ready after %u s [rule cpu-ready]",
				barrier.arrived, plan->cpus.count, plan->prepare_seconds);
			refuse();
		}
		arch_wait(1000000 / POLLS_PER_SECOND);
	}
	if (__atomic_load_n(&barrier.failed, __ATOMIC_ACQUIRE))
		refuse();
	log_at(1, "cells start");
	set_phase(PHASE_START);
}

static bool prepare(const struct plan *plan, uint32_t index)
{
	const struct plan_cpu *cpu = &plan_cpus(plan)[index];
	const struct plan_cell *cell = plan_cell_of(plan, cpu);

	if (!cell)
		return true;
	if (cell->first_cpu == index && !load_cell(plan, cell))
		return false;
	return arch_prepare_cell_cpu(plan, index);
}

void boot_join(const struct plan *plan, uint32_t index, int is_boot_cpu)
{
	struct plan_counters *counters = plan_block(&plan_cpus(plan)[index], CPU_BLOCK_COUNTERS);

	/* The rest is zero: the loader fills what the image does not bring. */
	counters->magic = PLAN_COUNTERS_MAGIC;
	counters->state = PLAN_CPU_READY;
	while (get_phase() == PHASE_CHECK)
		arch_wait(1);
	if (get_phase() == PHASE_PREPARE && !prepare(plan, index))
		__atomic_fetch_add(&barrier.failed, 1, __ATOMIC_ACQ_REL);
	__atomic_fetch_add(&barrier.arrived, 1, __ATOMIC_ACQ_REL);
	if (is_boot_cpu)
		end_barrier(plan);
	while (get_phase() == PHASE_PREPARE)
		arch_wait(1);
	if (get_phase() == PHASE_START && plan_cell_of(plan, &plan_cpus(plan)[index]))
		arch_enter_cell(index);
	if (get_phase() == PHASE_START)
		counters->state = PLAN_CPU_PARKED;
	arch_park();
}
