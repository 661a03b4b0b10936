/* SPDX-License-Identifier: Apache-2.0 */
/* What the architecture-neutral monitor asks of an architecture. */
#ifndef SEPTUM_MONITOR_ARCH_H
#define SEPTUM_MONITOR_ARCH_H

#include <septum/plan.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** arch_plan() - the plan this image was built with. */
const struct plan *arch_plan(void);

/** arch_console_write_line() - "septum: ", the text and a line end, as one piece. */
void arch_console_write_line(const char *text, size_t length);

/** arch_wait() - busy wait, microseconds; at once as long as no clock is measured. */
void arch_wait(uint64_t microseconds);

/**
 * arch_check_board() - compare the machine with the plan.
 * Prints one "refused:" line for every difference.
 * Return: number of differences.
 */
unsigned int arch_check_board(const struct plan *plan);

/**
 * arch_settle_board() - whatever the firmware left running is switched off: other CPUs,
 * interrupts, bus masters.  Then IOMMUs deny everything, and every PCI function is put
 * where the plan has it.
 * Prints a "refused:" line for every difference.  Return: how many.
 */
unsigned int arch_settle_board(const struct plan *plan);

/** arch_connect_devices() - IOMMUs let each device reach its cell.  Return: false after printing why not. */
bool arch_connect_devices(const struct plan *plan);

/**
 * arch_start_cpus() - start every other CPU of the plan; each waits in
 * monitor_join().  Prints a "refused:" line for each that does not come up or
 * lacks a feature.
 * Return: number of CPUs that cannot be used.
 */
unsigned int arch_start_cpus(const struct plan *plan);

/**
 * arch_prepare_cell_cpu() - make this CPU ready to enter its cell.
 * Return: false after printing why the cell's state was refused.
 */
bool arch_prepare_cell_cpu(const struct plan *plan, uint32_t index);

/** arch_enter_cell() - the cell's first instruction, and all exits after it. */
void arch_enter_cell(uint32_t index) __attribute__((noreturn));

/** arch_park() - wait for ever, interrupts off, NMIs deliverable. */
void arch_park(void) __attribute__((noreturn));

/** arch_fill() and arch_copy() - bulk memory work; any alignment, bytes. */
void arch_fill(void *dest, uint64_t bytes);
void arch_copy(void *dest, const void *source, uint64_t bytes);

#endif
