/* SPDX-License-Identifier: Apache-2.0 */
/* The system's half of the tree: the monitor and the cells. */
#include "model_read.h"

#include <string.h>

static const char *const no_children[] = { NULL };

static const struct prop_spec monitor_props[] = {
	{ "reg", SHAPE_REG_ONE, true },
	{ "septum,console", SHAPE_PHANDLE, false },
	{ "septum,boot-page", SHAPE_NUMBER, true },
	{ "septum,crash", SHAPE_REG_ONE, true },
	{ NULL, SHAPE_ANY, false },
};
static const struct node_spec monitor_spec = { "the monitor", monitor_props, no_children };

static const struct prop_spec cells_props[] = {
	{ "#address-cells", SHAPE_U32, false },
	{ "#size-cells", SHAPE_U32, false },
	{ NULL, SHAPE_ANY, false },
};
static const struct node_spec cells_spec = { "/cells", cells_props, NULL };

static const struct prop_spec cell_props[] = {
	{ "#address-cells", SHAPE_U32, false },
	{ "#size-cells", SHAPE_U32, false },
	{ "septum,cpus", SHAPE_PHANDLES, false },
	/* What it owns, and how the monitor treats it. */
	{ "septum,devices", SHAPE_PHANDLES, false },
	{ "septum,io-ports", SHAPE_PORT_PAIRS, false },
	{ "septum,hole", SHAPE_STRING, false },
	{ "septum,nmi", SHAPE_EMPTY, false },
	{ "septum,allow", SHAPE_STRINGS, false },
	{ NULL, SHAPE_ANY, false },
};
static const char *const cell_children[] = { "memory", "memory-", "payload", NULL };
static const struct node_spec cell_spec = { "a cell", cell_props, cell_children };

static const struct prop_spec placed_props[] = {
	{ "reg", SHAPE_REG_ONE, true },
	{ "septum,gpa", SHAPE_NUMBER, false },
	{ NULL, SHAPE_ANY, false },
};
static const struct node_spec placed_spec = { "a cell's placed memory (memory@ADDRESS)",
					      placed_props, no_children };

static const struct prop_spec sized_props[] = {
	{ "septum,size", SHAPE_NUMBER, true },
	{ "septum,align", SHAPE_NUMBER, false },
	{ "septum,gpa", SHAPE_NUMBER, false },
	{ NULL, SHAPE_ANY, false },
};
static const struct node_spec sized_spec = { "a cell's unplaced memory (without @ADDRESS)",
					     sized_props, no_children };

void read_monitor(struct reader *reader, const struct node *root)
{
	const struct tree *tree = &reader->tree;
	struct model_monitor *monitor = &reader->model->monitor;
	uint32_t phandle;
	struct node node;

	monitor->console = MODEL_NONE;
	if (!tree_child(tree, root, "monitor", &node))
		return;
	if (tree_count(tree, root, "monitor") > 1)
		diag_add(tree->sink, "duplicate-node", DIAG_ERROR, node.pos,
			 "the tree has %zu monitor nodes, and a machine has one monitor; "
			 "remove the others",
			 tree_count(tree, root, "monitor"));
	monitor->pos = node.pos;
	monitor->present = shape_check(tree, &node, &monitor_spec);
	prop_reg(tree, &node, "reg", 0, &monitor->base, &monitor->size);
	prop_number(tree, &node, "septum,boot-page", &monitor->boot_page);
	prop_reg(tree, &node, "septum,crash", 0, &monitor->crash, &monitor->crash_size);
	monitor->boot_page_pos = prop_pos(tree, &node, "septum,boot-page");
	monitor->crash_pos = prop_pos(tree, &node, "septum,crash");
	if (!prop_u32(tree, &node, "septum,console", &phandle))
		return;
	monitor->console_pos = prop_pos(tree, &node, "septum,console");
	monitor->console = find_phandle(reader->device_phandles, reader->model->device_count,
					phandle);
	/* Where positions are known, rule dev-exists tells "none given" from "no such device". */
	if (monitor->console == MODEL_NONE && monitor->console_pos.file == NULL)
		diag_add(tree->sink, "dev-exists", DIAG_ERROR, monitor->console_pos,
			 "septum,console of the monitor is no device under /isa; name a UART of "
			 "the board");
}

static struct model_ref *read_refs(struct reader *reader, const struct node *node,
				   const char *property, const uint32_t *phandles,
				   size_t phandle_count, size_t *count)
{
	const struct tree *tree = &reader->tree;
	struct model_ref *refs;

	*count = prop_cell_count(tree, node, property);
	refs = arena_alloc(tree->arena, *count, sizeof(*refs));
	for (size_t i = 0; i < *count; i++) {
		uint32_t phandle = 0;

		prop_cell(tree, node, property, i, &phandle);
		refs[i].index = find_phandle(phandles, phandle_count, phandle);
		refs[i].pos = prop_pos(tree, node, property);
	}
	return refs;
}

/* A bridge is no device, but rule pci-bridge knows what was meant. */
static void find_bridges(struct reader *reader, const struct node *node, struct model_cell *cell)
{
	for (size_t i = 0; i < cell->device_count; i++) {
		uint32_t phandle = 0;
		int bridge;

		prop_cell(&reader->tree, node, "septum,devices", i, &phandle);
		bridge = find_phandle(reader->bridge_phandles, reader->model->pci.bridge_count,
				      phandle);
		if (bridge != MODEL_NONE)
			cell->devices[i].index = MODEL_BRIDGE_REF(bridge);
	}
}

static void read_ports(struct reader *reader, const struct node *node, struct model_cell *cell)
{
	const struct tree *tree = &reader->tree;
	const char *property = "septum,io-ports";

	cell->port_count = prop_cell_count(tree, node, property) / 2;
	cell->ports = arena_alloc(tree->arena, cell->port_count, sizeof(*cell->ports));
	for (size_t i = 0; i < cell->port_count; i++) {
		prop_cell(tree, node, property, 2 * i, &cell->ports[i].first);
		prop_cell(tree, node, property, 2 * i + 1, &cell->ports[i].count);
		cell->ports[i].pos = prop_pos(tree, node, property);
	}
}

/* "rule-id: reason"; model_apply_waivers() judges both parts. */
static void read_waivers(struct reader *reader, const struct node *node, struct model_cell *cell)
{
	const struct tree *tree = &reader->tree;
	const char *property = "septum,allow";

	while (prop_string(tree, node, property, cell->waiver_count) != NULL)
		cell->waiver_count++;
	cell->waivers = arena_alloc(tree->arena, cell->waiver_count, sizeof(*cell->waivers));
	for (size_t i = 0; i < cell->waiver_count; i++) {
		const char *text = prop_string(tree, node, property, i);
		size_t rule = strcspn(text, ":");
		const char *reason = text + rule + (text[rule] == ':');

		cell->waivers[i].rule = arena_text(tree->arena, text, rule);
		cell->waivers[i].reason = reason + strspn(reason, " ");
		cell->waivers[i].pos = prop_pos(tree, node, property);
	}
}

static void check_align(struct reader *reader, const struct node *node, struct model_memory *memory)
{
	uint64_t align = memory->align;

	if (!prop_present(&reader->tree, node, "septum,align") ||
	    (align >= PLAN_PAGE_BYTES && (align & (align - 1)) == 0))
		return;
	diag_add(reader->tree.sink, "shape", DIAG_ERROR,
		 prop_pos(&reader->tree, node, "septum,align"),
		 "%s: septum,align 0x%llx is no power of two of at least 0x1000; give 0x1000, "
		 "0x200000 (2 MiB) or 0x40000000 (1 GiB)",
		 node->path, (unsigned long long)align);
	memory->align = 0;
}

static void read_memory(struct reader *reader, const struct node *node, struct model_cell *cell)
{
	const struct tree *tree = &reader->tree;
	struct model_memory *memory = &cell->memory[cell->memory_count];
	bool placed = strchr(node->name, '@') != NULL || prop_present(tree, node, "reg");

	if (!shape_check(tree, node, placed ? &placed_spec : &sized_spec))
		return;
	*memory = (struct model_memory){ .name = node->name, .placed = placed, .pos = node->pos };
	if (placed)
		prop_reg(tree, node, "reg", 0, &memory->hpa, &memory->size);
	else
		prop_number(tree, node, "septum,size", &memory->size);
	prop_number(tree, node, "septum,align", &memory->align);
	check_align(reader, node, memory);
	memory->gpa_given = prop_number(tree, node, "septum,gpa", &memory->gpa);
	cell->memory_count++;
}

static void read_cell(struct reader *reader, const struct node *node, struct model_cell *cell)
{
	static const char *const holes[] = {
		[PLAN_HOLE_STOP] = "stop", [PLAN_HOLE_ONES] = "ones", NULL
	};
	const struct tree *tree = &reader->tree;
	const struct model *model = reader->model;
	struct node child;

	shape_check(tree, node, &cell_spec);
	cell->name = node->name;
	cell->pos = node->pos;
	shape_name(tree, node->pos, "cell", node->name);
	cell->cpus = read_refs(reader, node, "septum,cpus", reader->cpu_phandles, model->cpu_count,
			       &cell->cpu_count);
	cell->devices = read_refs(reader, node, "septum,devices", reader->device_phandles,
				  model->device_count, &cell->device_count);
	find_bridges(reader, node, cell);
	read_ports(reader, node, cell);
	read_waivers(reader, node, cell);
	cell->hole = shape_choice(tree, node, "septum,hole", 0, holes) == PLAN_HOLE_ONES ?
			     PLAN_HOLE_ONES :
			     PLAN_HOLE_STOP;
	cell->owns_nmi = prop_present(tree, node, "septum,nmi");
	cell->nmi_pos = prop_pos(tree, node, "septum,nmi");
	cell->memory = arena_alloc(tree->arena, tree_count(tree, node, NULL),
				   sizeof(*cell->memory));
	for (bool more = tree_first(tree, node, &child); more; more = tree_next(tree, node, &child))
		if (node_is(&child, "memory") || node_is(&child, "memory-"))
			read_memory(reader, &child, cell);
	read_payload(reader, node, cell);
}

void read_cells(struct reader *reader, const struct node *root)
{
	const struct tree *tree = &reader->tree;
	struct model *model = reader->model;
	struct node cells, node;

	if (!tree_child(tree, root, "cells", &cells))
		return;
	shape_check(tree, &cells, &cells_spec);
	model->cells = arena_alloc(tree->arena, tree_count(tree, &cells, NULL),
				   sizeof(*model->cells));
	for (bool more = tree_first(tree, &cells, &node); more;
	     more = tree_next(tree, &cells, &node))
		read_cell(reader, &node, &model->cells[model->cell_count++]);
}
