/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small model that breaks no rule, for tests that then break one thing: a
 * board of four CPUs, 1 GiB of RAM and two UARTs beside the monitor's, and two
 * cells, "linux" and "rt".  Each thing stands on a line of its own.
 */
#ifndef TEST_SOUND_MODEL_H
#define TEST_SOUND_MODEL_H

#include "model.h"
#include "rules/rules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct sound {
	struct model model;
	struct model_cpu cpus[4];
	struct model_range ram[2], reserved[1], mmio[1];
	struct model_device devices[4];
	struct model_cell cells[2];
	struct model_ref cpu_refs[2][3], device_refs[2][2];
	struct model_memory memory[2][2];
	struct model_ports ports[2][1];
	uint8_t bytes[1];
	struct diag_sink sink;
};

#define AT(line) ((struct src_pos){ "s.dts", (line) })

enum { LINUX, RT };

static inline void sound_board(struct sound *s)
{
	static const char *const names[] = { "cpu@0", "cpu@1", "cpu@2", "cpu@3" };

	for (int i = 0; i < 4; i++)
		s->cpus[i] = (struct model_cpu){ .name = names[i],
						 .apic_id = (uint32_t)i,
						 .core = i,
						 .cluster = i,
						 .features = PLAN_FEATURE_SVM | PLAN_FEATURE_NPT |
							     PLAN_FEATURE_X2APIC,
						 .enabled = true,
						 .pos = AT(1 + (unsigned int)i) };
	s->ram[0] = (struct model_range){ "memory@0", 0, 0x20000000, AT(5) };
	s->ram[1] = (struct model_range){ "memory@0", 0x20000000, 0x20000000, AT(5) };
	s->reserved[0] = (struct model_range){ "firmware", 0x3f000000, 0x1000000, AT(6) };
	s->mmio[0] = (struct model_range){ "ecam", 0xb0000000, 0x10000000, AT(7) };
	s->devices[0] = (struct model_device){
		.name = "com1", .port = 0x3f8, .port_count = 8, .enabled = true, .pos = AT(8)
	};
	s->devices[1] = (struct model_device){
		.name = "com2", .port = 0x2f8, .port_count = 8, .enabled = true, .pos = AT(9)
	};
	s->devices[2] = (struct model_device){
		.name = "com3", .port = 0x3e8, .port_count = 8, .enabled = true, .pos = AT(10)
	};
	s->devices[3] = (struct model_device){ .name = "timer",
					       .kind = MODEL_DEV_PM_TIMER,
					       .port = 0x608,
					       .port_count = 4,
					       .enabled = true,
					       .pos = AT(11) };
}

static inline void sound_cell(struct sound *s, int c, const char *name, uint64_t hpa)
{
	struct model_cell *cell = &s->cells[c];
	const unsigned int line = 20u + 10u * (unsigned int)c;

	s->cpu_refs[c][0] = (struct model_ref){ c + 1, AT(line + 1) };
	s->device_refs[c][0] = (struct model_ref){ c + 1, AT(line + 2) };
	s->memory[c][0] = (struct model_memory){
		.name = "memory", .placed = true, .hpa = hpa, .size = 0x400000, .pos = AT(line + 3)
	};
	*cell = (struct model_cell){ .name = name,
				     .cpus = s->cpu_refs[c],
				     .cpu_count = 1,
				     .devices = s->device_refs[c],
				     .device_count = 1,
				     .memory = s->memory[c],
				     .memory_count = 1,
				     .ports = s->ports[c],
				     .pos = AT(line) };
	cell->payload.kind = PAYLOAD_FLAT;
	cell->payload.image = (struct blob){ .path = "p.bin", .bytes = s->bytes, .size = 0x1000 };
	cell->payload.info.segment_count = 1;
	cell->payload.info.segments[0] = (struct payload_segment){ .dest = { 0x100000 },
								   .file_bytes = 0x1000,
								   .memory_bytes = 0x1000 };
	cell->payload.info.entry.raw = 0x100000;
	cell->payload.image_pos = AT(line + 4);
	cell->payload.initrd_pos = AT(line + 5);
	cell->payload.cmdline_pos = AT(line + 6);
}

static inline void sound_set_up(struct sound *s)
{
	memset(s, 0, sizeof(*s));
	sound_board(s);
	sound_cell(s, LINUX, "linux", 0x21000000);
	sound_cell(s, RT, "rt", 0x22000000);
	s->model = (struct model){ .system = "duo",
				   .for_board = "small",
				   .system_pos = AT(40),
				   .board = "small",
				   .board_pos = AT(41),
				   .version = 1,
				   .cpus = s->cpus,
				   .cpu_count = 4,
				   .ram = s->ram,
				   .ram_count = 2,
				   .reserved = s->reserved,
				   .reserved_count = 1,
				   .mmio = s->mmio,
				   .mmio_count = 1,
				   .devices = s->devices,
				   .device_count = 4,
				   .phys_bits = 36,
				   .cells = s->cells,
				   .cell_count = 2 };
	s->model.monitor = (struct model_monitor){ .present = true,
						   .base = 0x10000000,
						   .size = 0x1000000,
						   .pos = AT(50),
						   .console = 0,
						   .console_pos = AT(51),
						   .boot_page = 0x8000,
						   .boot_page_pos = AT(52),
						   .crash = 0x11000000,
						   .crash_size = 0x4000,
						   .crash_pos = AT(53) };
}

typedef void (*rule_function)(const struct model *m, struct diag_sink *sink);

/* The rule finds nothing. */
static inline void sound_keeps(struct sound *s, rule_function rule)
{
	rule(&s->model, &s->sink);
	if (s->sink.count != 0)
		fail_msg("unexpected finding: %s", s->sink.items[0].text);
}

/* The rule finds one thing, at @line, and says @text. */
static inline void sound_breaks(struct sound *s, rule_function rule, unsigned int line,
				const char *text)
{
	rule(&s->model, &s->sink);
	assert_int_equal(s->sink.count, 1);
	assert_string_equal(s->sink.items[0].text, text);
	assert_int_equal(s->sink.items[0].pos.line, line);
	diag_free(&s->sink);
}

#endif
