/* SPDX-License-Identifier: Apache-2.0 */
/* The order of the plan's CPUs. */
#ifndef SEPTUM_COMPILER_CPU_ORDER_H
#define SEPTUM_COMPILER_CPU_ORDER_H

#include "model.h"

struct cpu_slot {
	const struct model_cpu *cpu;
	uint32_t cell; /* index into the model's cells, or PLAN_NO_CELL */
	uint32_t virtual_id; /* 0 .. n-1 within its cell */
};

struct cpu_order {
	struct cpu_slot *slots;
	size_t count;
};

/**
 * cpu_order_make() - the cells' CPUs in the cells' order, then those nobody
 * owns; CPUs that the board disables are left out.  Free with cpu_order_free().
 */
void cpu_order_make(const struct model *model, struct cpu_order *order);
void cpu_order_free(struct cpu_order *order);

#endif
