/* SPDX-License-Identifier: Apache-2.0 */
/* layout.json: the finished image's addresses, for tests and tools. */
#include "layout_report.h"

#include "cpu_order.h"

#include <inttypes.h>
#include <septum/x86/vmcb.h>
#include <septum/x86/vmcs.h>

struct report {
	FILE *out;
	const struct built_plan *built;
	const struct plan *plan;
	const struct plan_cpu *cpus;
	const struct plan_cell *cells;
};

/* RFC 8259, section 7 */
static void write_string(FILE *out, const char *text)
{
	fputc('"', out);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			fputc('\\', out);
		if ((unsigned char)*text < 0x20)
			fprintf(out, "\\u%04x", (unsigned int)(unsigned char)*text);
		else
			fputc(*text, out);
	}
	fputc('"', out);
}

static void write_key_string(FILE *out, const char *key, const char *text)
{
	fprintf(out, "\"%s\": ", key);
	write_string(out, text);
}

static void write_key(FILE *out, const char *key, uint64_t value)
{
	fprintf(out, ", \"%s\": %" PRIu64, key, value);
}

static const char *separator(size_t index, size_t count)
{
	return index + 1 < count ? "," : "";
}

static void write_head(const struct report *report, const struct model *model)
{
	const struct plan *plan = report->plan;
	FILE *out = report->out;

	fputs("{\n  ", out);
	write_key_string(out, "system", plan->system);
	fputs(",\n  ", out);
	write_key_string(out, "board", plan->board);
	fputs(",\n  \"plan_hash\": \"", out);
	for (unsigned int i = 0; i < PLAN_HASH_BYTES; i++)
		fprintf(out, "%02x", plan->hash[i]);
	fprintf(out, "\",\n  \"plan\": %" PRIu64 ",\n  \"plan_size\": %" PRIu64, plan->base.raw,
		plan->size);
	fprintf(out, ",\n  \"boot_cr3\": %" PRIu64 ",\n  \"boot_page\": %" PRIu64,
		plan->boot_cr3.raw, plan->boot_page.raw);
	fprintf(out, ",\n  \"console_port\": %u,\n  \"free\": %" PRIu64 ",\n", plan->console_port,
		layout_free_bytes(&report->built->layout, model));
}

static void write_cpus(const struct report *report, const struct cpu_order *order)
{
	FILE *out = report->out;

	fputs("  \"cpus\": [\n", out);
	for (size_t i = 0; i < report->plan->cpus.count; i++) {
		const struct plan_cpu *cpu = &report->cpus[i];

		fputs("    {", out);
		write_key_string(out, "name", order->slots[i].cpu->name);
		write_key(out, "apic_id", cpu->apic_id.raw);
		fputs(", \"cell\": ", out);
		if (cpu->cell == PLAN_NO_CELL)
			fputs("null", out);
		else
			write_string(out, report->cells[cpu->cell].name);
		write_key(out, "virtual_id", cpu->virtual_id);
		write_key(out, "block", cpu->block.raw);
		write_key(out, "counters", cpu->block.raw + CPU_BLOCK_COUNTERS);
		write_key(out, "crash", cpu->crash.raw);
		write_key(out, "cr3", cpu->cr3.raw);
		write_key(out, "mailbox", cpu->block.raw + CPU_BLOCK_MAILBOX);
		fprintf(out, "}%s\n", separator(i, report->plan->cpus.count));
	}
	fputs("  ],\n", out);
}

static void write_ram(const struct report *report, const struct plan_cell *cell)
{
	const struct plan_ram *ram = plan_array(report->built, &report->plan->ram);
	FILE *out = report->out;

	fputs(",\n     \"ram\": [", out);
	for (uint32_t i = 0; i < cell->ram_count; i++, fputs("}", out)) {
		const struct plan_ram *piece = &ram[cell->first_ram + i];

		fprintf(out, "%s{\"gpa\": %" PRIu64, i ? ", " : "", piece->gpa.raw);
		write_key(out, "hpa", piece->hpa.raw);
		write_key(out, "size", piece->size);
	}
	fputs("]", out);
}

static void write_loads(const struct report *report, const struct plan_cell *cell)
{
	const struct plan_load *loads;
	FILE *out = report->out;

	fputs(",\n     \"loads\": [", out);
	for (uint32_t i = 0; i < cell->load_count; i++) {
		loads = plan_array(report->built, &report->plan->loads);
		loads += cell->first_load + i;
		fputs(i ? ",\n               {" : "{", out);
		write_key_string(out, "name", loads->name);
		write_key(out, "dest", loads->dest.raw);
		write_key(out, "source", loads->source.raw);
		write_key(out, "size", loads->size);
		fputs("}", out);
	}
	fputs("]", out);
}

static uint64_t vmcs_value(const struct vmcs_template *vmcs, uint32_t encoding)
{
	for (uint32_t i = 0; i < vmcs->count; i++)
		if (vmcs->fields[i].encoding == encoding)
			return vmcs->fields[i].value;
	return 0;
}

static void write_tables(const struct report *report, const struct plan_cell *cell)
{
	const struct plan_bytes *bytes = &report->built->bytes;

	if (cell->vmcb_entry.raw) {
		const struct vmcb *vmcb = plan_bytes_at(bytes, cell->vmcb_entry);

		write_key(report->out, "nested_root", vmcb->control.nested_cr3);
		write_key(report->out, "iopm", vmcb->control.iopm_base);
		write_key(report->out, "msrpm", vmcb->control.msrpm_base);
	}
	if (cell->vmcs_entry.raw) {
		const struct vmcs_template *vmcs = plan_bytes_at(bytes, cell->vmcs_entry);
		const uint64_t eptp = vmcs_value(vmcs, VMCS_EPTP);

		write_key(report->out, "ept_root", eptp & ~(uint64_t)(PLAN_PAGE_BYTES - 1));
		write_key(report->out, "io_bitmaps", vmcs_value(vmcs, VMCS_IO_BITMAP_A));
		write_key(report->out, "msr_bitmap", vmcs_value(vmcs, VMCS_MSR_BITMAP));
	}
}

static void write_cells(const struct report *report, const struct cpu_order *order)
{
	FILE *out = report->out;

	fputs("  \"cells\": [\n", out);
	for (size_t i = 0; i < report->plan->cells.count; i++) {
		const struct plan_cell *cell = &report->cells[i];

		fputs("    {", out);
		write_key_string(out, "name", cell->name);
		fputs(", \"cpus\": [", out);
		for (uint32_t n = 0; n < cell->cpu_count; n++) {
			fputs(n ? ", " : "", out);
			write_string(out, order->slots[cell->first_cpu + n].cpu->name);
		}
		fputs("]", out);
		write_tables(report, cell);
		if (cell->ram_count > 0)
			write_ram(report, cell);
		else
			fputs(",\n     \"ram\": []", out);
		write_loads(report, cell);
		fprintf(out, "}%s\n", separator(i, report->plan->cells.count));
	}
	fputs("  ],\n", out);
}

static void write_segments(const struct report *report)
{
	const struct layout *layout = &report->built->layout;
	FILE *out = report->out;

	fputs("  \"segments\": [\n", out);
	for (unsigned int i = 0; i < layout->count; i++) {
		const struct layout_segment *segment = &layout->segments[i];

		fputs("    {", out);
		write_key_string(out, "name", segment->name);
		write_key(out, "start", segment->start.raw);
		write_key(out, "size", segment->size);
		fprintf(out, ", \"rights\": \"%s%s%s\"}%s\n",
			segment->rights & PLAN_RIGHT_READ ? "r" : "-",
			segment->rights & PLAN_RIGHT_WRITE ? "w" : "-",
			segment->rights & PLAN_RIGHT_EXEC ? "x" : "-", separator(i, layout->count));
	}
	fputs("  ]\n}\n", out);
}

void layout_report_write(FILE *out, const struct built_plan *built, const struct model *model)
{
	const struct plan *plan = plan_head(built);
	const struct report report = {
		.out = out,
		.built = built,
		.plan = plan,
		.cpus = plan_array(built, &plan->cpus),
		.cells = plan_array(built, &plan->cells),
	};
	struct cpu_order order;

	cpu_order_make(model, &order);
	write_head(&report, model);
	write_cpus(&report, &order);
	write_cells(&report, &order);
	write_segments(&report);
	cpu_order_free(&order);
}
