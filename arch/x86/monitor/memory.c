/* SPDX-License-Identifier: Apache-2.0 */
/* Bulk memory work by string instructions; also what the compiler calls for struct copies. */
#include "arch.h"

void *memcpy(void *restrict dest, const void *restrict source, size_t bytes);
void *memset(void *dest, int value, size_t bytes);

void *memcpy(void *restrict dest, const void *restrict source, size_t bytes)
{
	void *to = dest;

	__asm__ volatile("rep movsb" : "+D"(to), "+S"(source), "+c"(bytes) : : "memory");
	return dest;
}

void *memset(void *dest, int value, size_t bytes)
{
	void *to = dest;

	__asm__ volatile("rep stosb" : "+D"(to), "+c"(bytes) : "a"(value) : "memory");
	return dest;
}

void arch_fill(void *dest, uint64_t bytes)
{
	uint64_t words = bytes / 8;

	__asm__ volatile("rep stosq" : "+D"(dest), "+c"(words) : "a"(0ull) : "memory");
	memset(dest, 0, bytes % 8);
}

void arch_copy(void *dest, const void *source, uint64_t bytes)
{
	uint64_t words = bytes / 8;

	__asm__ volatile("rep movsq" : "+D"(dest), "+S"(source), "+c"(words) : : "memory");
	memcpy(dest, source, bytes % 8);
}
