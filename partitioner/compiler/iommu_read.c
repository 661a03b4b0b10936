/* SPDX-License-Identifier: Apache-2.0 */
/* The IOMMU among the windows of /soc, and as whom the I/O APIC speaks to it. */
#include "model_read.h"

#include <string.h>

#define REQUESTER_MAX 0xffffu

static const char *const no_children[] = { NULL };

static const struct prop_spec iommu_props[] = {
	{ "compatible", SHAPE_STRINGS, true },
	{ "reg", SHAPE_REG_ONE, true },
	{ "#iommu-cells", SHAPE_U32, true },
	{ "septum,iommu-features", SHAPE_STRINGS, true },
	/* AMD: the PCI function that the unit itself is. */
	{ "septum,requester", SHAPE_U32, false },
	{ NULL, SHAPE_ANY, false },
};
const struct node_spec iommu_spec = { "an IOMMU", iommu_props, no_children };

/* PLAN_IOMMU_VTD or PLAN_IOMMU_AMDVI, or 0: no IOMMU. */
static uint32_t kind_of(const struct tree *tree, const struct node *node)
{
	const char *compatible = prop_string(tree, node, "compatible", 0);

	if (compatible == NULL)
		return 0;
	if (strcmp(compatible, "intel,vt-d") == 0)
		return PLAN_IOMMU_VTD;
	return strcmp(compatible, "amd,iommu") == 0 ? PLAN_IOMMU_AMDVI : 0;
}

bool is_iommu(const struct tree *tree, const struct node *node)
{
	return kind_of(tree, node) != 0;
}

static uint32_t read_features(const struct reader *reader, const struct node *node)
{
	static const char *const words[] = { "3-level", "4-level", "2m", "1g",
					     "remap",	"x2apic",  NULL };
	static const uint32_t bits[] = {
		PLAN_IOMMU_LEVELS_3, PLAN_IOMMU_LEVELS_4, PLAN_IOMMU_2M,
		PLAN_IOMMU_1G,	     PLAN_IOMMU_REMAP,	  PLAN_IOMMU_X2APIC
	};

	return read_words(reader, node, "septum,iommu-features", words, bits);
}

/* septum,requester of a node; false if it has none, or one that is no requester id. */
static bool read_requester(struct reader *reader, const struct node *node, uint16_t *rid)
{
	const struct tree *tree = &reader->tree;
	uint32_t number;

	if (!prop_u32(tree, node, "septum,requester", &number))
		return false;
	if (number > REQUESTER_MAX)
		diag_add(tree->sink, "shape", DIAG_ERROR, prop_pos(tree, node, "septum,requester"),
			 "%s: 0x%x is no requester id, which has 16 bits (bus 15:8, device 7:3, "
			 "function 2:0); correct septum,requester",
			 node->path, number);
	*rid = (uint16_t)number;
	return number <= REQUESTER_MAX;
}

void read_ioapic_requester(struct reader *reader, const struct node *node)
{
	struct model_iommu *iommu = &reader->model->iommu;

	iommu->has_ioapic_rid = read_requester(reader, node, &iommu->ioapic_rid);
}

static void read_one(struct reader *reader, const struct node *node)
{
	const struct tree *tree = &reader->tree;
	struct model_iommu *iommu = &reader->model->iommu;
	uint32_t cells = 1;

	if (iommu->present) {
		diag_add(tree->sink, "shape", DIAG_ERROR, node->pos,
			 "%s: the board has another IOMMU, '%s', and the monitor drives one; "
			 "remove one of them",
			 node->path, iommu->name);
		return;
	}
	prop_u32(tree, node, "#iommu-cells", &cells);
	if (cells != 1)
		diag_add(tree->sink, "shape", DIAG_ERROR, prop_pos(tree, node, "#iommu-cells"),
			 "%s: a requester of an IOMMU is one cell; set #iommu-cells to 1",
			 node->path);
	iommu->present = true;
	iommu->name = node->name;
	iommu->kind = (enum plan_iommu_kind)kind_of(tree, node);
	iommu->features = read_features(reader, node);
	iommu->pos = node->pos;
	prop_reg(tree, node, "reg", 0, &iommu->base, &iommu->size);
	iommu->has_rid = read_requester(reader, node, &iommu->rid);
	reader->iommu_phandle = node_phandle(tree, node);
}

void read_iommu(struct reader *reader, const struct node *root)
{
	const struct tree *tree = &reader->tree;
	struct node soc, node;

	if (!tree_child(tree, root, "soc", &soc))
		return;
	for (bool more = tree_first(tree, &soc, &node); more; more = tree_next(tree, &soc, &node))
		if (is_iommu(tree, &node))
			read_one(reader, &node);
}

/* Everything that passes the unit does so as itself: its id here is its id there. */
void read_iommu_map(struct reader *reader, const struct node *host)
{
	const struct tree *tree = &reader->tree;
	struct model_iommu *iommu = &reader->model->iommu;
	uint32_t first = 0, unit = 0, as = 0, length = 0;

	if (!prop_cell(tree, host, "iommu-map", 0, &first))
		return;
	prop_cell(tree, host, "iommu-map", 1, &unit);
	prop_cell(tree, host, "iommu-map", 2, &as);
	prop_cell(tree, host, "iommu-map", 3, &length);
	if (unit == 0 || unit != reader->iommu_phandle)
		diag_add(tree->sink, "shape", DIAG_ERROR, prop_pos(tree, host, "iommu-map"),
			 "%s: iommu-map names no IOMMU under /soc; name that one", host->path);
	else if (as != first || length == 0 || first > REQUESTER_MAX ||
		 length > REQUESTER_MAX + 1u - first)
		diag_add(tree->sink, "shape", DIAG_ERROR, prop_pos(tree, host, "iommu-map"),
			 "%s: iommu-map <0x%x &unit 0x%x 0x%x> is none of x86, where a function is "
			 "known to the unit by its requester id, 0 to 0xffff; write <0x0 &unit 0x0 "
			 "0x10000>",
			 host->path, first, as, length);
	else {
		iommu->covers = true;
		iommu->cover_first = first;
		iommu->cover_last = first + (length - 1);
	}
}
