/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small system for tests of what comes after the model: four CPUs, two cells
 * (the second has two CPUs), one parked CPU, a monitor of three segments, and loads with content.
 */
#ifndef TESTS_SAMPLE_SYSTEM_H
#define TESTS_SAMPLE_SYSTEM_H

#include "plan_build.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#define SAMPLE_BASE 0x10000000ull
#define SAMPLE_TEXT_BYTES 0x2345u
#define SAMPLE_FILE_TEXT 0x1000u
#define SAMPLE_RODATA (SAMPLE_BASE + 0x3000)
#define SAMPLE_FILE_RODATA 0x4000u
#define SAMPLE_DATA (SAMPLE_BASE + 0x4000)
#define SAMPLE_FILE_DATA 0x5000u
#define SAMPLE_DATA_BYTES 0x10u
#define SAMPLE_DATA_MEMORY 0x2010u
#define SAMPLE_FILE_BYTES 0x6000u
#define SAMPLE_ENTRY (SAMPLE_BASE + 0x100)
#define SAMPLE_HEADER 0x40u /* of struct monitor_header in the text */

struct sample {
	struct model model;
	struct model_cpu cpus[4];
	struct model_ref cpus_a[1], cpus_b[2];
	struct model_memory memory_a[2], memory_b[1];
	struct model_ref devices_a[1];
	struct model_device devices[3];
	struct model_range ram[1], reserved[2], mmio[1];
	struct model_cell cells[2];
	struct load loads_a[2], loads_b[1];
	struct cell_image images[2];
	struct monitor_elf monitor;
	struct plan_input input;
	struct diag_sink sink;
};

static inline void sample_board(struct sample *s)
{
	static const char *const names[] = { "cpu@0", "cpu@2", "cpu@4", "cpu@6" };
	const uint32_t features = PLAN_FEATURE_SVM | PLAN_FEATURE_NPT | PLAN_FEATURE_X2APIC |
				  PLAN_FEATURE_NX;

	for (uint32_t i = 0; i < 4; i++)
		s->cpus[i] = (struct model_cpu){
			.name = names[i], .apic_id = 2 * i, .features = features, .enabled = true
		};
	s->devices[0] = (struct model_device){ .name = "serial@3f8",
					       .kind = MODEL_DEV_UART,
					       .port = 0x3f8,
					       .port_count = 8,
					       .clock_hz = 1843200,
					       .enabled = true };
	s->devices[1] = s->devices[0];
	s->devices[1].name = "serial@2f8";
	s->devices[1].port = 0x2f8;
	s->devices[2] = (struct model_device){ .name = "timer@608",
					       .kind = MODEL_DEV_PM_TIMER,
					       .port = 0x608,
					       .port_count = 4,
					       .timer_bits = 24,
					       .enabled = true };
	s->ram[0] = (struct model_range){ .name = "memory@0", .size = 0x80000000 };
	s->reserved[0] = (struct model_range){ "firmware@9f000", 0x9f000, 0x61000, { 0 } };
	/* Covers a cell's RAM and more on both sides: must be split around it. */
	s->reserved[1] = (struct model_range){ "firmware@3f000000", 0x3f000000, 0x2000000, { 0 } };
	s->mmio[0] = (struct model_range){ "lapic@fee00000", 0xfee00000, 0x1000, { 0 } };
	s->model.cpus = s->cpus;
	s->model.cpu_count = 4;
	s->model.devices = s->devices;
	s->model.device_count = 3;
	s->model.ram = s->ram;
	s->model.ram_count = 1;
	s->model.reserved = s->reserved;
	s->model.reserved_count = 2;
	s->model.mmio = s->mmio;
	s->model.mmio_count = 1;
	s->model.board = "board";
	s->model.phys_bits = 40;
	s->model.features = features;
}

static inline void sample_cells(struct sample *s)
{
	s->cpus_a[0].index = 2;
	s->cpus_b[0].index = 3;
	s->cpus_b[1].index = 1;
	s->devices_a[0].index = 1;
	/* In descending GPA order on purpose. */
	s->memory_a[0] =
		(struct model_memory){ .gpa = 0x800000, .hpa = 0x40000000, .size = 0x400000 };
	s->memory_a[1] = (struct model_memory){ .gpa = 0, .hpa = 0x50000000, .size = 0x800000 };
	s->memory_b[0] = (struct model_memory){ .gpa = 0, .hpa = 0x60001000, .size = 0x300000 };
	s->cells[0] = (struct model_cell){ .name = "alpha",
					   .cpus = s->cpus_a,
					   .cpu_count = 1,
					   .memory = s->memory_a,
					   .memory_count = 2,
					   .devices = s->devices_a,
					   .device_count = 1,
					   .hole = PLAN_HOLE_ONES };
	s->cells[1] = (struct model_cell){ .name = "beta",
					   .cpus = s->cpus_b,
					   .cpu_count = 2,
					   .memory = s->memory_b,
					   .memory_count = 1 };
	s->model.cells = s->cells;
	s->model.cell_count = 2;
	s->model.system = "sample";
	s->model.monitor = (struct model_monitor){ .present = true,
						   .base = SAMPLE_BASE,
						   .size = 0x1000000,
						   .console = 0,
						   .boot_page = 0x8000,
						   .crash = 0x20000000,
						   .crash_size = 0x4000 };
}

static inline void sample_load(struct load *load, const char *name, uint64_t dest, uint64_t size,
			       uint8_t fill)
{
	load->dest.raw = dest;
	load->size = size;
	load->bytes = malloc(size);
	if (!load->bytes)
		abort();
	strncpy(load->name, name, sizeof(load->name) - 1);
	memset(load->bytes, fill, size);
}

static inline void sample_images(struct sample *s)
{
	sample_load(&s->loads_a[0], "kernel", 0x100000, 0x5001, 0xa1);
	sample_load(&s->loads_a[1], "initrd", 0x400000, 0x1000, 0xa2);
	sample_load(&s->loads_b[0], "flat", 0x100000, 0x10, 0xb1);
	s->images[0].loads = (struct load_list){ s->loads_a, 2 };
	s->images[0].entry = (struct entry_state){ .mode = ENTRY_LONG64,
						   .rip = { 0x100200 },
						   .cr3 = { 0x2000 },
						   .rax = 1,
						   .rbx = 2,
						   .rsi = 3,
						   .rdi = 4 };
	s->images[1].loads = (struct load_list){ s->loads_b, 1 };
	s->images[1].entry = (struct entry_state){ .mode = ENTRY_PROTECTED32, .rip = { 0x100000 } };
}

static inline void sample_program(uint8_t *file, unsigned int index, const Elf64_Phdr *program)
{
	memcpy(file + sizeof(Elf64_Ehdr) + index * sizeof(*program), program, sizeof(*program));
}

/* monitor.elf as a linker would make it. */
static inline void sample_monitor_file(struct blob *file)
{
	const Elf64_Ehdr header = {
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
			     EV_CURRENT },
		.e_type = ET_EXEC,
		.e_machine = EM_X86_64,
		.e_entry = SAMPLE_ENTRY,
		.e_phoff = sizeof(header),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = 3,
	};
	const struct monitor_header own = { .magic = MONITOR_HEADER_MAGIC,
					    .version = PLAN_VERSION };
	const uint32_t multiboot = 0xe85250d6u;

	*file = (struct blob){ .path = "monitor.elf", .size = SAMPLE_FILE_BYTES };
	file->bytes = calloc(1, SAMPLE_FILE_BYTES);
	if (!file->bytes)
		abort();
	memset(file->bytes + SAMPLE_FILE_TEXT, 0xcc, SAMPLE_TEXT_BYTES);
	memcpy(file->bytes, &header, sizeof(header));
	sample_program(file->bytes, 0,
		       &(Elf64_Phdr){ PT_LOAD, PF_R | PF_X, SAMPLE_FILE_TEXT, SAMPLE_BASE,
				      SAMPLE_BASE, SAMPLE_TEXT_BYTES, SAMPLE_TEXT_BYTES, 4096 });
	sample_program(file->bytes, 1,
		       &(Elf64_Phdr){ PT_LOAD, PF_R, SAMPLE_FILE_RODATA, SAMPLE_RODATA,
				      SAMPLE_RODATA, 0x20, 0x20, 4096 });
	sample_program(file->bytes, 2,
		       &(Elf64_Phdr){ PT_LOAD, PF_R | PF_W, SAMPLE_FILE_DATA, SAMPLE_DATA,
				      SAMPLE_DATA, SAMPLE_DATA_BYTES, SAMPLE_DATA_MEMORY, 4096 });
	memcpy(file->bytes + SAMPLE_FILE_TEXT, &multiboot, sizeof(multiboot));
	memcpy(file->bytes + SAMPLE_FILE_TEXT + SAMPLE_HEADER, &own, sizeof(own));
}

static inline int sample_setup(void **state)
{
	struct sample *s = calloc(1, sizeof(*s));

	if (!s)
		abort();
	sample_board(s);
	sample_cells(s);
	sample_images(s);
	sample_monitor_file(&s->monitor.file);
	s->input = (struct plan_input){ &s->model, &s->monitor, s->images };
	*state = s;
	return monitor_elf_parse(&s->monitor, SAMPLE_BASE) == NULL ? 0 : -1;
}

static inline int sample_teardown(void **state)
{
	struct sample *s = *state;

	free(s->loads_a[0].bytes);
	free(s->loads_a[1].bytes);
	free(s->loads_b[0].bytes);
	blob_free(&s->monitor.file);
	diag_free(&s->sink);
	free(s);
	return 0;
}

/* The only finding's rule, or NULL if there is not exactly one. */
static inline const char *sample_only_rule(const struct sample *s)
{
	return s->sink.count == 1 ? s->sink.items[0].rule : NULL;
}

struct built {
	struct built_plan plan;
	const struct plan *head;
	const struct plan_cpu *cpus;
	const struct plan_cell *cells;
};

/* The caller frees built->plan. */
static inline void build(struct sample *s, struct built *built)
{
	if (!plan_build(&s->input, &built->plan, &s->sink))
		abort();
	built->head = plan_head(&built->plan);
	built->cpus = plan_array(&built->plan, &built->head->cpus);
	built->cells = plan_array(&built->plan, &built->head->cells);
}

#endif
