/* SPDX-License-Identifier: Apache-2.0 */
/* A made-up board with PCI: cell "a" owns two functions and two pins, "b" one of each. */
#ifndef TESTS_PCI_SAMPLE_H
#define TESTS_PCI_SAMPLE_H

#include "model.h"

#include <string.h>

#define SAMPLE_ECAM 0xb0000000ull
#define SAMPLE_CARD 0 /* indices of devices */
#define SAMPLE_DISK 1
#define SAMPLE_DSP 2

struct pci_sample {
	struct model model;
	struct model_function functions[3];
	struct model_bridge bridges[2];
	struct model_device devices[3];
	struct model_cell cells[2];
	struct model_ref refs_a[2], refs_b[1];
};

static inline void pci_sample_make(struct pci_sample *s)
{
	memset(s, 0, sizeof(*s));
	s->bridges[0] = (struct model_bridge){
		.name = "pcie@1,0",
		.rid = 0x08,
		.vendor = 0x1b36,
		.device = 0x000c,
		.secondary = 1,
		.subordinate = 1,
		.parent = -1,
		.acs = true,
		.io = { 0x2000, 0x1000 },
		.memory = { 0xc0100000, 0x200000 },
	};
	s->bridges[1] = (struct model_bridge){
		.name = "pcie@2,0",
		.rid = 0x10,
		.vendor = 0x1b36,
		.device = 0x000c,
		.secondary = 2,
		.subordinate = 2,
		.parent = -1,
		.acs = true,
		.prefetchable = { 0x800000000ull, 0x100000 },
	};
	s->functions[SAMPLE_CARD] = (struct model_function){
		.name = "ethernet@0,0",
		.rid = 0x100,
		.vendor = 0x8086,
		.device = 0x10d3,
		.class_code = 0x020000,
		.bridge = 0,
		.enabled = true,
		.is_dma = true,
		.bars = { { MODEL_BAR_MEM32, false, true, 0x20000, 0xc0100000, { 0 } },
			  { MODEL_BAR_IO, false, true, 0x20, 0x2000, { 0 } },
			  { MODEL_BAR_MEM32, false, true, 0x4000, 0xc0120000, { 0 } } },
		.pm = 0xc8,
		.pcie = 0xe0,
		.msi = 0xd0,
		.msi_control = 0x80,
		.msix = 0xa0,
		.msix_vectors = 5,
		.msix_table_bar = 2,
		.msix_pba_bar = 2,
		.msix_pba_offset = 0x2000,
	};
	s->functions[SAMPLE_DISK] = (struct model_function){
		.name = "nvme@0,0",
		.rid = 0x200,
		.vendor = 0x1b36,
		.device = 0x0010,
		.class_code = 0x010802,
		.bridge = 1,
		.enabled = true,
		.is_dma = true,
		.bars = { { MODEL_BAR_MEM64, true, true, 0x4000, 0x800000000ull, { 0 } } },
		.msix = 0x40,
		.msix_vectors = 300,
		.msix_table_offset = 0x2000,
	};
	s->functions[SAMPLE_DSP] = (struct model_function){
		.name = "dsp@4,0",
		.rid = 0x20,
		.vendor = 0x1234,
		.device = 0x11e8,
		.class_code = 0x00ff00,
		.bridge = -1,
		.enabled = true,
		.is_dma = true,
		.bars = { { MODEL_BAR_MEM32, false, true, 0x100, 0xc0000000, { 0 } } },
		.rom_bytes = 0x10000,
		.msi = 0x40,
		.msi_control = 0x0184,
		.setup_count = 0,
	};
	for (int i = 0; i < 3; i++) {
		s->devices[i] = (struct model_device){
			.name = s->functions[i].name,
			.function = &s->functions[i],
			.kind = MODEL_DEV_PCI,
			.has_pin = true,
			.pin = (uint32_t)(20 + i),
			.pin_flags = PLAN_PIN_LEVEL,
			.enabled = true,
		};
	}
	s->devices[SAMPLE_DISK].pin_flags = 0;
	s->refs_a[0].index = SAMPLE_CARD;
	s->refs_a[1].index = SAMPLE_DISK;
	s->refs_b[0].index = SAMPLE_DSP;
	s->cells[0] = (struct model_cell){ .name = "a", .devices = s->refs_a, .device_count = 2 };
	s->cells[1] = (struct model_cell){ .name = "b", .devices = s->refs_b, .device_count = 1 };
	s->model = (struct model){
		.phys_bits = 40,
		.devices = s->devices,
		.device_count = 3,
		.cells = s->cells,
		.cell_count = 2,
		.pci = { .present = true,
			 .ecam = SAMPLE_ECAM,
			 .bus_last = 2,
			 .bridges = s->bridges,
			 .bridge_count = 2,
			 .functions = s->functions,
			 .function_count = 3 },
		.iommu = { .present = true,
			   .kind = PLAN_IOMMU_VTD,
			   .features = PLAN_IOMMU_LEVELS_4 | PLAN_IOMMU_REMAP,
			   .has_ioapic_rid = true,
			   .ioapic_rid = 0xff00 },
	};
}

#endif
