/* SPDX-License-Identifier: Apache-2.0 */
/* The three kinds of payload file, each behind one parser. */
#ifndef SEPTUM_COMPILER_PAYLOAD_FORMATS_H
#define SEPTUM_COMPILER_PAYLOAD_FORMATS_H

#include "payload.h"

/*
 * Each parser gets a readable blob and a zeroed info.  The file is hostile:
 * every offset and length in it is checked without overflow before it is used.
 * On refusal info->error is set and the other fields mean nothing.
 */
void payload_parse_elf(const struct blob *blob, struct payload_info *info);
void payload_parse_linux(const struct blob *blob, struct payload_info *info);
void payload_parse_flat(const struct blob *blob, gpa_t load, uint64_t entry_offset,
			struct payload_info *info);

/* First address that 32-bit code without paging cannot reach. */
#define PAYLOAD_LIMIT_32 0x100000000ull

/** payload_range_ends_by() - does [start, start + size) end at or below @limit, without wrap? */
static inline bool payload_range_ends_by(uint64_t start, uint64_t size, uint64_t limit)
{
	return start <= limit && size <= limit - start;
}

#endif
