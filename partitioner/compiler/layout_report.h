/* SPDX-License-Identifier: Apache-2.0 */
/* layout.json: the finished image's addresses, for tests and tools. */
#ifndef SEPTUM_COMPILER_LAYOUT_REPORT_H
#define SEPTUM_COMPILER_LAYOUT_REPORT_H

#include "plan_build.h"

/**
 * layout_report_write() - who lies where, as JSON; addresses and sizes are
 * integers, in bytes.  Read from the built plan, so it cannot say otherwise.
 */
void layout_report_write(FILE *out, const struct built_plan *built, const struct model *model);

#endif
