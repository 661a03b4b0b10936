/* SPDX-License-Identifier: Apache-2.0 */
/* The ACPI power management timer, the one clock of known rate in every cell. */
#ifndef CELL_PM_TIMER_H
#define CELL_PM_TIMER_H

#include <stdint.h>

#define PM_TIMER_HZ 3579545u /* ACPI 6.4, 4.8.2.1 */

/** pm_timer_port() - where it is on this board, found by trying those that we know. */
uint16_t pm_timer_port(void);

/** pm_timer_wait_us() - busy-wait; @us up to one second. */
void pm_timer_wait_us(uint32_t us);

/**
 * pm_timer_khz_of() - rate of another clock, in counts per millisecond.
 * @now: reads that clock, which counts upwards without wrapping for 100 ms.
 */
uint64_t pm_timer_khz_of(uint64_t (*now)(void));

/** tsc_khz() - TSC cycles per millisecond, measured. */
uint64_t tsc_khz(void);

#endif
