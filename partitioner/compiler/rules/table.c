/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every rule there is.  A rule without a function is raised where its subject
 * is first seen: by the reader, the placer, the waivers or the emitter.
 */
#include "rules.h"

#define WAIVABLE true
#define FIRM false

const struct rule rules[] = {
	/* Raised by the reader. */
	{ "version", DIAG_ERROR, RULE_PRE, NULL,
	  "the system file is written in the language this partitioner reads", FIRM },
	{ "unknown-property", DIAG_ERROR, RULE_PRE, NULL,
	  "every property and node is one that the partitioner knows", FIRM },
	{ "duplicate-node", DIAG_ERROR, RULE_PRE, NULL,
	  "no node is written out twice and merged without a word", FIRM },
	{ "name-valid", DIAG_ERROR, RULE_PRE, NULL,
	  "names fit the plan and every place that prints them", FIRM },
	{ "shape", DIAG_ERROR, RULE_PRE, NULL, "a property's value has the form its meaning needs",
	  FIRM },

	/* system.c */
	{ "board-match", DIAG_ERROR, RULE_PRE, rule_board_match,
	  "the system is written for the board it includes", FIRM },
	{ "name-unique", DIAG_ERROR, RULE_PRE, rule_name_unique,
	  "no two cells have the same name but for case", FIRM },
	{ "empty-system", DIAG_ERROR, RULE_PRE, rule_empty_system, "a system has at least one cell",
	  FIRM },
	{ "cell-count", DIAG_ERROR, RULE_PRE, rule_cell_count,
	  "a system has no more cells than a plan holds", FIRM },

	/* cpu.c */
	{ "cpu-exists", DIAG_ERROR, RULE_PRE, rule_cpu_exists,
	  "a cell's CPUs are enabled CPUs of the board", FIRM },
	{ "cpu-unique", DIAG_ERROR, RULE_PRE, rule_cpu_unique, "a CPU has one owner", FIRM },
	{ "cpu-none", DIAG_ERROR, RULE_PRE, rule_cpu_none, "a cell has at least one CPU", FIRM },
	{ "cpu-boot", DIAG_ERROR, RULE_PRE, rule_cpu_boot,
	  "the CPU that a cell starts on can be started", FIRM },
	{ "cpu-count", DIAG_ERROR, RULE_PRE, rule_cpu_count,
	  "a board has no more CPUs than a plan holds", FIRM },
	{ "cpu-smt", DIAG_ERROR, RULE_PRE, rule_cpu_smt, "the threads of one core stay in one cell",
	  WAIVABLE },
	{ "cpu-cluster", DIAG_WARNING, RULE_PRE, rule_cpu_cluster,
	  "the cores of one L2 cache stay in one cell", WAIVABLE },
	{ "cpu-unused", DIAG_WARNING, RULE_PRE, rule_cpu_unused, "no CPU is left over", FIRM },
	{ "apic-id-unique", DIAG_ERROR, RULE_PRE, rule_apic_id_unique,
	  "each CPU has an APIC id of its own", FIRM },
	{ "apic-id-x2apic", DIAG_ERROR, RULE_PRE, rule_apic_id_x2apic, "each CPU has an x2APIC",
	  FIRM },
	{ "cpu-virtualization", DIAG_ERROR, RULE_PRE, rule_cpu_virtualization,
	  "all CPUs have one virtualization that the monitor drives", FIRM },

	/* memory.c */
	{ "ram-exists", DIAG_ERROR, RULE_PRE, rule_ram_exists,
	  "RAM that is given away lies in the board's RAM", FIRM },
	{ "ram-overlap", DIAG_ERROR, RULE_PRE, rule_ram_overlap, "RAM has one owner", FIRM },
	{ "ram-monitor", DIAG_ERROR, RULE_PRE, rule_ram_monitor,
	  "nobody holds the monitor's memory, and its parts lie apart", FIRM },
	{ "ram-firmware", DIAG_ERROR, RULE_PRE, rule_ram_firmware,
	  "nobody holds memory that the firmware keeps", FIRM },
	{ "ram-lowmem", DIAG_ERROR, RULE_PRE, rule_ram_lowmem,
	  "the first MiB of the machine is left alone", WAIVABLE },
	{ "boot-page", DIAG_ERROR, RULE_PRE, rule_boot_page,
	  "the page that other CPUs start in is one they can start in", FIRM },

	/* memory_form.c */
	{ "ram-size", DIAG_ERROR, RULE_PRE, rule_ram_size,
	  "each cell has RAM, and no range is too small for its use", FIRM },
	{ "ram-wrap", DIAG_ERROR, RULE_PRE, rule_ram_wrap,
	  "no range passes the end of the address space", FIRM },
	{ "ram-align", DIAG_ERROR, RULE_POST, rule_ram_align,
	  "RAM comes in whole pages, and in large ones where its size allows", FIRM },

	/* Raised by the placer. */
	{ "ram-placed", DIAG_ERROR, RULE_PRE, NULL, "RAM without a given place finds one", FIRM },

	{ "bar-unassigned", DIAG_ERROR, RULE_PRE, NULL,
	  "BARs without a given place find one in the host bridge's windows", FIRM },

	/* guest_memory.c */
	{ "gpa-overlap", DIAG_ERROR, RULE_POST, rule_gpa_overlap,
	  "regions of one cell lie at different guest addresses", FIRM },
	{ "gpa-mmio", DIAG_ERROR, RULE_POST, rule_gpa_mmio,
	  "no RAM lies at guest addresses where devices are", FIRM },
	{ "gpa-limit", DIAG_ERROR, RULE_POST, rule_gpa_limit,
	  "guest addresses fit the CPU's physical address width", FIRM },

	/* payload.c */
	{ "payload-exists", DIAG_ERROR, RULE_PRE, rule_payload_exists,
	  "each cell has a payload, and its files can be read", FIRM },
	{ "payload-format", DIAG_ERROR, RULE_PRE, rule_payload_format,
	  "a payload file is whole and of the stated kind", FIRM },
	{ "payload-entry", DIAG_ERROR, RULE_PRE, rule_payload_entry,
	  "a payload's first instruction lies in what is loaded", FIRM },

	/* payload_place.c */
	{ "payload-overlap", DIAG_ERROR, RULE_PRE, rule_payload_overlap,
	  "no two parts of a cell's first memory image overlap", FIRM },
	{ "payload-fits", DIAG_ERROR, RULE_POST, rule_payload_fits,
	  "a payload fits into the cell's RAM", FIRM },
	{ "initrd-limit", DIAG_ERROR, RULE_POST, rule_initrd_limit,
	  "an initrd lies below the last address its kernel accepts", FIRM },

	/* cmdline.c */
	{ "cmdline-length", DIAG_ERROR, RULE_PRE, rule_cmdline_length,
	  "a command line is no longer than its kernel takes", FIRM },
	{ "cmdline-console", DIAG_ERROR, RULE_PRE, rule_cmdline_console,
	  "a console on the command line is a UART that the cell owns", WAIVABLE },

	/* port.c */
	{ "port-overlap", DIAG_ERROR, RULE_PRE, rule_port_overlap, "an I/O port has one owner",
	  FIRM },
	{ "port-reserved", DIAG_ERROR, RULE_PRE, rule_port_reserved,
	  "no cell owns a port that reaches the whole machine", FIRM },
	{ "port-range", DIAG_ERROR, RULE_PRE, rule_port_range,
	  "I/O port ranges lie in the I/O port space", FIRM },

	/* device.c */
	{ "dev-exists", DIAG_ERROR, RULE_PRE, rule_dev_exists,
	  "named devices are devices of the board", FIRM },
	{ "dev-unique", DIAG_ERROR, RULE_PRE, rule_dev_unique, "a device has one owner", FIRM },
	{ "dev-status", DIAG_ERROR, RULE_PRE, rule_dev_status,
	  "named devices are enabled on the board", FIRM },
	{ "dev-compat", DIAG_ERROR, RULE_PRE, rule_dev_compat,
	  "named devices are of a kind that can be given away", FIRM },
	{ "uart-monitor", DIAG_ERROR, RULE_PRE, rule_uart_monitor,
	  "the monitor's console belongs to no cell", FIRM },
	{ "console-none", DIAG_WARNING, RULE_PRE, rule_console_none, "the monitor has a console",
	  FIRM },

	/* interrupt.c */
	{ "irq-shared", DIAG_ERROR, RULE_PRE, rule_irq_shared, "an interrupt pin has one owner",
	  WAIVABLE },
	{ "irq-pin", DIAG_ERROR, RULE_PRE, rule_irq_pin,
	  "an interrupt is a pin that the I/O APIC has, with one trigger", FIRM },
	{ "irq-level-cells", DIAG_ERROR, RULE_PRE, rule_irq_level_cells,
	  "the level-triggered pins of an I/O APIC belong to one cell", WAIVABLE },
	{ "irq-reach", DIAG_ERROR, RULE_PRE, rule_irq_reach,
	  "the I/O APIC and messages can address every CPU of the cell they are for", FIRM },
	{ "nmi-owner", DIAG_ERROR, RULE_PRE, rule_nmi_owner,
	  "the machine's NMI line has at most one owner", FIRM },

	/* pci.c */
	{ "bdf-exists", DIAG_ERROR, RULE_PRE, rule_bdf_exists,
	  "each PCI function stands on the bus that its number names", FIRM },
	{ "bdf-unique", DIAG_ERROR, RULE_PRE, rule_bdf_unique, "each PCI function has its number",
	  FIRM },
	{ "pci-capability", DIAG_ERROR, RULE_PRE, rule_pci_capability,
	  "capabilities and MSI-X tables lie where they can", FIRM },
	{ "msix-table-page", DIAG_WARNING, RULE_PRE, rule_msix_table_page,
	  "an MSI-X table shares no page with registers", WAIVABLE },
	{ "pci-bridge", DIAG_ERROR, RULE_PRE, rule_pci_bridge, "no cell owns a bridge", FIRM },
	{ "pci-slots", DIAG_ERROR, RULE_PRE, rule_pci_slots,
	  "a cell's functions find room on its one bus", FIRM },

	/* window.c */
	{ "mmio-monitor", DIAG_ERROR, RULE_PRE, rule_mmio_monitor,
	  "no window for BARs covers other registers of the board", FIRM },
	{ "mmio-ram", DIAG_ERROR, RULE_PRE, rule_mmio_ram, "no window for BARs covers RAM", FIRM },

	/* pci_apart.c */
	{ "pci-multifunction", DIAG_ERROR, RULE_PRE, rule_pci_multifunction,
	  "the functions of one device belong to one cell", WAIVABLE },
	{ "pci-group", DIAG_ERROR, RULE_PRE, rule_pci_group,
	  "functions that the IOMMU cannot keep apart belong to one cell", FIRM },
	{ "pci-acs", DIAG_ERROR, RULE_PRE, rule_pci_acs,
	  "requests between functions of two cells pass the IOMMU", WAIVABLE },
	{ "bar-shared-page", DIAG_ERROR, RULE_POST, rule_bar_shared_page,
	  "no two functions have registers in one page", FIRM },
	{ "bar-window", DIAG_ERROR, RULE_POST, rule_bar_window,
	  "BARs lie in the host bridge's windows", FIRM },

	/* iommu.c */
	{ "iommu-none", DIAG_ERROR, RULE_PRE, rule_iommu_none,
	  "an IOMMU limits what a cell's functions reach", WAIVABLE },
	{ "iommu-covers", DIAG_ERROR, RULE_PRE, rule_iommu_covers,
	  "requests of a cell's functions pass the IOMMU", FIRM },
	{ "iommu-width", DIAG_ERROR, RULE_POST, rule_iommu_width,
	  "the IOMMU translates all addresses of a cell with functions", FIRM },
	{ "iommu-caps", DIAG_ERROR, RULE_PRE, rule_iommu_caps,
	  "what the board says of its IOMMU makes sense", FIRM },
	{ "irq-no-remap", DIAG_ERROR, RULE_PRE, rule_irq_no_remap,
	  "interrupts of a cell's functions are remapped", WAIVABLE },
	{ "msi-count", DIAG_ERROR, RULE_PRE, rule_msi_count,
	  "remapping tables have room for all interrupt messages", FIRM },
	{ "irq-level-amd", DIAG_ERROR, RULE_PRE, rule_irq_level_amd,
	  "pins fit AMD-Vi's remapping table of the I/O APIC", FIRM },

	/* Raised by the waivers. */
	{ "waiver", DIAG_ERROR, RULE_POST, NULL,
	  "a waiver names a rule that may be waived, gives a reason and is needed", FIRM },

	/* Raised by the emitter. */
	{ "monitor-fits", DIAG_ERROR, RULE_POST, NULL,
	  "code, plan, tables and payloads fit the monitor's range", FIRM },
	{ "table-reach", DIAG_ERROR, RULE_POST, NULL,
	  "each table lies below the limit of what points to it", FIRM },
	{ "w-xor-x", DIAG_ERROR, RULE_POST, NULL,
	  "nothing that the monitor maps is both writable and executable", FIRM },
	{ "acpi", DIAG_ERROR, RULE_POST, NULL, "a cell's ACPI tables compile and fit their place",
	  FIRM },
	{ "monitor-file", DIAG_ERROR, RULE_POST, NULL,
	  "the linked monitor is one that this partitioner can fill in", FIRM },
	{ "output-file", DIAG_ERROR, RULE_POST, NULL, "the image can be written", FIRM },
};

const size_t rule_count = sizeof(rules) / sizeof(rules[0]);

void rules_run(const struct model *m, int when, struct diag_sink *sink)
{
	for (size_t i = 0; i < rule_count; i++)
		if ((int)rules[i].when == when && rules[i].check != NULL)
			rules[i].check(m, sink);
}
