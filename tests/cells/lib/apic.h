/* SPDX-License-Identifier: Apache-2.0 */
/* The local APIC in x2APIC mode: timer, end of interrupt, interrupt commands. */
#ifndef CELL_APIC_H
#define CELL_APIC_H

#include <stdint.h>

#define ICR_DELIVERY_FIXED (0u << 8)
#define ICR_DELIVERY_LOWEST (1u << 8)
#define ICR_DELIVERY_SMI (2u << 8)
#define ICR_DELIVERY_RESERVED (3u << 8)
#define ICR_DELIVERY_NMI (4u << 8)
#define ICR_DELIVERY_INIT (5u << 8)
#define ICR_DELIVERY_STARTUP (6u << 8)
#define ICR_DELIVERY_EXTINT (7u << 8)
#define ICR_LOGICAL (1u << 11)
#define ICR_LEVEL_ASSERT (1u << 14)
#define ICR_TRIGGER_LEVEL (1u << 15)
#define ICR_TO_SELF (1u << 18)
#define ICR_TO_ALL (2u << 18)
#define ICR_TO_OTHERS (3u << 18)
#define APIC_BROADCAST 0xffffffffu

/** apic_enable() - software-enable the APIC; local interrupt pins masked. */
void apic_enable(void);

/** apic_timer_khz() - timer ticks per millisecond, measured against the PM timer. */
uint64_t apic_timer_khz(void);

/** apic_timer_periodic() - interrupt on @vector every @ticks timer ticks. */
void apic_timer_periodic(uint8_t vector, uint32_t ticks);

/** apic_timer_once() - one interrupt after @ticks timer ticks. */
void apic_timer_once(uint8_t vector, uint32_t ticks);

void apic_timer_stop(void);
void apic_eoi(void);

/** apic_send() - write the interrupt command register. */
void apic_send(uint32_t destination, uint32_t command);

#endif
