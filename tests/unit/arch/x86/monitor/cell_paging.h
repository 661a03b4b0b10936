/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A cell with RAM in several places, and page tables that a test builds in it:
 * the three formats without PML5 (APM volume 2, 5.2, 5.3), as data.
 */
#ifndef SEPTUM_TESTS_CELL_PAGING_H
#define SEPTUM_TESTS_CELL_PAGING_H

#include "guest_memory.h"

#define PAGE 0x1000u
#define PRESENT 1ull
#define LARGE (1ull << 7)
#define EFER_LONG (EFER_LME | EFER_LMA)

/*
 * RAM of the cell: 0 .. CELL_SPLIT and CELL_SPLIT .. CELL_LOW_END touch in the
 * cell but nowhere else; CELL_HIGH .. CELL_HIGH_END; CELL_TOP .. CELL_TOP_END.
 * What lies between OTHER and OTHER_END is RAM of another cell.
 */
#define CELL_SPLIT (64ull * PAGE)
#define CELL_LOW_END (68ull * PAGE)
#define CELL_HIGH 0x100000ull
#define CELL_HIGH_END 0x102000ull
#define CELL_TOP (1ull << 32)
#define CELL_TOP_END (CELL_TOP + 8 * PAGE)
#define OTHER 0x200000ull
#define OTHER_END 0x204000ull

/* cmocka fixtures: RAM comes and goes with each test, zero at first. */
int cell_make(void **state);
int cell_free(void **state);

/* Overwrites all RAM, the other cell's too, with random bytes. */
void cell_fill_random(void);

/* The host's view of a GPA, the other cell's too, or NULL; is it the cell's own? */
uint8_t *cell_at(uint64_t gpa);
bool cell_owns(uint64_t gpa);

bool cell_translate(const struct guest_paging *paging, uint64_t linear, uint64_t *gpa);
unsigned int cell_fetch(const struct guest_paging *paging, uint64_t linear, uint8_t *bytes,
			unsigned int room);

struct format {
	unsigned int levels, entry_bytes;
	unsigned int shift[4]; /* of the linear address, top level first */
	unsigned int index_bits[4];
	unsigned int first_large, last_large; /* levels whose entries may map a page */
	uint64_t ignored[4]; /* entry bits that do not take part in translation */
	struct guest_paging paging;
};

#define FORMATS 3u
extern const struct format legacy, pae, four_level;
extern const struct format *const formats[FORMATS];

unsigned int index_of(const struct format *format, unsigned int level, uint64_t linear);
void put_entry(const struct format *format, uint64_t table, unsigned int index, uint64_t entry);

/* One path through the tables: where each lies, and what the leaf maps. */
struct path {
	const struct format *format;
	uint64_t linear, base;
	uint64_t tables[4];
	unsigned int leaf; /* level of the leaf */
	uint64_t noise; /* chooses among the ignored bits */
};

/* A random address and page under tables in four places of RAM. */
struct path random_path(const struct format *format, unsigned int leaf);
uint64_t random_linear(const struct format *format);

/* The entry of a path at one level, as path_build() writes it. */
uint64_t path_entry(const struct path *path, unsigned int level);

/* Writes the tables.  Returns the registers that use them. */
struct guest_paging path_build(const struct path *path);

uint64_t path_page_bytes(const struct path *path);

#endif
