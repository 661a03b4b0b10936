/* SPDX-License-Identifier: Apache-2.0 */
#include "multiboot.h"

#include <stddef.h>

#define INFORMATION_LIMIT (1u << 20)
#define TAG_END 0u
#define TAG_MEMORY_MAP 6u
#define MEMORY_AVAILABLE 1u

struct tag {
	uint32_t type;
	uint32_t bytes; /* without the padding to 8 bytes */
};

struct memory_map_tag {
	struct tag tag;
	uint32_t entry_bytes;
	uint32_t entry_version;
};

struct memory_map_entry {
	uint64_t start;
	uint64_t bytes;
	uint32_t type;
	uint32_t reserved;
};

bool multiboot_memory_map(const void *information, struct memory_map *map)
{
	const uint8_t *base = information;
	uint32_t total = *(const uint32_t *)information;
	uint32_t at = 8; /* total size and a reserved word come first */

	if (total > INFORMATION_LIMIT)
		total = INFORMATION_LIMIT;
	while (at < total && total - at >= sizeof(struct tag)) {
		const struct tag *tag = (const void *)(base + at);

		if (tag->type == TAG_END || tag->bytes < sizeof(*tag) || tag->bytes > total - at)
			return false;
		if (tag->type == TAG_MEMORY_MAP && tag->bytes >= sizeof(struct memory_map_tag)) {
			const struct memory_map_tag *found = (const void *)tag;

			if (found->entry_bytes < sizeof(struct memory_map_entry) ||
			    found->entry_bytes % 8) /* so that entries are aligned */
				return false;
			map->entries = (const uint8_t *)(found + 1);
			map->entry_bytes = found->entry_bytes;
			map->count = (found->tag.bytes - (uint32_t)sizeof(*found)) /
				     found->entry_bytes;
			return true;
		}
		at += (tag->bytes + 7u) & ~7u;
	}
	return false;
}

static const struct memory_map_entry *entry_at(const struct memory_map *map, uint32_t i)
{
	return (const void *)(map->entries + (size_t)i * map->entry_bytes);
}

static bool holds(const struct memory_map_entry *entry, uint64_t address)
{
	return address >= entry->start && address - entry->start < entry->bytes;
}

/* Firmware maps may overlap: what any entry keeps back is not RAM, whatever another says. */
static uint64_t kept_start(const struct memory_map *map, uint64_t address, uint64_t end)
{
	for (uint32_t i = 0; i < map->count; i++) {
		const struct memory_map_entry *entry = entry_at(map, i);

		if (entry->type == MEMORY_AVAILABLE || entry->bytes == 0)
			continue;
		if (holds(entry, address))
			return address;
		if (entry->start > address && entry->start < end)
			end = entry->start;
	}
	return end;
}

/* How far the RAM reaches that an address lies in; the address itself if it lies in none. */
static uint64_t available_end(const struct memory_map *map, uint64_t address)
{
	for (uint32_t i = 0; i < map->count; i++) {
		const struct memory_map_entry *entry = entry_at(map, i);

		if (entry->type == MEMORY_AVAILABLE && holds(entry, address))
			return kept_start(map, address, entry->start + entry->bytes);
	}
	return address;
}

bool memory_map_gap(const struct memory_map *map, uint64_t start, uint64_t size, uint64_t *gap)
{
	uint64_t at = start;

	/* Each round uses up one entry, so there are no more rounds than entries. */
	for (uint32_t round = 0; round <= map->count && at >= start && at - start < size; round++) {
		uint64_t end = available_end(map, at);

		if (end == at)
			break;
		at = end;
	}
	*gap = at;
	return at - start < size;
}
