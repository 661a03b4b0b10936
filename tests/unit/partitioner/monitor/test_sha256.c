/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 against the examples of FIPS 180-4 and against libnettle. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "host_arch.h"
#include "sha256.h"

#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void oracle(const void *data, size_t bytes, uint8_t digest[PLAN_HASH_BYTES])
{
	struct sha256_ctx context;

	sha256_init(&context);
	sha256_update(&context, bytes, data);
	sha256_digest(&context, PLAN_HASH_BYTES, digest);
}

static void fill_random(uint8_t *bytes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		bytes[i] = (uint8_t)(host_random() >> 32);
}

static void assert_digest(const void *data, size_t bytes, const char *expected)
{
	struct sha256 hash;
	uint8_t digest[PLAN_HASH_BYTES];
	char text[2 * PLAN_HASH_BYTES + 1];

	sha256_start(&hash);
	sha256_add(&hash, data, bytes);
	sha256_end(&hash, digest);
	for (size_t i = 0; i < PLAN_HASH_BYTES; i++)
		snprintf(text + 2 * i, 3, "%02x", digest[i]);
	assert_string_equal(text, expected);
}

static void the_published_examples_give_the_published_digests(void **state)
{
	static const struct {
		const char *message, *digest;
	} examples[] = {
		{ "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
		{ "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
		{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
		{ "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
		  "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
		  "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++)
		assert_digest(examples[i].message, strlen(examples[i].message), examples[i].digest);
}

static void a_million_letters_a_give_the_published_digest(void **state)
{
	char *letters = malloc(1000000);

	(void)state;
	memset(letters, 'a', 1000000);
	assert_digest(letters, 1000000,
		      "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
	free(letters);
}

/* Each length has its own block of memory: a read beyond it is caught. */
static void every_length_around_the_block_size_agrees_with_nettle(void **state)
{
	(void)state;
	for (size_t bytes = 0; bytes <= 300; bytes++) {
		uint8_t *data = malloc(bytes ? bytes : 1);
		uint8_t expected[PLAN_HASH_BYTES];

		fill_random(data, bytes);
		oracle(data, bytes, expected);
		assert_true(sha256_matches(data, bytes, expected));
		free(data);
	}
}

static void data_that_comes_in_pieces_has_the_digest_of_the_whole(void **state)
{
	uint8_t data[700], expected[PLAN_HASH_BYTES], digest[PLAN_HASH_BYTES];

	(void)state;
	fill_random(data, sizeof(data));
	oracle(data, sizeof(data), expected);
	for (unsigned int round = 0; round < 300; round++) {
		const size_t longest = 1 + host_random() % 200;
		struct sha256 hash;
		size_t done = 0;

		sha256_start(&hash);
		while (done < sizeof(data)) {
			size_t piece = host_random() % (longest + 1);

			if (piece > sizeof(data) - done)
				piece = sizeof(data) - done;
			sha256_add(&hash, data + done, piece);
			done += piece;
		}
		sha256_end(&hash, digest);
		assert_memory_equal(digest, expected, sizeof(digest));
	}
}

static void unaligned_data_has_the_same_digest(void **state)
{
	uint8_t data[256], shifted[256 + 8], expected[PLAN_HASH_BYTES];

	(void)state;
	fill_random(data, sizeof(data));
	oracle(data, sizeof(data), expected);
	for (size_t shift = 0; shift < 8; shift++) {
		memcpy(shifted + shift, data, sizeof(data));
		assert_true(sha256_matches(shifted + shift, sizeof(data), expected));
	}
}

/* Both start as if whole blocks had passed: the length takes part in the padding. */
static void lengths_beyond_32_bits_agree_with_nettle(void **state)
{
	static const uint64_t blocks[] = { 1ull << 22, 1ull << 23, 1ull << 26, 1ull << 35 };
	uint8_t data[100], expected[PLAN_HASH_BYTES], digest[PLAN_HASH_BYTES];

	(void)state;
	fill_random(data, sizeof(data));
	for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
		struct sha256_ctx context;
		struct sha256 hash;

		sha256_init(&context);
		context.count = blocks[i];
		sha256_update(&context, sizeof(data), data);
		sha256_digest(&context, sizeof(expected), expected);
		sha256_start(&hash);
		hash.bytes = blocks[i] * 64;
		sha256_add(&hash, data, sizeof(data));
		sha256_end(&hash, digest);
		assert_memory_equal(digest, expected, sizeof(digest));
	}
}

static void an_expected_digest_with_one_wrong_bit_does_not_match(void **state)
{
	const char text[] = "golden store";
	uint8_t expected[PLAN_HASH_BYTES];

	(void)state;
	oracle(text, sizeof(text), expected);
	assert_true(sha256_matches(text, sizeof(text), expected));
	for (unsigned int bit = 0; bit < 8 * PLAN_HASH_BYTES; bit++) {
		expected[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_false(sha256_matches(text, sizeof(text), expected));
		expected[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
}

/* ---- the plan's own hash ---- */

#define PLAN_BYTES 777u /* neither whole blocks nor whole words */
#define BUFFER_BYTES 0x10000u /* any size of two bytes stays inside */

static uint8_t *make_hashed_plan(void)
{
	uint8_t *bytes = malloc(BUFFER_BYTES);
	struct plan *plan = (void *)bytes;

	fill_random(bytes, BUFFER_BYTES);
	plan->magic = PLAN_MAGIC;
	plan->version = PLAN_VERSION;
	plan->header_bytes = sizeof(*plan);
	plan->base = host_hpa(plan);
	plan->size = PLAN_BYTES;
	memset(plan->hash, 0, sizeof(plan->hash));
	oracle(bytes, PLAN_BYTES, plan->hash);
	return bytes;
}

static void a_sound_plan_matches_its_hash_and_is_not_changed(void **state)
{
	uint8_t *bytes = make_hashed_plan();
	uint8_t *before = malloc(BUFFER_BYTES);

	(void)state;
	memcpy(before, bytes, BUFFER_BYTES);
	assert_true(plan_hash_matches((void *)bytes));
	assert_memory_equal(bytes, before, BUFFER_BYTES);
	free(before);
	free(bytes);
}

/* The upper bytes of the size are not tried: the caller has to know that the size is sane. */
static void a_plan_with_any_one_byte_changed_does_not_match(void **state)
{
	const size_t size_at = offsetof(struct plan, size);
	uint8_t *bytes = make_hashed_plan();

	(void)state;
	for (size_t i = 0; i < PLAN_BYTES; i++) {
		if (i >= size_at + 2 && i < size_at + sizeof(uint64_t))
			continue;
		for (unsigned int bit = 0; bit < 8; bit++) {
			bytes[i] ^= (uint8_t)(1u << bit);
			assert_false(plan_hash_matches((void *)bytes));
			bytes[i] ^= (uint8_t)(1u << bit);
		}
	}
	assert_true(plan_hash_matches((void *)bytes));
	free(bytes);
}

static void bytes_beyond_the_plan_do_not_matter(void **state)
{
	uint8_t *bytes = make_hashed_plan();

	(void)state;
	bytes[PLAN_BYTES] ^= 0xff;
	assert_true(plan_hash_matches((void *)bytes));
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_published_examples_give_the_published_digests),
		cmocka_unit_test(a_million_letters_a_give_the_published_digest),
		cmocka_unit_test(every_length_around_the_block_size_agrees_with_nettle),
		cmocka_unit_test(data_that_comes_in_pieces_has_the_digest_of_the_whole),
		cmocka_unit_test(unaligned_data_has_the_same_digest),
		cmocka_unit_test(lengths_beyond_32_bits_agree_with_nettle),
		cmocka_unit_test(an_expected_digest_with_one_wrong_bit_does_not_match),
		cmocka_unit_test(a_sound_plan_matches_its_hash_and_is_not_changed),
		cmocka_unit_test(a_plan_with_any_one_byte_changed_does_not_match),
		cmocka_unit_test(bytes_beyond_the_plan_do_not_matter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
