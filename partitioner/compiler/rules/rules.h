/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules, one function per rule id: rule_ram_overlap() is "ram-overlap".
 * Each reads the model, reports to the sink and changes nothing.  What a rule
 * means, and its mend, stands in docs/rules/<id>.md.
 *
 * A rule reports its own subject only: what another rule refuses (a reference
 * to nothing, an empty or wrapping range, an unreadable payload) it skips.
 */
#ifndef SEPTUM_COMPILER_RULES_H
#define SEPTUM_COMPILER_RULES_H

#include "model.h"

/* cpu.c */
void rule_cpu_exists(const struct model *m, struct diag_sink *sink);
void rule_cpu_unique(const struct model *m, struct diag_sink *sink);
void rule_cpu_none(const struct model *m, struct diag_sink *sink);
void rule_cpu_boot(const struct model *m, struct diag_sink *sink);
void rule_cpu_count(const struct model *m, struct diag_sink *sink);
void rule_cpu_smt(const struct model *m, struct diag_sink *sink);
void rule_cpu_cluster(const struct model *m, struct diag_sink *sink);
void rule_cpu_unused(const struct model *m, struct diag_sink *sink);
void rule_apic_id_unique(const struct model *m, struct diag_sink *sink);
void rule_apic_id_x2apic(const struct model *m, struct diag_sink *sink);
void rule_cpu_virtualization(const struct model *m, struct diag_sink *sink);

/* memory.c */
void rule_ram_exists(const struct model *m, struct diag_sink *sink);
void rule_ram_overlap(const struct model *m, struct diag_sink *sink);
void rule_ram_monitor(const struct model *m, struct diag_sink *sink);
void rule_ram_firmware(const struct model *m, struct diag_sink *sink);
void rule_ram_lowmem(const struct model *m, struct diag_sink *sink);
void rule_boot_page(const struct model *m, struct diag_sink *sink);

/* memory_form.c */
void rule_ram_align(const struct model *m, struct diag_sink *sink);
void rule_ram_size(const struct model *m, struct diag_sink *sink);
void rule_ram_wrap(const struct model *m, struct diag_sink *sink);
/* guest_memory.c */
void rule_gpa_overlap(const struct model *m, struct diag_sink *sink);
void rule_gpa_mmio(const struct model *m, struct diag_sink *sink);
void rule_gpa_limit(const struct model *m, struct diag_sink *sink);

/* payload.c */
void rule_payload_exists(const struct model *m, struct diag_sink *sink);
void rule_payload_format(const struct model *m, struct diag_sink *sink);
void rule_payload_entry(const struct model *m, struct diag_sink *sink);

/* payload_place.c */
void rule_payload_fits(const struct model *m, struct diag_sink *sink);
void rule_payload_overlap(const struct model *m, struct diag_sink *sink);
void rule_initrd_limit(const struct model *m, struct diag_sink *sink);

/* cmdline.c */
void rule_cmdline_length(const struct model *m, struct diag_sink *sink);
void rule_cmdline_console(const struct model *m, struct diag_sink *sink);

/* port.c */
void rule_port_overlap(const struct model *m, struct diag_sink *sink);
void rule_port_reserved(const struct model *m, struct diag_sink *sink);
void rule_port_range(const struct model *m, struct diag_sink *sink);

/* device.c */
void rule_dev_exists(const struct model *m, struct diag_sink *sink);
void rule_dev_unique(const struct model *m, struct diag_sink *sink);
void rule_dev_status(const struct model *m, struct diag_sink *sink);
void rule_dev_compat(const struct model *m, struct diag_sink *sink);
void rule_uart_monitor(const struct model *m, struct diag_sink *sink);
void rule_console_none(const struct model *m, struct diag_sink *sink);

/* interrupt.c */
void rule_irq_shared(const struct model *m, struct diag_sink *sink);
void rule_irq_pin(const struct model *m, struct diag_sink *sink);
void rule_irq_level_cells(const struct model *m, struct diag_sink *sink);
void rule_irq_reach(const struct model *m, struct diag_sink *sink);
void rule_nmi_owner(const struct model *m, struct diag_sink *sink);

/* pci.c */
void rule_bdf_exists(const struct model *m, struct diag_sink *sink);
void rule_bdf_unique(const struct model *m, struct diag_sink *sink);
void rule_pci_capability(const struct model *m, struct diag_sink *sink);
void rule_msix_table_page(const struct model *m, struct diag_sink *sink);
void rule_pci_bridge(const struct model *m, struct diag_sink *sink);
void rule_pci_slots(const struct model *m, struct diag_sink *sink);

/* window.c */
void rule_mmio_monitor(const struct model *m, struct diag_sink *sink);
void rule_mmio_ram(const struct model *m, struct diag_sink *sink);

/* pci_apart.c */
void rule_pci_multifunction(const struct model *m, struct diag_sink *sink);
void rule_pci_group(const struct model *m, struct diag_sink *sink);
void rule_pci_acs(const struct model *m, struct diag_sink *sink);
void rule_bar_shared_page(const struct model *m, struct diag_sink *sink);
void rule_bar_window(const struct model *m, struct diag_sink *sink);

/* iommu.c */
void rule_iommu_none(const struct model *m, struct diag_sink *sink);
void rule_iommu_covers(const struct model *m, struct diag_sink *sink);
void rule_iommu_width(const struct model *m, struct diag_sink *sink);
void rule_iommu_caps(const struct model *m, struct diag_sink *sink);
void rule_irq_no_remap(const struct model *m, struct diag_sink *sink);
void rule_msi_count(const struct model *m, struct diag_sink *sink);
void rule_irq_level_amd(const struct model *m, struct diag_sink *sink);

/* system.c */
void rule_board_match(const struct model *m, struct diag_sink *sink);
void rule_name_unique(const struct model *m, struct diag_sink *sink);
void rule_empty_system(const struct model *m, struct diag_sink *sink);
void rule_cell_count(const struct model *m, struct diag_sink *sink);

#endif
