/* SPDX-License-Identifier: Apache-2.0 */
#include "sha256.h"

/* FIPS 180-4, 4.2.2: fractional parts of the cube roots of the first 64 primes. */
static const uint32_t round_constants[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4,
	0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe,
	0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f,
	0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
	0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc,
	0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
	0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116,
	0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
	0xc67178f2,
};

static uint32_t rotate(uint32_t x, unsigned int n)
{
	return x >> n | x << (32 - n);
}

static uint32_t load_be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* FIPS 180-4, 6.2.2, with the message schedule kept as a ring of 16 words. */
static void hash_block(uint32_t state[8], const uint8_t *block)
{
	uint32_t w[16], v[8];

	for (unsigned int i = 0; i < 8; i++)
		v[i] = state[i];
	for (unsigned int i = 0; i < 64; i++) {
		uint32_t a, s1, choose, s0, majority, t1;

		if (i < 16) {
			w[i] = load_be32(block + (size_t)4 * i);
		} else {
			uint32_t w15 = w[(i + 1) & 15], w2 = w[(i + 14) & 15];

			w[i & 15] += (rotate(w15, 7) ^ rotate(w15, 18) ^ w15 >> 3) +
				     w[(i + 9) & 15] + (rotate(w2, 17) ^ rotate(w2, 19) ^ w2 >> 10);
		}
		a = v[0];
		s1 = rotate(v[4], 6) ^ rotate(v[4], 11) ^ rotate(v[4], 25);
		choose = (v[4] & v[5]) ^ (~v[4] & v[6]);
		t1 = v[7] + s1 + choose + round_constants[i] + w[i & 15];
		s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
		majority = (a & v[1]) ^ (a & v[2]) ^ (v[1] & v[2]);
		for (unsigned int j = 7; j > 0; j--)
			v[j] = v[j - 1];
		v[4] += t1;
		v[0] = t1 + s0 + majority;
	}
	for (unsigned int i = 0; i < 8; i++)
		state[i] += v[i];
}

void sha256_start(struct sha256 *hash)
{
	/* FIPS 180-4, 5.3.3 */
	static const uint32_t initial[8] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
					     0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 };

	for (unsigned int i = 0; i < 8; i++)
		hash->state[i] = initial[i];
	hash->bytes = 0;
}

void sha256_add(struct sha256 *hash, const void *data, uint64_t bytes)
{
	const uint8_t *p = data;

	while (bytes--) {
		hash->block[hash->bytes++ % 64] = *p++;
		if (hash->bytes % 64 == 0)
			hash_block(hash->state, hash->block);
	}
}

void sha256_end(struct sha256 *hash, uint8_t digest[PLAN_HASH_BYTES])
{
	static const uint8_t padding[64] = { 0x80 };
	uint64_t bits = hash->bytes * 8;
	uint8_t length[8];

	for (unsigned int i = 0; i < 8; i++)
		length[i] = (uint8_t)(bits >> (56 - 8 * i));
	sha256_add(hash, padding, 1 + (119 - hash->bytes % 64) % 64);
	sha256_add(hash, length, sizeof(length));
	for (unsigned int i = 0; i < PLAN_HASH_BYTES; i++)
		digest[i] = (uint8_t)(hash->state[i / 4] >> (24 - 8 * (i % 4)));
}

bool sha256_equal(const uint8_t a[PLAN_HASH_BYTES], const uint8_t b[PLAN_HASH_BYTES])
{
	for (unsigned int i = 0; i < PLAN_HASH_BYTES; i++)
		if (a[i] != b[i])
			return false;
	return true;
}

bool sha256_matches(const void *data, uint64_t bytes, const uint8_t expected[PLAN_HASH_BYTES])
{
	struct sha256 hash;
	uint8_t digest[PLAN_HASH_BYTES];

	sha256_start(&hash);
	sha256_add(&hash, data, bytes);
	sha256_end(&hash, digest);
	return sha256_equal(digest, expected);
}

bool plan_hash_matches(const struct plan *plan)
{
	static const uint8_t zero[PLAN_HASH_BYTES];
	const uint8_t *start = (const uint8_t *)plan;
	const uint64_t after = offsetof(struct plan, hash) + PLAN_HASH_BYTES;
	struct sha256 hash;
	uint8_t digest[PLAN_HASH_BYTES];

	sha256_start(&hash);
	sha256_add(&hash, start, offsetof(struct plan, hash));
	sha256_add(&hash, zero, sizeof(zero));
	sha256_add(&hash, start + after, plan->size - after);
	sha256_end(&hash, digest);
	return sha256_equal(digest, plan->hash);
}
