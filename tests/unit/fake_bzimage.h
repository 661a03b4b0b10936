/* SPDX-License-Identifier: Apache-2.0 */
/* A small file that is a bzImage in every field a loader reads (boot.rst). */
#ifndef SEPTUM_TESTS_FAKE_BZIMAGE_H
#define SEPTUM_TESTS_FAKE_BZIMAGE_H

#include "payload.h"

#include <stdlib.h>
#include <string.h>

#define FAKE_SETUP_BYTES 1536u /* setup_sects 2, and the boot sector */
#define FAKE_KERNEL_BYTES 0x2000u
#define FAKE_TRAILER_BYTES 40u /* a signature after the kernel */
#define FAKE_BYTES (FAKE_SETUP_BYTES + FAKE_KERNEL_BYTES + FAKE_TRAILER_BYTES)
#define FAKE_PREF 0x1000000u
#define FAKE_INIT_SIZE 0x300000u
#define FAKE_ALIGN 0x200000u

static inline void put(uint8_t *bytes, unsigned int offset, unsigned int width, uint64_t value)
{
	for (unsigned int i = 0; i < width; i++)
		bytes[offset + i] = (uint8_t)(value >> 8 * i);
}

/* Every byte differs from its neighbours, so that a shifted copy shows. */
static inline void fake_bzimage(struct blob *blob)
{
	uint8_t *b = malloc(FAKE_BYTES);

	for (unsigned int i = 0; i < FAKE_BYTES; i++)
		b[i] = (uint8_t)(i * 7 + i / 256);
	memset(b, 0, FAKE_SETUP_BYTES);
	memset(b, 0xcc, 0x1f1); /* boot sector code: must not reach the zero page */
	put(b, 0x1f1, 1, 2); /* setup_sects */
	put(b, 0x1f4, 4, FAKE_KERNEL_BYTES / 16); /* syssize */
	put(b, 0x1fa, 2, 0xffff); /* vid_mode */
	put(b, 0x1fe, 2, 0xaa55);
	put(b, 0x200, 2, 0x6aeb); /* jump: the header ends at 0x26c */
	put(b, 0x202, 4, 0x53726448);
	put(b, 0x206, 2, 0x020f);
	put(b, 0x211, 1, 1); /* LOADED_HIGH */
	put(b, 0x214, 4, 0x100000); /* code32_start */
	put(b, 0x22c, 4, 0x7fffffff); /* initrd_addr_max */
	put(b, 0x230, 4, FAKE_ALIGN);
	put(b, 0x234, 1, 1); /* relocatable_kernel */
	put(b, 0x236, 2, 0x7f); /* xloadflags */
	put(b, 0x238, 4, 0x7ff); /* cmdline_size */
	put(b, 0x258, 8, FAKE_PREF);
	put(b, 0x260, 4, FAKE_INIT_SIZE);
	put(b, 0x268, 4, 0x1234); /* kernel_info_offset */
	memset(b + 0x26c, 0xdd, FAKE_SETUP_BYTES - 0x26c); /* setup code, no header */
	*blob = (struct blob){ .path = "vmlinuz", .bytes = b, .size = FAKE_BYTES };
}

#endif
