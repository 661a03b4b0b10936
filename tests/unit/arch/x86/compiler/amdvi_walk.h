/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an AMD-Vi unit does with an address or an interrupt: written from the AMD I/O
 * Virtualization Technology specification, 2.2.2.1 and 2.2.3, with the bit numbers
 * spelled out; shares nothing with the emitter.
 */
#ifndef TESTS_AMDVI_WALK_H
#define TESTS_AMDVI_WALK_H

#include "plan_bytes.h"

#include <stdbool.h>

struct amdvi_answer {
	bool read, write;
	uint64_t output;
	uint64_t page; /* bytes of the page; 0: none was found */
	unsigned int domain;
	bool odd; /* a reserved bit is set, or one of ours is not as all of ours are */
};

static inline uint64_t amdvi_field(uint64_t raw, unsigned int high, unsigned int low)
{
	return raw << (63 - high) >> (63 - high + low);
}

static inline const uint64_t *amdvi_entry(const struct plan_bytes *bytes, hpa_t table, uint32_t rid)
{
	return plan_bytes_at(bytes, (hpa_t){ table.raw + rid * 32ull });
}

/* Bits of a page table entry that nobody may set, or that we never do. */
static inline bool amdvi_odd(uint64_t raw, bool leaf)
{
	return amdvi_field(raw, 8, 1) != 0 || /* ignored, accessed, dirty, reserved */
	       amdvi_field(raw, 59, 52) != 0 || /* reserved, U */
	       amdvi_field(raw, 60, 60) != leaf || /* FC */
	       amdvi_field(raw, 63, 63) != 0;
}

/* The walk proper: @dte is already known to be valid and of one level at least. */
static inline void amdvi_translate_paged(const struct plan_bytes *bytes, uint64_t dte,
					 uint64_t address, struct amdvi_answer *answer)
{
	uint64_t entry = dte;
	bool read = amdvi_field(dte, 61, 61), write = amdvi_field(dte, 62, 62);

	for (unsigned int level = (unsigned int)amdvi_field(dte, 11, 9); level > 0; level--) {
		const unsigned int shift = 12 + 9 * (level - 1);
		const uint64_t table = amdvi_field(entry, 51, 12) << 12;
		const uint64_t index = address >> shift & 511;

		entry = *(const uint64_t *)plan_bytes_at(bytes, (hpa_t){ table + index * 8 });
		if (amdvi_field(entry, 0, 0) == 0) {
			answer->odd |= entry != 0;
			return;
		}
		read &= amdvi_field(entry, 61, 61) != 0;
		write &= amdvi_field(entry, 62, 62) != 0;
		if (amdvi_field(entry, 11, 9) == 0) {
			answer->odd |= amdvi_odd(entry, true) ||
				       (amdvi_field(entry, 51, 12) << 12) % (1ull << shift) != 0;
			answer->page = 1ull << shift;
			answer->output = (amdvi_field(entry, 51, 12) << 12) +
					 address % (1ull << shift);
			answer->read = read;
			answer->write = write;
			return;
		}
		answer->odd |= amdvi_odd(entry, false) || amdvi_field(entry, 11, 9) != level - 1;
	}
	answer->odd = true; /* a table below the lowest level */
}

/* What the function @rid reaches at @address. */
static inline struct amdvi_answer amdvi_translate(const struct plan_bytes *bytes, hpa_t table,
						  uint32_t rid, uint64_t address)
{
	const uint64_t *dte = amdvi_entry(bytes, table, rid);
	const unsigned int mode = (unsigned int)amdvi_field(dte[0], 11, 9);
	struct amdvi_answer answer = { .domain = (unsigned int)amdvi_field(dte[1], 15, 0) };

	/* 8:2, 60:52 and 63: HAD, PPR, guest translation and reserved bits */
	answer.odd = amdvi_field(dte[0], 8, 2) != 0 || amdvi_field(dte[0], 60, 52) != 0 ||
		     amdvi_field(dte[0], 63, 63) != 0 || amdvi_field(dte[1], 63, 16) != 0 ||
		     dte[3] != 0;
	if (amdvi_field(dte[0], 0, 0) == 0 || amdvi_field(dte[0], 1, 1) == 0) {
		/* not valid: everything goes through as it is */
		answer.read = answer.write = true;
		answer.output = address;
		return answer;
	}
	if (mode == 0) {
		answer.read = amdvi_field(dte[0], 61, 61);
		answer.write = amdvi_field(dte[0], 62, 62);
		answer.output = address;
	} else if (address >> (12 + 9 * mode) == 0) {
		amdvi_translate_paged(bytes, dte[0], address, &answer);
	}
	return answer;
}

/* Where the unit looks up message @index (MSI data 10:0) of @rid; 0: it is blocked. */
static inline uint64_t amdvi_irte_of(const struct plan_bytes *bytes, hpa_t table, uint32_t rid,
				     uint32_t index)
{
	const uint64_t raw = amdvi_entry(bytes, table, rid)[2];

	if (amdvi_field(raw, 0, 0) == 0)
		return ~0ull; /* IV = 0: goes through unmapped */
	if (amdvi_field(raw, 61, 60) != 2)
		return amdvi_field(raw, 61, 60) == 0 ? 0 : ~0ull;
	if (index >= 1u << amdvi_field(raw, 4, 1))
		return 0;
	return (amdvi_field(raw, 51, 6) << 6) + index * 16ull;
}

/* INIT, ExtINT, NMI (58:56), LINT0, LINT1 (63:62): whether any of them goes through unmapped. */
static inline bool amdvi_passes(const struct plan_bytes *bytes, hpa_t table, uint32_t rid)
{
	const uint64_t raw = amdvi_entry(bytes, table, rid)[2];

	return amdvi_field(raw, 58, 56) != 0 || amdvi_field(raw, 63, 62) != 0;
}

#endif
