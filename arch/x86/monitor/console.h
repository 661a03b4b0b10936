/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SEPTUM_X86_CONSOLE_H
#define SEPTUM_X86_CONSOLE_H

#include <stdint.h>

/**
 * console_setup() - 8 data bits, no parity, one stop bit, FIFOs on, no interrupts.
 * @port: first I/O port of a 16550; 0: no console. @divisor: of its clock / 16.
 */
void console_setup(uint16_t port, uint16_t divisor);

#endif
