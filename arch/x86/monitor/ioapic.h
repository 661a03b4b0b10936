/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The I/O APIC as a cell sees it: its own pins, virtual ids.  Cells that own a
 * pin reach the page by exits, because the index register in front of all pins
 * is shared; they touch it only to configure (Intel 82093AA data sheet, 3).
 */
#ifndef SEPTUM_X86_IOAPIC_H
#define SEPTUM_X86_IOAPIC_H

#include "cpu.h"
#include "decode.h"

#define VECTOR_MIN 0x10u /* APM volume 2, 16.4.7: below are illegal vectors */
#define VECTOR_MAX 0xfeu

/**
 * target_cpu() - the first of the cell's CPUs that an 8-bit destination addresses.
 * @id: as in a redirection entry (82093AA data sheet, 3.2.4) or a message (SDM volume 3,
 *      11.11.1).  Physical: a virtual id, or all.
 * @is_logical: flat, one bit for each of the virtual ids 0 to 7: what an x2APIC in
 *              cluster 0 matches.
 * Return: NULL: none of them.
 */
const struct plan_cpu *target_cpu(const struct cpu *cpu, uint32_t id, bool is_logical);

/** ioapic_answers() - does the cell own a pin, and @gpa lie in the I/O APIC's page? */
bool ioapic_answers(const struct cpu *cpu, uint64_t gpa);

/**
 * ioapic_access() - a load or store of the cell in that page; counts itself.
 * @value: what a store writes.
 * Return: what a load reads.  Only aligned 32-bit accesses act: others read all-ones
 * and are dropped.
 */
uint64_t ioapic_access(struct cpu *cpu, uint64_t gpa, const struct decoded *access, uint64_t value);

#endif
