/* SPDX-License-Identifier: Apache-2.0 */
/* What a Linux cell with PCI functions is told of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "boot_machine.h"

#define ECAM 0xb0000000ull
#define FUNCTIONS 40u
#define NIC 3u /* index of the first function among the devices */

/* The board's second cell owns a function of its own: nothing of it may show. */
struct pci_machine {
	struct machine m;
	struct model_device devices[3 + FUNCTIONS];
	struct model_function functions[FUNCTIONS];
	struct model_ref refs[1 + FUNCTIONS], other_ref;
	struct model_cell cells[2];
};

static void give_bar(struct model_function *f, unsigned int index, enum model_bar_kind kind,
		     bool prefetchable, uint64_t address, uint64_t size)
{
	f->bars[index] = (struct model_bar){ .kind = kind,
					     .prefetchable = prefetchable,
					     .placed = true,
					     .address = address,
					     .size = size };
}

/* The cell owns the second UART, then @count functions from the last to the first. */
static void pci_machine_init(struct pci_machine *p, size_t count)
{
	machine_with_linux(&p->m, 256 * MIB);
	memcpy(p->devices, p->m.devices, sizeof(p->m.devices));
	for (unsigned int i = 0; i < FUNCTIONS; i++) {
		p->functions[i] = (struct model_function){ .bridge = -1, .enabled = true };
		p->devices[NIC + i] = (struct model_device){ .kind = MODEL_DEV_PCI,
							     .function = &p->functions[i],
							     .enabled = true };
	}
	p->refs[0].index = 1;
	for (size_t i = 0; i < count; i++)
		p->refs[1 + i] = (struct model_ref){ .index = (int)(NIC + count - 1 - i) };
	p->other_ref = (struct model_ref){ .index = NIC + FUNCTIONS - 1 };
	p->cells[0] = p->m.cell;
	p->cells[0].devices = p->refs;
	p->cells[0].device_count = 1 + count;
	p->cells[1] =
		(struct model_cell){ .name = "other", .devices = &p->other_ref, .device_count = 1 };
	give_bar(&p->functions[FUNCTIONS - 1], 0, MODEL_BAR_MEM32, false, 0xdeadb000, 0x1000);
	p->m.model.devices = p->devices;
	p->m.model.device_count = 3 + FUNCTIONS;
	p->m.model.cells = p->cells;
	p->m.model.cell_count = 2;
	p->m.model.pci =
		(struct model_pci){ .present = true, .ecam = ECAM, .ecam_size = 256 * MIB };
}

static bool build_cell(struct pci_machine *p)
{
	struct machine *m = &p->m;

	return boot_image_build(&m->model, &p->cells[0], m->work_dir, &m->loads, &m->entry,
				&m->sink);
}

static void build_cell_fine(struct pci_machine *p)
{
	bool fine = build_cell(p);

	if (!fine)
		diag_print(&p->m.sink, stderr);
	assert_true(fine);
	assert_int_equal(p->m.sink.count, 0);
}

/* How often @text stands in the table as iasl reads it back, white space in one piece. */
static unsigned int times(const char *text)
{
	static char command[600];
	FILE *out;
	unsigned int count;

	snprintf(command, sizeof(command),
		 "cd %s/box && iasl -d -p back dsdt.aml > log 2>&1 && "
		 "sed 's,//.*,,' back.dsl | tr -s ' \\n' ' ' | grep -oF '%s' | wc -l",
		 folder, text);
	out = popen(command, "r");
	assert_non_null(out);
	assert_int_equal(fscanf(out, "%u", &count), 1);
	assert_int_equal(pclose(out), 0);
	return count;
}

static void a_cell_without_functions_hears_nothing_of_pci(void **state)
{
	struct pci_machine p;
	const struct load *acpi;

	(void)state;
	pci_machine_init(&p, 0);
	build_cell_fine(&p);
	acpi = find(&p.m, "acpi");
	assert_int_equal(get(acpi, (unsigned int)(get(acpi, 24, 8) - GPA_ACPI) + 4, 4), 36 + 16);
	assert_int_equal(get(find(&p.m, "boot_params"), 0x1e8, 1), 5);
	assert_int_equal(times("PCI"), 0);
	assert_int_equal(times("PNP0C02"), 0);
	assert_int_equal(times("Memory"), 0);
	machine_free(&p.m);
}

static void mcfg_e820_and_the_motherboard_name_the_same_window(void **state)
{
	const unsigned int last = 0x2d0 + 5 * 20;
	const struct load *acpi, *params;
	struct pci_machine p;
	unsigned int xsdt, mcfg;

	(void)state;
	pci_machine_init(&p, 1);
	build_cell_fine(&p);
	acpi = find(&p.m, "acpi");
	xsdt = (unsigned int)(get(acpi, 24, 8) - GPA_ACPI);
	assert_int_equal(get(acpi, xsdt + 4, 4), 36 + 24);
	mcfg = (unsigned int)(get(acpi, xsdt + 52, 8) - GPA_ACPI);
	assert_memory_equal(acpi->bytes + mcfg, "MCFG", 4);
	assert_int_equal(get(acpi, mcfg + 44, 8), ECAM);
	params = find(&p.m, "boot_params");
	assert_int_equal(get(params, 0x1e8, 1), 6);
	assert_int_equal(get(params, last, 8), ECAM);
	assert_int_equal(get(params, last + 8, 8), MIB);
	assert_int_equal(get(params, last + 16, 4), 2);
	assert_int_equal(times("\"PNP0C02\""), 1);
	assert_int_equal(times("DWordMemory (ResourceConsumer, PosDecode, MinFixed, MaxFixed, "
			       "NonCacheable, ReadWrite, 0x00000000, 0xB0000000, 0xB00FFFFF, "
			       "0x00000000, 0x00100000,"),
			 1);
	machine_free(&p.m);
}

static void the_host_bridge_has_bus_0_and_a_window_for_each_bar(void **state)
{
	struct pci_machine p;

	(void)state;
	pci_machine_init(&p, 2);
	give_bar(&p.functions[0], 0, MODEL_BAR_IO, false, 0xc040, 0x20);
	give_bar(&p.functions[0], 1, MODEL_BAR_MEM32, false, 0xc0001000, 0x1000);
	give_bar(&p.functions[0], 2, MODEL_BAR_MEM64, true, 0x1000000000, 0x40000000);
	give_bar(&p.functions[1], 0, MODEL_BAR_MEM32, false, 0xc0000000, 0x1000);
	give_bar(&p.functions[1], 1, MODEL_BAR_MEM32, true, 0xc0002000, 0x1000);
	give_bar(&p.functions[1], 5, MODEL_BAR_MEM32, false, 0xc0004000, 0x1000);
	build_cell_fine(&p);
	assert_int_equal(times("\"PNP0A08\""), 1);
	assert_int_equal(times("\"PNP0A03\""), 1);
	assert_int_equal(times("_OSC"), 0);
	assert_int_equal(times("WordBusNumber (ResourceProducer, MinFixed, MaxFixed, PosDecode, "
			       "0x0000, 0x0000, 0x0000, 0x0000, 0x0001,"),
			 1);
	assert_int_equal(times("ResourceProducer"), 6);
	assert_int_equal(times("PosDecode, EntireRange, 0x0000, 0xC040, 0xC05F, 0x0000, 0x0020,"),
			 1);
	/* the two that touch and are of a kind are one window; the third has a gap before it */
	assert_int_equal(times("NonCacheable, ReadWrite, 0x00000000, 0xC0000000, 0xC0001FFF,"), 1);
	assert_int_equal(times(" Prefetchable, ReadWrite, 0x00000000, 0xC0002000, 0xC0002FFF,"), 1);
	assert_int_equal(times("NonCacheable, ReadWrite, 0x00000000, 0xC0004000, 0xC0004FFF,"), 1);
	assert_int_equal(times("QWordMemory (ResourceProducer, PosDecode, MinFixed, MaxFixed, "
			       "Prefetchable, ReadWrite, 0x0000000000000000, 0x0000001000000000, "
			       "0x000000103FFFFFFF, 0x0000000000000000, 0x0000000040000000,"),
			 1);
	machine_free(&p.m);
}

static void every_pin_of_a_slot_leads_to_its_functions_line(void **state)
{
	struct pci_machine p;

	(void)state;
	pci_machine_init(&p, 3);
	p.devices[NIC].has_pin = true; /* listed last: slot 3 */
	p.devices[NIC].pin = 19;
	p.devices[NIC + 1].has_pin = true; /* slot 2; but the other cell is on its line too */
	p.devices[NIC + 1].pin = 20;
	p.devices[NIC + FUNCTIONS - 1].has_pin = true;
	p.devices[NIC + FUNCTIONS - 1].pin = 20;
	build_cell_fine(&p);
	assert_int_equal(times("Zero, 0x13 }"), 4);
	assert_int_equal(times("0x14 }"), 0);
	assert_int_equal(times("{ 0x0003FFFF, Zero, Zero, 0x13 }"), 1);
	assert_int_equal(times("{ 0x0003FFFF, One, Zero, 0x13 }"), 1);
	assert_int_equal(times("{ 0x0003FFFF, 0x02, Zero, 0x13 }"), 1);
	assert_int_equal(times("{ 0x0003FFFF, 0x03, Zero, 0x13 }"), 1);
	machine_free(&p.m);
}

static void an_ecam_above_4_gib_fits_the_tables(void **state)
{
	struct pci_machine p;

	(void)state;
	pci_machine_init(&p, 1);
	p.m.model.pci.ecam = 0x1040000000;
	build_cell_fine(&p);
	assert_int_equal(times("0x0000001040000000, 0x00000010400FFFFF,"), 1);
	assert_int_equal(times("_PRT"), 0);
	machine_free(&p.m);
}

static void a_bus_has_31_slots_and_no_more(void **state)
{
	struct pci_machine p;

	(void)state;
	pci_machine_init(&p, 31);
	build_cell_fine(&p);
	machine_free(&p.m);
	pci_machine_init(&p, 32);
	assert_false(build_cell(&p));
	assert_int_equal(p.m.sink.count, 1);
	assert_non_null(strstr(p.m.sink.items[0].text, "owns 32 PCI functions"));
	machine_free(&p.m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cell_without_functions_hears_nothing_of_pci),
		cmocka_unit_test(mcfg_e820_and_the_motherboard_name_the_same_window),
		cmocka_unit_test(the_host_bridge_has_bus_0_and_a_window_for_each_bar),
		cmocka_unit_test(every_pin_of_a_slot_leads_to_its_functions_line),
		cmocka_unit_test(an_ecam_above_4_gib_fits_the_tables),
		cmocka_unit_test(a_bus_has_31_slots_and_no_more),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
