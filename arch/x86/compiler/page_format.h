/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Page-table formats as data: how many levels, which bit means what.  One pair
 * of functions turns an entry into bits and back; they are exact inverses.
 */
#ifndef SEPTUM_X86_PAGE_FORMAT_H
#define SEPTUM_X86_PAGE_FORMAT_H

#include <stdbool.h>
#include <stdint.h>

enum page_entry_kind {
	PAGE_ENTRY_EMPTY, /* nothing is reachable through it */
	PAGE_ENTRY_TABLE, /* points to a table of the next lower level */
	PAGE_ENTRY_LEAF, /* maps a page */
};

/* One of a leaf's rights, beside PLAN_RIGHT_*: device registers, never cached. */
#define PAGE_UNCACHED (1u << 31)

struct page_entry {
	enum page_entry_kind kind;
	uint64_t address; /* of the table or of the page, bytes; 0 if empty */
	uint32_t rights; /* leaf: PLAN_RIGHT_*, PAGE_UNCACHED; else 0: the leaves decide */
};

/* Levels count from 1 (smallest pages) up to the root. */
struct page_format {
	const char *name;
	unsigned int levels; /* the root's level */
	unsigned int page_shift; /* log2 of the smallest page, bytes */
	unsigned int index_bits; /* log2 of the entries of one table */
	unsigned int largest_leaf; /* highest level that may map a page */
	unsigned int input_bits; /* translated addresses lie below 1 << input_bits */
	unsigned int output_bits; /* width of the address field */
	uint64_t table_bits; /* set in every entry that points to a table */
	uint64_t leaf_bits; /* set in every entry that maps a page */
	uint64_t large_bit; /* set too in a leaf above level 1 */
	unsigned int level_shift; /* or a field of the target's level, 0 in a leaf; 0: none */
	uint64_t read_bit; /* leaf: readable; 0: every leaf is */
	uint64_t write_bit; /* leaf: writable */
	uint64_t execute_bit; /* leaf: instruction fetch; 0: the next one alone says it */
	uint64_t no_execute_bit; /* leaf: no instruction fetch; 0: the last one alone says it */
	uint64_t cached_bits; /* leaf: write-back */
	uint64_t uncached_bits; /* leaf: not cached; as cached_bits: there are no such pages */
	bool is_data_only; /* devices do not fetch: no leaf has PLAN_RIGHT_EXEC */
};

extern const struct page_format page_format_npt; /* nested paging of SVM */
extern const struct page_format page_format_ept; /* extended page tables of VMX */
extern const struct page_format page_format_monitor; /* the monitor's own, VA = HPA */
extern const struct page_format page_format_vtd; /* second stage of VT-d, 48 bits wide */
extern const struct page_format page_format_vtd_3; /* the same, 39 bits wide */
extern const struct page_format page_format_amdvi; /* AMD-Vi's, for DMA; with 4 levels */

/** page_shift_at() - log2 of the bytes that one entry of @level covers. */
unsigned int page_shift_at(const struct page_format *format, unsigned int level);

/**
 * page_encode() - the bits of @entry in a table of @level (1 .. format->levels).
 * Return: false if the format cannot say it: a page at a level that has none, a
 * misaligned or too high address, rights that do not exist.
 */
bool page_encode(const struct page_format *format, unsigned int level,
		 const struct page_entry *entry, uint64_t *bits);

/**
 * page_decode() - the exact inverse of page_encode().
 * Return: false if no entry encodes to @bits (a reserved or unused bit is set).
 */
bool page_decode(const struct page_format *format, unsigned int level, uint64_t bits,
		 struct page_entry *entry);

#endif
