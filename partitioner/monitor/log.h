/* SPDX-License-Identifier: Apache-2.0 */
/* The monitor's log: whole lines, each prefixed "septum: ". */
#ifndef SEPTUM_MONITOR_LOG_H
#define SEPTUM_MONITOR_LOG_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#define LOG_LINE_BYTES 384u

/**
 * log_format() - the log's own small printf.
 * Knows %s, %u, %x and %lu, %lx (hexadecimal without "0x"), and %%; any other
 * conversion is copied as it stands.  A line that does not fit is cut.
 * Return: characters written, without the terminating NUL.
 */
size_t log_format(char *line, size_t room, const char *format, va_list args);

/**
 * log_line() - print one line on the monitor's console.
 * Lines of two CPUs do not mix: see console_write_line().
 */
void log_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* What CONFIG_LOG_LEVEL can silence: the boot report (1), registers after a fault (2). */
#define log_at(level, ...)                       \
	do {                                     \
		if (CONFIG_LOG_LEVEL >= (level)) \
			log_line(__VA_ARGS__);   \
	} while (0)

#endif
