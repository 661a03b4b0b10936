/* SPDX-License-Identifier: Apache-2.0 */
#include "string.h"

void *memcpy(void *dest, const void *source, size_t size)
{
	void *to = dest;

	asm volatile("rep movsb" : "+D"(to), "+S"(source), "+c"(size) : : "memory");
	return dest;
}

void *memmove(void *dest, const void *source, size_t size)
{
	uint8_t *to = dest;
	const uint8_t *from = source;

	if (to <= from)
		return memcpy(dest, source, size);
	to += size;
	from += size;
	asm volatile("1: test %2, %2; jz 2f; dec %0; dec %1; dec %2;"
		     "movb (%1), %%al; movb %%al, (%0); jmp 1b; 2:"
		     : "+r"(to), "+r"(from), "+r"(size)
		     :
		     : "rax", "memory", "cc");
	return dest;
}

void *memset(void *dest, int value, size_t size)
{
	void *to = dest;

	asm volatile("rep stosb" : "+D"(to), "+c"(size) : "a"(value) : "memory");
	return dest;
}

int memcmp(const void *a, const void *b, size_t size)
{
	const uint8_t *x = a, *y = b;

	for (; size; size--, x++, y++)
		if (*x != *y)
			return *x - *y;
	return 0;
}

size_t strlen(const char *s)
{
	const char *end = s;

	/* An empty asm keeps the loop from being turned into a call of itself. */
	while (*end) {
		end++;
		asm volatile("" : "+r"(end));
	}
	return (size_t)(end - s);
}

bool string_equal(const char *a, const char *b)
{
	for (; *a && *a == *b; a++, b++)
		;
	return *a == *b;
}

static bool starts_with(const char *s, const char *start)
{
	for (; *start && *s == *start; s++, start++)
		;
	return !*start;
}

bool string_contains(const char *s, const char *part)
{
	for (; *s; s++)
		if (starts_with(s, part))
			return true;
	return false;
}

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

uint64_t string_number(const char *s)
{
	bool hex = starts_with(s, "0x");
	uint64_t radix = hex ? 16 : 10, value = 0;

	for (s += hex ? 2 : 0; *s && *s != ' '; s++) {
		int digit = digit_value(*s);

		if (digit < 0 || (uint64_t)digit >= radix)
			return 0;
		value = value * radix + (uint64_t)digit;
	}
	return value;
}

const char *string_next(const char *s)
{
	while (*s && *s != ' ')
		s++;
	return *s ? s + 1 : s;
}
