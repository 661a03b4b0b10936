/* SPDX-License-Identifier: Apache-2.0 */
/* What a cell's CPUs share about its devices, behind the mailbox of its first CPU. */
#ifndef SEPTUM_X86_DEVICE_NOTES_H
#define SEPTUM_X86_DEVICE_NOTES_H

#include "mailbox.h"
#include "ticket_lock.h"

#include <septum/plan.h>

#define FAULT_WRITE (1u << 0)
#define FAULT_INTERRUPT (1u << 1)

struct device_notes {
	struct ticket_lock lock; /* one CPU of the cell at a time configures its functions */
	/* REQUEST_DMA_FAULT, written by the CPU that takes the IOMMU's faults */
	uint32_t fault_rid;
	uint32_t fault_flags; /* FAULT_* */
	uint64_t fault_address;
};
static_assert(sizeof(struct mailbox) <= DEVICE_NOTES_OFFSET, "the mailbox lies before them");
static_assert(DEVICE_NOTES_OFFSET + sizeof(struct device_notes) <= DEVICE_NOTES_END,
	      "room for them");

#endif
