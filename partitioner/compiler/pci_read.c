/* SPDX-License-Identifier: Apache-2.0 */
/* The PCI host bridge and what lies behind it, in the standard bindings of PCI. */
#include "model_read.h"

#include <stdio.h>
#include <string.h>

#define BUS_SHIFT 20 /* a bus is 1 MiB of ECAM */
#define BUS_MAX 255u
#define BRIDGES_DEEP 16u /* as many as any real machine has in a row */

static const struct prop_spec host_props[] = {
	{ "compatible", SHAPE_STRINGS, true },
	{ "device_type", SHAPE_STRING, true },
	{ "reg", SHAPE_REG_ONE, true },
	{ "bus-range", SHAPE_PAIR, true },
	{ "#address-cells", SHAPE_U32, true },
	{ "#size-cells", SHAPE_U32, true },
	{ "ranges", SHAPE_PCI_WINDOWS, true },
	{ "iommu-map", SHAPE_IOMMU_MAP, false },
	{ NULL, SHAPE_ANY, false },
};
const struct node_spec pci_host_spec = { "a PCI host bridge", host_props, NULL };

static const struct prop_spec bridge_props[] = {
	{ "compatible", SHAPE_STRINGS, true }, { "device_type", SHAPE_STRING, true },
	{ "reg", SHAPE_PCI_REG, true },	       { "bus-range", SHAPE_PAIR, true },
	{ "#address-cells", SHAPE_U32, true }, { "#size-cells", SHAPE_U32, true },
	{ "ranges", SHAPE_EMPTY, false },      { "class-code", SHAPE_U32, false },
	{ "septum,acs", SHAPE_EMPTY, false },  { NULL, SHAPE_ANY, false },
};
static const struct node_spec bridge_spec = { "a PCI bridge", bridge_props, NULL };

bool is_pci_host(const struct tree *tree, const struct node *node)
{
	const char *compatible = prop_string(tree, node, "compatible", 0);

	return compatible != NULL && strcmp(compatible, "pci-host-ecam-generic") == 0;
}

bool is_pci_bridge(const struct tree *tree, const struct node *node)
{
	const char *type = prop_string(tree, node, "device_type", 0);

	return type != NULL && strcmp(type, "pci") == 0;
}

static bool find_host(const struct tree *tree, const struct node *root, struct node *host)
{
	struct node soc;

	if (!tree_child(tree, root, "soc", &soc))
		return false;
	for (bool more = tree_first(tree, &soc, host); more; more = tree_next(tree, &soc, host))
		if (is_pci_host(tree, host))
			return true;
	return false;
}

size_t pci_function_room(const struct tree *tree, const struct node *root)
{
	struct node host;

	return find_host(tree, root, &host) ? tree_count_below(tree, &host) : 0;
}

static void refuse(struct reader *reader, const struct node *node, const char *property,
		   const char *text)
{
	diag_add(reader->tree.sink, "shape", DIAG_ERROR, prop_pos(&reader->tree, node, property),
		 "%s: %s", node->path, text);
}

static void check_bus_node(struct reader *reader, const struct node *node)
{
	if (node->child_address_cells != 3)
		refuse(reader, node, "#address-cells",
		       "a PCI address has three cells; set #address-cells to 3");
	if (node->child_size_cells != 2)
		refuse(reader, node, "#size-cells",
		       "a size behind PCI has two cells; set #size-cells to 2");
	if (!is_pci_bridge(&reader->tree, node))
		refuse(reader, node, "device_type", "a PCI bus has device_type = \"pci\"");
}

static void read_buses(struct reader *reader, const struct node *node, uint32_t *first,
		       uint32_t *last)
{
	prop_cell(&reader->tree, node, "bus-range", 0, first);
	prop_cell(&reader->tree, node, "bus-range", 1, last);
	if (*first <= *last && *last <= BUS_MAX)
		return;
	refuse(reader, node, "bus-range",
	       "bus-range is <first last>, of buses 0 to 255; correct it");
	*first = *last = 0;
}

void read_pci_ids(struct reader *reader, const struct node *node, uint16_t *vendor,
		  uint16_t *device)
{
	const struct tree *tree = &reader->tree;
	const char *text;
	unsigned int ids[2];
	int end;

	for (size_t i = 0; (text = prop_string(tree, node, "compatible", i)) != NULL; i++) {
		end = 0;
		if (sscanf(text, "pci%4x,%4x%n", &ids[0], &ids[1], &end) != 2 || text[end] != '\0')
			continue;
		*vendor = (uint16_t)ids[0];
		*device = (uint16_t)ids[1];
		return;
	}
	if (prop_present(tree, node, "compatible"))
		refuse(reader, node, "compatible",
		       "compatible names no vendor and device; write \"pci8086,10d3\" with its own "
		       "in hexadecimal");
}

uint16_t read_pci_rid(struct reader *reader, const struct node *node)
{
	uint32_t high = 0, middle = 0, low = 0;

	prop_cell(&reader->tree, node, "reg", 0, &high);
	prop_cell(&reader->tree, node, "reg", 1, &middle);
	prop_cell(&reader->tree, node, "reg", 2, &low);
	if ((high & 0xff0000ffu) != 0 || middle != 0 || low != 0)
		refuse(reader, node, "reg",
		       "the first entry of reg is configuration space, <bus << 16 | device << 11 | "
		       "function << 8 0 0 0 0>; put that there");
	return (uint16_t)(high >> 8);
}

/* The windows of the host bridge by their space: 1 I/O, 2 32-bit and 3 64-bit memory. */
static void read_window(struct reader *reader, const struct node *host, size_t first)
{
	struct model_pci *pci = &reader->model->pci;
	struct model_window *const windows[] = { NULL, &pci->io, &pci->memory32, &pci->memory64 };
	struct model_window *window;
	uint32_t cells[7] = { 0 };

	for (size_t i = 0; i < 7; i++)
		prop_cell(&reader->tree, host, "ranges", first + i, &cells[i]);
	window = windows[cells[0] >> 24 & 3u];
	if (window == NULL || window->size != 0) {
		refuse(reader, host, "ranges",
		       "ranges has at most one window of each space (0x01000000 I/O, 0x02000000 "
		       "32-bit, 0x43000000 64-bit memory); remove the others");
		return;
	}
	if (cells[1] != cells[3] || cells[2] != cells[4])
		refuse(reader, host, "ranges",
		       "a PCI address is a host address on x86; make the two of a window equal");
	window->base = (uint64_t)cells[3] << 32 | cells[4];
	window->size = (uint64_t)cells[5] << 32 | cells[6];
	if (window->base + window->size < window->base ||
	    (window != &pci->memory64 &&
	     window->base + window->size > (window == &pci->io ? 0x10000ull : 1ull << 32))) {
		refuse(reader, host, "ranges",
		       "a window ends beyond its space (I/O: 64 Ki ports, 32-bit memory: 4 GiB); "
		       "make it smaller");
		*window = (struct model_window){ 0, 0 };
	}
}

static void read_host(struct reader *reader, const struct node *host)
{
	const struct tree *tree = &reader->tree;
	struct model_pci *pci = &reader->model->pci;

	*pci = (struct model_pci){ .present = true, .name = host->name, .pos = host->pos };
	check_bus_node(reader, host);
	read_buses(reader, host, &pci->bus_first, &pci->bus_last);
	prop_reg(tree, host, "reg", 0, &pci->ecam, &pci->ecam_size);
	if (pci->ecam_size >> BUS_SHIFT <= pci->bus_last - pci->bus_first)
		refuse(reader, host, "reg",
		       "the configuration window has less than 1 MiB for each bus of bus-range; "
		       "correct one of them");
	/* The window starts with the first bus. */
	pci->ecam -= (uint64_t)pci->bus_first << BUS_SHIFT;
	if (host->address_cells != 2)
		refuse(reader, host, "ranges",
		       "windows of PCI are read where /soc has two address cells; set its "
		       "#address-cells to 2");
	for (size_t i = 0; i + 7 <= prop_cell_count(tree, host, "ranges"); i += 7)
		read_window(reader, host, i);
	read_iommu_map(reader, host);
}

static void read_bus(struct reader *reader, const struct node *bus, int bridge, unsigned int depth);

static void read_bridge(struct reader *reader, const struct node *node, int parent,
			unsigned int depth)
{
	const struct tree *tree = &reader->tree;
	struct model_pci *pci = &reader->model->pci;
	struct model_bridge *bridge = &pci->bridges[pci->bridge_count];
	uint32_t first = 0, last = 0;

	shape_check(tree, node, &bridge_spec);
	check_bus_node(reader, node);
	read_buses(reader, node, &first, &last);
	*bridge = (struct model_bridge){ .name = node->name,
					 .rid = read_pci_rid(reader, node),
					 .secondary = (uint8_t)first,
					 .subordinate = (uint8_t)last,
					 .parent = parent,
					 .acs = prop_present(tree, node, "septum,acs"),
					 .pos = node->pos };
	read_pci_ids(reader, node, &bridge->vendor, &bridge->device);
	reader->bridge_phandles[pci->bridge_count] = node_phandle(tree, node);
	read_bus(reader, node, (int)pci->bridge_count++, depth);
}

/* In file order; a bridge stands before what lies behind it. */
static void read_bus(struct reader *reader, const struct node *bus, int bridge, unsigned int depth)
{
	const struct tree *tree = &reader->tree;
	struct node node;

	if (depth == BRIDGES_DEEP) {
		refuse(reader, bus, "reg", "more bridges in a row than any machine has; remove it");
		return;
	}
	for (bool more = tree_first(tree, bus, &node); more; more = tree_next(tree, bus, &node))
		if (is_pci_bridge(tree, &node))
			read_bridge(reader, &node, bridge, depth + 1);
		else
			read_pci_function(reader, &node, bridge);
}

static void refuse_others(struct reader *reader, const struct node *root, const struct node *host)
{
	struct node soc, node;

	if (!tree_child(&reader->tree, root, "soc", &soc))
		return;
	for (bool more = tree_first(&reader->tree, &soc, &node); more;
	     more = tree_next(&reader->tree, &soc, &node))
		if (is_pci_host(&reader->tree, &node) && node.offset != host->offset)
			diag_add(reader->tree.sink, "shape", DIAG_ERROR, node.pos,
				 "%s: the board has another PCI host bridge, '%s', and the monitor "
				 "knows one; remove one of them",
				 node.path, host->name);
}

void read_pci(struct reader *reader, const struct node *root)
{
	struct model_pci *pci = &reader->model->pci;
	struct arena *arena = reader->tree.arena;
	struct node host;
	size_t room;

	if (!find_host(&reader->tree, root, &host))
		return;
	room = tree_count_below(&reader->tree, &host);
	read_host(reader, &host);
	pci->bridges = arena_alloc(arena, room, sizeof(*pci->bridges));
	pci->functions = arena_alloc(arena, room, sizeof(*pci->functions));
	reader->bridge_phandles = arena_alloc(arena, room, sizeof(uint32_t));
	read_bus(reader, &host, MODEL_NONE, 0);
	refuse_others(reader, root, &host);
}
