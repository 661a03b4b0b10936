/* SPDX-License-Identifier: Apache-2.0 */
/* Payload files: read, recognised and parsed; nothing here places anything. */
#ifndef SEPTUM_COMPILER_PAYLOAD_H
#define SEPTUM_COMPILER_PAYLOAD_H

#include <septum/plan.h>
#include <stdbool.h>

enum payload_kind { PAYLOAD_NONE, PAYLOAD_LINUX, PAYLOAD_ELF, PAYLOAD_FLAT };

/* A whole file in memory.  bytes == NULL: it could not be read (see error). */
struct blob {
	const char *path; /* as written in the system file */
	uint8_t *bytes;
	uint64_t size;
	int error; /* errno of the failed open or read, 0 if fine */
};

#define PAYLOAD_MAX_SEGMENTS 16u

struct payload_segment {
	gpa_t dest;
	uint64_t file_offset; /* into the blob */
	uint64_t file_bytes;
	uint64_t memory_bytes; /* >= file_bytes; the rest is zero */
};

/* What parsing a kernel, ELF or flat file found.  error != NULL: refused. */
struct payload_info {
	const char *error; /* static text: why the file is not of its kind */
	struct payload_segment segments[PAYLOAD_MAX_SEGMENTS];
	unsigned int segment_count;
	gpa_t entry;
	bool long_mode; /* enter in 64-bit mode (ELF64, Linux), else 32-bit protected mode */
	/* Linux only (boot protocol, Documentation/arch/x86/boot.rst) */
	uint64_t setup_bytes; /* real-mode part before the protected-mode kernel */
	uint64_t init_size; /* bytes the kernel needs from its load address on */
	uint64_t pref_address; /* preferred load address */
	uint32_t kernel_alignment;
	bool relocatable; /* may run elsewhere than at pref_address, never below it */
	uint64_t initrd_addr_max; /* highest address of an initrd's last byte */
	uint32_t cmdline_size; /* longest command line, without its NUL */
	uint16_t protocol; /* e.g. 0x020f */
};

/**
 * blob_read() - read a whole regular file.
 * @dirs: NULL-terminated list of folders to look in, in order, for a relative path.
 */
void blob_read(struct blob *blob, const char *path, const char *const *dirs);
void blob_free(struct blob *blob);

/**
 * payload_parse() - recognise a payload and find its parts.
 * Never reads outside the blob, whatever its content; fills info->error on refusal.
 * @load: where a flat binary goes; @entry_offset: its entry, bytes from its start.
 */
void payload_parse(enum payload_kind kind, const struct blob *blob, gpa_t load,
		   uint64_t entry_offset, struct payload_info *info);

#endif
