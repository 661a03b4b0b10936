/* SPDX-License-Identifier: Apache-2.0 */
/* The plan's own struct and its arrays. */
#ifndef SEPTUM_COMPILER_PLAN_ARRAYS_H
#define SEPTUM_COMPILER_PLAN_ARRAYS_H

#include "plan_tables.h"

/**
 * plan_arrays_fill() - append the arrays to built->bytes and fill in all of
 * struct plan at @head but its size and its hashes.
 */
void plan_arrays_fill(const struct plan_input *input, const struct cpu_order *order,
		      const struct plan_tables *tables, struct built_plan *built, hpa_t head);

#endif
