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
	uint32_t ioapic_phandle; /* 0: nobody refers to it */
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

/** read_monitor() - the monitor's node; after read_board(). */
void read_monitor(struct reader *reader, const struct node *root);

/** read_cells() - all cells; after read_board(). */
void read_cells(struct reader *reader, const struct node *root);

/** read_payload() - a cell's payload node and the files it names. */
void read_payload(struct reader *reader, const struct node *cell_node, struct model_cell *cell);

/** find_phandle() - index of a phandle in a parallel list, or MODEL_NONE. */
int find_phandle(const uint32_t *phandles, size_t count, uint32_t phandle);

#endif
