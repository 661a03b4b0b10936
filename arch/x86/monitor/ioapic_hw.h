/* SPDX-License-Identifier: Apache-2.0 */
/* The I/O APIC's registers, behind an index and a data word that all CPUs share. */
#ifndef SEPTUM_X86_IOAPIC_HW_H
#define SEPTUM_X86_IOAPIC_HW_H

#include <septum/plan.h>

/* Intel 82093AA data sheet, 3.2 */
#define IOAPIC_VERSION 0x01u
#define IOAPIC_MAX_ENTRY 0xff0000u /* in the version register: the last pin */
#define IOAPIC_ONE_ENTRY 0x10000u
#define IOAPIC_REDIRECTION 0x10u /* low half of pin 0; high half of pin 0; low half of pin 1; ... */

/* Redirection table entry, 3.2.4 */
#define IOAPIC_VECTOR 0xffull
#define IOAPIC_MODE(entry) ((unsigned int)((entry) >> 8 & 7))
#define IOAPIC_MODE_LOWEST 1u /* 0 is fixed */
#define IOAPIC_LOGICAL (1ull << 11)
#define IOAPIC_MODES 0xf00ull /* delivery and destination mode */
#define IOAPIC_ACTIVE_LOW (1ull << 13)
#define IOAPIC_LEVEL (1ull << 15)
#define IOAPIC_MASKED (1ull << 16)
#define IOAPIC_DESTINATION_SHIFT 56

/** ioapic_read(), ioapic_write() - one register of the I/O APIC at @base. */
uint32_t ioapic_read(hpa_t base, uint32_t reg);
void ioapic_write(hpa_t base, uint32_t reg, uint32_t value);

#endif
