/* SPDX-License-Identifier: Apache-2.0 */
#include "pci_steps.h"

#include "plan_owners.h"

#include <stdlib.h>

/* PCI Local Bus Specification 3.0, 6.1 and 6.2.5 */
#define IDS 0x00u
#define COMMAND 0x04u
#define COMMAND_DECODE 0x3u
#define COMMAND_MASTER 0x4u
#define CLASS 0x08u
#define CLASS_MASK 0xffffff00u
#define BAR(index) (0x10u + 4 * (index))
#define BAR_IO 0x1u
#define BAR_64 0x4u
#define BAR_PREFETCHABLE 0x8u
#define BAR_MEMORY_FLAGS 0xfu
#define BAR_IO_FLAGS 0x3u
#define ROM 0x30u
#define ROM_ADDRESS 0xfffff800u
#define CAPABILITY_ID 0x000000ffu
#define CAPABILITY_PM 0x01u
#define CAPABILITY_MSI 0x05u
#define CAPABILITY_MSIX 0x11u
#define CAPABILITY_PCIE 0x10u
#define MSI_CONTROL_SHAPE 0x018e0000u /* messages, 64-bit, masks: read-only */
#define MSIX_COUNT 0x07ff0000u
#define MSIX_TABLE 0x04u
#define MSIX_PBA 0x08u

/* PCI-to-PCI Bridge Architecture Specification 1.2, 3.2.5 */
#define BRIDGE_BUSES 0x18u /* subordinate 23:16, secondary 15:8, primary 7:0 */
#define BRIDGE_IO 0x1cu
#define BRIDGE_MEMORY 0x20u
#define BRIDGE_PREFETCHABLE 0x24u
#define BRIDGE_PREFETCHABLE_BASE_HIGH 0x28u
#define BRIDGE_PREFETCHABLE_LIMIT_HIGH 0x2cu
#define BRIDGE_IO_HIGH 0x30u
#define BRIDGE_COMMAND 0x7u /* pass I/O, memory, and requests from behind */

struct target { /* whose registers */
	struct step_list *list;
	const char *name;
	uint16_t rid;
};

static void add(const struct target *target, enum plan_config_kind kind, uint32_t reg,
		uint32_t mask, uint32_t value, const char *what)
{
	struct step_list *list = target->list;
	struct plan_config_step *step;

	if (list->count == list->room) {
		list->room = list->room ? 2 * list->room : 64;
		list->items = reallocarray(list->items, list->room, sizeof(*list->items));
		if (!list->items)
			abort();
	}
	step = &list->items[list->count++];
	*step = (struct plan_config_step){
		.kind = (uint32_t)kind,
		.address = (uint32_t)target->rid << 8 | reg,
		.mask = mask,
		.value = value & mask,
	};
	plan_name(step->name, target->name);
	plan_name(step->what, what);
}

static void check(const struct target *target, uint32_t reg, uint32_t mask, uint32_t value,
		  const char *what)
{
	add(target, PLAN_CONFIG_CHECK, reg, mask, value, what);
}

static void set(const struct target *target, uint32_t reg, uint32_t mask, uint32_t value,
		const char *what)
{
	add(target, PLAN_CONFIG_SET, reg, mask, value, what);
}

static uint32_t ids(uint16_t vendor, uint16_t device)
{
	return (uint32_t)device << 16 | vendor;
}

/* Where the board itself is programmable, such as the ECAM's place. */
static void add_setup(const struct target *target, const struct model_function *function)
{
	for (size_t i = 0; i < function->setup_count; i++)
		set(target, function->setup[i].offset, ~0u, function->setup[i].bits,
		    "setup of the board");
}

/* A window of nothing has a base above its limit. */
static uint32_t window_bits(const struct model_window *window, unsigned int unit_shift)
{
	const uint32_t granularity = 1u << (unit_shift + 4);
	uint64_t base = window->base, last = window->base + window->size - 1;

	if (window->size == 0) {
		base = granularity;
		last = 0;
	}
	return (uint32_t)(last >> unit_shift & 0xfff0u) << 16 |
	       (uint32_t)(base >> unit_shift & 0xfff0u);
}

static void add_windows(const struct target *target, const struct model_bridge *bridge)
{
	const struct model_window *io = &bridge->io, *high = &bridge->prefetchable;
	const uint64_t last = high->size ? high->base + high->size - 1 : 0;
	const uint32_t io_bits = window_bits(io, 8);

	set(target, BRIDGE_IO, 0xf0f0u, (io_bits >> 8 & 0xf000u) | (io_bits & 0xf0u), "I/O window");
	set(target, BRIDGE_IO_HIGH, ~0u, 0, "I/O window above 64 KiB");
	set(target, BRIDGE_MEMORY, 0xfff0fff0u, window_bits(&bridge->memory, 16), "memory window");
	set(target, BRIDGE_PREFETCHABLE, 0xfff0fff0u, window_bits(high, 16), "prefetchable window");
	set(target, BRIDGE_PREFETCHABLE_BASE_HIGH, ~0u,
	    high->size ? (uint32_t)(high->base >> 32) : 0, "prefetchable base above 4 GiB");
	set(target, BRIDGE_PREFETCHABLE_LIMIT_HIGH, ~0u, (uint32_t)(last >> 32),
	    "prefetchable limit above 4 GiB");
}

static void add_bridge(struct step_list *list, const struct model_bridge *bridge)
{
	const struct target target = { list, bridge->name, bridge->rid };

	check(&target, IDS, ~0u, ids(bridge->vendor, bridge->device), "ids");
	set(&target, BRIDGE_BUSES, 0x00ffffffu,
	    (uint32_t)bridge->subordinate << 16 | (uint32_t)bridge->secondary << 8 |
		    PCI_BUS(bridge->rid),
	    "bus numbers");
	/* A port's own registers, if it has any, serve nobody; at 0 they decode nothing. */
	set(&target, BAR(0), ~0xfu, 0, "BAR 0");
	set(&target, BAR(1), ~0u, 0, "BAR 1");
	add_windows(&target, bridge);
	set(&target, COMMAND, BRIDGE_COMMAND, BRIDGE_COMMAND, "command");
}

static uint32_t bar_flags(const struct model_bar *bar)
{
	if (bar->kind == MODEL_BAR_IO)
		return BAR_IO;
	return (bar->kind == MODEL_BAR_MEM64 ? BAR_64 : 0) |
	       (bar->prefetchable ? BAR_PREFETCHABLE : 0);
}

static uint32_t bar_flag_mask(const struct model_bar *bar)
{
	return bar->kind == MODEL_BAR_IO ? BAR_IO_FLAGS : BAR_MEMORY_FLAGS;
}

/* The bits that take an address; of I/O, 16 of them, as x86 has no more. */
static uint32_t address_bits(const struct model_bar *bar)
{
	const uint32_t bits = (uint32_t) ~(bar->size - 1);

	return bar->kind == MODEL_BAR_IO ? bits & 0xfffcu : bits & ~BAR_MEMORY_FLAGS;
}

void pci_bar_registers(const struct model_function *function, uint32_t values[6], uint32_t masks[6])
{
	for (unsigned int i = 0; i < MODEL_BARS; i++) {
		const struct model_bar *bar = &function->bars[i];

		values[i] = 0;
		masks[i] = 0;
		if (bar->kind == MODEL_BAR_NONE)
			continue;
		values[i] = (uint32_t)bar->address | bar_flags(bar);
		masks[i] = address_bits(bar) | bar_flag_mask(bar);
		if (bar->kind != MODEL_BAR_MEM64)
			continue;
		i++;
		values[i] = (uint32_t)(bar->address >> 32);
		masks[i] = (uint32_t)(~(bar->size - 1) >> 32);
	}
}

static void add_bars(const struct target *target, const struct model_function *function)
{
	static const char *const sizes[] = { "size of BAR 0", "size of BAR 1", "size of BAR 2",
					     "size of BAR 3", "size of BAR 4", "size of BAR 5" };
	static const char *const places[] = {
		"BAR 0", "BAR 1", "BAR 2", "BAR 3", "BAR 4", "BAR 5"
	};
	uint32_t values[MODEL_BARS], masks[MODEL_BARS];

	pci_bar_registers(function, values, masks);
	for (unsigned int i = 0; i < MODEL_BARS; i++) {
		const struct model_bar *bar = &function->bars[i];
		const bool is_high = i > 0 && function->bars[i - 1].kind == MODEL_BAR_MEM64;
		const uint32_t flags = is_high || !masks[i] ? 0 : bar_flags(bar);
		/* Sized by the bits that matter; the upper half of an I/O BAR may be there or not. */
		const uint32_t seen = bar->kind == MODEL_BAR_IO ? 0xffffu : ~0u;

		add(target, PLAN_CONFIG_SIZE, BAR(i), seen,
		    (is_high ? masks[i] : masks[i] & ~bar_flag_mask(bar)) | flags, sizes[i]);
		set(target, BAR(i), ~0u, values[i], places[i]);
	}
}

static void add_rom(const struct target *target, const struct model_function *function)
{
	const uint32_t bits = function->rom_bytes ? ~(function->rom_bytes - 1) & ROM_ADDRESS : 0;

	add(target, PLAN_CONFIG_SIZE, ROM, ROM_ADDRESS, bits, "size of the ROM");
	set(target, ROM, ~0u, 0, "ROM");
}

static void add_capabilities(const struct target *target, const struct model_function *function)
{
	if (function->pm)
		check(target, function->pm, CAPABILITY_ID, CAPABILITY_PM, "power capability");
	if (function->pcie)
		check(target, function->pcie, CAPABILITY_ID, CAPABILITY_PCIE, "PCIe capability");
	if (function->msi)
		check(target, function->msi, CAPABILITY_ID | MSI_CONTROL_SHAPE,
		      CAPABILITY_MSI | function->msi_control << 16, "MSI capability");
	if (!function->msix)
		return;
	check(target, function->msix, CAPABILITY_ID | MSIX_COUNT,
	      CAPABILITY_MSIX | (function->msix_vectors - 1) << 16, "MSI-X capability");
	check(target, function->msix + MSIX_TABLE, ~0u,
	      function->msix_table_offset | function->msix_table_bar, "MSI-X table");
	check(target, function->msix + MSIX_PBA, ~0u,
	      function->msix_pba_offset | function->msix_pba_bar, "MSI-X pending bits");
}

static void add_function(struct step_list *list, const struct model_function *function)
{
	const struct target target = { list, function->name, function->rid };

	check(&target, IDS, ~0u, ids(function->vendor, function->device), "ids");
	check(&target, CLASS, CLASS_MASK, function->class_code << 8, "class");
	add_setup(&target, function);
	/* Of a board's own parts, such as the bridge to ISA, no more is said. */
	if (function->class_code >> 16 == 6)
		return;
	/* Boot silenced what it found; a new bus number may have brought this one to light. */
	set(&target, COMMAND, COMMAND_DECODE | COMMAND_MASTER, 0, "command");
	add_bars(&target, function);
	add_rom(&target, function);
	add_capabilities(&target, function);
}

void pci_steps_make(const struct model *model, struct step_list *list)
{
	const struct model_pci *pci = &model->pci;

	*list = (struct step_list){ 0 };
	for (size_t i = 0; i < pci->bridge_count; i++)
		add_bridge(list, &pci->bridges[i]);
	for (size_t i = 0; i < pci->function_count; i++)
		if (pci->functions[i].enabled)
			add_function(list, &pci->functions[i]);
}

void pci_steps_free(struct step_list *list)
{
	free(list->items);
	*list = (struct step_list){ 0 };
}
