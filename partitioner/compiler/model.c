/* SPDX-License-Identifier: Apache-2.0 */
/* The model's life: the top of the tree, and the memory that all of it lives in. */
#include "model_read.h"

#include <libfdt.h>
#include <stdlib.h>
#include <string.h>

struct model_box {
	struct model model; /* first: model_free() gets its address */
	struct arena arena;
};

static const struct prop_spec root_props[] = {
	{ "#address-cells", SHAPE_U32, false },
	{ "#size-cells", SHAPE_U32, false },
	{ "compatible", SHAPE_STRINGS, false },
	{ "model", SHAPE_STRING, false },
	{ "septum,board-name", SHAPE_STRING, true },
	{ "septum,system", SHAPE_STRING, true },
	{ "septum,board", SHAPE_STRING, true },
	{ "septum,version", SHAPE_U32, true },
	{ NULL, SHAPE_ANY, false },
};

/* The last two are dtc's own (labels by name); they say nothing about resources. */
static const char *const root_children[] = {
	"cpus",	   "memory", "reserved-memory", "soc",	       "isa",
	"monitor", "cells",  "aliases",		"__symbols__", NULL,
};

static const struct node_spec root_spec = { "the root node", root_props, root_children };

#define LANGUAGE_VERSION 1u

/* "" where the name is missing: rules compare names without asking. */
static const char *read_name(const struct tree *tree, const struct node *root, const char *property)
{
	const char *name = prop_string(tree, root, property, 0);

	return name != NULL ? name : "";
}

static void read_names(struct reader *reader, const struct node *root)
{
	const struct tree *tree = &reader->tree;
	struct model *model = reader->model;

	model->system = read_name(tree, root, "septum,system");
	model->for_board = read_name(tree, root, "septum,board");
	model->board = read_name(tree, root, "septum,board-name");
	model->system_pos = prop_pos(tree, root, "septum,system");
	model->board_pos = prop_pos(tree, root, "septum,board-name");
	if (model->system[0] != '\0')
		shape_name(tree, model->system_pos, "system", model->system);
	if (model->board[0] != '\0')
		shape_name(tree, model->board_pos, "board", model->board);
	if (prop_u32(tree, root, "septum,version", &model->version) &&
	    model->version != LANGUAGE_VERSION)
		diag_add(tree->sink, "version", DIAG_ERROR, prop_pos(tree, root, "septum,version"),
			 "septum,version is %u, and this partitioner reads version %u; "
			 "rewrite the system for it, or use the partitioner it was written for",
			 model->version, LANGUAGE_VERSION);
}

static void require_node(struct reader *reader, const struct node *root, const char *name,
			 const char *form)
{
	if (tree_count(&reader->tree, root, name) == 0)
		diag_add(reader->tree.sink, "shape", DIAG_ERROR, root->pos,
			 "the tree has no node '%s'; add one: %s", name, form);
}

static void read_root(struct reader *reader)
{
	struct node root;

	tree_root(&reader->tree, &root);
	shape_check(&reader->tree, &root, &root_spec);
	require_node(reader, &root, "cpus", "include the board file (dts/boards/)");
	require_node(reader, &root, "memory", "include the board file (dts/boards/)");
	require_node(reader, &root, "monitor",
		     "monitor@ADDRESS { reg = <address size>; septum,console = <&com1>; }");
	require_node(reader, &root, "cells", "cells { NAME { ... }; }");
	read_names(reader, &root);
	read_board(reader, &root);
	read_monitor(reader, &root);
	read_cells(reader, &root);
}

int find_phandle(const uint32_t *phandles, size_t count, uint32_t phandle)
{
	for (size_t i = 0; i < count; i++)
		if (phandle != 0 && phandles[i] == phandle)
			return (int)i;
	return MODEL_NONE;
}

/* No list is NULL, not even that of a part which the tree lacks. */
static void give_empty_lists(struct model *model, struct arena *arena)
{
	model->cpus = arena_alloc(arena, 0, sizeof(*model->cpus));
	model->ram = arena_alloc(arena, 0, sizeof(*model->ram));
	model->reserved = arena_alloc(arena, 0, sizeof(*model->reserved));
	model->mmio = arena_alloc(arena, 0, sizeof(*model->mmio));
	model->devices = arena_alloc(arena, 0, sizeof(*model->devices));
	model->pci.bridges = arena_alloc(arena, 0, sizeof(*model->pci.bridges));
	model->pci.functions = arena_alloc(arena, 0, sizeof(*model->pci.functions));
	model->cells = arena_alloc(arena, 0, sizeof(*model->cells));
}

static void free_box(struct model_box *box)
{
	for (size_t i = 0; i < box->model.cell_count; i++) {
		blob_free(&box->model.cells[i].payload.image);
		blob_free(&box->model.cells[i].payload.initrd);
	}
	arena_free(&box->arena);
	free(box);
}

struct model *model_read(const void *dtb, size_t dtb_bytes, const char *lines,
			 const char *const *payload_dirs, struct diag_sink *sink)
{
	struct model_box *box = calloc(1, sizeof(*box));
	struct reader reader = { .tree.sink = sink };
	int error;

	if (box == NULL)
		abort();
	/* A copy, because libfdt needs it aligned and the model's strings lie in it. */
	reader.tree.fdt = arena_text(&box->arena, dtb, dtb_bytes);
	error = fdt_check_full(reader.tree.fdt, dtb_bytes);
	if (error != 0) {
		diag_add(sink, "shape", DIAG_ERROR, (struct src_pos){ NULL, 0 },
			 "the input is no usable device tree blob (%s); compile the system file "
			 "with dtc -O dtb",
			 fdt_strerror(error));
		free_box(box);
		return NULL;
	}
	reader.tree.arena = &box->arena;
	reader.tree.lines = source_lines_read(&box->arena, lines);
	reader.model = &box->model;
	give_empty_lists(&box->model, &box->arena);
	reader.payload_dirs = payload_dirs;
	read_root(&reader);
	return &box->model;
}

void model_free(struct model *model)
{
	if (model != NULL)
		free_box((struct model_box *)model);
}
