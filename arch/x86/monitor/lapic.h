/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cell's view of its local APIC where it differs from the hardware's: ids
 * are virtual, interrupts go only to the cell's own CPUs (APM volume 2, 16).
 * Everything else of the x2APIC is the cell's, without exits.
 */
#ifndef SEPTUM_X86_LAPIC_H
#define SEPTUM_X86_LAPIC_H

#include <stdbool.h>
#include <stdint.h>

/* Interrupt command register, APM volume 2, 16.5 */
#define ICR_VECTOR 0xffull
#define ICR_MODE(icr) ((unsigned int)((icr) >> 8 & 7))
#define ICR_MODE_FIXED 0u
#define ICR_MODE_LOWEST 1u
#define ICR_MODE_NMI 4u
#define ICR_MODE_INIT 5u
#define ICR_MODE_STARTUP 6u
#define ICR_LOGICAL (1ull << 11)
#define ICR_ASSERT (1ull << 14)
#define ICR_LEVEL (1ull << 15)
#define ICR_RESERVED 0xfff33000ull /* APM volume 2, 16.13: #GP in x2APIC mode */
#define ICR_SHORTHAND(icr) ((unsigned int)((icr) >> 18 & 3))
#define ICR_TO_NAMED 0u
#define ICR_TO_SELF 1u
#define ICR_TO_ALL 2u
#define ICR_TO_OTHERS 3u
#define ICR_BROADCAST 0xffffffffu

/** lapic_logical_id() - x2APIC logical id that follows from an x2APIC id (APM 16.14). */
uint32_t lapic_logical_id(uint32_t id);

/**
 * lapic_ipi_reaches() - does an ICR value address a CPU of the sender's cell?
 * @sender, @target: virtual x2APIC ids.
 */
bool lapic_ipi_reaches(uint64_t icr, uint32_t sender, uint32_t target);

/** lapic_lvt_valid() - false: a reserved bit is set, the processor would answer #GP. */
bool lapic_lvt_valid(uint64_t value);

/**
 * lapic_lvt_filter() - what may be written to a LINT, thermal, performance or error LVT.
 * @masked: the line is another cell's: stored, but masked.
 * Fixed and NMI pass; SMI and ExtINT are stored masked, because they reach beyond
 * the cell; so are the other modes, as fixed.  Only vector, mode and mask are kept:
 * polarity and trigger mode do not exist in all of these LVTs on all processors, and
 * a reserved bit would be a #GP in the monitor.
 */
uint64_t lapic_lvt_filter(uint64_t value, bool masked);

#endif
