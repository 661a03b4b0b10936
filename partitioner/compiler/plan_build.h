/* SPDX-License-Identifier: Apache-2.0 */
/* Building the plan: every array and table the monitor will use. */
#ifndef SEPTUM_COMPILER_PLAN_BUILD_H
#define SEPTUM_COMPILER_PLAN_BUILD_H

#include "device_memory.h"
#include "layout.h"
#include "plan_bytes.h"

struct plan_input {
	const struct model *model; /* placed, and all rules passed */
	const struct monitor_elf *monitor;
	const struct cell_image *images; /* one per cell */
};

struct built_plan {
	struct layout layout;
	struct device_memory devices; /* offsets in layout.devices */
	struct plan_bytes bytes; /* the plan segment, byte for byte */
};

/**
 * plan_build() - lay everything out, emit all tables, seal with hashes.
 * Return: false after reporting to @sink.  Free with built_plan_free() in any case.
 */
bool plan_build(const struct plan_input *input, struct built_plan *built, struct diag_sink *sink);
void built_plan_free(struct built_plan *built);

/** plan_head() - the plan's own struct; valid as long as @built. */
const struct plan *plan_head(const struct built_plan *built);

/** plan_array() - the first entry of one of the plan's arrays; even an empty one has a place. */
const void *plan_array(const struct built_plan *built, const struct plan_table *table);

#endif
