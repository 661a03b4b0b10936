/* SPDX-License-Identifier: Apache-2.0 */
/* The linked monitor, as the partitioner finds it in monitor.elf. */
#ifndef SEPTUM_COMPILER_MONITOR_ELF_H
#define SEPTUM_COMPILER_MONITOR_ELF_H

#include "diag.h"
#include "payload.h"

#define MONITOR_SEGMENTS_MAX 8u
/*
 * A multiboot2 header lies in the first 32 KiB of the file (specification 3.1),
 * and septum.elf starts its text at this offset.
 */
#define IMAGE_TEXT_OFFSET 4096u
#define MULTIBOOT2_SEARCH_BYTES 32768u

struct monitor_segment {
	uint64_t start; /* HPA = VA, page aligned */
	uint64_t memory_bytes; /* as linked; the last page may be used in part */
	uint64_t file_bytes; /* the rest is zero */
	uint64_t file_offset; /* into the file */
	uint32_t rights; /* PLAN_RIGHT_* */
};

struct monitor_elf {
	struct blob file;
	struct monitor_segment segments[MONITOR_SEGMENTS_MAX]; /* ascending, text first */
	unsigned int segment_count;
	uint64_t entry; /* HPA of the first instruction, 32-bit code */
	uint64_t header_offset; /* of struct monitor_header, into the file */
};

/**
 * monitor_elf_parse() - find the parts of elf->file and check them.
 * @base: where the system file puts the monitor.
 * Return: NULL, or static text that says what is wrong.
 */
const char *monitor_elf_parse(struct monitor_elf *elf, uint64_t base);

/**
 * monitor_elf_read() - read and parse; reports to @sink under monitor-file.
 * Free with blob_free(&elf->file) in any case.
 */
bool monitor_elf_read(struct monitor_elf *elf, const char *path, uint64_t base,
		      struct diag_sink *sink);

/** monitor_elf_complete() - fill in the monitor's header: where plan and boot tables are. */
void monitor_elf_complete(struct monitor_elf *elf, hpa_t plan, hpa_t boot_cr3);

#endif
