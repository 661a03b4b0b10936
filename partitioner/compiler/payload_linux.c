/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Linux bzImage, by the kernel's Documentation/arch/x86/boot.rst ("The
 * Real-Mode Kernel Header"): protocol 2.12 or later with the 64-bit entry.
 */
#include "payload_formats.h"

/* Offsets from the start of the file. */
#define SETUP_SECTS 0x1f1u
#define SYSSIZE 0x1f4u
#define BOOT_FLAG 0x1feu
#define JUMP_OFFSET 0x201u
#define JUMP_BASE 0x202u /* the header ends at JUMP_BASE + the byte at JUMP_OFFSET */
#define HEADER_MAGIC 0x202u
#define VERSION 0x206u
#define LOADFLAGS 0x211u
#define INITRD_ADDR_MAX 0x22cu
#define KERNEL_ALIGNMENT 0x230u
#define RELOCATABLE_KERNEL 0x234u
#define XLOADFLAGS 0x236u
#define CMDLINE_SIZE 0x238u
#define PREF_ADDRESS 0x258u
#define INIT_SIZE 0x260u
#define HEADER_END_2_12 0x268u

#define SECTOR_BYTES 512u
#define PARAGRAPH_BYTES 16u
#define BOOT_FLAG_VALUE 0xaa55u
#define HEADER_MAGIC_VALUE 0x53726448u /* "HdrS" */
#define OLDEST_PROTOCOL 0x020cu
#define LOADED_HIGH (1u << 0)
#define XLF_KERNEL_64 (1u << 0)
#define ENTRY_64_OFFSET 0x200u /* "64-bit Boot Protocol" */

static uint16_t le16(const struct blob *blob, uint32_t offset)
{
	const uint8_t *p = blob->bytes + offset;

	return (uint16_t)(p[0] | p[1] << 8);
}

static uint32_t le32(const struct blob *blob, uint32_t offset)
{
	return le16(blob, offset) | (uint32_t)le16(blob, offset + 2) << 16;
}

static uint64_t le64(const struct blob *blob, uint32_t offset)
{
	return le32(blob, offset) | (uint64_t)le32(blob, offset + 4) << 32;
}

static const char *check_recognised(const struct blob *blob)
{
	if (blob->size < HEADER_END_2_12)
		return "file ends inside the Linux setup header";
	if (le16(blob, BOOT_FLAG) != BOOT_FLAG_VALUE)
		return "not a Linux bzImage: no boot flag 0xAA55";
	if (le32(blob, HEADER_MAGIC) != HEADER_MAGIC_VALUE)
		return "not a Linux bzImage: no HdrS signature";
	if (le16(blob, VERSION) < OLDEST_PROTOCOL)
		return "kernel's boot protocol is older than 2.12";
	if (JUMP_BASE + blob->bytes[JUMP_OFFSET] < HEADER_END_2_12)
		return "kernel's setup header is shorter than its protocol says";
	if (!(blob->bytes[LOADFLAGS] & LOADED_HIGH))
		return "kernel is a zImage, not a bzImage (LOADED_HIGH is clear)";
	if (!(le16(blob, XLOADFLAGS) & XLF_KERNEL_64))
		return "kernel has no 64-bit entry point (XLF_KERNEL_64 is clear)";
	return NULL;
}

/* Sizes inside the file.  Bytes beyond syssize are a signature; they are not loaded. */
static const char *find_kernel(const struct blob *blob, struct payload_info *info,
			       uint64_t *kernel_bytes)
{
	uint32_t sectors = blob->bytes[SETUP_SECTS];

	if (sectors == 0)
		sectors = 4; /* boot.rst: for backwards compatibility 0 means 4 */
	info->setup_bytes = (sectors + 1ull) * SECTOR_BYTES;
	*kernel_bytes = (uint64_t)le32(blob, SYSSIZE) * PARAGRAPH_BYTES;
	if (info->setup_bytes > blob->size)
		return "file ends before setup_sects says";
	if (!payload_range_ends_by(info->setup_bytes, *kernel_bytes, blob->size))
		return "file ends before syssize says";
	if (*kernel_bytes <= ENTRY_64_OFFSET)
		return "kernel ends before its 64-bit entry point";
	return NULL;
}

static const char *find_place(const struct blob *blob, struct payload_info *info,
			      uint64_t kernel_bytes)
{
	uint64_t align;

	info->kernel_alignment = le32(blob, KERNEL_ALIGNMENT);
	align = info->kernel_alignment;
	if (align == 0 || (align & (align - 1)) != 0)
		return "kernel_alignment is not a power of two";
	info->relocatable = blob->bytes[RELOCATABLE_KERNEL] != 0;
	info->init_size = le32(blob, INIT_SIZE);
	if (info->init_size < kernel_bytes)
		return "init_size is smaller than the kernel";
	info->pref_address = le64(blob, PREF_ADDRESS);
	if (info->pref_address > PAYLOAD_LIMIT_32)
		return "kernel prefers an address above 4 GiB";
	if (!info->relocatable && (info->pref_address & (align - 1)) != 0)
		return "kernel is not relocatable and pref_address is not aligned";
	info->pref_address = (info->pref_address + align - 1) & ~(align - 1);
	return NULL;
}

void payload_parse_linux(const struct blob *blob, struct payload_info *info)
{
	uint64_t kernel_bytes = 0;

	info->error = check_recognised(blob);
	if (!info->error)
		info->error = find_kernel(blob, info, &kernel_bytes);
	if (!info->error)
		info->error = find_place(blob, info, kernel_bytes);
	if (info->error)
		return;
	info->protocol = le16(blob, VERSION);
	info->initrd_addr_max = le32(blob, INITRD_ADDR_MAX);
	info->cmdline_size = le32(blob, CMDLINE_SIZE);
	info->segments[0] = (struct payload_segment){
		.dest = { info->pref_address },
		.file_offset = info->setup_bytes,
		.file_bytes = kernel_bytes,
		.memory_bytes = info->init_size,
	};
	info->segment_count = 1;
	info->entry.raw = info->pref_address + ENTRY_64_OFFSET;
	info->long_mode = true;
}
