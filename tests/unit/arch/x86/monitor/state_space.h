/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exhaustive search of a small model: every state that can be reached from the
 * first one by any order of steps is visited once, nearest first, so that the
 * way to a fault is the shortest there is.
 */
#ifndef SEPTUM_TESTS_STATE_SPACE_H
#define SEPTUM_TESTS_STATE_SPACE_H

#include <stdbool.h>
#include <stddef.h>

struct state_model {
	size_t bytes; /* of a state; compared as bytes, so without padding */
	unsigned int steps; /* steps are numbered from 0 */
	/** take() - take a step from a state, in place.  Return: false: it cannot be taken. */
	bool (*take)(const void *context, void *state, unsigned int step);
	/** fault() - what is wrong with a state; 0: nothing. @resting: it waits for the world. */
	unsigned int (*fault)(const void *context, const void *state, bool resting);
	/** is_free() - the world takes that step or never does; the others are sure to come. */
	bool (*is_free)(unsigned int step);
	const char *(*step_name)(unsigned int step);
	unsigned int endless; /* the fault of a state that never comes to rest */
	const void *context;
};

struct state_verdict {
	unsigned int fault; /* of the nearest faulty state; 0: there is none */
	size_t states; /* seen */
	char way[2048]; /* the steps to the faulty state */
};

/** state_space_search() - visit all states, up to the first fault. */
struct state_verdict state_space_search(const struct state_model *model, const void *first);

#endif
