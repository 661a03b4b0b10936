/* SPDX-License-Identifier: Apache-2.0 */
/* CRC-32 of IEEE 802.3 against published values and against its own algebra. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "crc32.h"
#include "host_arch.h"

#include <stdlib.h>
#include <string.h>

static void the_check_value_of_the_standard_comes_out(void **state)
{
	(void)state;
	assert_int_equal(crc32("123456789", 9), 0xcbf43926);
}

static void known_messages_give_known_sums(void **state)
{
	uint8_t bytes[256];

	(void)state;
	assert_int_equal(crc32("", 0), 0);
	assert_int_equal(crc32("a", 1), 0xe8b7be43);
	assert_int_equal(crc32("abc", 3), 0x352441c2);
	assert_int_equal(crc32("The quick brown fox jumps over the lazy dog", 43), 0x414fa339);
	memset(bytes, 0, sizeof(bytes));
	assert_int_equal(crc32(bytes, 32), 0x190a55ad);
	memset(bytes, 0xff, sizeof(bytes));
	assert_int_equal(crc32(bytes, 32), 0xff6cab0b);
	for (unsigned int i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)i;
	assert_int_equal(crc32(bytes, 32), 0x91267e8a);
	assert_int_equal(crc32(bytes, 256), 0x29058c73);
}

/* Appending the sum (low byte first) gives the residue of the polynomial, at every length. */
static void a_message_followed_by_its_sum_leaves_the_residue(void **state)
{
	(void)state;
	for (size_t length = 0; length <= 320; length++) {
		uint8_t *message = malloc(length + 4);
		uint32_t sum;

		for (size_t i = 0; i < length; i++)
			message[i] = (uint8_t)(host_random() >> 40);
		sum = crc32(message, length);
		for (size_t i = 0; i < 4; i++)
			message[length + i] = (uint8_t)(sum >> 8 * i);
		assert_int_equal(crc32(message, length + 4), 0x2144df1c);
		free(message);
	}
}

static void every_burst_of_up_to_32_bits_changes_the_sum(void **state)
{
	uint8_t message[64];
	uint32_t good;

	(void)state;
	for (size_t i = 0; i < sizeof(message); i++)
		message[i] = (uint8_t)(host_random() >> 40);
	good = crc32(message, sizeof(message));
	for (size_t at = 0; at + 4 <= sizeof(message); at++)
		for (unsigned int round = 0; round < 64; round++) {
			const uint32_t burst = round < 32 ? 1u << round :
							    (uint32_t)(host_random() >> 32) | 1;
			uint8_t damaged[sizeof(message)];

			memcpy(damaged, message, sizeof(message));
			for (size_t i = 0; i < 4; i++)
				damaged[at + i] ^= (uint8_t)(burst >> 8 * i);
			assert_int_not_equal(crc32(damaged, sizeof(damaged)), good);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_check_value_of_the_standard_comes_out),
		cmocka_unit_test(known_messages_give_known_sums),
		cmocka_unit_test(a_message_followed_by_its_sum_leaves_the_residue),
		cmocka_unit_test(every_burst_of_up_to_32_bits_changes_the_sum),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
