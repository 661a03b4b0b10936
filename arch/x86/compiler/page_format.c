/* SPDX-License-Identifier: Apache-2.0 */
/* The page-table formats, and entries to bits and back. */
#include "page_format.h"

#include <septum/plan.h>

/* Long-mode entries, APM volume 2, 5.3.3 and 5.4.1 */
#define PTE_P (1ull << 0)
#define PTE_RW (1ull << 1)
#define PTE_US (1ull << 2)
#define PTE_PWT (1ull << 3)
#define PTE_PCD (1ull << 4)
#define PTE_A (1ull << 5)
#define PTE_D (1ull << 6)
#define PTE_PS (1ull << 7)
#define PTE_NX (1ull << 63)

/* EPT entries, Intel SDM volume 3C, 28.2.2, tables 28-1 to 28-6 */
#define EPT_R (1ull << 0)
#define EPT_W (1ull << 1)
#define EPT_X (1ull << 2)
#define EPT_WRITE_BACK (6ull << 3) /* memory type, bits 5:3 of a leaf */
#define EPT_LARGE (1ull << 7)
#define EPT_A (1ull << 8)
#define EPT_D (1ull << 9)

/* Second-stage entries, Intel VT-d specification 3.3, 9.8 */
#define VTD_R (1ull << 0)
#define VTD_W (1ull << 1)
#define VTD_LARGE (1ull << 7)

/* I/O page tables of AMD-Vi, AMD I/O Virtualization Technology specification, 2.2.3 */
#define AMDVI_PR (1ull << 0)
#define AMDVI_NEXT_LEVEL 9 /* bits 11:9 */
#define AMDVI_FC (1ull << 60) /* coherent, whatever the device asks for */
#define AMDVI_IR (1ull << 61)
#define AMDVI_IW (1ull << 62)

/*
 * All processor formats preset the accessed and dirty bits.  A processor sets them by
 * writing to the table (APM volume 2, 5.4.2; SDM volume 3C, 28.2.4); with both set already it never
 * writes, so tables stay read-only and keep the hash taken at build time.
 *
 * Long-mode cache bits (PWT, PCD, PAT) are 0: entry 0 of the host's PAT, write-back.  With
 * PWT and PCD it is entry 3, uncacheable (APM volume 2, 7.8.1 and 7.8.2).
 * Writability and execution are decided in the leaf alone; tables allow all.
 */

/*
 * A nested walk is a user access whatever the guest's CPL (APM volume 2,
 * 15.25.5), so US must be set at every level.
 */
const struct page_format page_format_npt = {
	.name = "nested page table",
	.levels = 4,
	.page_shift = 12,
	.index_bits = 9,
	.largest_leaf = 3,
	.input_bits = 48,
	.output_bits = 52,
	.table_bits = PTE_P | PTE_RW | PTE_US | PTE_A,
	.leaf_bits = PTE_P | PTE_US | PTE_A | PTE_D,
	.large_bit = PTE_PS,
	.write_bit = PTE_RW,
	.no_execute_bit = PTE_NX,
	.uncached_bits = PTE_PWT | PTE_PCD,
};

/*
 * Ignore-PAT (bit 6) is 0: the cell's own PAT has the last word on its RAM, as on
 * the bare machine.  Bit 10, execution in user mode, counts only with mode-based
 * execute control, which is off.
 */
const struct page_format page_format_ept = {
	.name = "extended page table",
	.levels = 4,
	.page_shift = 12,
	.index_bits = 9,
	.largest_leaf = 3,
	.input_bits = 48,
	.output_bits = 52,
	.table_bits = EPT_R | EPT_W | EPT_X | EPT_A,
	.leaf_bits = EPT_R | EPT_A | EPT_D,
	.cached_bits = EPT_WRITE_BACK, /* and 0 is uncacheable */
	.large_bit = EPT_LARGE,
	.write_bit = EPT_W,
	.execute_bit = EPT_X,
};

/*
 * Supervisor only.  The global bit is clear: a CR3 load leaves nothing of the
 * boot tables behind.  VA = HPA, so only the lower canonical half is used.
 */
const struct page_format page_format_monitor = {
	.name = "monitor page table",
	.levels = 4,
	.page_shift = 12,
	.index_bits = 9,
	.largest_leaf = 3,
	.input_bits = 47,
	.output_bits = 52,
	.table_bits = PTE_P | PTE_RW | PTE_A,
	.leaf_bits = PTE_P | PTE_A | PTE_D,
	.large_bit = PTE_PS,
	.write_bit = PTE_RW,
	.no_execute_bit = PTE_NX,
	.uncached_bits = PTE_PWT | PTE_PCD,
};

/*
 * The rights of all entries on the way are multiplied: tables allow both.  Accessed and dirty
 * bits exist only where the device table turns them on, which ours does not.
 */
const struct page_format page_format_amdvi = {
	.name = "AMD-Vi page table",
	.levels = 4,
	.page_shift = 12,
	.index_bits = 9,
	.largest_leaf = 3,
	.input_bits = 48,
	.output_bits = 52,
	.table_bits = AMDVI_PR | AMDVI_IR | AMDVI_IW,
	.leaf_bits = AMDVI_PR | AMDVI_FC | AMDVI_IR,
	.level_shift = AMDVI_NEXT_LEVEL,
	.write_bit = AMDVI_IW,
	.is_data_only = true,
};

/*
 * All else is 0: no execute right, which only requests with a PASID ask for; no
 * snoop control (bit 11), reserved in units without it; no transient mapping (62).
 * Accessed and dirty flags exist in scalable mode alone.
 */
#define VTD_FORMAT(depth, width, text)                                                  \
	{                                                                               \
		.name = text, .levels = depth, .page_shift = 12, .index_bits = 9,       \
		.largest_leaf = 3, .input_bits = width, .output_bits = 52,              \
		.table_bits = VTD_R | VTD_W, .large_bit = VTD_LARGE, .read_bit = VTD_R, \
		.write_bit = VTD_W, .is_data_only = true,                               \
	}
const struct page_format page_format_vtd = VTD_FORMAT(4, 48, "VT-d page table");
const struct page_format page_format_vtd_3 = VTD_FORMAT(3, 39, "VT-d page table of three levels");

unsigned int page_shift_at(const struct page_format *format, unsigned int level)
{
	return format->page_shift + (level - 1) * format->index_bits;
}

/* Bits of the address field of an entry whose target is 1 << shift aligned. */
static uint64_t address_mask(const struct page_format *format, unsigned int shift)
{
	return ((1ull << format->output_bits) - 1) & ~((1ull << shift) - 1);
}

/* The bits that tell an entry of @level that points to a table from one that maps a page. */
static uint64_t level_field(const struct page_format *format, unsigned int level)
{
	return format->level_shift ? (uint64_t)(level - 1) << format->level_shift : 0;
}

static bool is_leaf(const struct page_format *format, unsigned int level, uint64_t bits)
{
	if (level == 1)
		return true;
	if (format->level_shift)
		return (bits >> format->level_shift & 7) == 0;
	return (bits & format->large_bit) != 0;
}

static bool encode_table(const struct page_format *format, unsigned int level,
			 const struct page_entry *entry, uint64_t *bits)
{
	if (level == 1 || entry->rights != 0 ||
	    (entry->address & ~address_mask(format, format->page_shift)) != 0)
		return false;
	*bits = format->table_bits | level_field(format, level) | entry->address;
	return true;
}

/*
 * A present long-mode entry can be read, and an EPT entry that can be written but not
 * read is a misconfiguration: rights without reading exist only beside a bit for it.
 */
static bool rights_exist(const struct page_format *format, uint32_t rights)
{
	const uint32_t data = PLAN_RIGHT_READ | PLAN_RIGHT_WRITE;
	const uint32_t all = data | (format->is_data_only ? 0 : PLAN_RIGHT_EXEC) |
			     (format->uncached_bits != format->cached_bits ? PAGE_UNCACHED : 0);

	return (rights & ~all) == 0 && (rights & (format->read_bit ? data : PLAN_RIGHT_READ)) != 0;
}

static bool encode_leaf(const struct page_format *format, unsigned int level,
			const struct page_entry *entry, uint64_t *bits)
{
	if (level > format->largest_leaf || !rights_exist(format, entry->rights) ||
	    (entry->address & ~address_mask(format, page_shift_at(format, level))) != 0)
		return false;
	*bits = format->leaf_bits | entry->address;
	if (level > 1)
		*bits |= format->large_bit;
	if (entry->rights & PLAN_RIGHT_READ)
		*bits |= format->read_bit;
	if (entry->rights & PLAN_RIGHT_WRITE)
		*bits |= format->write_bit;
	*bits |= entry->rights & PLAN_RIGHT_EXEC ? format->execute_bit : format->no_execute_bit;
	*bits |= entry->rights & PAGE_UNCACHED ? format->uncached_bits : format->cached_bits;
	return true;
}

bool page_encode(const struct page_format *format, unsigned int level,
		 const struct page_entry *entry, uint64_t *bits)
{
	if (level < 1 || level > format->levels)
		return false;
	switch (entry->kind) {
	case PAGE_ENTRY_EMPTY:
		*bits = 0;
		return entry->address == 0 && entry->rights == 0;
	case PAGE_ENTRY_TABLE:
		return encode_table(format, level, entry, bits);
	case PAGE_ENTRY_LEAF:
		return encode_leaf(format, level, entry, bits);
	}
	return false;
}

static uint32_t leaf_rights(const struct page_format *format, uint64_t bits)
{
	uint32_t rights = 0;

	if ((bits & format->read_bit) == format->read_bit)
		rights |= PLAN_RIGHT_READ;
	if (bits & format->write_bit)
		rights |= PLAN_RIGHT_WRITE;
	if (!format->is_data_only && (bits & format->execute_bit) == format->execute_bit &&
	    !(bits & format->no_execute_bit))
		rights |= PLAN_RIGHT_EXEC;
	if ((bits & (format->cached_bits | format->uncached_bits)) != format->cached_bits)
		rights |= PAGE_UNCACHED;
	return rights;
}

bool page_decode(const struct page_format *format, unsigned int level, uint64_t bits,
		 struct page_entry *entry)
{
	uint64_t again = 0;

	*entry = (struct page_entry){ .kind = PAGE_ENTRY_EMPTY };
	if (level < 1 || level > format->levels)
		return false;
	if (bits != 0 && is_leaf(format, level, bits)) {
		entry->kind = PAGE_ENTRY_LEAF;
		entry->address = bits & address_mask(format, page_shift_at(format, level));
		entry->rights = leaf_rights(format, bits);
	} else if (bits != 0) {
		entry->kind = PAGE_ENTRY_TABLE;
		entry->address = bits & address_mask(format, format->page_shift);
	}
	/* Whatever was not taken apart above shows as a difference here. */
	return page_encode(format, level, entry, &again) && again == bits;
}
