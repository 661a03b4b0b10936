/* SPDX-License-Identifier: Apache-2.0 */
/* The board's half of the tree: what there is to be given away. */
#include "model_read.h"

#include <string.h>

/* x86 processors have at least 32 and at most 52 physical address bits (AMD APM 2, 5.3). */
#define PHYS_BITS_MIN 32u
#define PHYS_BITS_MAX 52u
#define UART_CLOCK_HZ 1843200u /* the PC's serial clock */
#define TIMER_BITS 24u

static const char *const no_children[] = { NULL };

static const struct prop_spec cpus_props[] = {
	{ "#address-cells", SHAPE_U32, false },
	{ "#size-cells", SHAPE_U32, false },
	{ "septum,phys-bits", SHAPE_U32, true },
	{ "septum,cpu-features", SHAPE_STRINGS, true },
	{ "septum,cpu-errata", SHAPE_STRINGS, false },
	{ NULL, SHAPE_ANY, false },
};
static const char *const cpus_children[] = { "cpu", NULL };
static const struct node_spec cpus_spec = { "/cpus", cpus_props, cpus_children };

static const struct prop_spec cpu_props[] = {
	{ "device_type", SHAPE_STRING, false },
	{ "compatible", SHAPE_STRINGS, false },
	{ "reg", SHAPE_U32, true },
	{ "status", SHAPE_STRING, false },
	{ "septum,core", SHAPE_U32, true },
	{ "septum,cluster", SHAPE_U32, false },
	{ "septum,cpu-features", SHAPE_STRINGS, false },
	{ NULL, SHAPE_ANY, false },
};
static const struct node_spec cpu_spec = { "a CPU", cpu_props, no_children };

static const struct prop_spec memory_props[] = {
	{ "device_type", SHAPE_STRING, false },
	{ "reg", SHAPE_REG, true },
	{ NULL, SHAPE_ANY, false },
};
static const struct node_spec memory_spec = { "the board's memory", memory_props, no_children };

static const struct prop_spec list_props[] = {
	{ "#address-cells", SHAPE_U32, false },
	{ "#size-cells", SHAPE_U32, false },
	{ "compatible", SHAPE_STRINGS, false },
	/* Without a value: addresses below are those of the node above. */
	{ "ranges", SHAPE_EMPTY, false },
	{ NULL, SHAPE_ANY, false },
};
static const struct node_spec reserved_list_spec = { "/reserved-memory", list_props, NULL };
static const struct node_spec soc_spec = { "/soc", list_props, NULL };

static const struct prop_spec isa_props[] = {
	{ "#address-cells", SHAPE_U32, false },
	{ "#size-cells", SHAPE_U32, false },
	{ "compatible", SHAPE_STRINGS, false },
	{ "ranges", SHAPE_EMPTY, false },
	/* Of all devices that do not name their own. */
	{ "interrupt-parent", SHAPE_PHANDLE, false },
	{ NULL, SHAPE_ANY, false },
};
static const struct node_spec isa_spec = { "/isa", isa_props, NULL };

static const struct prop_spec reserved_props[] = {
	{ "reg", SHAPE_REG, true },
	{ "compatible", SHAPE_STRINGS, false },
	{ "no-map", SHAPE_EMPTY, false },
	{ NULL, SHAPE_ANY, false },
};
static const struct node_spec reserved_spec = { "a reserved range", reserved_props, no_children };

static const struct prop_spec window_props[] = {
	{ "reg", SHAPE_REG, true },
	{ "compatible", SHAPE_STRINGS, false },
	{ "status", SHAPE_STRING, false },
	{ NULL, SHAPE_ANY, false },
};
static const struct node_spec window_spec = { "an MMIO window", window_props, no_children };

static const struct prop_spec device_props[] = {
	{ "compatible", SHAPE_STRINGS, true },
	{ "reg", SHAPE_PORT_REG, true },
	{ "status", SHAPE_STRING, false },
	{ NULL, SHAPE_ANY, false },
};
static const struct node_spec device_spec = { "a device with I/O ports", device_props,
					      no_children };

static const struct prop_spec uart_props[] = {
	{ "compatible", SHAPE_STRINGS, true },
	{ "reg", SHAPE_PORT_REG, true },
	{ "status", SHAPE_STRING, false },
	{ "clock-frequency", SHAPE_U32, false },
	{ "interrupts", SHAPE_INTERRUPT, false },
	{ "interrupt-parent", SHAPE_PHANDLE, false },
	{ NULL, SHAPE_ANY, false },
};
static const struct node_spec uart_spec = { "a UART", uart_props, no_children };

static const struct prop_spec timer_props[] = {
	{ "compatible", SHAPE_STRINGS, true },
	{ "reg", SHAPE_PORT_REG, true },
	{ "status", SHAPE_STRING, false },
	{ "septum,timer-bits", SHAPE_U32, false },
	{ NULL, SHAPE_ANY, false },
};
static const struct node_spec timer_spec = { "an ACPI PM timer", timer_props, no_children };

bool node_enabled(const struct reader *reader, const struct node *node)
{
	static const char *const words[] = { "okay", "disabled", "ok", "reserved", "fail", NULL };
	int word;

	if (!prop_present(&reader->tree, node, "status"))
		return true;
	word = shape_choice(&reader->tree, node, "status", 0, words);
	return word == 0 || word == 2;
}

uint32_t read_words(const struct reader *reader, const struct node *node, const char *property,
		    const char *const *words, const uint32_t *bits)
{
	uint32_t sum = 0;

	for (size_t i = 0; prop_string(&reader->tree, node, property, i) != NULL; i++) {
		const int word = shape_choice(&reader->tree, node, property, i, words);

		if (word >= 0)
			sum |= bits[word];
	}
	return sum;
}

/* PLAN_FEATURE_* named by a node's septum,cpu-features. */
static uint32_t read_features(const struct reader *reader, const struct node *node)
{
	static const char *const words[] = { "svm", "npt", "x2apic", "nx", "1g-pages",
					     "vmx", "ept", "ept-1g", NULL };
	static const uint32_t bits[] = { PLAN_FEATURE_SVM,	PLAN_FEATURE_NPT,
					 PLAN_FEATURE_X2APIC,	PLAN_FEATURE_NX,
					 PLAN_FEATURE_1G_PAGES, PLAN_FEATURE_VMX,
					 PLAN_FEATURE_EPT,	PLAN_FEATURE_EPT_1G };

	return read_words(reader, node, "septum,cpu-features", words, bits);
}

static uint32_t read_errata(const struct reader *reader, const struct node *node)
{
	static const char *const words[] = { "itlb-multihit", NULL };
	static const uint32_t bits[] = { MODEL_ERRATUM_ITLB_MULTIHIT };

	return read_words(reader, node, "septum,cpu-errata", words, bits);
}

static void read_cpu(struct reader *reader, const struct node *node, uint32_t common_features)
{
	const struct tree *tree = &reader->tree;
	struct model *model = reader->model;
	struct model_cpu *cpu = &model->cpus[model->cpu_count];
	uint32_t features = common_features, core = 0, cluster;

	if (!shape_check(tree, node, &cpu_spec))
		return;
	if (prop_present(tree, node, "septum,cpu-features"))
		features = read_features(reader, node);
	*cpu = (struct model_cpu){ .name = node->name,
				   .features = features,
				   .enabled = node_enabled(reader, node),
				   .cluster = MODEL_NONE,
				   .pos = node->pos };
	prop_u32(tree, node, "reg", &cpu->apic_id);
	prop_u32(tree, node, "septum,core", &core);
	cpu->core = (int)(core & INT32_MAX);
	if (prop_u32(tree, node, "septum,cluster", &cluster))
		cpu->cluster = (int)(cluster & INT32_MAX);
	reader->cpu_phandles[model->cpu_count++] = node_phandle(tree, node);
}

/* What every CPU that runs has. */
static uint32_t shared_features(const struct model *model)
{
	uint32_t shared = UINT32_MAX;

	for (size_t i = 0; i < model->cpu_count; i++)
		if (model->cpus[i].enabled)
			shared &= model->cpus[i].features;
	return shared == UINT32_MAX ? 0 : shared;
}

static void read_cpus(struct reader *reader, const struct node *root)
{
	const struct tree *tree = &reader->tree;
	struct model *model = reader->model;
	struct node cpus, cpu;
	uint32_t features;
	size_t count;

	if (!tree_child(tree, root, "cpus", &cpus))
		return;
	shape_check(tree, &cpus, &cpus_spec);
	count = tree_count(tree, &cpus, "cpu");
	model->cpus = arena_alloc(tree->arena, count, sizeof(*model->cpus));
	reader->cpu_phandles = arena_alloc(tree->arena, count, sizeof(uint32_t));
	features = read_features(reader, &cpus);
	model->errata = read_errata(reader, &cpus);
	for (bool more = tree_first(tree, &cpus, &cpu); more; more = tree_next(tree, &cpus, &cpu))
		if (node_is(&cpu, "cpu"))
			read_cpu(reader, &cpu, features);
	model->features = shared_features(model);
	if (prop_u32(tree, &cpus, "septum,phys-bits", &model->phys_bits) &&
	    (model->phys_bits < PHYS_BITS_MIN || model->phys_bits > PHYS_BITS_MAX))
		diag_add(tree->sink, "shape", DIAG_ERROR, prop_pos(tree, &cpus, "septum,phys-bits"),
			 "septum,phys-bits is %u, which no processor has; give %u to %u "
			 "(CPUID 0x80000008, EAX bits 7:0)",
			 model->phys_bits, PHYS_BITS_MIN, PHYS_BITS_MAX);
}

/* Windows that are more than that have their own properties. */
static const struct node_spec *spec_of(const struct tree *tree, const struct node *node,
				       const struct node_spec *otherwise)
{
	if (is_ioapic(tree, node))
		return &ioapic_spec;
	if (is_iommu(tree, node))
		return &iommu_spec;
	return is_pci_host(tree, node) ? &pci_host_spec : otherwise;
}

/* Every (address, size) pair of @parent's children called @name (NULL: all of them). */
static struct model_range *read_ranges(struct reader *reader, const struct node *parent,
				       const char *name, const struct node_spec *spec,
				       size_t *count)
{
	const struct tree *tree = &reader->tree;
	struct model_range *ranges;
	struct node node;
	size_t room = 0;

	for (bool more = tree_first(tree, parent, &node); more;
	     more = tree_next(tree, parent, &node))
		room += prop_reg_count(tree, &node, "reg");
	ranges = arena_alloc(tree->arena, room, sizeof(*ranges));
	for (bool more = tree_first(tree, parent, &node); more;
	     more = tree_next(tree, parent, &node)) {
		struct model_range range = { .name = node.name, .pos = node.pos };

		if (name != NULL && !node_is(&node, name))
			continue;
		shape_check(tree, &node, spec_of(tree, &node, spec));
		if (prop_present(tree, &node, "status"))
			node_enabled(reader, &node); /* a window is there all the same */
		for (size_t i = 0; prop_reg(tree, &node, "reg", i, &range.start, &range.size); i++)
			ranges[(*count)++] = range;
	}
	return ranges;
}

static struct model_range *read_range_list(struct reader *reader, const struct node *root,
					   const char *name, const struct node_spec *list_spec,
					   const struct node_spec *spec, size_t *count)
{
	struct node list;

	if (!tree_child(&reader->tree, root, name, &list))
		return arena_alloc(reader->tree.arena, 0, sizeof(struct model_range));
	shape_check(&reader->tree, &list, list_spec);
	return read_ranges(reader, &list, NULL, spec, count);
}

static enum model_device_kind device_kind(const char *compatible)
{
	static const char *const uarts[] = { "ns16550a", "ns16550", "ns8250" };

	if (compatible == NULL)
		return MODEL_DEV_OTHER;
	for (size_t i = 0; i < sizeof(uarts) / sizeof(uarts[0]); i++)
		if (strcmp(compatible, uarts[i]) == 0)
			return MODEL_DEV_UART;
	return strcmp(compatible, "septum,acpi-pm-timer") == 0 ? MODEL_DEV_PM_TIMER :
								 MODEL_DEV_OTHER;
}

static void check_timer_bits(struct reader *reader, const struct node *node, uint32_t bits)
{
	if (bits != 24 && bits != 32)
		diag_add(reader->tree.sink, "shape", DIAG_ERROR,
			 prop_pos(&reader->tree, node, "septum,timer-bits"),
			 "%s: an ACPI PM timer has 24 or 32 bits, not %u; correct "
			 "septum,timer-bits",
			 node->path, bits);
}

static void read_device(struct reader *reader, const struct node *isa, const struct node *node)
{
	static const struct node_spec *const specs[] = { [MODEL_DEV_UART] = &uart_spec,
							 [MODEL_DEV_PM_TIMER] = &timer_spec,
							 [MODEL_DEV_OTHER] = &device_spec };
	const struct tree *tree = &reader->tree;
	struct model *model = reader->model;
	struct model_device *device = &model->devices[model->device_count];
	const char *compatible = prop_string(tree, node, "compatible", 0);
	enum model_device_kind kind = device_kind(compatible);

	if (!shape_check(tree, node, specs[kind]))
		return;
	*device = (struct model_device){ .name = node->name,
					 .label = node_label(tree, node),
					 .compatible = compatible,
					 .kind = kind,
					 .enabled = node_enabled(reader, node),
					 .pos = node->pos };
	prop_cell(tree, node, "reg", 1, &device->port);
	prop_cell(tree, node, "reg", 2, &device->port_count);
	if (kind == MODEL_DEV_UART) {
		device->clock_hz = UART_CLOCK_HZ;
		prop_u32(tree, node, "clock-frequency", &device->clock_hz);
	} else if (kind == MODEL_DEV_PM_TIMER) {
		device->timer_bits = TIMER_BITS;
		prop_u32(tree, node, "septum,timer-bits", &device->timer_bits);
		check_timer_bits(reader, node, device->timer_bits);
	}
	if (kind == MODEL_DEV_UART)
		read_interrupt(reader, isa, node, device);
	reader->device_phandles[model->device_count++] = node_phandle(tree, node);
}

static void read_devices(struct reader *reader, const struct node *root)
{
	const struct tree *tree = &reader->tree;
	struct node isa, node;
	bool has_isa = tree_child(tree, root, "isa", &isa);
	size_t room = pci_function_room(tree, root);

	if (has_isa)
		room += tree_count(tree, &isa, NULL);
	reader->model->devices = arena_alloc(tree->arena, room, sizeof(struct model_device));
	reader->device_phandles = arena_alloc(tree->arena, room, sizeof(uint32_t));
	if (!has_isa)
		return;
	shape_check(tree, &isa, &isa_spec);
	for (bool more = tree_first(tree, &isa, &node); more; more = tree_next(tree, &isa, &node))
		read_device(reader, &isa, &node);
}

void read_board(struct reader *reader, const struct node *root)
{
	struct model *model = reader->model;

	read_cpus(reader, root);
	model->ram = read_ranges(reader, root, "memory", &memory_spec, &model->ram_count);
	model->reserved = read_range_list(reader, root, "reserved-memory", &reserved_list_spec,
					  &reserved_spec, &model->reserved_count);
	model->mmio = read_range_list(reader, root, "soc", &soc_spec, &window_spec,
				      &model->mmio_count);
	read_ioapic(reader, root);
	read_iommu(reader, root);
	read_devices(reader, root);
	read_pci(reader, root);
}
