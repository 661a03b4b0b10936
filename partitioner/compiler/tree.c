/* SPDX-License-Identifier: Apache-2.0 */
#include "tree.h"

#include <libfdt.h>
#include <string.h>

/* Devicetree Specification 2.3.5: the values that hold where a parent says nothing. */
#define DEFAULT_ADDRESS_CELLS 2u
#define DEFAULT_SIZE_CELLS 1u

static void read_node(const struct tree *tree, int offset, const char *parent_path,
		      struct node *node)
{
	int length;
	const char *name = fdt_get_name(tree->fdt, offset, &length);

	node->offset = offset;
	node->name = arena_text(tree->arena, name, name != NULL ? (size_t)length : 0);
	if (parent_path == NULL)
		node->path = "/";
	else if (strcmp(parent_path, "/") == 0)
		node->path = arena_join(tree->arena, "/", node->name);
	else
		node->path = arena_join(tree->arena, arena_join(tree->arena, parent_path, "/"),
					node->name);
	node->child_address_cells = DEFAULT_ADDRESS_CELLS;
	node->child_size_cells = DEFAULT_SIZE_CELLS;
	prop_u32(tree, node, "#address-cells", &node->child_address_cells);
	prop_u32(tree, node, "#size-cells", &node->child_size_cells);
	node->pos = source_pos(&tree->lines, node->path, NULL);
}

void tree_root(const struct tree *tree, struct node *root)
{
	*root = (struct node){ .address_cells = DEFAULT_ADDRESS_CELLS,
			       .size_cells = DEFAULT_SIZE_CELLS };
	read_node(tree, 0, NULL, root);
}

static bool enter(const struct tree *tree, const struct node *parent, int offset,
		  struct node *child)
{
	if (offset < 0)
		return false;
	*child = (struct node){ .address_cells = parent->child_address_cells,
				.size_cells = parent->child_size_cells };
	read_node(tree, offset, parent->path, child);
	return true;
}

bool tree_first(const struct tree *tree, const struct node *parent, struct node *child)
{
	return enter(tree, parent, fdt_first_subnode(tree->fdt, parent->offset), child);
}

bool tree_next(const struct tree *tree, const struct node *parent, struct node *child)
{
	return enter(tree, parent, fdt_next_subnode(tree->fdt, child->offset), child);
}

static bool name_is(const char *full, size_t length, const char *name)
{
	size_t base = strlen(name);

	if (length < base || strncmp(full, name, base) != 0)
		return false;
	return length == base || full[base] == '@' || (base != 0 && name[base - 1] == '-');
}

bool node_is(const struct node *node, const char *name)
{
	return name_is(node->name, strlen(node->name), name);
}

static bool offset_is(const struct tree *tree, int offset, const char *name)
{
	int length;
	const char *full = fdt_get_name(tree->fdt, offset, &length);

	return full != NULL && name_is(full, (size_t)length, name);
}

bool tree_child(const struct tree *tree, const struct node *parent, const char *name,
		struct node *child)
{
	int offset;

	fdt_for_each_subnode(offset, tree->fdt, parent->offset)
		if (offset_is(tree, offset, name))
			return enter(tree, parent, offset, child);
	return false;
}

size_t tree_count(const struct tree *tree, const struct node *parent, const char *name)
{
	size_t count = 0;
	int offset;

	fdt_for_each_subnode(offset, tree->fdt, parent->offset)
		count += name == NULL || offset_is(tree, offset, name);
	return count;
}

size_t tree_count_below(const struct tree *tree, const struct node *parent)
{
	int depth = 0, offset = fdt_next_node(tree->fdt, parent->offset, &depth);
	size_t count = 0;

	for (; offset >= 0 && depth > 0; offset = fdt_next_node(tree->fdt, offset, &depth))
		count++;
	return count;
}

uint32_t node_phandle(const struct tree *tree, const struct node *node)
{
	return fdt_get_phandle(tree->fdt, node->offset);
}

const char *node_label(const struct tree *tree, const struct node *node)
{
	const struct source_entry *entry = source_entry_of(&tree->lines, node->path, NULL);

	return entry != NULL ? entry->label : NULL;
}

const void *prop_find(const struct tree *tree, const struct node *node, const char *name,
		      size_t *bytes)
{
	int length;
	const void *value = fdt_getprop(tree->fdt, node->offset, name, &length);

	*bytes = value != NULL && length > 0 ? (size_t)length : 0;
	return value;
}

bool prop_present(const struct tree *tree, const struct node *node, const char *name)
{
	size_t bytes;

	return prop_find(tree, node, name, &bytes) != NULL;
}

struct src_pos prop_pos(const struct tree *tree, const struct node *node, const char *name)
{
	return source_pos(&tree->lines, node->path, name);
}

size_t prop_cell_count(const struct tree *tree, const struct node *node, const char *name)
{
	size_t bytes;

	return prop_find(tree, node, name, &bytes) != NULL ? bytes / sizeof(fdt32_t) : 0;
}

bool prop_cell(const struct tree *tree, const struct node *node, const char *name, size_t index,
	       uint32_t *value)
{
	size_t bytes;
	const unsigned char *raw = prop_find(tree, node, name, &bytes);
	fdt32_t cell;

	if (raw == NULL || index >= bytes / sizeof(cell))
		return false;
	memcpy(&cell, raw + index * sizeof(cell), sizeof(cell));
	*value = fdt32_to_cpu(cell);
	return true;
}

bool prop_u32(const struct tree *tree, const struct node *node, const char *name, uint32_t *value)
{
	size_t bytes;

	return prop_find(tree, node, name, &bytes) != NULL && bytes == sizeof(fdt32_t) &&
	       prop_cell(tree, node, name, 0, value);
}

/* Up to two cells make a number; more do not fit 64 bits. */
static bool read_cells(const struct tree *tree, const struct node *node, const char *name,
		       size_t first, uint32_t cells, uint64_t *value)
{
	uint64_t number = 0;

	if (cells > 2)
		return false;
	for (size_t i = 0; i < cells; i++) {
		uint32_t cell;

		if (!prop_cell(tree, node, name, first + i, &cell))
			return false;
		number = number << 32 | cell;
	}
	*value = number;
	return true;
}

bool prop_number(const struct tree *tree, const struct node *node, const char *name,
		 uint64_t *value)
{
	size_t bytes;

	if (prop_find(tree, node, name, &bytes) == NULL || (bytes != 4 && bytes != 8))
		return false;
	return read_cells(tree, node, name, 0, (uint32_t)(bytes / sizeof(fdt32_t)), value);
}

/* 0 where the parent's cells make no sense or the property is no whole number of pairs. */
size_t prop_reg_count(const struct tree *tree, const struct node *node, const char *name)
{
	uint32_t cells;
	size_t bytes;

	if (node->address_cells > 2 || node->size_cells > 2)
		return 0;
	cells = node->address_cells + node->size_cells;
	if (prop_find(tree, node, name, &bytes) == NULL || cells == 0 ||
	    bytes % (cells * sizeof(fdt32_t)) != 0)
		return 0;
	return bytes / (cells * sizeof(fdt32_t));
}

bool prop_reg(const struct tree *tree, const struct node *node, const char *name, size_t index,
	      uint64_t *address, uint64_t *size)
{
	size_t first = index * ((size_t)node->address_cells + node->size_cells);

	return index < prop_reg_count(tree, node, name) &&
	       read_cells(tree, node, name, first, node->address_cells, address) &&
	       read_cells(tree, node, name, first + node->address_cells, node->size_cells, size);
}

const char *prop_string(const struct tree *tree, const struct node *node, const char *name,
			size_t index)
{
	size_t bytes;
	const char *text = prop_find(tree, node, name, &bytes);

	if (text == NULL || bytes == 0 || text[bytes - 1] != '\0')
		return NULL;
	for (const char *end = text + bytes; text < end; text += strlen(text) + 1)
		if (index-- == 0)
			return text;
	return NULL;
}
