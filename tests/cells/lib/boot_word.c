/* SPDX-License-Identifier: Apache-2.0 */
#include "boot_word.h"

#include <stddef.h>

#define MULTIBOOT_HAS_COMMAND_LINE (1u << 2)

struct multiboot_info { /* multiboot 0.6.96, 3.3: the part we read */
	uint32_t flags, mem_lower, mem_upper, boot_device, command_line;
};

const char *boot_word(uint64_t boot_argument)
{
	const struct multiboot_info *info = (const void *)boot_argument;
	const char *line, *word;

	if (!info || !(info->flags & MULTIBOOT_HAS_COMMAND_LINE))
		return NULL;
	line = word = (const char *)(uintptr_t)info->command_line;
	for (; *line; line++)
		if (*line == ' ')
			word = line + 1;
	return word;
}
