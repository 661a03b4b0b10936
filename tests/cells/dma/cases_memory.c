/* SPDX-License-Identifier: Apache-2.0 */
/* DMA to memory that is the cell's own, another's, or nobody's. */
#include "cases.h"

#include "../lib/console.h"
#include "../lib/report.h"
#include "../lib/string.h"

#define BYTES 64u
#define FORGED 0x6465676465676465ull
#define UNTOUCHED 0x5555555555555555ull

static uint64_t outgoing[BYTES / 8] __attribute__((aligned(64)));
static uint64_t incoming[BYTES / 8] __attribute__((aligned(64)));

static void fill(uint64_t *words, uint64_t value)
{
	for (unsigned int i = 0; i < BYTES / 8; i++)
		words[i] = value + i;
}

/* The device's buffer holds @value, @value + 1 and so on. */
static bool load_buffer(uint64_t value)
{
	fill(outgoing, value);
	return edu_fetch(the_device(), (uintptr_t)outgoing, BYTES);
}

/* What the device's buffer holds, in "incoming". */
static bool show_buffer(void)
{
	fill(incoming, UNTOUCHED);
	return edu_store(the_device(), (uintptr_t)incoming, BYTES);
}

/* The control: from our memory into the device and back. */
static void case_own(const char *argument)
{
	(void)argument;
	if (!load_buffer(FORGED) || !show_buffer())
		report_bad("DMA does not end", 0);
	else
		report_judged(memcmp(outgoing, incoming, BYTES) == 0, "round trip", incoming[0]);
}

/* "write ADDRESS": whether it arrived is for whoever looks at the memory. */
static void case_write(const char *argument)
{
	const uint64_t to = string_number(argument);

	if (!load_buffer(FORGED))
		report_bad("DMA does not end", 0);
	else
		report_judged(edu_store(the_device(), to, BYTES), "DMA write ended at", to);
}

/* "read ADDRESS": prints the first two words that came, or what was there before. */
static void case_read(const char *argument)
{
	const uint64_t from = string_number(argument);

	if (!load_buffer(UNTOUCHED) || !edu_fetch(the_device(), from, BYTES) || !show_buffer()) {
		report_bad("DMA does not end", from);
		return;
	}
	report_harmless("DMA read", incoming[0]);
	report_harmless("DMA read", incoming[1]);
}

/* "copy FROM TO", as the device counts; without an IOMMU our own memory lies elsewhere for it. */
static void case_copy(const char *argument)
{
	const uint64_t from = string_number(argument), to = string_number(string_next(argument));

	if (!edu_fetch(the_device(), from, BYTES) || !edu_store(the_device(), to, BYTES))
		report_bad("DMA does not end", to);
	else
		report_harmless("copied to", to);
}

/* "forge ADDRESS DATA": four bytes, as an interrupt message has. */
static void case_forge(const char *argument)
{
	const uint64_t to = string_number(argument);

	fill(outgoing, string_number(string_next(argument)));
	if (!edu_fetch(the_device(), (uintptr_t)outgoing, BYTES) ||
	    !edu_store(the_device(), to, sizeof(uint32_t)))
		report_bad("DMA does not end", to);
	else
		report_harmless("forged", to);
}

const struct test_case memory_cases[] = {
	{ "own", case_own },   { "write", case_write }, { "read", case_read },
	{ "copy", case_copy }, { "forge", case_forge }, { NULL, NULL },
};
