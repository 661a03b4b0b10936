/* SPDX-License-Identifier: Apache-2.0 */
/* Writing septum.elf, the file that GRUB's multiboot2 loader takes. */
#ifndef SEPTUM_COMPILER_IMAGE_ELF_H
#define SEPTUM_COMPILER_IMAGE_ELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define IMAGE_SEGMENTS_MAX 32u

/* Bytes of a segment; between pieces it is zero. */
struct image_piece {
	uint64_t address;
	const uint8_t *bytes;
	uint64_t size;
};

struct image_segment {
	uint64_t start; /* HPA = VA, page aligned, below 4 GiB */
	uint64_t memory_bytes; /* what no piece covers is zero; 0 = left out of the file */
	uint32_t rights; /* PLAN_RIGHT_* */
	const struct image_piece *pieces; /* ascending, inside the segment */
	size_t piece_count; /* 0 = takes no room in the file */
};

/**
 * image_elf_write() - write an ELF64 executable to @out, from its start.
 * @segments: ascending, text first (it lands at offset IMAGE_TEXT_OFFSET).
 * Return: false with errno set when writing fails.
 */
bool image_elf_write(FILE *out, uint64_t entry, const struct image_segment *segments, size_t count);

#endif
