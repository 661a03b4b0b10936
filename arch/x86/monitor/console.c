/* SPDX-License-Identifier: Apache-2.0 */
/* The monitor's UART: a 16550 (National Semiconductor PC16550D data sheet, 8.0 registers). */
#include "console.h"

#include "arch.h"
#include "ticket_lock.h"

#define UART_DATA 0
#define UART_INTERRUPT_ENABLE 1
#define UART_FIFO_CONTROL 2
#define UART_LINE_CONTROL 3
#define UART_MODEM_CONTROL 4
#define UART_LINE_STATUS 5
#define LINE_CONTROL_8N1 0x03
#define LINE_CONTROL_DLAB 0x80
#define LINE_STATUS_THR_EMPTY 0x20
#define FIFO_ENABLE_AND_CLEAR 0x07
#define MODEM_DTR_RTS 0x03

/* A character takes 87 us at 115200 baud; a port read on a PC's I/O bus about 1 us. */
#define CHARACTER_POLLS 20000u
/* A whole line of another CPU, with its characters' waits. */
#define LINE_POLLS 2000000u

/*
 * The UART is hardware that is shared: a ticket lock keeps lines whole.  It is
 * taken while booting and when a cell is being stopped, never in steady state.
 * A CPU that does not get its turn prints all the same: a garbled report is
 * better than none.
 */
static struct {
	struct ticket_lock lock;
	uint16_t port;
} console;

void console_setup(uint16_t port, uint16_t divisor)
{
	console.port = port;
	if (!port)
		return;
	out8((uint16_t)(port + UART_INTERRUPT_ENABLE), 0);
	out8((uint16_t)(port + UART_LINE_CONTROL), LINE_CONTROL_DLAB | LINE_CONTROL_8N1);
	out8((uint16_t)(port + UART_DATA), (uint8_t)divisor);
	out8((uint16_t)(port + UART_INTERRUPT_ENABLE), (uint8_t)(divisor >> 8));
	out8((uint16_t)(port + UART_LINE_CONTROL), LINE_CONTROL_8N1);
	out8((uint16_t)(port + UART_FIFO_CONTROL), FIFO_ENABLE_AND_CLEAR);
	out8((uint16_t)(port + UART_MODEM_CONTROL), MODEM_DTR_RTS);
}

static void put(char c)
{
	for (uint32_t i = 0; i < CHARACTER_POLLS; i++)
		if (in8((uint16_t)(console.port + UART_LINE_STATUS)) & LINE_STATUS_THR_EMPTY)
			break;
	out8((uint16_t)(console.port + UART_DATA), (uint8_t)c);
}

static void put_text(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		put(text[i]);
}

void arch_console_write_line(const char *text, size_t length)
{
	uint32_t ticket;

	if (!console.port)
		return;
	ticket = ticket_lock_take(&console.lock, LINE_POLLS);
	put_text("septum: ", 8);
	put_text(text, length);
	put_text("\r\n", 2);
	ticket_lock_release(&console.lock, ticket);
}
