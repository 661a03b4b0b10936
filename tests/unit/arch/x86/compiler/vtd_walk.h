/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a VT-d unit in legacy mode does with an address: written from the VT-d
 * specification 3.3, 3.4 and 9.1 to 9.8, with the bit numbers spelled out; shares
 * nothing with the emitter.
 */
#ifndef TESTS_VTD_WALK_H
#define TESTS_VTD_WALK_H

#include "plan_bytes.h"

#include <stdbool.h>

struct vtd_answer {
	bool present; /* there is a context entry */
	bool read, write;
	uint64_t output;
	uint64_t page; /* bytes of the page; 0: none was found */
	unsigned int domain, levels;
	bool odd; /* a reserved bit is set, or one of ours is not as all of ours are */
};

static inline uint64_t vtd_field(uint64_t raw, unsigned int high, unsigned int low)
{
	return raw << (63 - high) >> (63 - high + low);
}

static inline const uint64_t *vtd_pair(const struct plan_bytes *bytes, uint64_t table,
				       unsigned int index)
{
	return plan_bytes_at(bytes, (hpa_t){ table + index * 16ull });
}

static inline void vtd_walk_pages(const struct plan_bytes *bytes, uint64_t table, uint64_t address,
				  struct vtd_answer *answer)
{
	bool read = true, write = true;

	for (unsigned int level = answer->levels; level > 0; level--) {
		const unsigned int shift = 12 + 9 * (level - 1);
		const uint64_t index = address >> shift & 511;
		const uint64_t entry =
			*(const uint64_t *)plan_bytes_at(bytes, (hpa_t){ table + index * 8 });
		const bool leaf = level == 1 || vtd_field(entry, 7, 7);

		if (vtd_field(entry, 1, 0) == 0) {
			answer->odd |= entry != 0;
			return;
		}
		/* execute, memory type, A, D, ignored, SNP; ignored, TM and above */
		answer->odd |= vtd_field(entry, 6, 2) != 0 || vtd_field(entry, 11, 8) != 0 ||
			       vtd_field(entry, 63, 52) != 0;
		read &= vtd_field(entry, 0, 0) != 0;
		write &= vtd_field(entry, 1, 1) != 0;
		table = vtd_field(entry, 51, 12) << 12;
		if (!leaf)
			continue;
		answer->odd |= table % (1ull << shift) != 0;
		answer->page = 1ull << shift;
		answer->output = table + address % (1ull << shift);
		answer->read = read;
		answer->write = write;
		return;
	}
	answer->odd = true; /* a table below the lowest level */
}

/* What the function @rid reaches at @address. */
static inline struct vtd_answer vtd_translate(const struct plan_bytes *bytes, hpa_t root,
					      uint32_t rid, uint64_t address)
{
	const uint64_t *bus = vtd_pair(bytes, root.raw, rid >> 8), *context;
	struct vtd_answer answer = { .odd = bus[1] != 0 || vtd_field(bus[0], 11, 1) != 0 ||
					    vtd_field(bus[0], 63, 52) != 0 };

	if (vtd_field(bus[0], 0, 0) == 0) {
		answer.odd |= bus[0] != 0;
		return answer;
	}
	context = vtd_pair(bytes, vtd_field(bus[0], 51, 12) << 12, rid & 0xff);
	if (vtd_field(context[0], 0, 0) == 0) {
		answer.odd |= context[0] != 0 || context[1] != 0;
		return answer;
	}
	answer.present = true;
	/* FPD, TT and reserved; AVAIL and reserved */
	answer.odd |= vtd_field(context[0], 11, 1) != 0 || vtd_field(context[0], 63, 52) != 0 ||
		      vtd_field(context[1], 7, 3) != 0 || vtd_field(context[1], 63, 24) != 0;
	answer.levels = (unsigned int)vtd_field(context[1], 2, 0) + 2;
	answer.domain = (unsigned int)vtd_field(context[1], 23, 8);
	if (address >> (12 + 9 * answer.levels) == 0)
		vtd_walk_pages(bytes, vtd_field(context[0], 51, 12) << 12, address, &answer);
	return answer;
}

#endif
