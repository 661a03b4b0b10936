/* SPDX-License-Identifier: Apache-2.0 */
/* The log's small printf, judged by the C library's where both know a conversion. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "host_arch.h"
#include "log.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t format(char *line, size_t room, const char *text, ...)
{
	va_list args;
	size_t length;

	va_start(args, text);
	length = log_format(line, room, text, args);
	va_end(args);
	return length;
}

/* Formats by both, in rooms of every size; each room is exact, so that a write beyond is caught. */
#define assert_like_printf(...)                                               \
	do {                                                                  \
		char expected_[256];                                          \
		const int whole_ = snprintf(expected_, 256, __VA_ARGS__);     \
		assert_in_range(whole_, 0, 255);                              \
		for (size_t room_ = 1; room_ <= (size_t)whole_ + 2; room_++)  \
			check_room(room_, expected_, (size_t)whole_,          \
				   format(fresh(room_), room_, __VA_ARGS__)); \
	} while (0)

static char *room_now;

static char *fresh(size_t room)
{
	room_now = malloc(room);
	memset(room_now, '#', room);
	return room_now;
}

static void check_room(size_t room, const char *expected, size_t whole, size_t length)
{
	const size_t cut = whole < room ? whole : room - 1;

	assert_int_equal(length, cut);
	assert_memory_equal(room_now, expected, cut);
	assert_int_equal(room_now[cut], '\0');
	free(room_now);
}

static void strings_are_copied(void **state)
{
	(void)state;
	assert_like_printf("%s", "");
	assert_like_printf("%s", "cell 'rt'");
	assert_like_printf("<%s|%s>", "a", "bc");
	assert_like_printf("no conversion");
	assert_like_printf("100%%, %%s");
}

static void numbers_of_every_length_are_written(void **state)
{
	(void)state;
	assert_like_printf("%u", 0u);
	assert_like_printf("%x", 0u);
	assert_like_printf("%lu", 0ul);
	assert_like_printf("%lx", 0ul);
	for (unsigned int bit = 0; bit < 64; bit++) {
		const unsigned long wide = 1ul << bit;

		assert_like_printf("%lu", wide);
		assert_like_printf("%lu", wide - 1);
		assert_like_printf("%lx", wide);
		assert_like_printf("%lx", wide - 1);
		if (bit < 32) {
			assert_like_printf("%u", (unsigned int)wide);
			assert_like_printf("%x", (unsigned int)wide - 1);
		}
	}
	assert_like_printf("%lx", 0x0123456789abcdeful);
	assert_like_printf("%lu", 12345678901234567890ul);
}

static void the_largest_numbers_fit(void **state)
{
	(void)state;
	assert_like_printf("%lu", ULONG_MAX);
	assert_like_printf("%lx", ULONG_MAX);
	assert_like_printf("%u", 0xffffffffu);
	assert_like_printf("%x", 0xffffffffu);
}

static void conversions_of_both_widths_take_the_right_arguments(void **state)
{
	(void)state;
	assert_like_printf("cell %u '%s': 0x%lx-0x%x, %lu bytes, %u%%", 7u, "linux", 0x100000000ul,
			   0xfffu, 1ul << 40, 99u);
}

/* Through a pointer: the compiler would rightly warn of these as literals. */
static void assert_as_it_stands(const char *text, const char *expected)
{
	char line[64];

	assert_int_equal(format(line, sizeof(line), text, 7u), strlen(expected));
	assert_string_equal(line, expected);
}

static void unknown_conversions_are_copied_and_take_no_argument(void **state)
{
	static const char *const unknown[] = {
		"%d", "%i",  "%p",  "%n",  "%5", "%-",	"%.", "%*",   "%X",   "%o",  "%f",    "%z",
		"%h", "%ld", "%ls", "%lc", "%l", "%l%", "%",  "100%", "a%lb", "%\n", "%\x80", "%08",
	};
	char text[32], expected[32];

	(void)state;
	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
		assert_as_it_stands(unknown[i], unknown[i]);
		if (strchr("%l", unknown[i][strlen(unknown[i]) - 1]))
			continue; /* what follows would belong to the conversion */
		snprintf(text, sizeof(text), "%s %%u", unknown[i]);
		snprintf(expected, sizeof(expected), "%s 7", unknown[i]);
		assert_as_it_stands(text, expected);
	}
}

static void a_room_of_nothing_is_not_written(void **state)
{
	char *line = malloc(1);

	(void)state;
	line[0] = '#';
	assert_int_equal(format(line, 0, "%s", "text"), 0);
	assert_int_equal(line[0], '#');
	free(line);
}

static void a_log_line_reaches_the_console_as_one_piece(void **state)
{
	(void)state;
	host_console_clear();
	log_line("cell '%s': %u CPUs, 0x%lx", "rt", 2u, 0x40000000ul);
	assert_int_equal(host_console_lines(), 1);
	assert_string_equal(host_console(), "cell 'rt': 2 CPUs, 0x40000000\n");
	log_line("second");
	assert_int_equal(host_console_lines(), 2);
	assert_string_equal(host_console(), "cell 'rt': 2 CPUs, 0x40000000\nsecond\n");
}

static void a_log_line_that_is_too_long_is_cut(void **state)
{
	(void)state;
	for (size_t length = LOG_LINE_BYTES - 16; length < LOG_LINE_BYTES + 16; length++) {
		char text[LOG_LINE_BYTES + 16];
		const size_t kept = length < LOG_LINE_BYTES ? length : LOG_LINE_BYTES - 1;

		for (size_t i = 0; i < length; i++)
			text[i] = (char)('a' + i % 26);
		text[length] = '\0';
		host_console_clear();
		log_line("%s", text);
		assert_int_equal(host_console_lines(), 1);
		assert_int_equal(strlen(host_console()), kept + 1);
		assert_memory_equal(host_console(), text, kept);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strings_are_copied),
		cmocka_unit_test(numbers_of_every_length_are_written),
		cmocka_unit_test(the_largest_numbers_fit),
		cmocka_unit_test(conversions_of_both_widths_take_the_right_arguments),
		cmocka_unit_test(unknown_conversions_are_copied_and_take_no_argument),
		cmocka_unit_test(a_room_of_nothing_is_not_written),
		cmocka_unit_test(a_log_line_reaches_the_console_as_one_piece),
		cmocka_unit_test(a_log_line_that_is_too_long_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
