/* SPDX-License-Identifier: Apache-2.0 */
#include "explain.h"

#include "page_mix.h"
#include "pins.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct size_text explain_size(uint64_t bytes)
{
	static const char *const units[] = { "bytes", "KiB", "MiB", "GiB", "TiB" };
	struct size_text out;
	size_t unit = 0;

	while (bytes != 0 && bytes % 1024 == 0 && unit + 1 < sizeof(units) / sizeof(units[0])) {
		bytes /= 1024;
		unit++;
	}
	snprintf(out.text, sizeof(out.text), "%" PRIu64 " %s", bytes, units[unit]);
	return out;
}

static void print_pos(struct src_pos pos, FILE *out)
{
	if (pos.file != NULL)
		fprintf(out, "  (%s:%u)", pos.file, pos.line);
	fputc('\n', out);
}

static void print_range(uint64_t start, uint64_t size, FILE *out)
{
	fprintf(out, "0x%" PRIx64 "-0x%" PRIx64, start, size != 0 ? start + (size - 1) : start);
}

static const struct model_device *device_at(const struct model *model, int index)
{
	return index >= 0 && (size_t)index < model->device_count ? &model->devices[index] : NULL;
}

static void print_function(const struct model_function *f, FILE *out)
{
	fprintf(out, "PCI function %02x:%02x.%x", PCI_BUS(f->rid), PCI_DEVICE(f->rid),
		PCI_FUNCTION(f->rid));
	for (unsigned int i = 0; i < MODEL_BARS; i++) {
		if (f->bars[i].kind == MODEL_BAR_NONE)
			continue;
		fprintf(out, f->bars[i].kind == MODEL_BAR_IO ? ", I/O ports " : ", ");
		print_range(f->bars[i].address, f->bars[i].size, out);
	}
}

static void print_device(const struct model_device *device, FILE *out)
{
	if (device->label != NULL)
		fprintf(out, "%s, ", device->label);
	if (device->function != NULL) {
		fprintf(out, "%s: ", device->name);
		print_function(device->function, out);
		return;
	}
	fprintf(out, "%s: I/O ports ", device->name);
	print_range(device->port, device->port_count, out);
}

/* What the interrupt of a cell's device comes to. */
static void print_interrupt(const struct model *model, const struct model_device *device, FILE *out)
{
	if (!device->has_pin)
		return;
	if (pin_owner(model, device->pin) == MODEL_NONE)
		fprintf(out, ", polled: another cell has a device on pin %u too", device->pin);
	else
		fprintf(out, ", interrupt pin %u, %s%s", device->pin,
			device->pin_flags & PLAN_PIN_ACTIVE_LOW ? "low " : "",
			device->pin_flags & PLAN_PIN_LEVEL ? "level" : "edge");
}

static void explain_monitor(const struct model *model, FILE *out)
{
	const struct model_monitor *monitor = &model->monitor;
	const struct model_device *console = device_at(model, monitor->console);

	fprintf(out, "Monitor");
	print_pos(monitor->pos, out);
	fprintf(out, "  range      ");
	print_range(monitor->base, monitor->size, out);
	fprintf(out, "  %s: code, plan, tables, payload store\n", explain_size(monitor->size).text);
	fprintf(out, "  boot page  ");
	print_range(monitor->boot_page, PLAN_PAGE_BYTES, out);
	fprintf(out, "  first instructions of the other CPUs\n  crash      ");
	print_range(monitor->crash, monitor->crash_size, out);
	fprintf(out, "  %s: crash records\n  console    ", explain_size(monitor->crash_size).text);
	if (console != NULL)
		print_device(console, out);
	else
		fprintf(out, "none");
	fputc('\n', out);
}

static void explain_cpus(const struct model *model, const struct model_cell *cell, FILE *out)
{
	for (size_t i = 0; i < cell->cpu_count; i++) {
		int index = cell->cpus[i].index;

		if (index < 0 || (size_t)index >= model->cpu_count)
			continue;
		fprintf(out, "  CPU %-6zu %s, APIC id %u%s\n", i, model->cpus[index].name,
			model->cpus[index].apic_id, i == 0 ? ", boots the cell" : "");
	}
}

static void print_pages(uint64_t count, const char *size, bool *some, FILE *out)
{
	if (count == 0)
		return;
	fprintf(out, "%s%" PRIu64 " x %s", *some ? " + " : "", count, size);
	*some = true;
}

static void explain_ram(const struct model *model, const struct model_memory *memory, FILE *out)
{
	struct page_mix mix = page_mix_of(memory, page_sizes_of(model));
	bool some = false;

	fprintf(out, "  RAM        HPA ");
	print_range(memory->hpa, memory->size, out);
	fprintf(out, "  GPA ");
	print_range(memory->gpa, memory->size, out);
	fprintf(out, "  %s in pages: ", explain_size(memory->size).text);
	print_pages(mix.huge, "1 GiB", &some, out);
	print_pages(mix.large, "2 MiB", &some, out);
	print_pages(mix.small, "4 KiB", &some, out);
	fprintf(out, "; placed by %s", memory->placed ? "its author" : "the partitioner");
	print_pos(memory->pos, out);
}

static void explain_devices(const struct model *model, const struct model_cell *cell, FILE *out)
{
	for (size_t i = 0; i < cell->device_count; i++) {
		const struct model_device *device = device_at(model, cell->devices[i].index);

		if (device == NULL)
			continue;
		fprintf(out, "  device     ");
		print_device(device, out);
		print_interrupt(model, device, out);
		fputc('\n', out);
	}
	for (size_t i = 0; i < cell->port_count; i++) {
		fprintf(out, "  I/O ports  ");
		print_range(cell->ports[i].first, cell->ports[i].count, out);
		fputc('\n', out);
	}
}

static void print_file(const char *what, const struct blob *blob, FILE *out)
{
	if (blob->path == NULL)
		return;
	fprintf(out, "  %-9s  %s, ", what, blob->path);
	if (blob->bytes == NULL)
		fprintf(out, "cannot be read: %s\n", strerror(blob->error));
	else
		fprintf(out, "%s\n", explain_size(blob->size).text);
}

static void explain_payload(const struct model_payload *payload, FILE *out)
{
	static const char *const kinds[] = { [PAYLOAD_NONE] = "payload",
					     [PAYLOAD_LINUX] = "Linux",
					     [PAYLOAD_ELF] = "ELF",
					     [PAYLOAD_FLAT] = "flat" };

	print_file(kinds[payload->kind], &payload->image, out);
	print_file("initrd", &payload->initrd, out);
	if (payload->image.bytes != NULL && payload->kind != PAYLOAD_NONE) {
		if (payload->info.error != NULL)
			fprintf(out, "  refused    %s\n", payload->info.error);
		else
			fprintf(out, "  entry      GPA 0x%" PRIx64 ", %s\n",
				payload->info.entry.raw,
				payload->info.long_mode ? "64-bit mode" : "32-bit protected mode");
	}
	if (payload->cmdline != NULL)
		fprintf(out, "  bootargs   %s\n", payload->cmdline);
}

static void explain_cell(const struct model *model, const struct model_cell *cell, FILE *out)
{
	fprintf(out, "\nCell '%s'", cell->name);
	print_pos(cell->pos, out);
	explain_cpus(model, cell, out);
	for (size_t i = 0; i < cell->memory_count; i++)
		explain_ram(model, &cell->memory[i], out);
	explain_devices(model, cell, out);
	if (cell->owns_nmi)
		fprintf(out, "  NMI        the machine's NMI line\n");
	explain_payload(&cell->payload, out);
	fprintf(out, "  elsewhere  %s\n",
		cell->hole == PLAN_HOLE_ONES ?
			"reads where nothing is give all-ones, writes are dropped" :
			"an access where nothing is stops the cell");
	for (size_t i = 0; i < cell->waiver_count; i++)
		fprintf(out, "  waiver     %s: %s\n", cell->waivers[i].rule,
			cell->waivers[i].reason);
}

static bool cpu_is_owned(const struct model *model, size_t index)
{
	for (size_t c = 0; c < model->cell_count; c++)
		for (size_t i = 0; i < model->cells[c].cpu_count; i++)
			if (model->cells[c].cpus[i].index == (int)index)
				return true;
	return false;
}

static bool device_is_owned(const struct model *model, size_t index)
{
	if (model->monitor.console == (int)index)
		return true;
	for (size_t c = 0; c < model->cell_count; c++)
		for (size_t i = 0; i < model->cells[c].device_count; i++)
			if (model->cells[c].devices[i].index == (int)index)
				return true;
	return false;
}

static const char *unowned_fate(const struct model_device *device)
{
	if (!device->enabled)
		return "disabled on the board";
	if (device->kind == MODEL_DEV_PM_TIMER)
		return "every cell may read it";
	return "out of every cell's reach";
}

static void explain_unowned(const struct model *model, FILE *out)
{
	fprintf(out, "\nOwned by no cell\n");
	for (size_t i = 0; i < model->cpu_count; i++)
		if (!cpu_is_owned(model, i))
			fprintf(out, "  CPU        %s, APIC id %u: %s\n", model->cpus[i].name,
				model->cpus[i].apic_id,
				model->cpus[i].enabled ? "parked in the monitor" :
							 "disabled on the board");
	for (size_t i = 0; i < model->device_count; i++) {
		if (device_is_owned(model, i))
			continue;
		fprintf(out, "  device     ");
		print_device(&model->devices[i], out);
		fprintf(out, ": %s\n", unowned_fate(&model->devices[i]));
	}
}

void explain(const struct model *model, FILE *out)
{
	fprintf(out, "System '%s' on board '%s': %zu cells, %zu CPUs\n\n", model->system,
		model->board, model->cell_count, model->cpu_count);
	if (model->monitor.present)
		explain_monitor(model, out);
	for (size_t c = 0; c < model->cell_count; c++)
		explain_cell(model, &model->cells[c], out);
	explain_unowned(model, out);
	fputc('\n', out);
	explain_memory_map(model, out);
}
