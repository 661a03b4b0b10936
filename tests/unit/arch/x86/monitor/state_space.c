/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "state_space.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STATE_BYTES_MAX 128u
#define REST_STEPS 500u /* longer than any way to rest without the world's help */

struct origin {
	uint32_t parent;
	uint32_t step;
};

struct space {
	const struct state_model *model;
	unsigned char *states;
	struct origin *origins;
	uint32_t *slots; /* index + 1 of a state, or 0 */
	size_t count, room, slot_count;
};

static void *state_at(const struct space *space, size_t index)
{
	return space->states + index * space->model->bytes;
}

static size_t slot_of(const struct space *space, const void *state)
{
	const unsigned char *bytes = state;
	uint64_t hash = 0xcbf29ce484222325ull; /* FNV-1a */
	size_t slot;

	for (size_t i = 0; i < space->model->bytes; i++)
		hash = (hash ^ bytes[i]) * 0x100000001b3ull;
	slot = (size_t)(hash ^ hash >> 32) & (space->slot_count - 1);
	while (space->slots[slot] &&
	       memcmp(state_at(space, space->slots[slot] - 1), state, space->model->bytes) != 0)
		slot = (slot + 1) & (space->slot_count - 1);
	return slot;
}

static void *larger(void *old, size_t bytes)
{
	void *new = realloc(old, bytes);

	assert_non_null(new);
	return new;
}

static void grow(struct space *space)
{
	space->room = space->room ? space->room * 2 : 1024;
	space->slot_count = space->room * 4;
	space->states = larger(space->states, space->room * space->model->bytes);
	space->origins = larger(space->origins, space->room * sizeof(space->origins[0]));
	free(space->slots);
	space->slots = calloc(space->slot_count, sizeof(space->slots[0]));
	assert_non_null(space->slots);
	for (size_t i = 0; i < space->count; i++)
		space->slots[slot_of(space, state_at(space, i))] = (uint32_t)(i + 1);
}

static void add(struct space *space, const void *state, size_t parent, unsigned int step)
{
	size_t slot;

	if (space->count == space->room)
		grow(space);
	slot = slot_of(space, state);
	if (space->slots[slot])
		return;
	memcpy(state_at(space, space->count), state, space->model->bytes);
	space->origins[space->count] = (struct origin){ (uint32_t)parent, step };
	space->slots[slot] = (uint32_t)++space->count;
}

/* Any step that is sure to come.  Return: false: the state is at rest. */
static bool settle(const struct state_model *model, void *state)
{
	for (unsigned int step = 0; step < model->steps; step++)
		if (!model->is_free(step) && model->take(model->context, state, step))
			return true;
	return false;
}

static unsigned int fault_of(const struct state_model *model, const void *state)
{
	unsigned char copy[STATE_BYTES_MAX];
	unsigned int taken = 0;

	memcpy(copy, state, model->bytes);
	while (taken < REST_STEPS && settle(model, copy))
		taken++;
	if (taken == REST_STEPS)
		return model->endless;
	return model->fault(model->context, state, taken == 0);
}

static void tell_way(const struct space *space, size_t index, struct state_verdict *verdict)
{
	const char *names[128] = { 0 };
	size_t depth = 0, used = 0;

	for (; index && depth < 128; index = space->origins[index].parent)
		names[depth++] = space->model->step_name(space->origins[index].step);
	while (depth-- && used < sizeof(verdict->way))
		used += (size_t)snprintf(verdict->way + used, sizeof(verdict->way) - used, "%s; ",
					 names[depth]);
}

struct state_verdict state_space_search(const struct state_model *model, const void *first)
{
	struct space space = { .model = model };
	struct state_verdict verdict = { 0 };
	unsigned char state[STATE_BYTES_MAX];

	assert_true(model->bytes <= sizeof(state));
	add(&space, first, 0, 0);
	for (size_t i = 0; i < space.count && !verdict.fault; i++) {
		verdict.fault = fault_of(model, state_at(&space, i));
		if (verdict.fault)
			tell_way(&space, i, &verdict);
		for (unsigned int step = 0; step < model->steps; step++) {
			memcpy(state, state_at(&space, i), model->bytes);
			if (model->take(model->context, state, step))
				add(&space, state, i, step);
		}
	}
	verdict.states = space.count;
	free(space.states);
	free(space.origins);
	free(space.slots);
	return verdict;
}
