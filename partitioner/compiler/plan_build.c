/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Building the plan.  Where the golden store lies depends on how large the
 * tables are, and they map the golden store: so the plan is built again until
 * the room kept for it suffices, which takes two or three rounds.
 */
#include "plan_build.h"

#include "cpu_order.h"
#include "plan_arrays.h"
#include "plan_tables.h"

#include <nettle/sha2.h>
#include <stdlib.h>
#include <string.h>

#define MAX_ROUNDS 16u /* room only grows; far more than can be needed */

static_assert(SHA256_DIGEST_SIZE == PLAN_HASH_BYTES, "plan hashes are SHA-256");

static void sha256(const uint8_t *bytes, uint64_t size, uint8_t hash[PLAN_HASH_BYTES])
{
	struct sha256_ctx context;

	sha256_init(&context);
	sha256_update(&context, size, bytes);
	sha256_digest(&context, PLAN_HASH_BYTES, hash);
}

/* One round.  On success built->bytes.used says how much room the plan needs. */
static bool build_round(const struct plan_input *input, const struct cpu_order *order,
			uint64_t room, struct built_plan *built, struct diag_sink *sink)
{
	struct plan_tables tables;
	hpa_t head;
	bool fine;

	device_memory_make(input->model, &built->devices);
	layout_make(&built->layout, input->model, input->monitor, input->images, room, order->count,
		    built->devices.size);
	if (!layout_check(&built->layout, input->model, order->count, sink))
		return false;
	built->bytes = (struct plan_bytes){ .base = built->layout.plan->start };
	/* First in its segment: the monitor finds the struct where the segment starts. */
	head = plan_bytes_take(&built->bytes, sizeof(struct plan), PLAN_PAGE_BYTES);
	fine = plan_tables_emit(input, order, built, &tables, sink);
	if (fine)
		plan_arrays_fill(input, order, &tables, built, head);
	plan_tables_free(&tables);
	return fine;
}

/* Hashes last, when every byte stands. */
static void seal(const struct plan_input *input, struct built_plan *built)
{
	struct plan *plan = plan_bytes_at(&built->bytes, built->bytes.base);
	struct plan_load *load;

	if (plan->loads.count > 0) {
		load = plan_bytes_at(&built->bytes, plan->loads.base);
		for (size_t i = 0; i < input->model->cell_count; i++) {
			const struct load_list *loads = &input->images[i].loads;

			for (size_t n = 0; n < loads->count; n++, load++)
				sha256(loads->items[n].bytes, loads->items[n].size, load->hash);
		}
	}
	plan->size = built->bytes.used;
	memset(plan->hash, 0, sizeof(plan->hash));
	sha256(built->bytes.bytes, built->bytes.used, plan->hash);
}

bool plan_build(const struct plan_input *input, struct built_plan *built, struct diag_sink *sink)
{
	struct cpu_order order;
	uint64_t room = 0;
	bool fine = false, settled = false;

	*built = (struct built_plan){ .bytes = { .used = 0 } };
	cpu_order_make(input->model, &order);
	for (unsigned int round = 0; round < MAX_ROUNDS && !settled; round++) {
		built_plan_free(built);
		fine = build_round(input, &order, room, built, sink);
		if (!fine)
			break;
		settled = built->bytes.used <= built->layout.plan->size;
		room = built->bytes.used;
	}
	cpu_order_free(&order);
	if (!fine || !settled)
		return false;
	/* Whole pages, so that nothing unhashed is mapped with the plan. */
	plan_bytes_take(&built->bytes, built->layout.plan->size - built->bytes.used, 1);
	seal(input, built);
	return true;
}

void built_plan_free(struct built_plan *built)
{
	layout_free(&built->layout);
	device_memory_free(&built->devices);
	plan_bytes_free(&built->bytes);
}

const struct plan *plan_head(const struct built_plan *built)
{
	return plan_bytes_at(&built->bytes, built->bytes.base);
}

const void *plan_array(const struct built_plan *built, const struct plan_table *table)
{
	return plan_bytes_at(&built->bytes, table->base);
}
