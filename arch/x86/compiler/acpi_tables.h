/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fixed ACPI tables of a cell.  Section numbers are those of the ACPI
 * specification 6.3; all fields little-endian, nothing aligned.
 */
#ifndef SEPTUM_X86_ACPI_TABLES_H
#define SEPTUM_X86_ACPI_TABLES_H

#include <septum/plan.h>

#define ACPI_OEM_ID "SEPTUM"
#define ACPI_OEM_TABLE_ID "SEPTCELL"

/* 5.2.3.2 Generic Address Structure */
struct acpi_gas {
	uint8_t space_id;
	uint8_t bit_width;
	uint8_t bit_offset;
	uint8_t access_size;
	uint64_t address;
} __attribute__((packed));
static_assert(sizeof(struct acpi_gas) == 12, "GAS layout");

#define ACPI_SPACE_IO 1u
#define ACPI_ACCESS_BYTE 1u
#define ACPI_ACCESS_DWORD 3u

/* 5.2.5.3 Root System Description Pointer, revision 2 */
struct acpi_rsdp {
	char signature[8]; /* "RSD PTR " */
	uint8_t checksum; /* of the first 20 bytes */
	char oem_id[6];
	uint8_t revision;
	uint32_t rsdt;
	uint32_t length;
	uint64_t xsdt;
	uint8_t extended_checksum; /* of all 36 */
	uint8_t reserved[3];
} __attribute__((packed));
static_assert(sizeof(struct acpi_rsdp) == 36, "RSDP layout");

/* 5.2.6 System Description Table Header */
struct acpi_header {
	char signature[4];
	uint32_t length;
	uint8_t revision;
	uint8_t checksum; /* the bytes of the table sum to 0 */
	char oem_id[6];
	char oem_table_id[8];
	uint32_t oem_revision;
	char creator_id[4];
	uint32_t creator_revision;
} __attribute__((packed));
static_assert(sizeof(struct acpi_header) == 36, "table header layout");

/* 5.2.8 Extended System Description Table; the DSDT hangs off the FADT */
struct acpi_xsdt {
	struct acpi_header header;
	uint64_t fadt;
	uint64_t madt;
	uint64_t mcfg; /* not in the table if the cell has no PCI */
} __attribute__((packed));
static_assert(sizeof(struct acpi_xsdt) == 60, "XSDT layout");

/* 5.2.9 Fixed ACPI Description Table, revision 6 */
struct acpi_fadt {
	struct acpi_header header;
	uint32_t firmware_ctrl;
	uint32_t dsdt;
	uint8_t reserved0;
	uint8_t preferred_pm_profile;
	uint16_t sci_int;
	uint32_t smi_cmd;
	uint8_t smi_values[4]; /* ACPI_ENABLE .. PSTATE_CNT */
	uint32_t pm1_blocks[4]; /* PM1a_EVT, PM1b_EVT, PM1a_CNT, PM1b_CNT */
	uint32_t pm2_cnt_blk;
	uint32_t pm_tmr_blk;
	uint32_t gpe_blocks[2];
	uint8_t pm1_evt_len;
	uint8_t pm1_cnt_len;
	uint8_t pm2_cnt_len;
	uint8_t pm_tmr_len;
	uint8_t gpe_lengths[3]; /* GPE0_BLK_LEN, GPE1_BLK_LEN, GPE1_BASE */
	uint8_t cst_cnt;
	uint16_t p_lvl2_lat;
	uint16_t p_lvl3_lat;
	uint16_t flush_size;
	uint16_t flush_stride;
	uint8_t duty_offset;
	uint8_t duty_width;
	uint8_t rtc_indexes[3]; /* DAY_ALRM, MON_ALRM, CENTURY */
	uint16_t iapc_boot_arch;
	uint8_t reserved1;
	uint32_t flags;
	struct acpi_gas reset_reg;
	uint8_t reset_value;
	uint16_t arm_boot_arch;
	uint8_t minor_version;
	uint64_t x_firmware_ctrl;
	uint64_t x_dsdt;
	struct acpi_gas x_pm1_blocks[4];
	struct acpi_gas x_pm2_cnt_blk;
	struct acpi_gas x_pm_tmr_blk;
	struct acpi_gas x_gpe_blocks[2];
	struct acpi_gas sleep_control_reg;
	struct acpi_gas sleep_status_reg;
	uint64_t hypervisor_vendor;
} __attribute__((packed));
static_assert(sizeof(struct acpi_fadt) == 276, "FADT layout");
static_assert(offsetof(struct acpi_fadt, iapc_boot_arch) == 109, "FADT layout");
static_assert(offsetof(struct acpi_fadt, x_dsdt) == 140, "FADT layout");
static_assert(offsetof(struct acpi_fadt, x_pm_tmr_blk) == 208, "FADT layout");
static_assert(offsetof(struct acpi_fadt, sleep_control_reg) == 244, "FADT layout");

/* 5.2.9: fixed feature flags */
#define FADT_WBINVD (1u << 0)
#define FADT_PROC_C1 (1u << 2)
#define FADT_PWR_BUTTON (1u << 4) /* set: no fixed-feature power button */
#define FADT_SLP_BUTTON (1u << 5) /* set: no fixed-feature sleep button */
#define FADT_TMR_VAL_EXT (1u << 8)
#define FADT_RESET_REG_SUP (1u << 10)
#define FADT_APIC_PHYSICAL (1u << 19) /* FORCE_APIC_PHYSICAL_DESTINATION_MODE */
#define FADT_HW_REDUCED (1u << 20)

/* 5.2.9.3: IA-PC boot architecture flags */
#define FADT_NO_VGA (1u << 2)
#define FADT_NO_CMOS_RTC (1u << 5)

/* 5.2.12 Multiple APIC Description Table; entries follow */
struct acpi_madt {
	struct acpi_header header;
	uint32_t lapic_address;
	uint32_t flags; /* bit 0 PCAT_COMPAT: there are 8259s */
} __attribute__((packed));
static_assert(sizeof(struct acpi_madt) == 44, "MADT layout");

#define MADT_LOCAL_APIC 0u
#define MADT_IO_APIC 1u
#define MADT_LOCAL_X2APIC 9u
#define MADT_ENABLED (1u << 0)
#define MADT_LOCAL_APIC_IDS 255u /* ids below this one fit a type 0 entry */

/* 5.2.12.2 */
struct acpi_madt_lapic {
	uint8_t type;
	uint8_t length;
	uint8_t processor_uid;
	uint8_t apic_id;
	uint32_t flags;
} __attribute__((packed));
static_assert(sizeof(struct acpi_madt_lapic) == 8, "MADT local APIC layout");

/* 5.2.12.3 */
struct acpi_madt_ioapic {
	uint8_t type;
	uint8_t length;
	uint8_t id;
	uint8_t reserved;
	uint32_t address;
	uint32_t gsi_base;
} __attribute__((packed));
static_assert(sizeof(struct acpi_madt_ioapic) == 12, "MADT I/O APIC layout");

/* 5.2.12.12 */
struct acpi_madt_x2apic {
	uint8_t type;
	uint8_t length;
	uint16_t reserved;
	uint32_t x2apic_id;
	uint32_t flags;
	uint32_t processor_uid;
} __attribute__((packed));
static_assert(sizeof(struct acpi_madt_x2apic) == 16, "MADT local x2APIC layout");

/* PCI Firmware Specification 3.2, 4.1.2: memory-mapped configuration space, one allocation */
struct acpi_mcfg {
	struct acpi_header header;
	uint64_t reserved0;
	uint64_t base; /* GPA of bus 0, also if first_bus is not 0 */
	uint16_t segment;
	uint8_t first_bus;
	uint8_t last_bus;
	uint32_t reserved1;
} __attribute__((packed));
static_assert(sizeof(struct acpi_mcfg) == 60, "MCFG layout");

/* What the tables say about a cell. */
struct acpi_machine {
	uint32_t cpu_count; /* virtual x2APIC ids and _UIDs are 0 .. cpu_count - 1 */
	uint16_t pm_timer_port; /* 0: the board has no PM timer */
	uint32_t pm_timer_bits; /* 24 or 32 */
	uint32_t ioapic; /* GPA of the I/O APIC; 0: the cell owns none of its pins */
	/*
	 * GPA of the configuration space of bus 0; 0: no PCI.  Linux believes one above
	 * 4 GiB only of a BIOS that DMI says is of 2010 or later, and a cell has no DMI.
	 */
	uint64_t ecam;
};

/**
 * acpi_tables_build() - RSDP, XSDT, FADT, MADT, MCFG and the given DSDT in one piece.
 * @dsdt: compiled DSDT, @dsdt_bytes long.
 * @base: where the piece will lie in the cell, below 4 GiB; the RSDP is first.
 * @bytes: set to its size.
 * Return: the piece, from malloc(); aborts when memory ends.
 */
uint8_t *acpi_tables_build(const struct acpi_machine *machine, const uint8_t *dsdt,
			   uint64_t dsdt_bytes, gpa_t base, uint64_t *bytes);

#endif
