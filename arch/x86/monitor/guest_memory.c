/* SPDX-License-Identifier: Apache-2.0 */
#include "guest_memory.h"

#include "plan_view.h"

#include <septum/x86/registers.h>

#define ENTRY_PRESENT 1ull
#define ENTRY_LARGE 0x80ull
#define ENTRY_ADDRESS 0x000ffffffffff000ull
#define PAGE_OFFSET 0xfffull

/* The three formats of APM volume 2, 5.2 and 5.3, as data. */
struct paging_format {
	unsigned int levels;
	unsigned int index_bits; /* at all levels but the top one */
	unsigned int top_index_bits;
	unsigned int entry_bytes;
	uint64_t root_mask; /* address bits of CR3 */
	unsigned int largest_leaf; /* highest level whose entry may map a page, 1 = lowest */
};

static const struct paging_format format_legacy = { 2, 10, 10, 4, 0xfffff000, 2 };
static const struct paging_format format_pae = { 3, 9, 2, 8, 0xffffffe0, 2 };
static const struct paging_format format_long = { 4, 9, 9, 8, ENTRY_ADDRESS, 3 };

static inline bool read_entry(const struct plan *plan, const struct plan_cell *cell, gpa_t address,
			      unsigned int bytes, uint64_t *entry)
{
	const void *memory = plan_cell_memory(plan, cell, address, bytes);

	if (!memory)
		return false;
	*entry = bytes == 8 ? *(const volatile uint64_t *)memory :
			      *(const volatile uint32_t *)memory;
	return *entry & ENTRY_PRESENT;
}

/* A 4 MiB page of the legacy format keeps address bits 39:32 in bits 20:13 (PSE-36). */
static uint64_t leaf_address(const struct paging_format *format, uint64_t entry, uint64_t offset)
{
	uint64_t base = entry & ENTRY_ADDRESS & ~offset;

	if (format->entry_bytes == 4 && offset > PAGE_OFFSET)
		base = (entry & 0xffc00000ull) | (entry >> 13 & 0xffull) << 32;
	return base;
}

/* Inlined for each format, so that its numbers are constants: every exit that decodes walks. */
static inline __attribute__((always_inline)) bool
walk(const struct plan *plan, const struct plan_cell *cell, const struct paging_format *format,
     const struct guest_paging *paging, uint64_t linear, gpa_t *gpa)
{
	uint64_t table = paging->cr3 & format->root_mask;
	const bool large = format->entry_bytes == 8 || paging->cr4 & CR4_PSE;

	for (unsigned int level = format->levels; level > 0; level--) {
		const unsigned int shift = 12 + (level - 1) * format->index_bits;
		const unsigned int bits = level == format->levels ? format->top_index_bits :
								    format->index_bits;
		const uint64_t index = linear >> shift & ((1ull << bits) - 1);
		const uint64_t offset = (1ull << shift) - 1;
		const gpa_t address = { table + index * format->entry_bytes };
		uint64_t entry;

		if (!read_entry(plan, cell, address, format->entry_bytes, &entry))
			return false;
		if (level == 1 || (level <= format->largest_leaf && large && entry & ENTRY_LARGE)) {
			gpa->raw = leaf_address(format, entry, offset) | (linear & offset);
			return true;
		}
		table = entry & ENTRY_ADDRESS;
	}
	return false;
}

bool guest_translate(const struct plan *plan, const struct plan_cell *cell,
		     const struct guest_paging *paging, uint64_t linear, gpa_t *gpa)
{
	if (!(paging->efer & EFER_LMA))
		linear &= 0xffffffffull;
	if (!(paging->cr0 & CR0_PG)) {
		gpa->raw = linear;
		return true;
	}
	if (paging->efer & EFER_LMA) {
		if ((linear + (1ull << 47)) >> 48) /* not canonical: APM volume 2, 5.3.1 */
			return false;
		return walk(plan, cell, &format_long, paging, linear, gpa);
	}
	if (paging->cr4 & CR4_PAE)
		return walk(plan, cell, &format_pae, paging, linear, gpa);
	return walk(plan, cell, &format_legacy, paging, linear, gpa);
}

unsigned int guest_fetch(const struct plan *plan, const struct plan_cell *cell,
			 const struct guest_paging *paging, uint64_t linear, uint8_t *bytes,
			 unsigned int room)
{
	unsigned int have = 0;

	while (have < room) {
		const uint64_t at = linear + have;
		const uint64_t in_page = PLAN_PAGE_BYTES - (at & PAGE_OFFSET);
		const unsigned int want = in_page < room - have ? (unsigned int)in_page :
								  room - have;
		const void *memory;
		gpa_t gpa;

		if (!guest_translate(plan, cell, paging, at, &gpa))
			break;
		memory = plan_cell_memory(plan, cell, gpa, want);
		if (!memory)
			break;
		/* The usual case in two moves: an instruction in the middle of a page. */
		if (want == GUEST_FETCH_BYTES)
			__builtin_memcpy(bytes + have, memory, GUEST_FETCH_BYTES);
		else
			__builtin_memcpy(bytes + have, memory, want);
		have += want;
	}
	return have;
}
