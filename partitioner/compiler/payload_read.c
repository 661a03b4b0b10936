/* SPDX-License-Identifier: Apache-2.0 */
/* A cell's payload node, and the files it names. */
#include "model_read.h"

#include <string.h>

static const char *const no_children[] = { NULL };

static const struct prop_spec linux_props[] = {
	{ "compatible", SHAPE_STRING, true },
	{ "septum,image", SHAPE_STRING, true },
	{ "septum,initrd", SHAPE_STRING, false },
	{ "bootargs", SHAPE_STRING, false },
	{ NULL, SHAPE_ANY, false },
};

static const struct prop_spec elf_props[] = {
	{ "compatible", SHAPE_STRING, true },
	{ "septum,image", SHAPE_STRING, true },
	{ NULL, SHAPE_ANY, false },
};

static const struct prop_spec flat_props[] = {
	{ "compatible", SHAPE_STRING, true },
	{ "septum,image", SHAPE_STRING, true },
	{ "septum,load", SHAPE_NUMBER, true },
	{ "septum,entry", SHAPE_NUMBER, false },
	{ NULL, SHAPE_ANY, false },
};

/* A payload of no known kind: its other properties may be right all the same. */
static const struct prop_spec any_props[] = {
	{ "compatible", SHAPE_STRING, true },
	{ "septum,image", SHAPE_STRING, true },
	{ "septum,initrd", SHAPE_STRING, false },
	{ "bootargs", SHAPE_STRING, false },
	{ "septum,load", SHAPE_NUMBER, false },
	{ "septum,entry", SHAPE_NUMBER, false },
	{ NULL, SHAPE_ANY, false },
};

static const char *const compatibles[] = { "septum,linux", "septum,elf", "septum,flat", NULL };
static const enum payload_kind kinds[] = { PAYLOAD_LINUX, PAYLOAD_ELF, PAYLOAD_FLAT };

static const struct node_spec specs[] = {
	[PAYLOAD_NONE] = { "a payload", any_props, no_children },
	[PAYLOAD_LINUX] = { "a septum,linux payload", linux_props, no_children },
	[PAYLOAD_ELF] = { "a septum,elf payload", elf_props, no_children },
	[PAYLOAD_FLAT] = { "a septum,flat payload", flat_props, no_children },
};

static void read_file(const struct reader *reader, const struct node *node, const char *property,
		      struct blob *blob, struct src_pos *pos)
{
	const char *path = prop_string(&reader->tree, node, property, 0);

	*pos = prop_pos(&reader->tree, node, property);
	if (path != NULL && path[0] != '\0')
		blob_read(blob, path, reader->payload_dirs);
}

static void parse_image(struct model_payload *payload)
{
	gpa_t load = { payload->load };

	if (payload->kind != PAYLOAD_NONE && payload->image.bytes != NULL)
		payload_parse(payload->kind, &payload->image, load, payload->entry_offset,
			      &payload->info);
}

void read_payload(struct reader *reader, const struct node *cell_node, struct model_cell *cell)
{
	const struct tree *tree = &reader->tree;
	struct model_payload *payload = &cell->payload;
	struct node node;
	int choice;

	payload->pos = cell->pos;
	if (!tree_child(tree, cell_node, "payload", &node))
		return; /* rule payload-exists says so */
	payload->pos = node.pos;
	choice = shape_choice(tree, &node, "compatible", 0, compatibles);
	payload->kind = choice >= 0 ? kinds[choice] : PAYLOAD_NONE;
	shape_check(tree, &node, &specs[payload->kind]);
	read_file(reader, &node, "septum,image", &payload->image, &payload->image_pos);
	read_file(reader, &node, "septum,initrd", &payload->initrd, &payload->initrd_pos);
	payload->cmdline = prop_string(tree, &node, "bootargs", 0);
	payload->cmdline_pos = prop_pos(tree, &node, "bootargs");
	prop_number(tree, &node, "septum,load", &payload->load);
	prop_number(tree, &node, "septum,entry", &payload->entry_offset);
	parse_image(payload);
}
