/* SPDX-License-Identifier: Apache-2.0 */
#include "log.h"

#include "arch.h"

struct output {
	char *text;
	size_t used, room; /* room counts the terminating NUL */
};

static void put(struct output *out, char c)
{
	if (out->used + 1 < out->room)
		out->text[out->used++] = c;
}

static void put_string(struct output *out, const char *s)
{
	if (!s)
		s = "(none)";
	for (; *s && out->used + 1 < out->room; s++)
		put(out, *s);
}

static void put_number(struct output *out, uint64_t value, unsigned int base)
{
	char digits[20]; /* 2^64 - 1 has 20 decimal digits */
	unsigned int n = 0;

	do {
		digits[n++] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value && n < sizeof(digits));
	while (n)
		put(out, digits[--n]);
}

/* One conversion, after its '%'.  Returns the last character it used. */
static const char *put_conversion(struct output *out, const char *p, va_list *args)
{
	const bool is_long = p[0] == 'l' && (p[1] == 'u' || p[1] == 'x');

	p += is_long;
	switch (*p) {
	case 's':
		put_string(out, va_arg(*args, const char *));
		return p;
	case 'u':
	case 'x':
		put_number(out,
			   is_long ? va_arg(*args, unsigned long) : va_arg(*args, unsigned int),
			   *p == 'u' ? 10 : 16);
		return p;
	case '%':
		put(out, '%');
		return p;
	default:
		put(out, '%'); /* the rest of an unknown conversion follows as text */
		return p - 1;
	}
}

size_t log_format(char *line, size_t room, const char *format, va_list args)
{
	struct output out = { .text = line, .used = 0, .room = room };
	va_list copy;

	va_copy(copy, args);
	for (const char *p = format; *p; p++) {
		if (*p == '%')
			p = put_conversion(&out, p + 1, &copy);
		else
			put(&out, *p);
	}
	va_end(copy);
	if (room)
		line[out.used] = '\0';
	return out.used;
}

void log_line(const char *format, ...)
{
	char line[LOG_LINE_BYTES];
	va_list args;
	size_t n;

	va_start(args, format);
	n = log_format(line, sizeof(line), format, args);
	va_end(args);
	arch_console_write_line(line, n);
}
