/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Addresses for BARs that the author did not place, and the windows of the
 * bridges before them.  A bridge and all behind it stand together in the list
 * of bridges, so one pass from low to high keeps what lies behind each bridge
 * in one piece that no other bridge's window touches.
 */
#include "gaps.h"
#include "place.h"

#include <inttypes.h>

#define MEMORY_UNIT 0x100000u /* of a bridge's memory windows (PCI-to-PCI Bridge 1.2, 3.2.5) */
#define PORT_UNIT 0x1000u /* of its I/O window */

enum pool { POOL_IO, POOL_MEMORY, POOL_PREFETCHABLE, POOLS };

static bool wants(const struct model_pci *pci, const struct model_bar *bar, enum pool pool)
{
	if (bar->kind == MODEL_BAR_NONE)
		return false;
	if (bar->kind == MODEL_BAR_IO)
		return pool == POOL_IO;
	/* A bridge's other memory window ends at 4 GiB. */
	if (bar->kind == MODEL_BAR_MEM64 && bar->prefetchable && pci->memory64.size != 0)
		return pool == POOL_PREFETCHABLE;
	return pool == POOL_MEMORY;
}

static const struct model_window *host_window(const struct model_pci *pci, enum pool pool)
{
	if (pool == POOL_IO)
		return &pci->io;
	return pool == POOL_MEMORY ? &pci->memory32 : &pci->memory64;
}

static uint64_t unit_of(enum pool pool)
{
	return pool == POOL_IO ? PORT_UNIT : MEMORY_UNIT;
}

/* Two functions in one page could not be told apart by page tables. */
static uint64_t grain_of(const struct model_bar *bar, enum pool pool)
{
	return pool == POOL_IO || bar->size > PLAN_PAGE_BYTES ? bar->size : PLAN_PAGE_BYTES;
}

static bool touches(uint64_t start, uint64_t size, uint64_t other, uint64_t other_size)
{
	return start < gap_end_of(other, other_size) && other < gap_end_of(start, size);
}

/* The end of what the author placed, or of board hardware, that the range would touch; or 0. */
static uint64_t obstacle_end(const struct model *model, enum pool pool, uint64_t start,
			     uint64_t size)
{
	const struct model_pci *pci = &model->pci;

	for (size_t i = 0; pool != POOL_IO && i < model->mmio_count; i++)
		if (touches(start, size, model->mmio[i].start, model->mmio[i].size))
			return gap_end_of(model->mmio[i].start, model->mmio[i].size);
	for (size_t f = 0; f < pci->function_count; f++)
		for (size_t i = 0; i < MODEL_BARS; i++) {
			const struct model_bar *bar = &pci->functions[f].bars[i];
			const uint64_t unit = pci->functions[f].bridge >= 0 ? unit_of(pool) :
									      grain_of(bar, pool);
			const uint64_t first = gap_round_down(bar->address, unit);

			if (!bar->placed || bar->kind == MODEL_BAR_NONE ||
			    (bar->kind == MODEL_BAR_IO) != (pool == POOL_IO))
				continue;
			const uint64_t end = gap_round_up(gap_end_of(bar->address, bar->size),
							  unit);

			if (touches(start, size, first, end - first))
				return end;
		}
	return 0;
}

static void place_bar(const struct model *model, const struct model_function *function,
		      struct model_bar *bar, enum pool pool, uint64_t *next, struct diag_sink *sink)
{
	const struct model_window *window = host_window(&model->pci, pool);
	const uint64_t grain = grain_of(bar, pool), end = gap_end_of(window->base, window->size);
	uint64_t at = gap_round_up(*next, grain), obstacle;

	while ((obstacle = obstacle_end(model, pool, at, grain)) > at)
		at = gap_round_up(obstacle, grain);
	if (at <= end && end - at >= grain) {
		bar->address = at;
		*next = at + grain;
		return;
	}
	diag_add(sink, "bar-unassigned", DIAG_ERROR, bar->pos,
		 "%s: no room for its BAR of 0x%" PRIx64
		 " bytes: the host bridge's window 0x%" PRIx64 "-0x%" PRIx64
		 " is used up to 0x%" PRIx64 ", so 0x%" PRIx64
		 " bytes are missing; make the window larger in ranges, or disable functions",
		 function->name, bar->size, window->base, window->size != 0 ? end - 1 : end, at,
		 at + grain - end);
}

/* Largest first wastes the least; equal ones in the order of the file. */
static void place_bus(struct model *model, int bridge, enum pool pool, uint64_t *next,
		      struct diag_sink *sink)
{
	struct model_pci *pci = &model->pci;

	for (unsigned int shift = 64; shift-- > 0;)
		for (size_t f = 0; f < pci->function_count; f++)
			for (size_t i = 0; i < MODEL_BARS; i++) {
				struct model_function *function = &pci->functions[f];
				struct model_bar *bar = &function->bars[i];

				if (function->bridge == bridge && function->enabled &&
				    !bar->placed && bar->size == 1ull << shift &&
				    wants(pci, bar, pool))
					place_bar(model, function, bar, pool, next, sink);
			}
}

static bool is_behind(const struct model_pci *pci, int bridge, int ancestor)
{
	while (bridge >= 0 && bridge != ancestor)
		bridge = pci->bridges[bridge].parent;
	return bridge == ancestor;
}

/* The least whole units that hold all BARs of @pool behind the bridge. */
static struct model_window hull(const struct model_pci *pci, int bridge, enum pool pool)
{
	uint64_t first = UINT64_MAX, end = 0;

	for (size_t f = 0; f < pci->function_count; f++)
		for (size_t i = 0; i < MODEL_BARS; i++) {
			const struct model_bar *bar = &pci->functions[f].bars[i];

			if (!pci->functions[f].enabled || bar->address == 0 ||
			    !wants(pci, bar, pool) ||
			    !is_behind(pci, pci->functions[f].bridge, bridge))
				continue;
			if (bar->address < first)
				first = bar->address;
			if (gap_end_of(bar->address, bar->size) > end)
				end = gap_end_of(bar->address, bar->size);
		}
	if (end == 0)
		return (struct model_window){ 0, 0 };
	first = gap_round_down(first, unit_of(pool));
	return (struct model_window){ first, gap_round_up(end, unit_of(pool)) - first };
}

void place_pci(struct model *model, struct diag_sink *sink)
{
	struct model_pci *pci = &model->pci;

	for (enum pool pool = POOL_IO; pool < POOLS; pool++) {
		uint64_t next = host_window(pci, pool)->base;

		place_bus(model, MODEL_NONE, pool, &next, sink);
		for (size_t b = 0; b < pci->bridge_count; b++) {
			next = gap_round_up(next, unit_of(pool));
			place_bus(model, (int)b, pool, &next, sink);
		}
	}
	for (size_t b = 0; b < pci->bridge_count; b++) {
		pci->bridges[b].io = hull(pci, (int)b, POOL_IO);
		pci->bridges[b].memory = hull(pci, (int)b, POOL_MEMORY);
		pci->bridges[b].prefetchable = hull(pci, (int)b, POOL_PREFETCHABLE);
	}
}
