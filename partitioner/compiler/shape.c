/* SPDX-License-Identifier: Apache-2.0 */
#include "shape.h"

#include "nearest_name.h"

#include <libfdt.h>
#include <septum/plan.h>
#include <stdlib.h>
#include <string.h>

/* dtc puts these into any node on its own account. */
static const struct prop_spec common_props[] = {
	{ "phandle", SHAPE_U32, false },
	{ "linux,phandle", SHAPE_U32, false },
	{ NULL, SHAPE_ANY, false },
};

static const char *const shape_texts[] = {
	[SHAPE_EMPTY] = "takes no value",
	[SHAPE_U32] = "takes one 32-bit number, <1>",
	[SHAPE_NUMBER] = "takes one number of one or two cells, <0x200000> or <0x0 0x200000>",
	[SHAPE_REG] = "takes (address, size) pairs in the cells that its parent declares",
	[SHAPE_REG_ONE] = "takes one (address, size) pair in the cells that its parent declares",
	[SHAPE_PORT_REG] = "takes one range of I/O ports, <1 port count> (the 1 means I/O space)",
	[SHAPE_INTERRUPT] = "takes one pin of the I/O APIC and its trigger, <4 1>",
	[SHAPE_STRING] = "takes one string that is not empty",
	[SHAPE_STRINGS] = "takes strings that are not empty",
	[SHAPE_PHANDLE] = "takes one reference, <&label>",
	[SHAPE_PHANDLES] = "takes references, <&label &label>",
	[SHAPE_PORT_PAIRS] = "takes pairs of first I/O port and count, <0x80 1>",
	[SHAPE_PAIR] = "takes two cells",
	[SHAPE_PAIRS] = "takes pairs of cells",
	[SHAPE_INTERRUPT_OF] = "takes an I/O APIC, one of its pins and the trigger, <&ioapic 20 8>",
	[SHAPE_PCI_REG] = "takes five cells each, <space 0 address, size in two>",
	[SHAPE_PCI_WINDOWS] = "takes seven cells each: space, address, host address, size",
	[SHAPE_IOMMU_MAP] = "takes four cells, <0 &iommu 0 0x10000>",
	[SHAPE_MSIX] = "takes six cells, <offset vectors table-BAR offset pending-BAR offset>",
	[SHAPE_ANY] = "",
};

static bool strings_fit(const char *text, size_t bytes)
{
	if (bytes == 0 || text[bytes - 1] != '\0')
		return false;
	for (size_t i = 0; i < bytes; i++)
		if (text[i] == '\0' && (i == 0 || text[i - 1] == '\0'))
			return false;
	return true;
}

static bool port_reg_fits(const struct tree *tree, const struct node *node, const char *name)
{
	uint32_t space;

	return prop_cell_count(tree, node, name) == 3 && node->address_cells == 2 &&
	       node->size_cells == 1 && prop_cell(tree, node, name, 0, &space) && space == 1;
}

/* Lists of cells whose number alone tells right from wrong. */
static bool cells_fit(const struct node *node, enum prop_shape shape, size_t bytes)
{
	switch ((int)shape) {
	case SHAPE_PAIR:
		return bytes == 8;
	case SHAPE_PAIRS:
		return bytes != 0 && bytes % 8 == 0;
	case SHAPE_INTERRUPT_OF:
		return bytes == 12;
	case SHAPE_PCI_REG:
		return bytes != 0 && bytes % 20 == 0 && node->address_cells == 3 &&
		       node->size_cells == 2;
	case SHAPE_PCI_WINDOWS:
		return bytes % 28 == 0;
	case SHAPE_IOMMU_MAP:
		return bytes == 16;
	default:
		return bytes == 24; /* SHAPE_MSIX */
	}
}

static bool shape_fits(const struct tree *tree, const struct node *node,
		       const struct prop_spec *spec, const char *value, size_t bytes)
{
	switch (spec->shape) {
	case SHAPE_EMPTY:
		return bytes == 0;
	case SHAPE_U32:
	case SHAPE_PHANDLE:
		return bytes == 4;
	case SHAPE_NUMBER:
		return bytes == 4 || bytes == 8;
	case SHAPE_INTERRUPT:
		return bytes == 8;
	case SHAPE_REG:
		return prop_reg_count(tree, node, spec->name) != 0;
	case SHAPE_REG_ONE:
		return prop_reg_count(tree, node, spec->name) == 1;
	case SHAPE_PORT_REG:
		return port_reg_fits(tree, node, spec->name);
	case SHAPE_STRING:
		return strings_fit(value, bytes) && strlen(value) + 1 == bytes;
	case SHAPE_STRINGS:
		return strings_fit(value, bytes);
	case SHAPE_PHANDLES:
		return bytes % 4 == 0;
	case SHAPE_PORT_PAIRS:
		return bytes % 8 == 0;
	case SHAPE_PAIR:
	case SHAPE_PAIRS:
	case SHAPE_INTERRUPT_OF:
	case SHAPE_PCI_REG:
	case SHAPE_PCI_WINDOWS:
	case SHAPE_IOMMU_MAP:
	case SHAPE_MSIX:
		return cells_fit(node, spec->shape, bytes);
	case SHAPE_ANY:
		break;
	}
	return true;
}

static const struct prop_spec *find_spec(const struct prop_spec *specs, const char *name)
{
	for (; specs->name != NULL; specs++)
		if (strcmp(specs->name, name) == 0)
			return specs;
	return NULL;
}

static void report_unknown(const struct tree *tree, struct src_pos pos, const char *path,
			   const char *kind, const char *what, const struct nearest *nearest)
{
	if (nearest->best != NULL)
		diag_add(tree->sink, "unknown-property", DIAG_ERROR, pos,
			 "%s: %s '%s' means nothing in %s; write '%s' if you meant that", path,
			 kind, nearest->word, what, nearest->best);
	else
		diag_add(tree->sink, "unknown-property", DIAG_ERROR, pos,
			 "%s: %s '%s' means nothing in %s; remove it", path, kind, nearest->word,
			 what);
}

static void check_property(const struct tree *tree, const struct node *node,
			   const struct node_spec *spec, const char *name)
{
	const struct prop_spec *prop = find_spec(spec->props, name);
	struct src_pos pos = prop_pos(tree, node, name);
	const char *value;
	size_t bytes;

	if (prop == NULL)
		prop = find_spec(common_props, name);
	if (prop == NULL) {
		struct nearest nearest = nearest_to(name);

		for (prop = spec->props; prop->name != NULL; prop++)
			nearest_try(&nearest, prop->name);
		report_unknown(tree, pos, node->path, "property", spec->what, &nearest);
		return;
	}
	value = prop_find(tree, node, name, &bytes);
	if (value == NULL || !shape_fits(tree, node, prop, value, bytes))
		diag_add(tree->sink, "shape", DIAG_ERROR, pos,
			 "%s: '%s' has %zu bytes, but %s; correct its value", node->path, name,
			 bytes, shape_texts[prop->shape]);
}

static bool check_required(const struct tree *tree, const struct node *node,
			   const struct node_spec *spec)
{
	bool complete = true;

	for (const struct prop_spec *prop = spec->props; prop->name != NULL; prop++) {
		size_t bytes;
		const char *value = prop_find(tree, node, prop->name, &bytes);

		if (!prop->required)
			continue;
		if (value == NULL)
			diag_add(tree->sink, "shape", DIAG_ERROR, node->pos,
				 "%s: '%s' is missing, and %s needs it; add it (it %s)", node->path,
				 prop->name, spec->what, shape_texts[prop->shape]);
		if (value == NULL || !shape_fits(tree, node, prop, value, bytes))
			complete = false;
	}
	return complete;
}

static void check_child(const struct tree *tree, const struct node *child,
			const struct node *parent, const struct node_spec *spec)
{
	struct nearest nearest;
	size_t base = strcspn(child->name, "@");

	for (const char *const *name = spec->children; *name != NULL; name++)
		if (node_is(child, *name))
			return;
	nearest = nearest_to(arena_text(tree->arena, child->name, base));
	for (const char *const *name = spec->children; *name != NULL; name++)
		nearest_try(&nearest, *name);
	report_unknown(tree, child->pos, parent->path, "node", spec->what, &nearest);
}

/*
 * Within one block of braces dtc refuses a second node of a name; between
 * blocks it merges them silently, which turns a copied cell into a mixture.
 * A board's node may be written again in a system file to change it.
 */
static void check_duplicate(const struct tree *tree, const struct node *node, bool is_cell)
{
	const struct source_entry *entry = source_entry_of(&tree->lines, node->path, NULL);
	struct src_pos first, second;

	if (entry == NULL || !source_duplicate(entry, is_cell, &first, &second))
		return;
	/* Below a node that was reported itself there is nothing to add. */
	if (entry->parent != NULL && entry->parent->parent != NULL &&
	    entry->parent->parent->parent != NULL &&
	    source_duplicate(entry->parent, true, &first, &second))
		return;
	diag_add(tree->sink, "duplicate-node", DIAG_ERROR, second,
		 "%s is written out here and at %s:%u, and the two would silently become one; "
		 "rename one, or reopen it through its label (&label { ... }) if that is meant",
		 node->path, first.file, first.line);
}

/* "memory@30000000" beside another first address: one of the two is a slip. */
static void check_unit_address(const struct tree *tree, const struct node *node)
{
	const char *unit = strchr(node->name, '@');
	uint64_t address, size;
	char *end;

	if (unit == NULL || !prop_reg(tree, node, "reg", 0, &address, &size) ||
	    node->address_cells == 0)
		return;
	if (strtoull(unit + 1, &end, 16) == address || *end != '\0')
		return;
	diag_add(tree->sink, "shape", DIAG_WARNING, prop_pos(tree, node, "reg"),
		 "%s: the name says 0x%s, reg says 0x%llx (reg counts); make them agree",
		 node->path, unit + 1, (unsigned long long)address);
}

static bool takes_plain_reg(const struct node_spec *spec)
{
	const struct prop_spec *reg = find_spec(spec->props, "reg");

	return reg != NULL && reg->shape != SHAPE_PORT_REG && reg->shape != SHAPE_PCI_REG;
}

bool shape_check(const struct tree *tree, const struct node *node, const struct node_spec *spec)
{
	bool has_cells = strcmp(node->path, "/cells") == 0;
	bool is_container = strcmp(node->path, "/") == 0;
	struct node child;
	int offset;

	fdt_for_each_property_offset(offset, tree->fdt, node->offset) {
		const char *name;

		if (fdt_getprop_by_offset(tree->fdt, offset, &name, NULL) != NULL)
			check_property(tree, node, spec, name);
	}
	for (bool more = tree_first(tree, node, &child); more;
	     more = tree_next(tree, node, &child)) {
		if (spec->children != NULL)
			check_child(tree, &child, node, spec);
		/* The root's children hold lists that several blocks may add to. */
		if (!is_container || node_is(&child, "monitor"))
			check_duplicate(tree, &child, has_cells);
	}
	if (takes_plain_reg(spec))
		check_unit_address(tree, node);
	return check_required(tree, node, spec);
}

int shape_choice(const struct tree *tree, const struct node *node, const char *property,
		 size_t index, const char *const *names)
{
	const char *word = prop_string(tree, node, property, index);
	struct nearest nearest;

	if (word == NULL)
		return -1;
	nearest = nearest_to(word);
	for (int i = 0; names[i] != NULL; i++) {
		if (strcmp(names[i], word) == 0)
			return i;
		nearest_try(&nearest, names[i]);
	}
	report_unknown(tree, prop_pos(tree, node, property), node->path, "value", property,
		       &nearest);
	return -1;
}

void shape_name(const struct tree *tree, struct src_pos pos, const char *what, const char *name)
{
	size_t good = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-");

	if (good == strlen(name) && good != 0 && good < PLAN_NAME_BYTES)
		return;
	diag_add(tree->sink, "name-valid", DIAG_ERROR, pos,
		 "%s '%s' is no valid name; use 1 to %u of a-z, 0-9 and '-'", what, name,
		 PLAN_NAME_BYTES - 1);
}
