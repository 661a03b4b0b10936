/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A made-up PCI function behind ecam.h, as the hardware would answer, and the cell
 * that owns it.  After each write the invariants of isolation are asserted.
 */
#ifndef SEPTUM_TEST_PCI_DEVICE_H
#define SEPTUM_TEST_PCI_DEVICE_H

#include "cpu.h"
#include "fake_iommu.h"
#include "devices.h"

#define WINDOW 0xb0000000ull /* the cell's configuration space */
#define OWN_PAGE (WINDOW + (1u << 15)) /* slot 1 */
#define BAR0 0xc0000000u /* memory, 16 KiB, the MSI-X table in its second page */
#define BAR0_MASK 0xffffc000u
#define TABLE (BAR0 + 0x1000u)
#define VECTORS 4u
#define BAR1 0xc1000000u /* of 64 bits: registers 14h and 18h */
#define BAR3 0x2001u /* I/O, 32 ports */
#define PM 0x40u
#define MSI 0x50u /* 64-bit, with mask bits, 4 messages */
#define MSIX 0x70u
#define FIRST_REMAP 40u
#define REMAPS 4u
#define CPUS 2u

extern struct fake_entry remap[REMAPS];
extern uint32_t table_dwords[VECTORS * 4];
extern unsigned int beside_writes; /* to the table's page, not to the table */
extern struct plan_function function;
extern struct cpu cpu;
extern struct plan_counters counters;

/** device_reset() - power-on state, BARs in their places; the cell has written nothing. */
void device_reset(bool is_remapped);

/** reg() - what the hardware holds in a 32-bit register. */
uint32_t reg(uint32_t offset);

/** store(), store_at() - the cell writes @bytes; to its function, to any address. */
void store(uint32_t offset, unsigned int bytes, uint32_t value);
void store_at(uint64_t gpa, unsigned int bytes, uint64_t value);

#endif
