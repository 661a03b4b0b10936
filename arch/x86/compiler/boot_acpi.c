/* SPDX-License-Identifier: Apache-2.0 */
/* From the model of a cell to its ACPI tables in guest memory. */
#include "acpi_dsdt.h"
#include "acpi_tables.h"
#include "boot_layout.h"
#include "cell_pci.h"
#include "gpa_map.h"
#include "pins.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool fail(const struct boot_layout *layout, const char *what, const char *path)
{
	diag_add(layout->sink, "acpi", DIAG_ERROR, layout->cell->pos,
		 "cell '%s': cannot %s %s: %s; choose a writable work folder", layout->cell->name,
		 what, path, strerror(errno));
	return false;
}

static struct acpi_uart describe_uart(const struct model *model, const struct model_cell *cell,
				      const struct model_device *device)
{
	return (struct acpi_uart){
		.port = device->port,
		.port_count = device->port_count,
		.has_gsi = device->has_pin &&
			   pin_owner(model, device->pin) == (int)(cell - model->cells),
		.gsi_shared = pin_users(model, cell, device->pin) > 1,
		.gsi = device->pin,
		.gsi_flags = device->pin_flags,
	};
}

/* The cell's own UARTs, in the order in which it lists them. */
static struct acpi_uart *owned_uarts(const struct model *model, const struct model_cell *cell,
				     size_t *count)
{
	struct acpi_uart *uarts = calloc(cell->device_count + 1, sizeof(*uarts));

	if (!uarts)
		abort();
	*count = 0;
	for (size_t i = 0; i < cell->device_count; i++) {
		const struct model_device *d = device_of_ref(model, &cell->devices[i]);

		if (d && d->kind == MODEL_DEV_UART)
			uarts[(*count)++] = describe_uart(model, cell, d);
	}
	return uarts;
}

static bool write_asl(const struct boot_layout *layout, const struct model *model,
		      const struct acpi_pci *pci, const char *dir)
{
	char path[PATH_MAX];
	struct acpi_uart *uarts;
	size_t count;
	FILE *out;

	if (snprintf(path, sizeof(path), "%s/dsdt.asl", dir) >= PATH_MAX) {
		errno = ENAMETOOLONG;
		return fail(layout, "write in", dir);
	}
	out = fopen(path, "w");
	if (!out)
		return fail(layout, "write", path);
	uarts = owned_uarts(model, layout->cell, &count);
	acpi_dsdt_write(out, (uint32_t)layout->cell->cpu_count, uarts, count, pci);
	free(uarts);
	if (fclose(out) != 0)
		return fail(layout, "write", path);
	return true;
}

/* The cell's DSDT, compiled in @dir. */
static bool make_dsdt(const struct boot_layout *layout, const struct model *model, const char *dir,
		      struct blob *dsdt)
{
	struct acpi_pci pci;
	bool fine = cell_pci_describe(model, layout->cell, &pci, layout->sink) &&
		    write_asl(layout, model, &pci, dir);

	cell_pci_free(&pci);
	return fine && acpi_dsdt_compile(dir, layout->cell->pos, dsdt, layout->sink);
}

static struct acpi_machine describe(const struct model *model, const struct model_cell *cell)
{
	struct acpi_machine machine = {
		.cpu_count = (uint32_t)cell->cpu_count,
		.ecam = cell_ecam(model, cell),
	};

	if (cell_pins(model, cell, NULL) > 0)
		machine.ioapic = (uint32_t)model->ioapic.base;
	for (size_t i = 0; i < model->device_count; i++) {
		const struct model_device *d = &model->devices[i];

		if (d->kind != MODEL_DEV_PM_TIMER || !d->enabled)
			continue;
		machine.pm_timer_port = (uint16_t)d->port;
		machine.pm_timer_bits = d->timer_bits;
	}
	return machine;
}

/* The name becomes a folder's name; the rule name-valid has refused any other. */
static bool make_dir(const struct boot_layout *layout, const char *work_dir, char *dir)
{
	const char *name = layout->cell->name;

	if (strchr(name, '/') || strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
	    snprintf(dir, PATH_MAX, "%s/%s", work_dir, name) >= PATH_MAX) {
		errno = EINVAL;
		return fail(layout, "make a folder named after the cell in", work_dir);
	}
	if (mkdir(work_dir, 0777) != 0 && errno != EEXIST)
		return fail(layout, "make the folder", work_dir);
	if (mkdir(dir, 0777) != 0 && errno != EEXIST)
		return fail(layout, "make the folder", dir);
	return true;
}

bool boot_acpi_add(struct boot_layout *layout, const struct model *model, const char *work_dir)
{
	struct acpi_machine machine = describe(model, layout->cell);
	char dir[PATH_MAX];
	struct blob dsdt;
	uint8_t *tables;
	uint64_t bytes;

	if (!make_dir(layout, work_dir, dir) || !make_dsdt(layout, model, dir, &dsdt))
		return false;
	tables = acpi_tables_build(&machine, dsdt.bytes, dsdt.size, (gpa_t){ GPA_ACPI }, &bytes);
	blob_free(&dsdt);
	if (bytes > GPA_ACPI_END - GPA_ACPI) {
		diag_add(layout->sink, "acpi", DIAG_ERROR, layout->cell->pos,
			 "cell '%s': ACPI tables take %" PRIu64 " bytes, %u are kept for them; "
			 "give the cell fewer CPUs or devices",
			 layout->cell->name, bytes, GPA_ACPI_END - GPA_ACPI);
		free(tables);
		return false;
	}
	boot_layout_add(layout, "acpi", GPA_ACPI, tables, bytes, GPA_ACPI_END - GPA_ACPI);
	free(tables);
	return true;
}
