/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SEPTUM_MONITOR_LOAD_H
#define SEPTUM_MONITOR_LOAD_H

#include <septum/plan.h>
#include <stdbool.h>

/** load_check_store() - hash every load in the golden store; prints and counts the damaged ones. */
unsigned int load_check_store(const struct plan *plan);

/**
 * load_cell() - scrub a cell's RAM and fill in its payload.
 * Runs on one of the cell's own CPUs: no other maps that RAM.
 * Return: false after printing which load does not fit (a plan the partitioner never makes).
 */
bool load_cell(const struct plan *plan, const struct plan_cell *cell);

#endif
