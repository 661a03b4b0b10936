/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules about where a payload's parts go in the cell's RAM.  A Linux kernel goes
 * to its preferred address, or above it if it is relocatable; the initrd goes
 * as high as its limit and the kernel let it.
 */
#include "gpa_map.h"
#include "rules.h"
#include "span.h"

#include <inttypes.h>

#define MAX_PIECES (PAYLOAD_MAX_SEGMENTS + 3u)
#define START_REACH 0x100000000ull /* what is mapped at a cell's first instruction */

struct piece { /* guest memory that something fills before the cell starts */
	const char *what;
	struct span span;
};

struct pieces {
	struct piece items[MAX_PIECES];
	size_t count;
};

static uint64_t larger(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* Else payload-exists or payload-format speaks. */
static bool is_parsed(const struct model_payload *p)
{
	return p->kind != PAYLOAD_NONE && p->image.bytes != NULL && p->info.error == NULL;
}

static void add_piece(struct pieces *pieces, const char *what, uint64_t start, uint64_t size)
{
	struct piece *piece = &pieces->items[pieces->count];

	piece->what = what;
	if (span_make(start, size, &piece->span))
		pieces->count++;
}

/* What has a fixed place: of Linux only what the partitioner adds below 1 MiB. */
static void fixed_pieces(const struct model_payload *p, struct pieces *pieces)
{
	pieces->count = 0;
	add_piece(pieces, "the boot area", GPA_BOOT_GDT, GPA_BOOT_STACK - GPA_BOOT_GDT);
	if (p->kind == PAYLOAD_LINUX) {
		add_piece(pieces, "the boot data", GPA_BOOT_PARAMS,
			  GPA_CMDLINE_END - GPA_BOOT_PARAMS);
		add_piece(pieces, "the ACPI area", GPA_ACPI, GPA_ACPI_END - GPA_ACPI);
		add_piece(pieces, "the reset vector", GPA_RESET_VECTOR,
			  GPA_HIGH_RAM - GPA_RESET_VECTOR);
		return;
	}
	for (unsigned int i = 0; i < p->info.segment_count && i < PAYLOAD_MAX_SEGMENTS; i++)
		add_piece(pieces, "a segment", p->info.segments[i].dest.raw,
			  p->info.segments[i].memory_bytes);
}

static bool in_one_region(const struct model_cell *cell, struct span span)
{
	struct span region;

	for (size_t i = 0; i < cell->memory_count; i++)
		if (span_make(cell->memory[i].gpa, cell->memory[i].size, &region) &&
		    span_inside(span, region))
			return true;
	return false;
}

/* Else ram-size or ram-wrap speaks. */
static bool has_sound_ram(const struct model_cell *cell)
{
	struct span region;

	for (size_t i = 0; i < cell->memory_count; i++)
		if (!span_make(cell->memory[i].gpa, cell->memory[i].size, &region))
			return false;
	return cell->memory_count != 0;
}

static void check_pieces_fit(const struct model_cell *cell, struct diag_sink *sink)
{
	struct pieces pieces;

	fixed_pieces(&cell->payload, &pieces);
	for (size_t i = 0; i < pieces.count; i++) {
		const struct piece *piece = &pieces.items[i];

		if (!in_one_region(cell, piece->span))
			diag_add(
				sink, "payload-fits", DIAG_ERROR, cell->payload.image_pos,
				"cell '%s': %s of '%s' needs GPA 0x%" PRIx64 "-0x%" PRIx64
				", which lies in no one RAM region of the cell; enlarge its memory",
				cell->name, piece->what, cell->payload.image.path,
				piece->span.first, piece->span.last);
	}
}

static bool kernel_at(const struct model_cell *cell, uint64_t load, struct span *kernel)
{
	return load >= GPA_HIGH_RAM && span_make(load, cell->payload.info.init_size, kernel) &&
	       kernel->last < START_REACH && in_one_region(cell, *kernel);
}

/* The lowest place at or above the preferred address; see boot.rst, pref_address. */
static bool place_kernel(const struct model_cell *cell, struct span *kernel)
{
	const struct payload_info *info = &cell->payload.info;
	uint64_t mask = info->kernel_alignment != 0 ? info->kernel_alignment - 1u : 0;
	uint64_t lowest = larger(info->pref_address, GPA_HIGH_RAM);
	bool found = kernel_at(cell, info->pref_address, kernel);
	struct span other;

	for (size_t i = 0; i < cell->memory_count && info->relocatable; i++) {
		uint64_t start = larger(cell->memory[i].gpa, lowest);

		if (start >= START_REACH || !kernel_at(cell, (start + mask) & ~mask, &other))
			continue;
		if (!found || other.first < kernel->first)
			*kernel = other;
		found = true;
	}
	return found;
}

static void check_kernel_fits(const struct model_cell *cell, struct diag_sink *sink)
{
	const struct payload_info *info = &cell->payload.info;
	struct span kernel;

	if (!place_kernel(cell, &kernel))
		diag_add(sink, "payload-fits", DIAG_ERROR, cell->payload.image_pos,
			 "cell '%s': kernel '%s' needs 0x%" PRIx64
			 " bytes in one RAM region from GPA "
			 "0x%" PRIx64 " on, below 4 GiB; enlarge the cell's memory to 0x%" PRIx64,
			 cell->name, cell->payload.image.path, info->init_size, info->pref_address,
			 info->pref_address + info->init_size);
}

/* Bytes from the first whole page at or above @low up to, without, @high. */
static uint64_t room_between(uint64_t low, uint64_t high)
{
	low = (low + PLAN_PAGE_BYTES - 1) & ~(uint64_t)(PLAN_PAGE_BYTES - 1);
	return high > low ? high - low : 0;
}

/* The largest initrd that has room beside the kernel and ends at or below @last. */
static uint64_t initrd_room(const struct model_cell *cell, struct span kernel, uint64_t last)
{
	uint64_t best = 0;
	struct span ram;

	for (size_t i = 0; i < cell->memory_count; i++) {
		uint64_t low, end;

		if (!span_make(cell->memory[i].gpa, cell->memory[i].size, &ram))
			continue;
		low = larger(ram.first, GPA_HIGH_RAM);
		end = (ram.last < last ? ram.last : last) + 1;
		best = larger(best, room_between(larger(low, kernel.last + 1), end));
		best = larger(best, room_between(low, end < kernel.first ? end : kernel.first));
	}
	return best;
}

/* A readable initrd of a kernel that has a place. */
static bool has_initrd(const struct model_cell *cell, struct span *kernel)
{
	const struct model_payload *p = &cell->payload;

	return p->kind == PAYLOAD_LINUX && is_parsed(p) && p->initrd.bytes != NULL &&
	       place_kernel(cell, kernel);
}

static void check_initrd_fits(const struct model_cell *cell, struct diag_sink *sink)
{
	const struct blob *initrd = &cell->payload.initrd;
	struct span kernel;
	uint64_t room;

	if (!has_initrd(cell, &kernel))
		return;
	room = initrd_room(cell, kernel, UINT64_MAX - 1);
	if (initrd->size > room)
		diag_add(sink, "payload-fits", DIAG_ERROR, cell->payload.initrd_pos,
			 "cell '%s': initrd '%s' has 0x%" PRIx64
			 " bytes, but beside the kernel are "
			 "0x%" PRIx64 "; enlarge the cell's memory by 0x%" PRIx64,
			 cell->name, initrd->path, initrd->size, room, initrd->size - room);
}

void rule_payload_fits(const struct model *m, struct diag_sink *sink)
{
	for (size_t c = 0; c < m->cell_count; c++) {
		const struct model_cell *cell = &m->cells[c];

		if (!is_parsed(&cell->payload) || !has_sound_ram(cell))
			continue;
		check_pieces_fit(cell, sink);
		if (cell->payload.kind == PAYLOAD_LINUX)
			check_kernel_fits(cell, sink);
		check_initrd_fits(cell, sink);
	}
}

/* Linux finds no initrd above the limit that its own header names. */
static void check_initrd_limit(const struct model_cell *cell, struct diag_sink *sink)
{
	const struct model_payload *p = &cell->payload;
	struct span kernel;
	uint64_t room;

	if (!has_initrd(cell, &kernel))
		return;
	room = initrd_room(cell, kernel, p->info.initrd_addr_max);
	if (p->initrd.size > room && p->initrd.size <= initrd_room(cell, kernel, UINT64_MAX - 1))
		diag_add(sink, "initrd-limit", DIAG_ERROR, p->initrd_pos,
			 "cell '%s': initrd '%s' has 0x%" PRIx64 " bytes, but only 0x%" PRIx64
			 " are free up to 0x%" PRIx64 ", the last address that '%s' accepts; use a "
			 "smaller initrd",
			 cell->name, p->initrd.path, p->initrd.size, room, p->info.initrd_addr_max,
			 p->image.path);
}

void rule_initrd_limit(const struct model *m, struct diag_sink *sink)
{
	for (size_t c = 0; c < m->cell_count; c++)
		check_initrd_limit(&m->cells[c], sink);
}

static void check_piece_overlap(const struct model_cell *cell, const struct pieces *pieces,
				size_t later, struct diag_sink *sink)
{
	const struct piece *b = &pieces->items[later];

	for (size_t i = 0; i < later; i++) {
		const struct piece *a = &pieces->items[i];

		if (spans_meet(a->span, b->span))
			diag_add(sink, "payload-overlap", DIAG_ERROR, cell->payload.image_pos,
				 "cell '%s': %s of '%s' at GPA 0x%" PRIx64 "-0x%" PRIx64
				 " overlaps %s at GPA 0x%" PRIx64 "-0x%" PRIx64
				 "; link or load it elsewhere",
				 cell->name, b->what, cell->payload.image.path, b->span.first,
				 b->span.last, a->what, a->span.first, a->span.last);
	}
}

void rule_payload_overlap(const struct model *m, struct diag_sink *sink)
{
	struct pieces pieces;

	for (size_t c = 0; c < m->cell_count; c++) {
		if (!is_parsed(&m->cells[c].payload))
			continue;
		fixed_pieces(&m->cells[c].payload, &pieces);
		for (size_t i = 1; i < pieces.count; i++)
			check_piece_overlap(&m->cells[c], &pieces, i, sink);
	}
}
