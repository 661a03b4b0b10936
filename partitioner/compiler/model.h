/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The typed model of one system on one board, as read from the device tree.
 * Rules read it, the placer fills in what the author left open, the emitters
 * turn it into the plan.
 */
#ifndef SEPTUM_COMPILER_MODEL_H
#define SEPTUM_COMPILER_MODEL_H

#include "diag.h"
#include "payload.h"
#include "pci_model.h"

#include <septum/plan.h>
#include <stdbool.h>

#define MODEL_NONE (-1) /* a reference that names nothing that exists */
/* A reference to a bridge, which is no device: below MODEL_NONE.  The macro is its own inverse. */
#define MODEL_BRIDGE_REF(bridge) (-2 - (int)(bridge))

/* ---- the board ---- */

#define MODEL_ERRATUM_ITLB_MULTIHIT (1u << 0)

struct model_cpu {
	const char *name; /* node name, "cpu@1" */
	uint32_t apic_id; /* reg */
	int core; /* septum,core: CPUs with equal (cluster, core) are SMT siblings */
	int cluster; /* septum,cluster: CPUs that share an L2; MODEL_NONE = unknown */
	uint32_t features; /* PLAN_FEATURE_*: its own septum,cpu-features, or that of /cpus */
	bool enabled; /* status absent or "okay" */
	struct src_pos pos;
};

struct model_range { /* RAM, reserved memory, board MMIO */
	const char *name; /* node name */
	uint64_t start; /* HPA, bytes */
	uint64_t size; /* bytes */
	struct src_pos pos;
};

enum model_device_kind { MODEL_DEV_UART, MODEL_DEV_PM_TIMER, MODEL_DEV_PCI, MODEL_DEV_OTHER };

struct model_device { /* a board device with I/O ports, or a PCI function */
	const char *name; /* node name, "serial@2f8" */
	const char *label; /* "com2", or NULL */
	const char *compatible; /* first string, or NULL */
	const struct model_function *function; /* PCI: the rest of it; else NULL */
	enum model_device_kind kind;
	uint32_t port; /* first I/O port */
	uint32_t port_count; /* PCI: 0, its ports are BARs */
	uint32_t clock_hz; /* UART: clock-frequency, default 1843200 */
	uint32_t timer_bits; /* PM timer: septum,timer-bits, 24 (default) or 32 */
	uint32_t pin; /* interrupts: an input of the I/O APIC */
	uint32_t pin_flags; /* PLAN_PIN_* */
	bool has_pin;
	bool enabled;
	struct src_pos pin_pos;
	struct src_pos pos;
};

struct model_ioapic {
	bool present;
	const char *name; /* node name */
	uint64_t base; /* HPA of its page */
	uint32_t pins; /* septum,pins, default 24; pin n is GSI n */
	struct src_pos pos;
};

/* ---- the system ---- */

struct model_ref { /* one phandle in a list such as septum,cpus */
	/* into the board's cpus or devices; MODEL_NONE: no such thing; or MODEL_BRIDGE_REF() */
	int index;
	struct src_pos pos;
};

struct model_ports {
	uint32_t first;
	uint32_t count;
	struct src_pos pos;
};

struct model_memory { /* one RAM region of a cell */
	const char *name;
	bool placed; /* the author gave hpa (reg); else the placer fills it in */
	bool gpa_given;
	uint64_t hpa;
	uint64_t gpa;
	uint64_t size; /* bytes */
	uint64_t align; /* septum,align, bytes; 0 = as large as useful */
	struct src_pos pos;
};

struct model_payload {
	enum payload_kind kind;
	struct blob image; /* kernel, ELF or flat file */
	struct blob initrd; /* path == NULL: none */
	const char *cmdline; /* bootargs; NULL: none */
	uint64_t load; /* flat: septum,load */
	uint64_t entry_offset; /* flat: septum,entry, bytes from its start */
	struct payload_info info;
	struct src_pos pos, image_pos, initrd_pos, cmdline_pos;
};

struct model_waiver {
	const char *rule;
	const char *reason;
	struct src_pos pos;
};

struct model_cell {
	const char *name; /* node name */
	struct model_ref *cpus;
	size_t cpu_count;
	struct model_memory *memory;
	size_t memory_count;
	struct model_ref *devices; /* septum,devices */
	size_t device_count;
	struct model_ports *ports; /* septum,io-ports */
	size_t port_count;
	struct model_payload payload;
	enum plan_hole_policy hole;
	bool owns_nmi; /* septum,nmi: the machine's NMI line */
	struct src_pos nmi_pos;
	struct model_waiver *waivers; /* septum,allow */
	size_t waiver_count;
	struct src_pos pos;
};

struct model_monitor {
	bool present;
	uint64_t base, size; /* reg */
	struct src_pos pos;
	int console; /* device index, or MODEL_NONE */
	struct src_pos console_pos;
	uint64_t boot_page; /* septum,boot-page: one page below 1 MiB */
	struct src_pos boot_page_pos;
	uint64_t crash; /* septum,crash: page-aligned HPA of the crash area */
	uint64_t crash_size;
	struct src_pos crash_pos;
};

struct model {
	const char *system; /* septum,system; this and the next two are "" if absent */
	const char *for_board; /* septum,board: the board the system was written for */
	struct src_pos system_pos;
	const char *board; /* septum,board-name, from the board file */
	struct src_pos board_pos; /* of septum,board-name */
	uint32_t version; /* septum,version: 1 */

	struct model_cpu *cpus;
	size_t cpu_count;
	struct model_range *ram;
	size_t ram_count;
	struct model_range *reserved; /* /reserved-memory: firmware, ACPI */
	size_t reserved_count;
	struct model_range *mmio; /* board MMIO windows: local APIC, I/O APIC, HPET, ECAM */
	size_t mmio_count;
	struct model_ioapic ioapic;
	struct model_pci pci;
	struct model_iommu iommu;
	struct model_device *devices; /* those under /isa, then the PCI functions */
	size_t device_count;
	uint32_t phys_bits; /* septum,phys-bits of the board's CPUs */
	uint32_t features; /* PLAN_FEATURE_* from septum,cpu-features */
	uint32_t errata; /* MODEL_ERRATUM_* from septum,cpu-errata */

	struct model_monitor monitor;
	struct model_cell *cells;
	size_t cell_count;
};

/**
 * model_read() - turn a compiled device tree into the typed model.
 * @dtb: flattened tree, @dtb_bytes its size.
 * @lines: text of `dtc -O dts -T -T` of the same tree, or NULL: no positions.
 * @payload_dirs: where relative payload paths are looked up, NULL-terminated.
 * Shape errors (unknown properties, wrong sizes, dangling phandles) go to @sink
 * under the rules unknown-property, name-valid, duplicate-node, shape.
 * Return: the model (free with model_free()), or NULL if the blob is no tree.
 */
struct model *model_read(const void *dtb, size_t dtb_bytes, const char *lines,
			 const char *const *payload_dirs, struct diag_sink *sink);
void model_free(struct model *model);

/**
 * model_place() - choose HPAs for the RAM that the author did not place, and
 * GPAs (packed from 0 in order) where none was given.  Largest first, aligned for the
 * largest page that fits, avoiding firmware, monitor, boot page, crash area and
 * every placed range; the first MiB is never used.  Reports ram-placed when a request does not fit.
 */
void model_place(struct model *model, struct diag_sink *sink);

/* The rules, in partitioner/compiler/rules/: one function per rule, one table. */
struct rule {
	const char *id;
	enum diag_severity severity;
	/* Before placement (PRE) or with all addresses known (POST). */
	enum { RULE_PRE, RULE_POST } when;
	void (*check)(const struct model *model, struct diag_sink *sink);
	const char *summary; /* one line for --list-rules and docs/rules/ */
	bool waivable; /* septum,allow = "id: reason" may let its findings pass */
};
extern const struct rule rules[];
extern const size_t rule_count;

/** rules_run() - run every rule of one phase. */
void rules_run(const struct model *model, int when, struct diag_sink *sink);

/** model_apply_waivers() - mark findings of waivable rules that a cell's septum,allow names. */
void model_apply_waivers(const struct model *model, struct diag_sink *sink);

#endif
