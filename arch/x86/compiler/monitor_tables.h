/* SPDX-License-Identifier: Apache-2.0 */
/* The monitor's own page tables: one set for the boot stage, one per CPU. */
#ifndef SEPTUM_X86_MONITOR_TABLES_H
#define SEPTUM_X86_MONITOR_TABLES_H

#include "device_windows.h"
#include "page_emit.h"

#include "model.h"

/* A stretch of host-physical memory that the monitor sees at the same address. */
struct monitor_range {
	hpa_t start;
	uint64_t size; /* bytes, whole pages */
	uint32_t rights; /* PLAN_RIGHT_*; never both write and execute */
};

/**
 * boot_tables_emit() - the tables of the boot stage, which prints, checks the
 * board and starts the other CPUs: the first 4 GiB, read-write and never executable.
 * @shaped: ranges below 4 GiB with other rights: the monitor's text, its
 *          read-only data, plan and golden store.
 */
enum page_fault boot_tables_emit(const struct model *model, const struct monitor_range *shaped,
				 size_t count, struct plan_bytes *out, hpa_t *root);

/* All that one CPU sees. */
struct cpu_view {
	const struct monitor_range *shared; /* monitor's segments and the plan */
	size_t shared_count;
	const struct monitor_range *store; /* its cell's loads in the golden store */
	size_t store_count;
	const struct model_cell *cell; /* NULL: parked */
	hpa_t block; /* CPU_BLOCK_BYTES of its own */
	const hpa_t *peers; /* blocks of its cell's other CPUs: their mailboxes alone */
	size_t peer_count;
	hpa_t crash; /* its own crash page */
	/* Read-write memory and registers behind its cell's devices. */
	const struct monitor_range *devices;
	size_t device_count;
};

/**
 * cpu_tables_emit() - the tables a CPU runs on once it has left the boot stage:
 * @view, the page the other CPUs start in, and the I/O APIC if the cell owns one of
 * its pins; nothing else.  The guard page of
 * its block stays unmapped.
 */
enum page_fault cpu_tables_emit(const struct model *model, const struct cpu_view *view,
				struct plan_bytes *out, hpa_t *root);

#endif
