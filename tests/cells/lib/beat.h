/* SPDX-License-Identifier: Apache-2.0 */
/* The heartbeat: shared by the cell and by the control run on the bare machine. */
#ifndef CELL_BEAT_H
#define CELL_BEAT_H

#include <stdint.h>

#define BEAT_HZ 20u
#define BEAT_VECTOR 0x40u

/**
 * beat_forever() - print one line per timer interrupt on the UART at @port:
 * "beat N cycles C ns T", C and T being the time since the beat before.
 */
void __attribute__((noreturn)) beat_forever(uint16_t port);

#endif
