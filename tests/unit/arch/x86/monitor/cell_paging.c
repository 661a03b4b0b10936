/* SPDX-License-Identifier: Apache-2.0 */
#include "cell_paging.h"

#include "host_arch.h"

#include <septum/x86/registers.h>
#include <stdlib.h>
#include <string.h>

#define REGIONS 5u
#define OWN_REGIONS 4u
#define NO_EXECUTE (1ull << 63)

static const struct plan_ram layout[REGIONS] = {
	{ .gpa = { 0 }, .size = CELL_SPLIT, .rights = 7 },
	{ .gpa = { CELL_SPLIT }, .size = CELL_LOW_END - CELL_SPLIT, .rights = 7 },
	{ .gpa = { CELL_HIGH }, .size = CELL_HIGH_END - CELL_HIGH, .rights = 7 },
	{ .gpa = { CELL_TOP }, .size = CELL_TOP_END - CELL_TOP, .rights = 7 },
	{ .gpa = { OTHER }, .size = OTHER_END - OTHER, .rights = 7 },
};

static struct plan_ram ram[REGIONS];
static struct plan_cell cells[2] = {
	{ .name = "linux", .ram_count = OWN_REGIONS },
	{ .name = "rt", .first_ram = OWN_REGIONS, .ram_count = REGIONS - OWN_REGIONS },
};
static struct plan plan;
static uint8_t *memory[REGIONS];

int cell_make(void **state)
{
	(void)state;
	plan.cells = HOST_TABLE(cells, 2);
	plan.ram = HOST_TABLE(ram, REGIONS);
	for (unsigned int i = 0; i < REGIONS; i++) {
		memory[i] = aligned_alloc(PAGE, layout[i].size);
		memset(memory[i], 0, layout[i].size);
		ram[i] = layout[i];
		ram[i].hpa = host_hpa(memory[i]);
	}
	return 0;
}

int cell_free(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < REGIONS; i++)
		free(memory[i]);
	return 0;
}

void cell_fill_random(void)
{
	for (unsigned int i = 0; i < REGIONS; i++)
		for (uint64_t b = 0; b < layout[i].size; b++)
			memory[i][b] = (uint8_t)(host_random() >> 24);
}

uint8_t *cell_at(uint64_t gpa)
{
	for (unsigned int i = 0; i < REGIONS; i++)
		if (gpa >= layout[i].gpa.raw && gpa - layout[i].gpa.raw < layout[i].size)
			return memory[i] + (gpa - layout[i].gpa.raw);
	return NULL;
}

bool cell_owns(uint64_t gpa)
{
	return cell_at(gpa) && (gpa < OTHER || gpa >= OTHER_END);
}

bool cell_translate(const struct guest_paging *paging, uint64_t linear, uint64_t *gpa)
{
	gpa_t result = { 0 };
	const bool mapped = guest_translate(&plan, &cells[0], paging, linear, &result);

	*gpa = result.raw;
	return mapped;
}

unsigned int cell_fetch(const struct guest_paging *paging, uint64_t linear, uint8_t *bytes,
			unsigned int room)
{
	return guest_fetch(&plan, &cells[0], paging, linear, bytes, room);
}

#define LEGACY_IGNORED 0xe7eull /* R/W U/S PWT PCD A D, 8: G, 11:9 */
#define PAE_IGNORED (LEGACY_IGNORED | 0x100 | NO_EXECUTE)
#define LONG_IGNORED (PAE_IGNORED | 0x7ffull << 52)

const struct format legacy = {
	.levels = 2,
	.entry_bytes = 4,
	.shift = { 22, 12 },
	.index_bits = { 10, 10 },
	.first_large = 0,
	.last_large = 0,
	.ignored = { LEGACY_IGNORED | 0x100, LEGACY_IGNORED | 0x100 | LARGE },
	.paging = { .cr0 = (CR0_PE | CR0_PG), .cr4 = CR4_PSE },
};

const struct format pae = {
	.levels = 3,
	.entry_bytes = 8,
	.shift = { 30, 21, 12 },
	.index_bits = { 2, 9, 9 },
	.first_large = 1,
	.last_large = 1,
	.ignored = { 0xe18, PAE_IGNORED, PAE_IGNORED | LARGE },
	.paging = { .cr0 = (CR0_PE | CR0_PG), .cr4 = CR4_PAE },
};

const struct format four_level = {
	.levels = 4,
	.entry_bytes = 8,
	.shift = { 39, 30, 21, 12 },
	.index_bits = { 9, 9, 9, 9 },
	.first_large = 1,
	.last_large = 2,
	.ignored = { LONG_IGNORED, LONG_IGNORED, LONG_IGNORED, LONG_IGNORED | LARGE },
	.paging = { .cr0 = (CR0_PE | CR0_PG), .cr4 = CR4_PAE, .efer = EFER_LONG },
};

const struct format *const formats[FORMATS] = { &legacy, &pae, &four_level };

unsigned int index_of(const struct format *format, unsigned int level, uint64_t linear)
{
	return (unsigned int)(linear >> format->shift[level]) &
	       ((1u << format->index_bits[level]) - 1);
}

void put_entry(const struct format *format, uint64_t table, unsigned int index, uint64_t entry)
{
	memcpy(cell_at(table) + index * format->entry_bytes, &entry, format->entry_bytes);
}

static uint64_t leaf_entry(const struct path *path)
{
	const bool is_large = path->leaf + 1 < path->format->levels;
	uint64_t entry = path->base;

	/* PSE-36: bits 39:32 of the page in bits 20:13 of the entry */
	if (path->format == &legacy && is_large)
		entry = (path->base & 0xffc00000) | (path->base >> 32) << 13;
	if (is_large) /* bit 12 is the memory type's there */
		entry |= LARGE | (path->noise & PAGE);
	return entry;
}

uint64_t path_entry(const struct path *path, unsigned int level)
{
	const uint64_t ignored = path->noise & path->format->ignored[level];
	const uint64_t link = level < path->leaf ? path->tables[level + 1] : leaf_entry(path);

	return link | ignored | PRESENT;
}

struct guest_paging path_build(const struct path *path)
{
	struct guest_paging paging = path->format->paging;

	for (unsigned int level = 0; level <= path->leaf; level++)
		put_entry(path->format, path->tables[level],
			  index_of(path->format, level, path->linear), path_entry(path, level));
	paging.cr3 = path->tables[0] | (path->noise & 0x18); /* PWT, PCD */
	return paging;
}

uint64_t path_page_bytes(const struct path *path)
{
	return 1ull << path->format->shift[path->leaf];
}

uint64_t random_linear(const struct format *format)
{
	const uint64_t linear = host_random();

	if (format != &four_level)
		return (uint32_t)linear;
	return (uint64_t)((int64_t)(linear << 16) >> 16); /* canonical: bit 47 goes on to 63 */
}

static uint64_t widest(const struct path *path)
{
	if (path->format == &legacy)
		return path->leaf == 0 ? 40 : 32;
	return 52;
}

struct path random_path(const struct format *format, unsigned int leaf)
{
	static const uint64_t low[4] = { 0x3000, 0x1000, 67 * PAGE, CELL_HIGH_END - PAGE };
	const unsigned int turn = (unsigned int)(host_random() % 4);
	struct path path = { .format = format, .linear = random_linear(format), .leaf = leaf };

	for (unsigned int level = 0; level < 4; level++)
		path.tables[level] = low[(level + turn) % 4];
	path.base = host_random() & ((1ull << widest(&path)) - 1) & ~(path_page_bytes(&path) - 1);
	path.noise = host_random();
	return path;
}
