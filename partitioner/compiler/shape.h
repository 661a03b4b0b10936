/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a node may hold: one const table per kind of node.  Whatever is not in
 * its table is refused, with the nearest known name offered.
 */
#ifndef SEPTUM_COMPILER_SHAPE_H
#define SEPTUM_COMPILER_SHAPE_H

#include "tree.h"

enum prop_shape {
	SHAPE_EMPTY, /* no value: the name alone says it */
	SHAPE_U32, /* one cell */
	SHAPE_NUMBER, /* one number in one or two cells */
	SHAPE_REG, /* (address, size) pairs in the parent's cells */
	SHAPE_REG_ONE, /* exactly one such pair */
	SHAPE_PORT_REG, /* ISA binding: one <1 port count> */
	SHAPE_INTERRUPT, /* one <pin trigger> */
	SHAPE_STRING,
	SHAPE_STRINGS,
	SHAPE_PHANDLE, /* one <&label> */
	SHAPE_PHANDLES, /* any number of them */
	SHAPE_PORT_PAIRS, /* <first count> pairs */
	SHAPE_PAIR, /* two cells */
	SHAPE_PAIRS, /* pairs of cells, at least one */
	SHAPE_INTERRUPT_OF, /* one <&controller pin trigger> */
	SHAPE_PCI_REG, /* PCI binding: <space 0 address size> in 1, 2 and 2 cells, at least one */
	SHAPE_PCI_WINDOWS, /* PCI binding: <space address, host address, size>, or empty */
	SHAPE_IOMMU_MAP, /* one <requester &unit requester length> */
	SHAPE_MSIX, /* <offset vectors, BAR and offset of the table, of the pending bits> */
	SHAPE_ANY,
};

struct prop_spec {
	const char *name;
	enum prop_shape shape;
	bool required;
};

struct node_spec {
	const char *what; /* "a cell" */
	const struct prop_spec *props; /* ends with a NULL name */
	const char *const *children; /* known names, ends with NULL; the pointer NULL: any */
};

/**
 * shape_check() - report under unknown-property, shape and duplicate-node
 * everything that the node and the names of its children do wrong.
 * Return: whether all required properties are there in their right shape.
 */
bool shape_check(const struct tree *tree, const struct node *node, const struct node_spec *spec);

/**
 * shape_choice() - which of @names a string property means.
 * An unknown word is reported under unknown-property, with the nearest one offered.
 * Return: index into @names, or -1 when absent or unknown.
 */
int shape_choice(const struct tree *tree, const struct node *node, const char *property,
		 size_t index, const char *const *names);

/** shape_name() - report under name-valid a name that is not [a-z0-9-]{1,31}. */
void shape_name(const struct tree *tree, struct src_pos pos, const char *what, const char *name);

#endif
