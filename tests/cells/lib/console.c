/* SPDX-License-Identifier: Apache-2.0 */
#include "console.h"

#include "cpu.h"

#include <stdarg.h>

/* 16550 registers, PC16550D data sheet, table II */
#define UART_DATA 0u
#define UART_INTERRUPT_ENABLE 1u
#define UART_FIFO_CONTROL 2u
#define UART_LINE_CONTROL 3u
#define UART_MODEM_CONTROL 4u
#define UART_LINE_STATUS 5u
#define UART_SCRATCH 7u
#define LINE_8N1 0x03u
#define LINE_DIVISOR_LATCH 0x80u
#define FIFO_ENABLE_AND_CLEAR 0x07u
#define MODEM_DTR_RTS 0x03u
#define STATUS_DATA_READY 0x01u
#define STATUS_SEND_EMPTY 0x20u
#define SEND_POLLS 1000000u

static uint16_t base;

static void uart_write(uint16_t reg, uint8_t value)
{
	out8((uint16_t)(base + reg), value);
}

static uint8_t uart_read(uint16_t reg)
{
	return in8((uint16_t)(base + reg));
}

void console_init(uint16_t port)
{
	base = port;
	uart_write(UART_INTERRUPT_ENABLE, 0);
	uart_write(UART_LINE_CONTROL, LINE_8N1 | LINE_DIVISOR_LATCH);
	uart_write(UART_DATA, 1);
	uart_write(UART_INTERRUPT_ENABLE, 0);
	uart_write(UART_LINE_CONTROL, LINE_8N1);
	uart_write(UART_FIFO_CONTROL, FIFO_ENABLE_AND_CLEAR);
	uart_write(UART_MODEM_CONTROL, MODEM_DTR_RTS);
}

uint16_t console_port(void)
{
	return base;
}

/* A UART that never drains costs characters, not the cell. */
static void send_raw(char c)
{
	for (unsigned int i = 0; i < SEND_POLLS; i++)
		if (uart_read(UART_LINE_STATUS) & STATUS_SEND_EMPTY)
			break;
	uart_write(UART_DATA, (uint8_t)c);
}

static void send(char c)
{
	if (c == '\n')
		send_raw('\r');
	send_raw(c);
}

static void send_string(const char *s)
{
	while (*s)
		send(*s++);
}

static void send_number(uint64_t value, unsigned int radix)
{
	char digits[21];
	unsigned int at = sizeof(digits) - 1;

	digits[at] = '\0';
	do {
		digits[--at] = "0123456789abcdef"[value % radix];
		value /= radix;
	} while (value);
	send_string(digits + at);
}

void console_format(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	for (; *format; format++) {
		bool is_long = format[0] == '%' && format[1] == 'l';

		if (*format != '%') {
			send(*format);
			continue;
		}
		format += is_long ? 2 : 1;
		if (*format == 's')
			send_string(va_arg(args, const char *));
		else if (*format == 'c')
			send((char)va_arg(args, int));
		else
			send_number(is_long ? va_arg(args, uint64_t) : va_arg(args, unsigned int),
				    *format == 'x' ? 16 : 10);
	}
	va_end(args);
}

bool console_receive(char *c)
{
	if (!(uart_read(UART_LINE_STATUS) & STATUS_DATA_READY))
		return false;
	*c = (char)uart_read(UART_DATA);
	return true;
}

uint16_t console_own_port(void)
{
	static const uint16_t ports[] = { UART_COM1, UART_COM2, UART_COM3, UART_COM4 };

	for (unsigned int i = 0; i < sizeof(ports) / sizeof(ports[0]); i++) {
		const uint16_t scratch = (uint16_t)(ports[i] + UART_SCRATCH);

		out8(scratch, 0x5a);
		if (in8(scratch) == 0x5a)
			return ports[i];
	}
	cpu_stop();
}
