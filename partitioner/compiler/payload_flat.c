/* SPDX-License-Identifier: Apache-2.0 */
/* Flat binaries: no header; the system file says where they go and start. */
#include "payload_formats.h"

void payload_parse_flat(const struct blob *blob, gpa_t load, uint64_t entry_offset,
			struct payload_info *info)
{
	if (blob->size == 0) {
		info->error = "file is empty";
		return;
	}
	if (!payload_range_ends_by(load.raw, blob->size, PAYLOAD_LIMIT_32)) {
		info->error = "a flat binary runs in 32-bit mode and must end below 4 GiB";
		return;
	}
	if (!payload_range_ends_by(load.raw, entry_offset, PAYLOAD_LIMIT_32 - 1)) {
		info->error = "a flat binary runs in 32-bit mode and must start below 4 GiB";
		return;
	}
	info->segments[0] = (struct payload_segment){
		.dest = load,
		.file_offset = 0,
		.file_bytes = blob->size,
		.memory_bytes = blob->size,
	};
	info->segment_count = 1;
	info->entry.raw = load.raw + entry_offset;
	info->long_mode = false;
}
