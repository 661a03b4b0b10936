/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Crash records: a ring per CPU in reserved RAM that no ELF segment covers, so
 * that it survives a warm reset where the board's RAM does.
 */
#ifndef SEPTUM_MONITOR_CRASH_H
#define SEPTUM_MONITOR_CRASH_H

#include <septum/plan.h>
#include <stdbool.h>

/** crash_record_valid() - magic and checksum; never trusts what a reset left behind. */
bool crash_record_valid(const struct plan_crash_record *record);

/**
 * crash_record_store() - put a record into a CPU's ring, over the oldest one.
 * @ring: PLAN_CRASH_BYTES; @record: complete but for magic, checksum, sequence.
 */
void crash_record_store(struct plan_crash_record *ring, const struct plan_crash_record *record);

/** crash_print_all() - print and then forget every valid record of the last run. */
void crash_print_all(const struct plan *plan);

#endif
