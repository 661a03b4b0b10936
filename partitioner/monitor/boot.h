/* SPDX-License-Identifier: Apache-2.0 */
/* Boot order: from the first line on the console to the cells' first instructions. */
#ifndef SEPTUM_MONITOR_BOOT_H
#define SEPTUM_MONITOR_BOOT_H

#include <septum/plan.h>

/**
 * boot_run() - everything the boot CPU does before it becomes a CPU of its cell.
 * Returns when all CPUs are up and the start was ordered; the caller then
 * changes to this CPU's own tables and calls boot_join().  Never returns after a refusal.
 */
void boot_run(const struct plan *plan);

/**
 * boot_join() - a CPU on its own tables waits for the order to start, prepares
 * its cell, and enters it together with all others.
 * @index: its place in plan->cpus; @is_boot_cpu: it ends the barrier and says so.
 */
void boot_join(const struct plan *plan, uint32_t index, int is_boot_cpu) __attribute__((noreturn));

#endif
