/* SPDX-License-Identifier: Apache-2.0 */
/* An IOMMU whose remapping entries are plain: what a test sees in them is where interrupts go. */
#ifndef SEPTUM_TEST_FAKE_IOMMU_H
#define SEPTUM_TEST_FAKE_IOMMU_H

#include "iommu/iommu.h"

struct fake_entry { /* PLAN_REMAP_BYTES */
	uint32_t vector;
	uint32_t destination;
	uint32_t is_level;
	uint32_t changes;
};

/** fake_message_index() - the entry that a message names, or -1: it is none of this unit's. */
int fake_message_index(uint32_t address_low, uint32_t data);

/** fake_pin_index() - what an I/O APIC's entry names. */
uint32_t fake_pin_index(uint64_t entry);

/* Flushes since the last reset of this count; entries that changed and were not flushed. */
extern unsigned int fake_flushes;

#endif
