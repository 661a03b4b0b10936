/* SPDX-License-Identifier: Apache-2.0 */
/* The order of the plan's CPUs. */
#include "cpu_order.h"

#include <stdlib.h>

static void add_cell(const struct model *model, uint32_t cell, bool *owned, struct cpu_order *order)
{
	const struct model_cell *from = &model->cells[cell];
	uint32_t virtual_id = 0;

	for (size_t i = 0; i < from->cpu_count; i++) {
		const int index = from->cpus[i].index;

		/* A rule refuses both; here they must not break the tables. */
		if (index < 0 || owned[index])
			continue;
		owned[index] = true;
		order->slots[order->count++] = (struct cpu_slot){
			.cpu = &model->cpus[index],
			.cell = cell,
			.virtual_id = virtual_id,
		};
		virtual_id++;
	}
}

void cpu_order_make(const struct model *model, struct cpu_order *order)
{
	bool *owned = calloc(model->cpu_count + 1, sizeof(*owned));

	order->count = 0;
	order->slots = calloc(model->cpu_count + 1, sizeof(*order->slots));
	if (!owned || !order->slots)
		abort();
	for (size_t i = 0; i < model->cell_count; i++)
		add_cell(model, (uint32_t)i, owned, order);
	for (size_t i = 0; i < model->cpu_count; i++)
		if (!owned[i] && model->cpus[i].enabled)
			order->slots[order->count++] = (struct cpu_slot){
				.cpu = &model->cpus[i],
				.cell = PLAN_NO_CELL,
			};
	free(owned);
}

void cpu_order_free(struct cpu_order *order)
{
	free(order->slots);
	*order = (struct cpu_order){ 0 };
}
