/* SPDX-License-Identifier: Apache-2.0 */
/* Judged by the bytes at the specification's offsets, and by iasl. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "acpi_dsdt.h"
#include "acpi_tables.h"
#include "gpa_map.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/septum-acpi-XXXXXX";

static void shell(const char *command, int expected)
{
	char full[512];

	snprintf(full, sizeof(full), "cd %s && %s", folder, command);
	assert_int_equal(system(full), expected);
}

static void in_folder(char path[128], const char *name)
{
	snprintf(path, 128, "%s/%s", folder, name);
}

static void write_bytes(const char *name, const void *bytes, size_t size)
{
	char path[128];
	FILE *out;

	in_folder(path, name);
	out = fopen(path, "w");
	assert_non_null(out);
	assert_int_equal(fwrite(bytes, 1, size, out), size);
	assert_int_equal(fclose(out), 0);
}

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command);
}

/* ---- the fixed tables ---- */

static const uint8_t fake_dsdt[40] = "DSDT";

struct tables {
	uint8_t *bytes;
	uint64_t size;
};

static struct tables make_tables(uint32_t cpus, uint32_t timer_bits)
{
	const struct acpi_machine machine = { cpus, 0x608, timer_bits, 0, 0 };
	struct tables t;

	t.bytes = acpi_tables_build(&machine, fake_dsdt, sizeof(fake_dsdt), (gpa_t){ GPA_ACPI },
				    &t.size);
	return t;
}

static uint64_t get(const uint8_t *p, unsigned int offset, unsigned int width)
{
	uint64_t value = 0;

	while (width--)
		value = value << 8 | p[offset + width];
	return value;
}

static unsigned int sum(const uint8_t *p, uint64_t size)
{
	unsigned int total = 0;

	while (size--)
		total += *p++;
	return total & 0xff;
}

/* The table at a guest-physical address; all of it must lie in the piece. */
static const uint8_t *table_at(const struct tables *t, uint64_t gpa, const char *signature)
{
	const uint8_t *p = t->bytes + (gpa - GPA_ACPI);

	assert_true(gpa >= GPA_ACPI && gpa - GPA_ACPI + 36 <= t->size);
	assert_memory_equal(p, signature, 4);
	assert_true(gpa - GPA_ACPI + get(p, 4, 4) <= t->size);
	assert_int_equal(sum(p, get(p, 4, 4)), 0);
	assert_memory_equal(p + 10, "SEPTUM", 6);
	return p;
}

static unsigned int xsdt_entries(const struct tables *t)
{
	return (unsigned int)(get(table_at(t, get(t->bytes, 24, 8), "XSDT"), 4, 4) - 36) / 8;
}

static const uint8_t *xsdt_entry(const struct tables *t, unsigned int index, const char *signature)
{
	const uint8_t *xsdt = table_at(t, get(t->bytes, 24, 8), "XSDT");

	assert_true(index < xsdt_entries(t));
	return table_at(t, get(xsdt, 36 + 8 * index, 8), signature);
}

static void the_rsdp_leads_to_every_table_with_sound_checksums(void **state)
{
	struct tables t = make_tables(1, 24);
	const uint8_t *fadt;

	(void)state;
	assert_memory_equal(t.bytes, "RSD PTR ", 8);
	assert_int_equal(get(t.bytes, 15, 1), 2);
	assert_int_equal(get(t.bytes, 20, 4), 36);
	assert_int_equal(sum(t.bytes, 20), 0);
	assert_int_equal(sum(t.bytes, 36), 0);
	fadt = xsdt_entry(&t, 0, "FACP");
	xsdt_entry(&t, 1, "APIC");
	assert_int_equal(xsdt_entries(&t), 2);
	assert_int_equal(get(fadt, 40, 4), get(fadt, 140, 8));
	assert_memory_equal(t.bytes + (get(fadt, 140, 8) - GPA_ACPI), fake_dsdt, sizeof(fake_dsdt));
	free(t.bytes);
}

static void assert_io_register(const uint8_t *gas, uint64_t port, unsigned int bits,
			       unsigned int access)
{
	assert_int_equal(get(gas, 0, 1), 1); /* system I/O */
	assert_int_equal(get(gas, 1, 1), bits);
	assert_int_equal(get(gas, 2, 1), 0);
	assert_int_equal(get(gas, 3, 1), access);
	assert_int_equal(get(gas, 4, 8), port);
}

static void the_fadt_offers_a_hardware_reduced_machine_and_the_cells_ports(void **state)
{
	struct tables t = make_tables(1, 24);
	const uint8_t *fadt = xsdt_entry(&t, 0, "FACP");
	uint64_t flags = get(fadt, 112, 4);

	(void)state;
	assert_int_equal(get(fadt, 4, 4), 276);
	assert_int_equal(get(fadt, 8, 1), 6);
	assert_true(flags & 1u << 20); /* HW_REDUCED_ACPI */
	assert_true(flags & 1u << 19); /* FORCE_APIC_PHYSICAL_DESTINATION_MODE */
	assert_true(flags & 1u << 10); /* RESET_REG_SUP */
	assert_true(flags & 1u << 0); /* WBINVD */
	assert_false(flags & 1u << 8); /* TMR_VAL_EXT */
	assert_int_equal(get(fadt, 109, 2), 0x24); /* no VGA, no CMOS RTC, no 8042 */
	assert_io_register(fadt + 116, 0xcf9, 8, 1);
	assert_int_equal(get(fadt, 128, 1), 6);
	assert_int_equal(get(fadt, 36, 4), 0); /* no FACS */
	assert_int_equal(get(fadt, 132, 8), 0);
	assert_int_equal(get(fadt, 91, 1), 4);
	assert_io_register(fadt + 208, 0x608, 32, 3);
	assert_io_register(fadt + 244, PORT_CELL_SLEEP, 8, 1);
	assert_io_register(fadt + 256, PORT_CELL_SLEEP_STATUS, 8, 1);
	free(t.bytes);
}

static void a_32_bit_pm_timer_is_said_to_be_one(void **state)
{
	struct tables t = make_tables(1, 32);

	(void)state;
	assert_true(get(xsdt_entry(&t, 0, "FACP"), 112, 4) & 1u << 8);
	free(t.bytes);
}

static void a_board_without_pm_timer_has_no_timer_block(void **state)
{
	const struct acpi_machine machine = { .cpu_count = 1 };
	struct tables t;
	const uint8_t *fadt;

	(void)state;
	t.bytes = acpi_tables_build(&machine, fake_dsdt, sizeof(fake_dsdt), (gpa_t){ GPA_ACPI },
				    &t.size);
	fadt = xsdt_entry(&t, 0, "FACP");
	assert_int_equal(get(fadt, 91, 1), 0);
	assert_int_equal(get(fadt, 208, 1), 0);
	assert_int_equal(get(fadt, 212, 8), 0);
	free(t.bytes);
}

/* Each virtual id once, enabled, in the entry type that fits it; nothing else. */
static void check_madt(uint32_t cpus)
{
	struct tables t = make_tables(cpus, 24);
	const uint8_t *madt = xsdt_entry(&t, 1, "APIC");
	uint64_t at = 44;

	assert_int_equal(get(madt, 36, 4), 0xfee00000);
	assert_int_equal(get(madt, 40, 4), 0); /* no 8259s */
	for (uint32_t id = 0; id < cpus; id++) {
		const uint8_t *e = madt + at;
		bool small = id < 255;

		assert_int_equal(e[0], small ? 0 : 9);
		assert_int_equal(e[1], small ? 8 : 16);
		assert_int_equal(small ? e[2] : get(e, 12, 4), id); /* processor uid */
		assert_int_equal(small ? e[3] : get(e, 4, 4), id); /* APIC id */
		assert_int_equal(small ? get(e, 4, 4) : get(e, 8, 4), 1); /* enabled */
		at += e[1];
	}
	assert_int_equal(at, get(madt, 4, 4));
	free(t.bytes);
}

static void the_madt_lists_each_virtual_cpu_once(void **state)
{
	(void)state;
	check_madt(1);
	check_madt(4);
	check_madt(255);
	check_madt(256);
}

static struct tables make_tables_with_ioapic(void)
{
	const struct acpi_machine machine = { .cpu_count = 2, .ioapic = 0xfec00000 };
	struct tables t;

	t.bytes = acpi_tables_build(&machine, fake_dsdt, sizeof(fake_dsdt), (gpa_t){ GPA_ACPI },
				    &t.size);
	return t;
}

static void the_madt_has_the_ioapic_if_the_cell_owns_a_pin(void **state)
{
	struct tables t = make_tables_with_ioapic();
	const uint8_t *madt = xsdt_entry(&t, 1, "APIC");
	const uint8_t *e = madt + 44 + 2 * 8;

	(void)state;
	assert_int_equal(get(madt, 4, 4), 44 + 2 * 8 + 12);
	assert_int_equal(e[0], 1);
	assert_int_equal(e[1], 12);
	assert_int_equal(e[2], 0); /* id */
	assert_int_equal(get(e, 4, 4), 0xfec00000);
	assert_int_equal(get(e, 8, 4), 0); /* first GSI */
	free(t.bytes);
}

static struct tables make_tables_with_pci(uint64_t ecam)
{
	const struct acpi_machine machine = { .cpu_count = 1, .ecam = ecam };
	struct tables t;

	t.bytes = acpi_tables_build(&machine, fake_dsdt, sizeof(fake_dsdt), (gpa_t){ GPA_ACPI },
				    &t.size);
	return t;
}

static void the_mcfg_names_configuration_space_of_bus_0_alone(void **state)
{
	struct tables t = make_tables_with_pci(0xb0000000);
	const uint8_t *mcfg = xsdt_entry(&t, 2, "MCFG");

	(void)state;
	assert_int_equal(xsdt_entries(&t), 3);
	assert_int_equal(get(mcfg, 4, 4), 60);
	assert_int_equal(mcfg[8], 1);
	assert_int_equal(get(mcfg, 36, 8), 0);
	assert_int_equal(get(mcfg, 44, 8), 0xb0000000);
	assert_int_equal(get(mcfg, 52, 2), 0); /* segment */
	assert_int_equal(mcfg[54], 0); /* first bus */
	assert_int_equal(mcfg[55], 0); /* last bus */
	assert_int_equal(get(mcfg, 56, 4), 0);
	assert_memory_equal(t.bytes + (get(xsdt_entry(&t, 0, "FACP"), 140, 8) - GPA_ACPI),
			    fake_dsdt, sizeof(fake_dsdt));
	free(t.bytes);
	t = make_tables_with_pci(0x1040000000);
	assert_int_equal(get(xsdt_entry(&t, 2, "MCFG"), 44, 8), 0x1040000000);
	free(t.bytes);
}

/*
 * iasl decodes the table to text without a complaint, and compiling that text
 * gives the same bytes again, but for the compiler's own name and the checksum.
 */
static void assert_round_trip(const uint8_t *table)
{
	uint64_t size = get(table, 4, 4);
	char path[128];
	struct blob again;

	write_bytes("t.bin", table, size);
	shell("iasl -d t.bin > log 2>&1 && iasl -vs t.dsl >> log 2>&1", 0);
	shell("grep -Eiq '^(error|warning|remark)|incorrect|invalid|unknown' log t.dsl", 1 << 8);
	shell("grep -q '0 Errors, 0 Warnings, 0 Remarks' log", 0);
	in_folder(path, "t.aml");
	blob_read(&again, path, NULL);
	assert_int_equal(again.size, size);
	again.bytes[9] = table[9];
	memcpy(again.bytes + 28, table + 28, 8);
	assert_memory_equal(again.bytes, table, size);
	blob_free(&again);
}

static void iasl_decodes_and_rebuilds_the_same_tables(void **state)
{
	struct tables t = make_tables(256, 32);

	(void)state;
	assert_round_trip(table_at(&t, get(t.bytes, 24, 8), "XSDT"));
	assert_round_trip(xsdt_entry(&t, 0, "FACP"));
	assert_round_trip(xsdt_entry(&t, 1, "APIC"));
	free(t.bytes);
	t = make_tables_with_ioapic();
	assert_round_trip(xsdt_entry(&t, 1, "APIC"));
	free(t.bytes);
	t = make_tables_with_pci(0xb0000000);
	assert_round_trip(table_at(&t, get(t.bytes, 24, 8), "XSDT"));
	assert_round_trip(xsdt_entry(&t, 2, "MCFG"));
	free(t.bytes);
}

/* ---- the DSDT ---- */

static const struct src_pos here = { "duo.dts", 7 };

static void write_dsdt(uint32_t cpus, const struct acpi_uart *uarts, size_t count)
{
	char path[128];
	FILE *out;

	in_folder(path, "dsdt.asl");
	out = fopen(path, "w");
	assert_non_null(out);
	acpi_dsdt_write(out, cpus, uarts, count, &(struct acpi_pci){ .ecam = 0 });
	assert_int_equal(fclose(out), 0);
}

static void iasl_compiles_the_dsdt_without_a_remark(void **state)
{
	static const struct acpi_uart uarts[] = { { 0x2f8, 8, .has_gsi = true, .gsi = 3 },
						  { .port = 0x3e8, .port_count = 8 } };
	struct diag_sink sink = { .count = 0 };
	struct blob aml;

	(void)state;
	write_dsdt(256, uarts, 2);
	assert_true(acpi_dsdt_compile(folder, here, &aml, &sink));
	assert_int_equal(sink.count, 0);
	assert_memory_equal(aml.bytes, "DSDT", 4);
	assert_int_equal(get(aml.bytes, 4, 4), aml.size);
	assert_int_equal(sum(aml.bytes, aml.size), 0);
	blob_free(&aml);
	shell("grep -q '0 Errors, 0 Warnings, 0 Remarks' iasl.log", 0);
}

static void the_compiled_dsdt_names_cpus_uarts_and_s5(void **state)
{
	static const struct acpi_uart uarts[] = { { .port = 0x2f8, .port_count = 8 },
						  { .port = 0x3e8, .port_count = 8 } };
	struct diag_sink sink = { .count = 0 };
	struct blob aml;

	(void)state;
	write_dsdt(3, uarts, 2);
	assert_true(acpi_dsdt_compile(folder, here, &aml, &sink));
	blob_free(&aml);
	shell("iasl -d -p back dsdt.aml > log 2>&1", 0);
	shell("test $(grep -c '\"ACPI0007\"' back.dsl) = 3", 0);
	shell("test $(grep -c 'PNP0501' back.dsl) = 2", 0);
	shell("test $(grep -c '0x02F8, ' back.dsl) = 2", 0);
	shell("test $(grep -c '0x03E8, ' back.dsl) = 2", 0);
	shell("grep -A3 'Name (_S5' back.dsl | grep -q 0x05", 0);
	shell("grep -Eq 'IRQ|Interrupt' back.dsl", 1 << 8);
}

/* One UART's interrupt, as iasl reads it back from the table. */
static void check_interrupt(bool shared, uint32_t flags, const char *words)
{
	const struct acpi_uart uart = { .port = 0x2f8,
					.port_count = 8,
					.has_gsi = true,
					.gsi_shared = shared,
					.gsi = 119,
					.gsi_flags = flags };
	struct diag_sink sink = { .count = 0 };
	char command[256];
	struct blob aml;

	write_dsdt(1, &uart, 1);
	assert_true(acpi_dsdt_compile(folder, here, &aml, &sink));
	blob_free(&aml);
	shell("iasl -d -p back dsdt.aml > log 2>&1", 0);
	snprintf(command, sizeof(command),
		 "grep -A2 'Interrupt (ResourceConsumer, %s,' back.dsl | grep -q 0x00000077",
		 words);
	shell(command, 0);
}

static void an_owned_pin_is_the_uarts_interrupt(void **state)
{
	(void)state;
	check_interrupt(false, 0, "Edge, ActiveHigh, Exclusive");
	check_interrupt(true, 0, "Edge, ActiveHigh, Shared");
	check_interrupt(false, PLAN_PIN_LEVEL, "Level, ActiveHigh, Exclusive");
	check_interrupt(false, PLAN_PIN_LEVEL | PLAN_PIN_ACTIVE_LOW, "Level, ActiveLow, Exclusive");
}

static void assert_refused(const char *rule_text)
{
	struct diag_sink sink = { .count = 0 };
	struct blob aml;

	assert_false(acpi_dsdt_compile(folder, here, &aml, &sink));
	assert_null(aml.bytes);
	assert_int_equal(sink.count, 1);
	assert_string_equal(sink.items[0].rule, "acpi");
	assert_int_equal(sink.items[0].severity, DIAG_ERROR);
	assert_int_equal(sink.items[0].pos.line, 7);
	assert_null(strchr(sink.items[0].text, '\n'));
	if (!strstr(sink.items[0].text, rule_text))
		fail_msg("'%s' does not say '%s'", sink.items[0].text, rule_text);
	diag_free(&sink);
}

static void what_iasl_refuses_is_reported_in_its_words(void **state)
{
	static const char broken[] = "DefinitionBlock (\"\", \"DSDT\", 2, \"A\", \"B\", 1) { Nme }";
	static const char doubtful[] = "DefinitionBlock (\"\", \"DSDT\", 2, \"SEPTUM\", \"B\", 1)\n"
				       "{ Method (M000) { Return (Arg3) } }";

	(void)state;
	write_bytes("dsdt.asl", broken, sizeof(broken) - 1);
	assert_refused("Nme");
	write_bytes("dsdt.asl", doubtful, sizeof(doubtful) - 1);
	assert_refused("status");
}

static void put_fake_iasl(const char *script)
{
	char path[128];

	in_folder(path, "bin");
	mkdir(path, 0777);
	write_bytes("bin/iasl", script, strlen(script));
	in_folder(path, "bin/iasl");
	assert_int_equal(chmod(path, 0755), 0);
	in_folder(path, "bin");
	assert_int_equal(setenv("PATH", path, 1), 0);
}

static void a_missing_or_broken_iasl_is_a_clear_error(void **state)
{
	const char *path = getenv("PATH");
	char *saved = strdup(path ? path : "/usr/bin:/bin");

	(void)state;
	write_dsdt(1, NULL, 0);
	setenv("PATH", "/nonexistent", 1);
	assert_refused("cannot run iasl: No such file or directory; install the package");
	put_fake_iasl("#!/bin/sh\necho out of cheese\nexit 3\n");
	assert_refused("with status 3: out of cheese");
	put_fake_iasl("#!/bin/sh\nexit 0\n");
	assert_refused("left no readable");
	put_fake_iasl("#!/bin/sh\necho short > \"$4.aml\"\n");
	assert_refused("is no whole DSDT");
	put_fake_iasl("#!/bin/sh\nkill -9 $$\n");
	assert_refused("died of signal 9");
	setenv("PATH", saved, 1);
	free(saved);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_rsdp_leads_to_every_table_with_sound_checksums),
		cmocka_unit_test(the_fadt_offers_a_hardware_reduced_machine_and_the_cells_ports),
		cmocka_unit_test(a_32_bit_pm_timer_is_said_to_be_one),
		cmocka_unit_test(a_board_without_pm_timer_has_no_timer_block),
		cmocka_unit_test(the_madt_lists_each_virtual_cpu_once),
		cmocka_unit_test(the_madt_has_the_ioapic_if_the_cell_owns_a_pin),
		cmocka_unit_test(the_mcfg_names_configuration_space_of_bus_0_alone),
		cmocka_unit_test(iasl_decodes_and_rebuilds_the_same_tables),
		cmocka_unit_test(iasl_compiles_the_dsdt_without_a_remark),
		cmocka_unit_test(the_compiled_dsdt_names_cpus_uarts_and_s5),
		cmocka_unit_test(an_owned_pin_is_the_uarts_interrupt),
		cmocka_unit_test(what_iasl_refuses_is_reported_in_its_words),
		cmocka_unit_test(a_missing_or_broken_iasl_is_a_clear_error),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
