/* SPDX-License-Identifier: Apache-2.0 */
/* Typed access to a flattened device tree, with source positions. */
#ifndef SEPTUM_COMPILER_TREE_H
#define SEPTUM_COMPILER_TREE_H

#include "arena.h"
#include "diag.h"
#include "source_lines.h"

#include <stdint.h>

struct tree {
	const void *fdt; /* has passed fdt_check_full() */
	struct arena *arena; /* all strings handed out live here */
	struct source_lines lines;
	struct diag_sink *sink;
};

struct node {
	int offset;
	const char *name; /* with unit address: "memory@0" */
	const char *path;
	uint32_t address_cells, size_cells; /* how its own reg is written: the parent's */
	uint32_t child_address_cells, child_size_cells;
	struct src_pos pos;
};

void tree_root(const struct tree *tree, struct node *root);

/** tree_first() / tree_next() - walk the children of a node in file order. */
bool tree_first(const struct tree *tree, const struct node *parent, struct node *child);
bool tree_next(const struct tree *tree, const struct node *parent, struct node *child);

/** tree_child() - the first child called @name, unit address or not. */
bool tree_child(const struct tree *tree, const struct node *parent, const char *name,
		struct node *child);

/** tree_count() - children called @name (NULL: all), unit address or not. */
size_t tree_count(const struct tree *tree, const struct node *parent, const char *name);

/** tree_count_below() - all nodes at any depth below @parent. */
size_t tree_count_below(const struct tree *tree, const struct node *parent);

/**
 * node_is() - is @name the node's name, before any unit address?
 * A @name that ends with '-' means all names that start with it.
 */
bool node_is(const struct node *node, const char *name);

uint32_t node_phandle(const struct tree *tree, const struct node *node); /* 0: none */
const char *node_label(const struct tree *tree, const struct node *node); /* NULL: none */

/** prop_find() - raw bytes of a property, or NULL. */
const void *prop_find(const struct tree *tree, const struct node *node, const char *name,
		      size_t *bytes);
bool prop_present(const struct tree *tree, const struct node *node, const char *name);
struct src_pos prop_pos(const struct tree *tree, const struct node *node, const char *name);

/*
 * Values.  Each returns false and leaves its result alone when the property is
 * absent or not of that shape; shape.h reports the latter.
 */
bool prop_u32(const struct tree *tree, const struct node *node, const char *name, uint32_t *value);

/** prop_number() - one number written in one or two cells. */
bool prop_number(const struct tree *tree, const struct node *node, const char *name,
		 uint64_t *value);

/** prop_cell() - the @index-th 32-bit cell of a list. */
bool prop_cell(const struct tree *tree, const struct node *node, const char *name, size_t index,
	       uint32_t *value);
size_t prop_cell_count(const struct tree *tree, const struct node *node, const char *name);

/** prop_string() - the @index-th string of a list (0 for a single string), or NULL. */
const char *prop_string(const struct tree *tree, const struct node *node, const char *name,
			size_t index);

/** prop_reg() - the @index-th (address, size) pair, in the cells of the node's parent. */
bool prop_reg(const struct tree *tree, const struct node *node, const char *name, size_t index,
	      uint64_t *address, uint64_t *size);
size_t prop_reg_count(const struct tree *tree, const struct node *node, const char *name);

#endif
