/* SPDX-License-Identifier: Apache-2.0 */
/* Who owns what, and why: the partitioner's decisions in words. */
#ifndef SEPTUM_COMPILER_EXPLAIN_H
#define SEPTUM_COMPILER_EXPLAIN_H

#include "model.h"

/** explain() - the whole report; @model is placed. */
void explain(const struct model *model, FILE *out);

/** explain_memory_map() - host-physical memory in order of address, free holes included. */
void explain_memory_map(const struct model *model, FILE *out);

/** explain_size() - "256 MiB", "64 KiB", "8361472 bytes": exact. */
struct size_text {
	char text[32];
};
struct size_text explain_size(uint64_t bytes);

#endif
