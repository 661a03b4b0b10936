/* SPDX-License-Identifier: Apache-2.0 */
#include "acpi_tables.h"

#include "gpa_map.h"

#include <stdlib.h>
#include <string.h>

#define LAPIC_BASE 0xfee00000u
#define TABLE_ALIGN 16u /* 5.2.5.1 wants it for the RSDP; the rest reads better so */

static uint8_t checksum(const void *table, size_t bytes)
{
	const uint8_t *p = table;
	uint8_t sum = 0;

	while (bytes--)
		sum = (uint8_t)(sum + *p++);
	return (uint8_t)-sum;
}

static struct acpi_header header(const char *signature, uint8_t revision, size_t length)
{
	struct acpi_header h = {
		.length = (uint32_t)length,
		.revision = revision,
		.oem_revision = 1,
		.creator_revision = 1,
	};

	memcpy(h.signature, signature, sizeof(h.signature));
	memcpy(h.oem_id, ACPI_OEM_ID, sizeof(h.oem_id));
	memcpy(h.oem_table_id, ACPI_OEM_TABLE_ID, sizeof(h.oem_table_id));
	memcpy(h.creator_id, "SPTM", sizeof(h.creator_id));
	return h;
}

static struct acpi_gas io_register(uint16_t port, uint8_t bits, uint8_t access)
{
	return (struct acpi_gas){ ACPI_SPACE_IO, bits, 0, access, port };
}

static struct acpi_rsdp rsdp(uint64_t xsdt)
{
	struct acpi_rsdp r = { .revision = 2, .length = sizeof(r), .xsdt = xsdt };

	memcpy(r.signature, "RSD PTR ", sizeof(r.signature));
	memcpy(r.oem_id, ACPI_OEM_ID, sizeof(r.oem_id));
	r.checksum = checksum(&r, offsetof(struct acpi_rsdp, length));
	r.extended_checksum = checksum(&r, sizeof(r));
	return r;
}

/*
 * 5.2.9: the PM timer stays visible on a hardware-reduced machine because
 * Linux calibrates its TSC with it; it takes X_PM_TMR_BLK only from I/O space.
 */
static void add_pm_timer(struct acpi_fadt *f, const struct acpi_machine *machine)
{
	if (machine->pm_timer_port == 0)
		return;
	f->pm_tmr_blk = machine->pm_timer_port;
	f->pm_tmr_len = 4;
	f->x_pm_tmr_blk = io_register(machine->pm_timer_port, 32, ACPI_ACCESS_DWORD);
	if (machine->pm_timer_bits == 32)
		f->flags |= FADT_TMR_VAL_EXT;
}

/*
 * Hardware-reduced (4.1): no SCI, no PM1 block, no FACS.  Reset and S5 go
 * through two registers that the monitor watches (4.8.3.6, 4.8.3.7).
 */
static struct acpi_fadt fadt(const struct acpi_machine *machine, uint64_t dsdt)
{
	struct acpi_fadt f = {
		.header = header("FACP", 6, sizeof(f)),
		.dsdt = (uint32_t)dsdt,
		.iapc_boot_arch = FADT_NO_VGA | FADT_NO_CMOS_RTC,
		.flags = FADT_WBINVD | FADT_PROC_C1 | FADT_PWR_BUTTON | FADT_SLP_BUTTON |
			 FADT_RESET_REG_SUP | FADT_APIC_PHYSICAL | FADT_HW_REDUCED,
		.reset_reg = io_register(PORT_CELL_RESET, 8, ACPI_ACCESS_BYTE),
		.reset_value = PORT_CELL_RESET_VALUE,
		.minor_version = 3,
		.x_dsdt = dsdt,
		.sleep_control_reg = io_register(PORT_CELL_SLEEP, 8, ACPI_ACCESS_BYTE),
		.sleep_status_reg = io_register(PORT_CELL_SLEEP_STATUS, 8, ACPI_ACCESS_BYTE),
	};

	add_pm_timer(&f, machine);
	f.header.checksum = checksum(&f, sizeof(f));
	return f;
}

static size_t xsdt_bytes(const struct acpi_machine *machine)
{
	return machine->ecam ? sizeof(struct acpi_xsdt) : offsetof(struct acpi_xsdt, mcfg);
}

static struct acpi_xsdt xsdt(const struct acpi_machine *machine, uint64_t fadt_at, uint64_t madt_at,
			     uint64_t mcfg_at)
{
	struct acpi_xsdt x = {
		.header = header("XSDT", 1, xsdt_bytes(machine)),
		.fadt = fadt_at,
		.madt = madt_at,
		.mcfg = mcfg_at,
	};

	x.header.checksum = checksum(&x, xsdt_bytes(machine));
	return x;
}

static size_t mcfg_bytes(const struct acpi_machine *machine)
{
	return machine->ecam ? sizeof(struct acpi_mcfg) : 0;
}

/* Segment 0, bus 0 and no other: all that a cell owns is on it. */
static struct acpi_mcfg mcfg(const struct acpi_machine *machine)
{
	struct acpi_mcfg m = {
		.header = header("MCFG", 1, sizeof(m)),
		.base = machine->ecam,
	};

	m.header.checksum = checksum(&m, sizeof(m));
	return m;
}

static size_t madt_bytes(const struct acpi_machine *machine)
{
	const uint32_t cpus = machine->cpu_count;
	size_t small = cpus < MADT_LOCAL_APIC_IDS ? cpus : MADT_LOCAL_APIC_IDS;

	return sizeof(struct acpi_madt) + small * sizeof(struct acpi_madt_lapic) +
	       (cpus - small) * sizeof(struct acpi_madt_x2apic) +
	       (machine->ioapic ? sizeof(struct acpi_madt_ioapic) : 0);
}

/*
 * Ids below 255 as type 0, the others as type 9 (5.2.12.12 and its note on
 * compatibility).  A type 9 entry for a low id is what Linux ignores as soon
 * as a type 0 entry is there; type 0 works with the CPU already in x2APIC mode.
 */
static uint8_t *add_cpu(uint8_t *at, uint32_t id)
{
	if (id < MADT_LOCAL_APIC_IDS) {
		struct acpi_madt_lapic e = { MADT_LOCAL_APIC, sizeof(e), (uint8_t)id, (uint8_t)id,
					     MADT_ENABLED };

		memcpy(at, &e, sizeof(e));
		return at + sizeof(e);
	}
	struct acpi_madt_x2apic e = { MADT_LOCAL_X2APIC, sizeof(e), 0, id, MADT_ENABLED, id };

	memcpy(at, &e, sizeof(e));
	return at + sizeof(e);
}

/* PCAT_COMPAT is 0: no cell has 8259s.  The I/O APIC has id 0, and its pin n is GSI n. */
static void put_madt(uint8_t *at, const struct acpi_machine *machine)
{
	size_t bytes = madt_bytes(machine);
	struct acpi_madt_ioapic ioapic = {
		.type = MADT_IO_APIC,
		.length = sizeof(ioapic),
		.address = machine->ioapic,
	};
	struct acpi_madt m = {
		.header = header("APIC", 5, bytes),
		.lapic_address = LAPIC_BASE,
	};
	uint8_t *entry = at + sizeof(m);

	for (uint32_t id = 0; id < machine->cpu_count; id++)
		entry = add_cpu(entry, id);
	if (machine->ioapic)
		memcpy(entry, &ioapic, sizeof(ioapic));
	memcpy(at, &m, sizeof(m));
	m.header.checksum = checksum(at, bytes);
	memcpy(at, &m, sizeof(m));
}

static uint64_t next_table(uint64_t offset)
{
	return (offset + TABLE_ALIGN - 1) & ~(uint64_t)(TABLE_ALIGN - 1);
}

uint8_t *acpi_tables_build(const struct acpi_machine *machine, const uint8_t *dsdt,
			   uint64_t dsdt_bytes, gpa_t base, uint64_t *bytes)
{
	uint64_t xsdt_at = next_table(sizeof(struct acpi_rsdp));
	uint64_t fadt_at = next_table(xsdt_at + xsdt_bytes(machine));
	uint64_t madt_at = next_table(fadt_at + sizeof(struct acpi_fadt));
	uint64_t mcfg_at = next_table(madt_at + madt_bytes(machine));
	uint64_t dsdt_at = next_table(mcfg_at + mcfg_bytes(machine));
	struct acpi_rsdp r = rsdp(base.raw + xsdt_at);
	struct acpi_xsdt x = xsdt(machine, base.raw + fadt_at, base.raw + madt_at,
				  base.raw + mcfg_at);
	struct acpi_fadt f = fadt(machine, base.raw + dsdt_at);
	struct acpi_mcfg m = mcfg(machine);
	uint8_t *out;

	*bytes = dsdt_at + dsdt_bytes;
	out = calloc(1, *bytes);
	if (!out)
		abort();
	memcpy(out, &r, sizeof(r));
	memcpy(out + xsdt_at, &x, xsdt_bytes(machine));
	memcpy(out + fadt_at, &f, sizeof(f));
	put_madt(out + madt_at, machine);
	memcpy(out + mcfg_at, &m, mcfg_bytes(machine));
	memcpy(out + dsdt_at, dsdt, dsdt_bytes);
	return out;
}
