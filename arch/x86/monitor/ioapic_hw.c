/* SPDX-License-Identifier: Apache-2.0 */
#include "ioapic_hw.h"

#include "plan_view.h"
#include "ticket_lock.h"

#define WINDOW 0x10 /* Intel 82093AA data sheet, 3.1: IOWIN; IOREGSEL is at 0 */

/*
 * Two accesses to the chip take some microseconds, and at most PLAN_MAX_CPUS
 * others stand before this one: orders of magnitude below this bound.
 */
#define TURN_POLLS 100000000u

static struct ticket_lock lock;

uint32_t ioapic_read(hpa_t base, uint32_t reg)
{
	volatile uint32_t *ioapic = hpa_pointer(base);
	const uint32_t ticket = ticket_lock_take(&lock, TURN_POLLS);
	uint32_t value;

	ioapic[0] = reg;
	value = ioapic[WINDOW / 4];
	ticket_lock_release(&lock, ticket);
	return value;
}

void ioapic_write(hpa_t base, uint32_t reg, uint32_t value)
{
	volatile uint32_t *ioapic = hpa_pointer(base);
	const uint32_t ticket = ticket_lock_take(&lock, TURN_POLLS);

	ioapic[0] = reg;
	ioapic[WINDOW / 4] = value;
	ticket_lock_release(&lock, ticket);
}
