/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The read-write memory behind interrupts of devices: remapping entries, what cells
 * wrote as messages, the IOMMU's queues.  Each page has one cell, or is the unit's.
 */
#ifndef SEPTUM_X86_DEVICE_MEMORY_H
#define SEPTUM_X86_DEVICE_MEMORY_H

#include "model.h"

#define CELL_DEVICE_RANGES 3u

struct device_range { /* bytes from the start of the devices' segment; whole pages */
	uint64_t start;
	uint64_t size; /* 0: nothing */
};

struct function_memory {
	const struct model_function *function;
	uint32_t cell;
	size_t slot; /* where the cell finds it */
	uint32_t message_count; /* interrupt messages that it can send */
	uint64_t messages; /* offsets in the segment */
	uint64_t remap;
	uint32_t first_remap; /* as the function's messages name it */
	uint32_t remap_count; /* 0: nothing remaps them */
};

struct pin_memory {
	struct plan_pin pin; /* its remap is an offset in the segment; meaningful if is_remapped */
	bool is_remapped;
};

struct cell_memory {
	/* remapping entries of functions, of pins on AMD-Vi, messages */
	struct device_range ranges[CELL_DEVICE_RANGES];
};

struct device_memory {
	struct function_memory *functions; /* grouped by cell, in the cell's order */
	size_t function_count;
	struct pin_memory *pins; /* grouped by cell, ascending */
	size_t pin_count;
	struct cell_memory *cells; /* one per cell */
	struct device_range remap; /* VT-d: the whole table; AMD-Vi: the I/O APIC's */
	struct device_range queue; /* the unit's */
	uint64_t size; /* bytes of the segment, whole pages */
};

/** device_memory_make() - lay it out.  Free with device_memory_free(). */
void device_memory_make(const struct model *model, struct device_memory *memory);
void device_memory_free(struct device_memory *memory);

/** function_messages() - interrupt messages that a function can send at most. */
uint32_t function_messages(const struct model_function *function);

#endif
