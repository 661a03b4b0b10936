/* SPDX-License-Identifier: Apache-2.0 */
/* A polled 16550 UART. */
#ifndef CELL_CONSOLE_H
#define CELL_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UART_COM1 0x3f8u
#define UART_COM2 0x2f8u
#define UART_COM3 0x3e8u
#define UART_COM4 0x2e8u

/** console_init() - take the UART at @port: 115200 8N1, FIFO on, no interrupts. */
void console_init(uint16_t port);

/** console_own_port() - the first serial port that is ours: one of nobody's reads all-ones. */
uint16_t console_own_port(void);

/** console_port() - first I/O port of the console. */
uint16_t console_port(void);

/** console_format() - print; knows %s %c %u %x %lu %lx; "\n" becomes CR LF. */
void console_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** console_receive() - Return: false if no character waits. */
bool console_receive(char *c);

#endif
