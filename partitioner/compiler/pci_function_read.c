/* SPDX-License-Identifier: Apache-2.0 */
/* One PCI function: its BARs, its capabilities, and how it is to be treated. */
#include "model_read.h"

#define REG_CELLS 5u
#define REGISTER_BAR 0x10u
#define REGISTER_ROM 0x30u
#define CONFIG_BYTES 4096u
#define CONFIG_BYTES_CF8 256u /* what CF8 and CFC reach */

static const char *const no_children[] = { NULL };

static const struct prop_spec function_props[] = {
	{ "compatible", SHAPE_STRINGS, true },
	{ "reg", SHAPE_PCI_REG, true },
	{ "class-code", SHAPE_U32, true },
	{ "assigned-addresses", SHAPE_PCI_REG, false },
	{ "interrupts-extended", SHAPE_INTERRUPT_OF, false },
	{ "status", SHAPE_STRING, false },
	/* Where its capabilities lie, which hardware tells and no binding does. */
	{ "septum,pm", SHAPE_U32, false },
	{ "septum,pcie", SHAPE_U32, false },
	{ "septum,msi", SHAPE_PAIR, false },
	{ "septum,msix", SHAPE_MSIX, false },
	/* What the cells around it have to know of it. */
	{ "septum,reset", SHAPE_STRINGS, false },
	{ "septum,group", SHAPE_U32, false },
	{ "septum,no-dma", SHAPE_EMPTY, false },
	{ "septum,writable", SHAPE_PAIRS, false },
	{ "septum,setup", SHAPE_PAIRS, false },
	{ NULL, SHAPE_ANY, false },
};
static const struct node_spec function_spec = { "a PCI function", function_props, no_children };

struct entry { /* of reg or assigned-addresses, which name a register by the same bits */
	uint32_t space; /* 1 I/O, 2 32-bit and 3 64-bit memory */
	uint32_t rid;
	uint32_t offset; /* of the register */
	bool prefetchable;
	uint64_t address, size;
};

static bool read_entry(const struct reader *reader, const struct node *node, const char *property,
		       size_t index, struct entry *entry)
{
	uint32_t cells[REG_CELLS];

	for (size_t i = 0; i < REG_CELLS; i++)
		if (!prop_cell(&reader->tree, node, property, index * REG_CELLS + i, &cells[i]))
			return false;
	*entry = (struct entry){ .space = cells[0] >> 24 & 3u,
				 .rid = cells[0] >> 8 & 0xffffu,
				 .offset = cells[0] & 0xffu,
				 .prefetchable = (cells[0] >> 30 & 1u) != 0,
				 .address = (uint64_t)cells[1] << 32 | cells[2],
				 .size = (uint64_t)cells[3] << 32 | cells[4] };
	return true;
}

static void refuse(struct reader *reader, const struct node *node, const char *property,
		   const struct entry *entry, const char *text)
{
	diag_add(reader->tree.sink, "shape", DIAG_ERROR, prop_pos(&reader->tree, node, property),
		 "%s: %s, register 0x%x: %s", node->path, property, entry->offset, text);
}

static bool is_power_of_two(uint64_t number)
{
	return number != 0 && (number & (number - 1)) == 0;
}

/*
 * The least and the most that a BAR of that space can ask for (PCI Local Bus
 * Specification 3.0, 6.2.5.1).
 */
static bool size_fits(const struct entry *entry)
{
	const uint64_t least = entry->space == 1 ? 4 : 16;
	const uint64_t most = entry->space == 1 ? 256 : entry->space == 2 ? 1ull << 31 : 1ull << 63;

	return is_power_of_two(entry->size) && entry->size >= least && entry->size <= most;
}

/* Is BAR @index free, not even the upper half of the one before? */
static bool is_free(const struct model_function *function, size_t index)
{
	return index < MODEL_BARS && function->bars[index].kind == MODEL_BAR_NONE &&
	       (index == 0 || function->bars[index - 1].kind != MODEL_BAR_MEM64);
}

static const char *why_no_bar(const struct model_function *function, const struct entry *entry)
{
	const size_t index = (entry->offset - REGISTER_BAR) / 4;

	if (entry->rid != function->rid)
		return "the entry names another function; repeat the bus, device and function of "
		       "the first entry";
	if (entry->space == 0)
		return "only the first entry is configuration space; give 1 (I/O), 2 (32-bit) or "
		       "3 (64-bit memory) in bits 25:24";
	if (!size_fits(entry))
		return "its size is a power of two, of 4 to 256 ports or at least 16 bytes; "
		       "correct it";
	if (entry->offset < REGISTER_BAR || entry->offset % 4 != 0 || index >= MODEL_BARS)
		return "BARs are the registers 0x10, 0x14 to 0x24, the ROM is 0x30; correct it";
	if (!is_free(function, index) || (entry->space == 3 && !is_free(function, index + 1)))
		return "the register belongs to two BARs (one of 64 bits takes two); correct one";
	return NULL;
}

static void read_bar(struct reader *reader, const struct node *node,
		     struct model_function *function, const struct entry *entry)
{
	static const enum model_bar_kind kinds[] = { MODEL_BAR_NONE, MODEL_BAR_IO, MODEL_BAR_MEM32,
						     MODEL_BAR_MEM64 };
	const char *why = why_no_bar(function, entry);

	if (entry->offset == REGISTER_ROM && entry->space == 2 && size_fits(entry) &&
	    entry->rid == function->rid && entry->size <= UINT32_MAX) {
		function->rom_bytes = (uint32_t)entry->size;
		return;
	}
	if (why != NULL) {
		refuse(reader, node, "reg", entry, why);
		return;
	}
	function->bars[(entry->offset - REGISTER_BAR) / 4] =
		(struct model_bar){ .kind = kinds[entry->space],
				    .prefetchable = entry->prefetchable && entry->space != 1,
				    .size = entry->size,
				    .pos = prop_pos(&reader->tree, node, "reg") };
}

static const char *why_not_assigned(const struct model_function *function,
				    const struct entry *entry)
{
	const size_t index = (entry->offset - REGISTER_BAR) / 4;
	const struct model_bar *bar = &function->bars[index < MODEL_BARS ? index : 0];

	if (entry->rid != function->rid || entry->offset < REGISTER_BAR || entry->offset % 4 != 0 ||
	    index >= MODEL_BARS || bar->kind == MODEL_BAR_NONE)
		return "reg lists no such BAR; add it there";
	if ((entry->space == 1) != (bar->kind == MODEL_BAR_IO) || entry->space == 0)
		return "reg lists this BAR in another space; correct one of them";
	if (entry->size != bar->size)
		return "reg gives this BAR another size; correct one of them";
	if ((entry->address & (entry->size - 1)) != 0)
		return "a BAR lies at a multiple of its size; move it";
	if (bar->kind != MODEL_BAR_MEM64 && entry->address > UINT32_MAX)
		return "a BAR of 32 bits lies below 4 GiB; move it";
	return NULL;
}

static void read_assigned(struct reader *reader, const struct node *node,
			  struct model_function *function)
{
	static const char property[] = "assigned-addresses";
	struct entry entry;

	for (size_t i = 0; read_entry(reader, node, property, i, &entry); i++) {
		const char *why = why_not_assigned(function, &entry);
		struct model_bar *bar;

		if (why != NULL) {
			refuse(reader, node, property, &entry, why);
			continue;
		}
		bar = &function->bars[(entry.offset - REGISTER_BAR) / 4];
		bar->placed = true;
		bar->address = entry.address;
		bar->pos = prop_pos(&reader->tree, node, property);
	}
}

static void read_capabilities(struct reader *reader, const struct node *node,
			      struct model_function *function)
{
	const struct tree *tree = &reader->tree;
	uint32_t *const msix[] = { &function->msix,	      &function->msix_vectors,
				   &function->msix_table_bar, &function->msix_table_offset,
				   &function->msix_pba_bar,   &function->msix_pba_offset };

	prop_u32(tree, node, "septum,pm", &function->pm);
	prop_u32(tree, node, "septum,pcie", &function->pcie);
	prop_cell(tree, node, "septum,msi", 0, &function->msi);
	prop_cell(tree, node, "septum,msi", 1, &function->msi_control);
	for (size_t i = 0; i < sizeof(msix) / sizeof(msix[0]); i++)
		prop_cell(tree, node, "septum,msix", i, msix[i]);
}

/* Pairs of an offset that is a multiple of 4 below @limit, and bits. */
static struct model_register *read_registers(struct reader *reader, const struct node *node,
					     const char *property, uint32_t limit, size_t *count)
{
	const struct tree *tree = &reader->tree;
	struct model_register *list;

	*count = prop_cell_count(tree, node, property) / 2;
	list = arena_alloc(tree->arena, *count, sizeof(*list));
	for (size_t i = 0; i < *count; i++) {
		prop_cell(tree, node, property, 2 * i, &list[i].offset);
		prop_cell(tree, node, property, 2 * i + 1, &list[i].bits);
		if (list[i].offset % 4 != 0 || list[i].offset >= limit)
			diag_add(tree->sink, "shape", DIAG_ERROR, prop_pos(tree, node, property),
				 "%s: %s names register 0x%x; it takes offsets of 32-bit registers "
				 "below 0x%x",
				 node->path, property, list[i].offset, limit);
	}
	return list;
}

static void read_treatment(struct reader *reader, const struct node *node,
			   struct model_function *function)
{
	static const char *const words[] = { "flr", "pm", "bus", NULL };
	static const uint32_t bits[] = { MODEL_RESET_FLR, MODEL_RESET_PM, MODEL_RESET_BUS };
	const struct tree *tree = &reader->tree;

	function->resets = read_words(reader, node, "septum,reset", words, bits);
	function->has_group = prop_u32(tree, node, "septum,group", &function->group);
	function->is_dma = !prop_present(tree, node, "septum,no-dma");
	function->writable = read_registers(reader, node, "septum,writable", CONFIG_BYTES,
					    &function->writable_count);
	function->setup = read_registers(reader, node, "septum,setup", CONFIG_BYTES_CF8,
					 &function->setup_count);
}

/* So that cells name it as they name every other device. */
static void add_device(struct reader *reader, const struct node *node,
		       const struct model_function *function)
{
	struct model *model = reader->model;
	struct model_device *device = &model->devices[model->device_count];

	*device = (struct model_device){ .name = node->name,
					 .label = node_label(&reader->tree, node),
					 .compatible = prop_string(&reader->tree, node,
								   "compatible", 0),
					 .kind = MODEL_DEV_PCI,
					 .function = function,
					 .enabled = function->enabled,
					 .pos = node->pos };
	read_interrupt_of(reader, node, device);
	reader->device_phandles[model->device_count++] = node_phandle(&reader->tree, node);
}

void read_pci_function(struct reader *reader, const struct node *node, int bridge)
{
	const struct tree *tree = &reader->tree;
	struct model_pci *pci = &reader->model->pci;
	struct model_function *function = &pci->functions[pci->function_count];
	struct entry entry;

	if (!shape_check(tree, node, &function_spec))
		return;
	*function = (struct model_function){ .name = node->name,
					     .rid = read_pci_rid(reader, node),
					     .bridge = bridge,
					     .enabled = node_enabled(reader, node),
					     .pos = node->pos };
	pci->function_count++;
	read_pci_ids(reader, node, &function->vendor, &function->device);
	prop_u32(tree, node, "class-code", &function->class_code);
	for (size_t i = 1; read_entry(reader, node, "reg", i, &entry); i++)
		read_bar(reader, node, function, &entry);
	read_assigned(reader, node, function);
	read_capabilities(reader, node, function);
	read_treatment(reader, node, function);
	add_device(reader, node, function);
}
