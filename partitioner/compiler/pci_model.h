/* SPDX-License-Identifier: Apache-2.0 */
/* The board's PCI functions, its host bridge and its IOMMU, as read from the device tree. */
#ifndef SEPTUM_COMPILER_PCI_MODEL_H
#define SEPTUM_COMPILER_PCI_MODEL_H

#include "diag.h"

#include <septum/plan_pci.h>
#include <stdbool.h>

/* bus 15:8, device 7:3, function 2:0: a requester id, and bits 27:12 of an ECAM offset */
#define PCI_RID(bus, device, function) ((uint16_t)((bus) << 8 | (device) << 3 | (function)))
#define PCI_BUS(rid) ((unsigned int)(rid) >> 8)
#define PCI_DEVICE(rid) ((unsigned int)(rid) >> 3 & 31u)
#define PCI_FUNCTION(rid) ((unsigned int)(rid)&7u)

#define MODEL_BARS 6u

enum model_bar_kind {
	MODEL_BAR_NONE, /* not there, or the upper half of a 64-bit BAR */
	MODEL_BAR_IO,
	MODEL_BAR_MEM32,
	MODEL_BAR_MEM64,
};

struct model_bar {
	enum model_bar_kind kind;
	bool prefetchable;
	bool placed; /* by assigned-addresses, later by the placer */
	uint64_t size; /* bytes or ports, a power of two */
	uint64_t address; /* HPA or first port */
	struct src_pos pos;
};

/* What lies behind a bridge is reachable through these alone; multiples of 4 KiB or 1 MiB. */
struct model_window {
	uint64_t base;
	uint64_t size; /* 0: closed */
};

struct model_bridge { /* a root port, or a port of a switch */
	const char *name; /* node name, "pcie@1,0" */
	uint16_t rid;
	uint16_t vendor, device; /* from compatible = "pciVVVV,DDDD" */
	uint8_t secondary, subordinate; /* bus-range */
	int parent; /* the bridge it lies behind; -1: the host bridge */
	bool acs; /* septum,acs: requests from behind it do not reach its peers */
	struct model_window io, memory, prefetchable; /* by the placer */
	struct src_pos pos;
};

/* Ways to bring one function alone back to its state after power-on */
#define MODEL_RESET_FLR (1u << 0)
#define MODEL_RESET_PM (1u << 1) /* D3hot to D0 without No_Soft_Reset */
#define MODEL_RESET_BUS (1u << 2) /* alone behind its own port */

struct model_register { /* septum,writable and septum,setup: pairs of cells */
	uint32_t offset; /* of a 32-bit register of configuration space */
	uint32_t bits; /* writable: which may be written; setup: the value */
};

struct model_function {
	const char *name; /* node name, "ethernet@0,0" */
	uint16_t rid;
	uint16_t vendor, device; /* from compatible = "pciVVVV,DDDD" */
	uint32_t class_code; /* class-code: 24 bits */
	int bridge; /* the bridge it lies directly behind; -1: the host bridge */
	struct model_bar bars[MODEL_BARS];
	uint32_t rom_bytes; /* expansion ROM; 0: none */
	uint32_t pm, pcie; /* offsets of capabilities; 0: none */
	uint32_t msi; /* offset of the capability; 0: none */
	uint32_t msi_control; /* Message Control, as after reset */
	uint32_t msix; /* offset of the capability; 0: none */
	uint32_t msix_vectors;
	uint32_t msix_table_bar, msix_table_offset;
	uint32_t msix_pba_bar, msix_pba_offset;
	uint32_t resets; /* MODEL_RESET_* */
	uint32_t group; /* septum,group: functions of one group can reach each other */
	bool has_group;
	bool is_dma; /* can be a bus master: not so with septum,no-dma */
	struct model_register *writable; /* beyond what PCI itself defines */
	size_t writable_count;
	struct model_register *setup; /* written before anything else, by CF8/CFC */
	size_t setup_count;
	bool enabled;
	struct src_pos pos;
};

struct model_pci {
	bool present;
	const char *name; /* node name, "pcie@b0000000" */
	uint64_t ecam; /* HPA of bus 0 */
	uint64_t ecam_size; /* bytes */
	uint32_t bus_first, bus_last; /* bus-range */
	struct model_window io, memory32, memory64; /* ranges; bridges and BARs lie in these */
	struct model_bridge *bridges; /* a parent before its children */
	size_t bridge_count;
	struct model_function *functions; /* in file order */
	size_t function_count;
	struct src_pos pos;
};

struct model_iommu { /* at most one, for all that it covers */
	bool present;
	const char *name;
	enum plan_iommu_kind kind;
	uint64_t base, size; /* registers, HPA */
	uint32_t features; /* PLAN_IOMMU_*: septum,iommu-features */
	uint16_t rid; /* AMD: its own PCI function, septum,requester */
	bool has_rid;
	uint32_t cover_first, cover_last; /* requester ids: iommu-map of the host bridge */
	bool covers; /* there is such a map */
	uint16_t ioapic_rid; /* septum,requester of the I/O APIC */
	bool has_ioapic_rid;
	struct src_pos pos;
};

#endif
