/* SPDX-License-Identifier: Apache-2.0 */
/* The I/O APIC and which of its pins a device drives. */
#include "model_read.h"

#include <string.h>

#define IOAPIC_PINS 24u /* of a PC's: Intel 82093AA data sheet, 3.2.2 */
#define INTERRUPT_CELLS 2u /* <pin trigger>, of the common interrupt binding */

static const char *const no_children[] = { NULL };

static const struct prop_spec ioapic_props[] = {
	{ "reg", SHAPE_REG_ONE, true },
	{ "compatible", SHAPE_STRINGS, true },
	{ "status", SHAPE_STRING, false },
	/* What the common interrupt binding asks of a controller. */
	{ "interrupt-controller", SHAPE_EMPTY, true },
	{ "#interrupt-cells", SHAPE_U32, true },
	{ "#address-cells", SHAPE_U32, false },
	{ "septum,pins", SHAPE_U32, false },
	/* As whose its messages pass the IOMMU. */
	{ "septum,requester", SHAPE_U32, false },
	{ NULL, SHAPE_ANY, false },
};
const struct node_spec ioapic_spec = { "an I/O APIC", ioapic_props, no_children };

bool is_ioapic(const struct tree *tree, const struct node *node)
{
	const char *compatible = prop_string(tree, node, "compatible", 0);

	return compatible != NULL && strcmp(compatible, "intel,ioapic") == 0;
}

static void read_one(struct reader *reader, const struct node *node)
{
	const struct tree *tree = &reader->tree;
	struct model_ioapic *ioapic = &reader->model->ioapic;
	uint32_t cells = INTERRUPT_CELLS;
	uint64_t size;

	if (ioapic->present)
		diag_add(tree->sink, "shape", DIAG_ERROR, node->pos,
			 "%s: the board has another I/O APIC, '%s', and the monitor drives one; "
			 "remove one of them",
			 node->path, ioapic->name);
	prop_u32(tree, node, "#interrupt-cells", &cells);
	if (cells != INTERRUPT_CELLS)
		diag_add(tree->sink, "shape", DIAG_ERROR, prop_pos(tree, node, "#interrupt-cells"),
			 "%s: an interrupt of an I/O APIC is written <pin trigger>; set "
			 "#interrupt-cells to %u",
			 node->path, INTERRUPT_CELLS);
	*ioapic = (struct model_ioapic){
		.present = true, .name = node->name, .pins = IOAPIC_PINS, .pos = node->pos
	};
	prop_reg(tree, node, "reg", 0, &ioapic->base, &size);
	prop_u32(tree, node, "septum,pins", &ioapic->pins);
	read_ioapic_requester(reader, node);
	reader->ioapic_phandle = node_phandle(tree, node);
}

void read_ioapic(struct reader *reader, const struct node *root)
{
	const struct tree *tree = &reader->tree;
	struct node soc, node;

	if (!tree_child(tree, root, "soc", &soc))
		return;
	for (bool more = tree_first(tree, &soc, &node); more; more = tree_next(tree, &soc, &node))
		if (is_ioapic(tree, &node))
			read_one(reader, &node);
}

/* Triggers of the common binding: 1 rising, 2 falling edge, 4 high, 8 low level. */
static bool read_trigger(uint32_t trigger, uint32_t *flags)
{
	switch (trigger) {
	case 1:
		*flags = 0;
		return true;
	case 2:
		*flags = PLAN_PIN_ACTIVE_LOW;
		return true;
	case 4:
		*flags = PLAN_PIN_LEVEL;
		return true;
	case 8:
		*flags = PLAN_PIN_LEVEL | PLAN_PIN_ACTIVE_LOW;
		return true;
	default:
		return false;
	}
}

static void read_pin(struct reader *reader, const struct node *node, const char *property,
		     size_t first, struct model_device *device)
{
	const struct tree *tree = &reader->tree;
	uint32_t trigger = 0;

	device->has_pin = true;
	device->pin_pos = prop_pos(tree, node, property);
	prop_cell(tree, node, property, first, &device->pin);
	prop_cell(tree, node, property, first + 1, &trigger);
	if (!read_trigger(trigger, &device->pin_flags))
		diag_add(tree->sink, "shape", DIAG_ERROR, device->pin_pos,
			 "%s: %u is no trigger; write <%u 1> for a rising or <%u 2> for a falling "
			 "edge, <%u 4> for high or <%u 8> for low level",
			 node->path, trigger, device->pin, device->pin, device->pin, device->pin);
}

void read_interrupt(struct reader *reader, const struct node *isa, const struct node *node,
		    struct model_device *device)
{
	const struct tree *tree = &reader->tree;
	uint32_t parent = 0;

	if (!prop_present(tree, node, "interrupts"))
		return;
	read_pin(reader, node, "interrupts", 0, device);
	if (!prop_u32(tree, node, "interrupt-parent", &parent))
		prop_u32(tree, isa, "interrupt-parent", &parent);
	if (parent == 0 || parent != reader->ioapic_phandle)
		diag_add(tree->sink, "shape", DIAG_ERROR, device->pin_pos,
			 "%s: its interrupt-parent is no I/O APIC under /soc; name one there or in "
			 "/isa",
			 node->path);
}

void read_interrupt_of(struct reader *reader, const struct node *node, struct model_device *device)
{
	static const char property[] = "interrupts-extended";
	const struct tree *tree = &reader->tree;
	uint32_t parent = 0;

	if (!prop_cell(tree, node, property, 0, &parent))
		return;
	read_pin(reader, node, property, 1, device);
	if (parent == 0 || parent != reader->ioapic_phandle)
		diag_add(tree->sink, "shape", DIAG_ERROR, device->pin_pos,
			 "%s: its interrupt goes to no I/O APIC under /soc; name that one",
			 node->path);
}
