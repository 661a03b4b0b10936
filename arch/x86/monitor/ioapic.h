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
