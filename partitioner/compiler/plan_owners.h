/* SPDX-License-Identifier: Apache-2.0 */
/* Who owns which host-physical range: the plan's owners table. */
#ifndef SEPTUM_COMPILER_PLAN_OWNERS_H
#define SEPTUM_COMPILER_PLAN_OWNERS_H

#include "model.h"

struct owner_list {
	struct plan_owner *items; /* ascending, disjoint */
	size_t count, room;
};

/**
 * plan_owners_make() - monitor, cells, devices and firmware of a checked model.
 * Where claims meet the first of that order keeps the range and the other is
 * trimmed or split.  Free with plan_owners_free().
 */
void plan_owners_make(const struct model *model, struct owner_list *list);
void plan_owners_free(struct owner_list *list);

/** plan_name() - copy a name into the plan: cut to fit, NUL-padded. */
void plan_name(char out[PLAN_NAME_BYTES], const char *name);

#endif
