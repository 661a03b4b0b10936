/* SPDX-License-Identifier: Apache-2.0 */
/* Writes to unowned ports that mean something to the monitor. Pure. */
#ifndef SEPTUM_X86_PORT_H
#define SEPTUM_X86_PORT_H

#include <septum/plan.h>

/**
 * port_event() - does this write ask for a reset or for power-off?
 * @port, @bytes: where, 1, 2 or 4 bytes; @value: what.
 * Return: PLAN_EVENT_RESET, PLAN_EVENT_POWEROFF, or PLAN_EVENT_NONE.
 */
enum plan_event port_event(const struct plan_cell *cell, uint16_t port, unsigned int bytes,
			   uint32_t value);

/** port_read() - what an unowned port gives: all-ones, but for the cell's own sleep status. */
uint32_t port_read(const struct plan_cell *cell, uint16_t port, unsigned int bytes);

#endif
