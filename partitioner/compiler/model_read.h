/* SPDX-License-Identifier: Apache-2.0 */
/* The reader's own parts: one function per part of the tree. */
#ifndef SEPTUM_COMPILER_MODEL_READ_H
#define SEPTUM_COMPILER_MODEL_READ_H

#include "model.h"
#include "shape.h"

struct reader {
	struct tree tree;
	struct model *model;
	const char *const *payload_dirs; /* ends with NULL; NULL: the current one */
	uint32_t *cpu_phandles; /* parallel to model->cpus; 0: nobody refers to it */
	uint32_t *device_phandles; /* parallel to model->devices */
	uint32_t *bridge_phandles; /* parallel to model->pci.bridges */
	uint32_t ioapic_phandle; /* 0: nobody refers to it */
	uint32_t iommu_phandle;
};

/** read_board() - CPUs, RAM, reserved ranges, MMIO windows, devices. */
void read_board(struct reader *reader, const struct node *root);

/* An MMIO window whose inputs are the devices' interrupts. */
extern const struct node_spec ioapic_spec;
bool is_ioapic(const struct tree *tree, const struct node *node);

/** read_ioapic() - the I/O APIC among the windows of /soc. */
void read_ioapic(struct reader *reader, const struct node *root);

/** read_interrupt() - the pin of a device @node under @isa; after read_ioapic(). */
void read_interrupt(struct reader *reader, const struct node *isa, const struct node *node,
		    struct model_device *device);

/** read_interrupt_of() - the same from a PCI function's interrupts-extended. */
void read_interrupt_of(struct reader *reader, const struct node *node, struct model_device *device);

/* An MMIO window that decides who reaches memory. */
extern const struct node_spec iommu_spec;
bool is_iommu(const struct tree *tree, const struct node *node);

/** read_iommu() - the unit among the windows of /soc. */
void read_iommu(struct reader *reader, const struct node *root);

/** read_iommu_map() - which requesters it covers; @host is the host bridge; after read_iommu(). */
void read_iommu_map(struct reader *reader, const struct node *host);

/** read_ioapic_requester() - as whom the I/O APIC @node speaks to the IOMMU. */
void read_ioapic_requester(struct reader *reader, const struct node *node);

/* An MMIO window that is the configuration space of all PCI functions. */
extern const struct node_spec pci_host_spec;
bool is_pci_host(const struct tree *tree, const struct node *node);

/** pci_function_room() - at most so many functions will read_pci() add to the devices. */
size_t pci_function_room(const struct tree *tree, const struct node *root);

/** read_pci() - the host bridge and all below it; after read_ioapic() and read_iommu(). */
void read_pci(struct reader *reader, const struct node *root);

/** is_pci_bridge() - a node whose children are functions behind it. */
bool is_pci_bridge(const struct tree *tree, const struct node *node);

/** read_pci_ids() - vendor and device from compatible = "pciVVVV,DDDD". */
void read_pci_ids(struct reader *reader, const struct node *node, uint16_t *vendor,
		  uint16_t *device);

/** read_pci_rid() - bus, device and function from the first entry of reg. */
uint16_t read_pci_rid(struct reader *reader, const struct node *node);

/** read_pci_function() - one function, which is a device as well; @bridge: what it is behind. */
void read_pci_function(struct reader *reader, const struct node *node, int bridge);

/** node_enabled() - its status says that it may be given away. */
bool node_enabled(const struct reader *reader, const struct node *node);

/** read_words() - the sum of the bits that a property's words stand for. */
uint32_t read_words(const struct reader *reader, const struct node *node, const char *property,
		    const char *const *words, const uint32_t *bits);

/** read_monitor() - the monitor's node; after read_board(). */
void read_monitor(struct reader *reader, const struct node *root);

/** read_cells() - all cells; after read_board(). */
void read_cells(struct reader *reader, const struct node *root);

/** read_payload() - a cell's payload node and the files it names. */
void read_payload(struct reader *reader, const struct node *cell_node, struct model_cell *cell);

/** find_phandle() - index of a phandle in a parallel list, or MODEL_NONE. */
int find_phandle(const uint32_t *phandles, size_t count, uint32_t phandle);

#endif
