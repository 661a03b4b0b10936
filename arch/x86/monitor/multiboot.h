/* SPDX-License-Identifier: Apache-2.0 */
/* What the boot loader says of the machine's RAM (Multiboot2 specification, 3.6.8). Pure. */
#ifndef SEPTUM_X86_MULTIBOOT_H
#define SEPTUM_X86_MULTIBOOT_H

#include <stdbool.h>
#include <stdint.h>

struct memory_map { /* the entries of the loader's memory map tag */
	const uint8_t *entries;
	uint32_t entry_bytes;
	uint32_t count;
};

/**
 * multiboot_memory_map() - find the memory map in the information structure.
 * Reads only within the size that the structure gives, and at most 1 MiB.
 */
bool multiboot_memory_map(const void *information, struct memory_map *map);

/**
 * memory_map_gap() - is every byte of a range RAM that the firmware gave away?
 * @start, @size: bytes.  @gap: where the first byte that is not lies.
 * Return: true if there is a gap.
 */
bool memory_map_gap(const struct memory_map *map, uint64_t start, uint64_t size, uint64_t *gap);

#endif
