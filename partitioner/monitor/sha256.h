/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 (FIPS 180-4), the monitor's own: nothing else fits a freestanding room. */
#ifndef SEPTUM_MONITOR_SHA256_H
#define SEPTUM_MONITOR_SHA256_H

#include <septum/plan.h>
#include <stdbool.h>
#include <stdint.h>

struct sha256 {
	uint32_t state[8];
	uint64_t bytes; /* hashed so far */
	uint8_t block[64]; /* the part of a block not yet hashed */
};

void sha256_start(struct sha256 *hash);
void sha256_add(struct sha256 *hash, const void *data, uint64_t bytes);
void sha256_end(struct sha256 *hash, uint8_t digest[PLAN_HASH_BYTES]);

bool sha256_equal(const uint8_t a[PLAN_HASH_BYTES], const uint8_t b[PLAN_HASH_BYTES]);

/** sha256_matches() - does the digest of bytes equal the expected one? */
bool sha256_matches(const void *data, uint64_t bytes, const uint8_t expected[PLAN_HASH_BYTES]);

/**
 * plan_hash_matches() - the plan's own hash, taken with the hash field as zero.
 * plan->size must already be known to be sane.
 */
bool plan_hash_matches(const struct plan *plan);

#endif
