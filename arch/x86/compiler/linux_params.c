/* SPDX-License-Identifier: Apache-2.0 */
#include "linux_params.h"

#include "cell_functions.h"
#include "gpa_map.h"

#include <stdlib.h>
#include <string.h>

#define LOADER_UNDEFINED 0xffu /* boot.rst, type_of_loader: no assigned id */
#define SETUP_HEADER_START 0x1f1u
#define JUMP_OFFSET 0x201u
#define JUMP_BASE 0x202u

/* "The end of setup header": 0x202 plus the byte at 0x201, at most its room here. */
static size_t setup_header_bytes(const struct blob *kernel)
{
	size_t bytes = JUMP_BASE + kernel->bytes[JUMP_OFFSET] - SETUP_HEADER_START;

	if (bytes > sizeof(struct linux_setup_header))
		bytes = sizeof(struct linux_setup_header);
	if (bytes > kernel->size - SETUP_HEADER_START)
		bytes = kernel->size - SETUP_HEADER_START;
	return bytes;
}

void linux_params_build(const struct blob *kernel, const struct linux_places *places,
			struct linux_boot_params *params)
{
	memset(params, 0, sizeof(*params));
	memcpy(&params->hdr, kernel->bytes + SETUP_HEADER_START, setup_header_bytes(kernel));
	params->hdr.type_of_loader = LOADER_UNDEFINED;
	params->hdr.code32_start = (uint32_t)places->kernel.raw;
	params->hdr.cmd_line_ptr = (uint32_t)places->cmdline.raw;
	params->hdr.ramdisk_image = (uint32_t)places->initrd.raw;
	params->hdr.ramdisk_size = (uint32_t)places->initrd_size;
	params->acpi_rsdp_addr = places->rsdp.raw;
}

struct range {
	uint64_t start, end;
};

static int by_start(const void *a, const void *b)
{
	const struct range *left = a, *right = b;

	return (left->start > right->start) - (left->start < right->start);
}

/* The cell's RAM as ascending ranges that neither overlap nor touch. */
static struct range *merged_ram(const struct model_memory *memory, size_t *count)
{
	struct range *ranges = calloc(*count + 1, sizeof(*ranges));
	size_t n = 0;

	if (!ranges)
		abort();
	for (size_t i = 0; i < *count; i++)
		ranges[i] = (struct range){ memory[i].gpa, memory[i].gpa + memory[i].size };
	qsort(ranges, *count, sizeof(*ranges), by_start);
	for (size_t i = 0; i < *count; i++) {
		if (n > 0 && ranges[i].start <= ranges[n - 1].end) {
			if (ranges[i].end > ranges[n - 1].end)
				ranges[n - 1].end = ranges[i].end;
		} else {
			ranges[n++] = ranges[i];
		}
	}
	*count = n;
	return ranges;
}

struct e820_map {
	struct linux_e820 *entries;
	unsigned int count;
	bool overflow;
};

static void map_add(struct e820_map *map, uint64_t start, uint64_t end, uint32_t type)
{
	if (start >= end)
		return;
	if (map->count == E820_MAX) {
		map->overflow = true;
		return;
	}
	map->entries[map->count++] = (struct linux_e820){ start, end - start, type };
}

/* The parts of @ranges inside [low, high). */
static void map_add_ram(struct e820_map *map, const struct range *ranges, size_t count,
			uint64_t low, uint64_t high)
{
	for (size_t i = 0; i < count; i++) {
		uint64_t start = ranges[i].start > low ? ranges[i].start : low;
		uint64_t end = ranges[i].end < high ? ranges[i].end : high;

		map_add(map, start, end, E820_USABLE);
	}
}

unsigned int linux_e820_build(const struct model_memory *memory, size_t count, uint64_t ecam,
			      struct linux_e820 *entries)
{
	const uint64_t hole = ecam != 0 ? ecam : GPA_HIGH_RAM;
	const uint64_t hole_end = ecam != 0 ? ecam + CELL_ECAM_BYTES : hole;
	struct e820_map map = { .entries = entries };
	struct range *ranges = merged_ram(memory, &count);

	map_add_ram(&map, ranges, count, 0, GPA_LOW_RAM_END);
	map_add(&map, GPA_LOW_RAM_END, GPA_ACPI, E820_RESERVED);
	map_add(&map, GPA_ACPI, GPA_ACPI_END, E820_ACPI);
	map_add(&map, GPA_ACPI_END, GPA_HIGH_RAM, E820_RESERVED);
	map_add_ram(&map, ranges, count, GPA_HIGH_RAM, hole);
	map_add(&map, hole, hole_end, E820_RESERVED);
	map_add_ram(&map, ranges, count, hole_end, UINT64_MAX);
	free(ranges);
	return map.overflow ? 0 : map.count;
}
