/* SPDX-License-Identifier: Apache-2.0 */
/* The hardware tables of a plan, and where each of them went. */
#ifndef SEPTUM_COMPILER_PLAN_TABLES_H
#define SEPTUM_COMPILER_PLAN_TABLES_H

#include "cpu_order.h"
#include "dma_emit.h"
#include "plan_build.h"

/* One page each; 0 if the board has no such CPU. */
struct cell_templates {
	hpa_t vmcb_entry, vmcb_init; /* struct vmcb */
	hpa_t vmcs_entry, vmcs_init; /* struct vmcs_template */
};

struct plan_tables {
	struct cell_templates *cells;
	hpa_t *cr3s; /* per CPU of the plan: the monitor's tables there */
	struct unit_tables unit; /* the IOMMU's */
	hpa_t *writable; /* per function of built->devices: its page of writable bits */
	hpa_t boot_cr3;
};

/**
 * plan_tables_emit() - nested tables, permission maps, VMCB and VMCS templates and the
 * monitor's own page tables, appended to built->bytes.
 * Return: false after reporting to @sink.  Free with plan_tables_free() in any case.
 */
bool plan_tables_emit(const struct plan_input *input, const struct cpu_order *order,
		      struct built_plan *built, struct plan_tables *tables, struct diag_sink *sink);
void plan_tables_free(struct plan_tables *tables);

/** plan_crash_page() - the crash page of the CPU at @index in the plan. */
hpa_t plan_crash_page(const struct model *model, size_t index);

#endif
