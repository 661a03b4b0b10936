/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SEPTUM_X86_STARTUP_H
#define SEPTUM_X86_STARTUP_H

#include "cpu.h"

/**
 * startup_wait() - INIT of this CPU: its local APIC reset, then wait in the monitor for
 * the cell's SIPI and take on the state that follows from it (APM volume 2, 14.1.3, 15.27).
 * @requests: taken together with the INIT; a SIPI among them came after it.
 * Does not return if the cell comes to its end meanwhile.
 */
void startup_wait(struct cpu *cpu, uint32_t requests);

#endif
