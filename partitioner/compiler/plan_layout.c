/* SPDX-License-Identifier: Apache-2.0 */
/* The plan is an agreement about bytes: no compiler may lay it out in another way. */
#include <septum/plan_pci.h>

#include <assert.h>
#include <stddef.h>

static_assert(sizeof(struct monitor_header) == 32, "monitor header layout");
static_assert(sizeof(struct plan_table) == 16, "plan table layout");
static_assert(sizeof(struct plan) == 360, "plan layout");
static_assert(offsetof(struct plan, console_port) == 256, "head.S reads this field");
static_assert(sizeof(struct plan_cpu) == 40, "plan cpu layout");
static_assert(sizeof(struct plan_cell) == 184, "plan cell layout");
static_assert(sizeof(struct plan_pin) == 24, "plan pin layout");
static_assert(sizeof(struct plan_config_step) == 80, "plan configuration step layout");
static_assert(sizeof(struct plan_message) == 16, "plan message layout");
static_assert(sizeof(struct plan_function) == 160, "plan function layout");
static_assert(sizeof(struct plan_iommu) == 88, "plan IOMMU layout");
static_assert(sizeof(struct plan_ram) == 32, "plan ram layout");
static_assert(sizeof(struct plan_load) == 88, "plan load layout");
static_assert(sizeof(struct plan_owner) == 56, "plan owner layout");
static_assert(sizeof(struct plan_counters) <= PLAN_PAGE_BYTES, "counters fit their page");
static_assert(sizeof(struct plan_crash_record) == 312, "crash record layout");
static_assert(sizeof(struct plan_crash_record) * PLAN_CRASH_SLOTS <= PLAN_CRASH_BYTES,
	      "crash ring fits its page");
