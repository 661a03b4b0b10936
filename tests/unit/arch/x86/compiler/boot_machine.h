/* SPDX-License-Identifier: Apache-2.0 */
/* One cell on a small board, and what a test asks of its boot image. */
#ifndef SEPTUM_TESTS_BOOT_MACHINE_H
#define SEPTUM_TESTS_BOOT_MACHINE_H

#include "../../../fake_bzimage.h"

#include "boot_image.h"
#include "gpa_map.h"

#include <stdio.h>
#include <unistd.h>

#define MIB 0x100000ull

static char folder[] = "/tmp/septum-boot-XXXXXX";

/* A board with two UARTs and a PM timer, and one cell with the second UART. */
struct machine {
	struct model_device devices[3];
	struct model_ref owned;
	struct model_memory memory[2];
	struct model_cell cell;
	struct model model;
	struct load_list loads;
	struct entry_state entry;
	struct diag_sink sink;
	const char *work_dir;
};

static inline void machine_init(struct machine *m, uint64_t ram)
{
	memset(m, 0, sizeof(*m));
	m->devices[0] = (struct model_device){
		.kind = MODEL_DEV_UART, .port = 0x3f8, .port_count = 8, .enabled = true
	};
	m->devices[1] = (struct model_device){
		.kind = MODEL_DEV_UART, .port = 0x2f8, .port_count = 8, .enabled = true
	};
	m->devices[2] = (struct model_device){ .kind = MODEL_DEV_PM_TIMER,
					       .port = 0x608,
					       .port_count = 4,
					       .timer_bits = 24,
					       .enabled = true };
	m->owned.index = 1;
	m->memory[0] = (struct model_memory){ .name = "memory", .gpa = 0, .size = ram };
	m->cell = (struct model_cell){ .name = "box",
				       .cpu_count = 1,
				       .memory = m->memory,
				       .memory_count = 1,
				       .devices = &m->owned,
				       .device_count = 1 };
	m->model = (struct model){
		.devices = m->devices, .device_count = 3, .cells = &m->cell, .cell_count = 1
	};
	m->work_dir = folder;
}

static inline void machine_with_linux(struct machine *m, uint64_t ram)
{
	struct model_payload *p = &m->cell.payload;

	machine_init(m, ram);
	p->kind = PAYLOAD_LINUX;
	fake_bzimage(&p->image);
	p->cmdline = "console=ttyS1,115200";
	payload_parse(p->kind, &p->image, (gpa_t){ 0 }, 0, &p->info);
	assert_null(p->info.error);
}

static inline void give_initrd(struct machine *m, uint64_t size)
{
	m->cell.payload.initrd =
		(struct blob){ .path = "initrd", .bytes = malloc(size + 1), .size = size };
	memset(m->cell.payload.initrd.bytes, 0x5a, size);
}

/* A payload of hand-made segments; the file is 0x3000 bytes of 0x77. */
static inline void machine_with_segment(struct machine *m, uint64_t ram, bool long_mode,
					uint64_t dest)
{
	struct model_payload *p = &m->cell.payload;

	machine_init(m, ram);
	p->kind = long_mode ? PAYLOAD_ELF : PAYLOAD_FLAT;
	p->image = (struct blob){ .path = "x", .bytes = malloc(0x3000), .size = 0x3000 };
	memset(p->image.bytes, 0x77, 0x3000);
	p->info.long_mode = long_mode;
	p->info.segments[0] = (struct payload_segment){ { dest }, 0x100, 0x2000, 0x8000 };
	p->info.segment_count = 1;
	p->info.entry.raw = dest + 8;
}

static inline bool build(struct machine *m)
{
	return boot_image_build(&m->model, &m->cell, m->work_dir, &m->loads, &m->entry, &m->sink);
}

static inline void machine_free(struct machine *m)
{
	load_list_free(&m->loads);
	blob_free(&m->cell.payload.image);
	blob_free(&m->cell.payload.initrd);
	diag_free(&m->sink);
}

static inline const struct load *find(const struct machine *m, const char *name)
{
	for (size_t i = 0; i < m->loads.count; i++)
		if (strcmp(m->loads.items[i].name, name) == 0)
			return &m->loads.items[i];
	return NULL;
}

/* The promise of boot_image.h, checked the slow way. */
static inline void assert_loads_disjoint_and_in_ram(const struct machine *m)
{
	for (size_t i = 0; i < m->loads.count; i++) {
		const struct load *a = &m->loads.items[i];
		bool inside = false;

		for (size_t r = 0; r < m->cell.memory_count; r++)
			inside |= a->dest.raw >= m->memory[r].gpa &&
				  a->dest.raw + a->size <= m->memory[r].gpa + m->memory[r].size;
		assert_true(inside);
		for (size_t j = 0; j < i; j++) {
			const struct load *b = &m->loads.items[j];

			assert_true(a->dest.raw + a->size <= b->dest.raw ||
				    b->dest.raw + b->size <= a->dest.raw);
		}
	}
}

static inline void build_fine(struct machine *m)
{
	bool fine = build(m);

	if (!fine)
		diag_print(&m->sink, stderr);
	assert_true(fine);
	assert_int_equal(m->sink.count, 0);
	assert_loads_disjoint_and_in_ram(m);
}

/* One error of @rule that says @text, and nothing left behind. */
static inline void build_refused(struct machine *m, const char *rule, const char *text)
{
	assert_false(build(m));
	assert_int_equal(m->loads.count, 0);
	assert_null(m->loads.items);
	assert_int_equal(m->sink.count, 1);
	assert_string_equal(m->sink.items[0].rule, rule);
	if (!strstr(m->sink.items[0].text, text))
		fail_msg("'%s' does not say '%s'", m->sink.items[0].text, text);
	machine_free(m);
}

static inline uint64_t get(const struct load *load, unsigned int offset, unsigned int width)
{
	uint64_t value = 0;

	while (width--)
		value = value << 8 | load->bytes[offset + width];
	return value;
}

static inline int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static inline int remove_folder(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command);
}

#endif
