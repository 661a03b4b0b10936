/* SPDX-License-Identifier: Apache-2.0 */
#include "plan_build.h"

#include "plan_owners.h"
#include "sample_system.h"

#include <nettle/sha2.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

static void the_head_names_system_board_ranges_and_ports(void **state)
{
	struct sample *s = *state;
	struct built built;

	build(s, &built);
	assert_int_equal(built.head->magic, PLAN_MAGIC);
	assert_int_equal(built.head->version, PLAN_VERSION);
	assert_int_equal(built.head->header_bytes, sizeof(struct plan));
	assert_int_equal(built.head->base.raw, built.plan.layout.plan->start.raw);
	assert_int_equal(built.head->size, built.plan.layout.plan->size);
	assert_string_equal(built.head->system, "sample");
	assert_string_equal(built.head->board, "board");
	assert_int_equal(built.head->monitor_base.raw, SAMPLE_BASE);
	assert_int_equal(built.head->monitor_size, 0x1000000);
	assert_int_equal(built.head->boot_page.raw, 0x8000);
	assert_int_equal(built.head->crash.raw, 0x20000000);
	assert_int_equal(built.head->console_port, 0x3f8);
	assert_int_equal(built.head->console_divisor, 1);
	assert_int_equal(built.head->pm_timer_port, 0x608);
	assert_int_equal(built.head->pm_timer_bits, 24);
	assert_int_equal(built.head->phys_bits, 40);
	built_plan_free(&built.plan);
}

static void the_divisor_follows_the_uarts_clock(void **state)
{
	struct sample *s = *state;
	struct built built;

	s->devices[0].clock_hz = 24 * 1843200;
	build(s, &built);
	assert_int_equal(built.head->console_divisor, 24);
	built_plan_free(&built.plan);
	s->model.monitor.console = MODEL_NONE;
	build(s, &built);
	assert_int_equal(built.head->console_port, 0);
	built_plan_free(&built.plan);
}

static void cpus_stand_in_cell_order_and_parked_ones_last(void **state)
{
	static const struct {
		uint32_t apic_id, cell, virtual_id;
	} wanted[] = { { 4, 0, 0 }, { 6, 1, 0 }, { 2, 1, 1 }, { 0, PLAN_NO_CELL, 0 } };
	struct sample *s = *state;
	struct built built;

	build(s, &built);
	assert_int_equal(built.head->cpus.count, 4);
	assert_int_equal(built.head->cpus.entry_bytes, sizeof(struct plan_cpu));
	for (uint32_t i = 0; i < 4; i++) {
		assert_int_equal(built.cpus[i].apic_id.raw, wanted[i].apic_id);
		assert_int_equal(built.cpus[i].cell, wanted[i].cell);
		assert_int_equal(built.cpus[i].virtual_id, wanted[i].virtual_id);
		assert_int_equal(built.cpus[i].block.raw,
				 built.plan.layout.blocks->start.raw + i * CPU_BLOCK_BYTES);
		assert_int_equal(built.cpus[i].crash.raw, 0x20000000 + i * 0x1000);
	}
	built_plan_free(&built.plan);
}

static void a_cpu_that_the_board_disables_is_left_out(void **state)
{
	struct sample *s = *state;
	struct built built;

	s->cpus[0].enabled = false;
	build(s, &built);
	assert_int_equal(built.head->cpus.count, 3);
	built_plan_free(&built.plan);
}

static void cells_point_at_their_cpus_ram_and_loads(void **state)
{
	/* In the processor's order: RAX, RBX, RSI and RDI are the payload's. */
	static const uint64_t gprs[] = { 1, 0, 0, 2, 0, 0, 3, 4 };
	struct sample *s = *state;
	const struct plan_ram *ram;
	struct built built;

	build(s, &built);
	assert_int_equal(built.head->cells.count, 2);
	assert_string_equal(built.cells[0].name, "alpha");
	assert_int_equal(built.cells[0].first_cpu, 0);
	assert_int_equal(built.cells[0].cpu_count, 1);
	assert_int_equal(built.cells[0].ram_count, 2);
	assert_int_equal(built.cells[0].load_count, 2);
	assert_int_equal(built.cells[0].hole_policy, PLAN_HOLE_ONES);
	for (size_t i = 0; i < 8; i++)
		assert_int_equal(built.cells[0].boot_gprs[i], gprs[i]);
	assert_int_equal(built.cells[1].first_cpu, 1);
	assert_int_equal(built.cells[1].cpu_count, 2);
	assert_int_equal(built.cells[1].first_ram, 2);
	assert_int_equal(built.cells[1].first_load, 2);
	assert_int_equal(built.cells[1].hole_policy, PLAN_HOLE_STOP);
	ram = plan_array(&built.plan, &built.head->ram);
	assert_int_equal(ram[0].gpa.raw, 0);
	assert_int_equal(ram[0].hpa.raw, 0x50000000);
	assert_int_equal(ram[1].gpa.raw, 0x800000);
	assert_int_equal(ram[2].hpa.raw, 0x60001000);
	assert_int_equal(ram[2].size, 0x300000);
	built_plan_free(&built.plan);
}

static void pins_stand_by_cell_and_the_nmi_has_its_owner(void **state)
{
	struct sample *s = *state;
	struct model_ref devices_b[] = { { .index = 2 }, { .index = 0 } };
	const struct plan_pin *pins;
	struct built built;

	build(s, &built);
	assert_int_equal(built.head->pins.count, 0);
	assert_int_equal(built.head->ioapic.raw, 0);
	built_plan_free(&built.plan);
	s->model.ioapic = (struct model_ioapic){ .present = true, .base = 0xfec00000, .pins = 24 };
	for (uint32_t i = 0; i < 3; i++) {
		s->devices[i].has_pin = true;
		s->devices[i].pin = 4 + i;
	}
	s->devices[2].pin_flags = PLAN_PIN_LEVEL | PLAN_PIN_ACTIVE_LOW;
	s->cells[1].devices = devices_b;
	s->cells[1].device_count = 2;
	s->cells[1].owns_nmi = true;
	build(s, &built);
	assert_int_equal(built.head->ioapic.raw, 0xfec00000);
	assert_int_equal(built.head->pins.count, 3);
	assert_int_equal(built.head->pins.entry_bytes, sizeof(struct plan_pin));
	assert_int_equal(built.cells[0].first_pin, 0);
	assert_int_equal(built.cells[0].pin_count, 1);
	assert_int_equal(built.cells[1].first_pin, 1);
	assert_int_equal(built.cells[1].pin_count, 2);
	assert_int_equal(built.cells[0].flags, 0);
	assert_int_equal(built.cells[1].flags, PLAN_CELL_OWNS_NMI);
	pins = plan_array(&built.plan, &built.head->pins);
	for (uint32_t i = 0; i < 3; i++)
		assert_int_equal(pins[i].cell, i == 0 ? 0 : 1);
	assert_int_equal(pins[0].pin, 5);
	assert_int_equal(pins[1].pin, 4);
	assert_int_equal(pins[2].pin, 6);
	assert_int_equal(pins[1].flags, 0);
	assert_int_equal(pins[2].flags, PLAN_PIN_LEVEL | PLAN_PIN_ACTIVE_LOW);
	built_plan_free(&built.plan);
}

static void loads_carry_the_hash_of_their_bytes(void **state)
{
	struct sample *s = *state;
	struct sha256_ctx context;
	uint8_t hash[PLAN_HASH_BYTES];
	const struct plan_load *loads;
	struct built built;

	build(s, &built);
	loads = plan_array(&built.plan, &built.head->loads);
	assert_int_equal(built.head->loads.count, 3);
	assert_string_equal(loads[1].name, "initrd");
	assert_int_equal(loads[1].dest.raw, 0x400000);
	assert_int_equal(loads[1].size, 0x1000);
	assert_int_equal(loads[1].source.raw, built.plan.layout.sources[1].raw);
	sha256_init(&context);
	sha256_update(&context, 0x1000, s->loads_a[1].bytes);
	sha256_digest(&context, sizeof(hash), hash);
	assert_memory_equal(loads[1].hash, hash, sizeof(hash));
	built_plan_free(&built.plan);
}

static void the_plans_hash_covers_every_byte_but_itself(void **state)
{
	struct sample *s = *state;
	struct sha256_ctx context;
	uint8_t hash[PLAN_HASH_BYTES];
	struct plan head;
	struct built built;

	build(s, &built);
	head = *built.head;
	memset(head.hash, 0, sizeof(head.hash));
	sha256_init(&context);
	sha256_update(&context, sizeof(head), (const uint8_t *)&head);
	sha256_update(&context, built.head->size - sizeof(head),
		      built.plan.bytes.bytes + sizeof(head));
	sha256_digest(&context, sizeof(hash), hash);
	assert_memory_equal(built.head->hash, hash, sizeof(hash));
	built_plan_free(&built.plan);
}

static void two_builds_of_one_input_are_byte_identical(void **state)
{
	struct sample *s = *state;
	struct built first, second;

	build(s, &first);
	build(s, &second);
	assert_int_equal(first.head->size, second.head->size);
	assert_memory_equal(first.plan.bytes.bytes, second.plan.bytes.bytes, first.head->size);
	built_plan_free(&first.plan);
	built_plan_free(&second.plan);
}

static void owners_are_sorted_disjoint_and_firmware_gives_way_to_ram(void **state)
{
	static const struct {
		uint64_t start, size;
		uint32_t kind, cell;
		const char *name;
	} wanted[] = {
		{ 0x8000, 0x1000, PLAN_OWNER_MONITOR, PLAN_NO_CELL, "boot page" },
		{ 0x9f000, 0x61000, PLAN_OWNER_FIRMWARE, PLAN_NO_CELL, "firmware@9f000" },
		{ 0x10000000, 0x1000000, PLAN_OWNER_MONITOR, PLAN_NO_CELL, "monitor" },
		{ 0x20000000, 0x4000, PLAN_OWNER_MONITOR, PLAN_NO_CELL, "crash records" },
		{ 0x3f000000, 0x1000000, PLAN_OWNER_FIRMWARE, PLAN_NO_CELL, "firmware@3f000000" },
		{ 0x40000000, 0x400000, PLAN_OWNER_CELL_RAM, 0, "alpha" },
		{ 0x40400000, 0xc00000, PLAN_OWNER_FIRMWARE, PLAN_NO_CELL, "firmware@3f000000" },
		{ 0x50000000, 0x800000, PLAN_OWNER_CELL_RAM, 0, "alpha" },
		{ 0x60001000, 0x300000, PLAN_OWNER_CELL_RAM, 1, "beta" },
		{ 0xfee00000, 0x1000, PLAN_OWNER_DEVICE, PLAN_NO_CELL, "lapic@fee00000" },
	};
	const size_t count = sizeof(wanted) / sizeof(wanted[0]);
	struct sample *s = *state;
	const struct plan_owner *owners;
	struct built built;

	build(s, &built);
	assert_int_equal(built.head->owners.count, count);
	owners = plan_array(&built.plan, &built.head->owners);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(owners[i].start.raw, wanted[i].start);
		assert_int_equal(owners[i].size, wanted[i].size);
		assert_int_equal(owners[i].kind, wanted[i].kind);
		assert_int_equal(owners[i].cell, wanted[i].cell);
		assert_string_equal(owners[i].name, wanted[i].name);
	}
	built_plan_free(&built.plan);
}

static void a_long_name_is_cut_and_still_ends(void **unused)
{
	char name[PLAN_NAME_BYTES];

	(void)unused;
	memset(name, 'x', sizeof(name));
	plan_name(name, "a-name-of-more-than-thirty-one-letters-in-all");
	assert_string_equal(name, "a-name-of-more-than-thirty-one-");
}

static void a_system_that_does_not_fit_is_refused_with_numbers(void **state)
{
	struct sample *s = *state;
	struct built_plan plan;

	s->model.monitor.size = 0x40000;
	assert_false(plan_build(&s->input, &plan, &s->sink));
	assert_string_equal(sample_only_rule(s), "monitor-fits");
	built_plan_free(&plan);
}

static void cell_ram_on_the_plan_is_refused_even_if_no_rule_saw_it(void **state)
{
	struct sample *s = *state;
	struct built_plan plan;

	s->memory_b[0].hpa = SAMPLE_BASE + 0x8000;
	assert_false(plan_build(&s->input, &plan, &s->sink));
	assert_string_equal(sample_only_rule(s), "ram-overlap");
	built_plan_free(&plan);
}

/* 64 CPUs, 16 cells of 64 GiB each: the size the tables must scale to. */
static void a_terabyte_for_sixteen_cells_stays_within_its_range(void **state)
{
	static struct model_cpu cpus[64];
	static struct model_ref refs[64];
	static struct model_memory memory[16];
	static struct model_cell cells[16];
	static struct cell_image images[16];
	struct sample *s = *state;
	struct built built;

	for (uint32_t i = 0; i < 64; i++) {
		cpus[i] = (struct model_cpu){ .name = "cpu", .apic_id = i, .enabled = true };
		refs[i].index = (int)i;
	}
	for (uint64_t i = 0; i < 16; i++) {
		memory[i] = (struct model_memory){ .hpa = (i + 1) << 36, .size = 1ull << 36 };
		cells[i] = (struct model_cell){ .name = "cell",
						.cpus = &refs[4 * i],
						.cpu_count = 4,
						.memory = &memory[i],
						.memory_count = 1 };
	}
	s->model.cpus = cpus;
	s->model.cpu_count = 64;
	s->model.cells = cells;
	s->model.cell_count = 16;
	s->model.phys_bits = 48;
	s->model.features = PLAN_FEATURE_SVM | PLAN_FEATURE_NPT;
	s->model.monitor.size = 0x10000000;
	s->model.monitor.crash_size = 64 * PLAN_CRASH_BYTES;
	s->input.images = images;
	build(s, &built);
	/* One table of 2 MiB pages per GiB: for each cell once nested, and once per CPU. */
	assert_true(built.head->size > (16 + 64) * 64 * 4096);
	assert_true(built.head->size < (16 + 64) * 80 * 4096);
	built_plan_free(&built.plan);
}

#define WITH_SAMPLE(test) cmocka_unit_test_setup_teardown(test, sample_setup, sample_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_SAMPLE(the_head_names_system_board_ranges_and_ports),
		WITH_SAMPLE(the_divisor_follows_the_uarts_clock),
		WITH_SAMPLE(cpus_stand_in_cell_order_and_parked_ones_last),
		WITH_SAMPLE(a_cpu_that_the_board_disables_is_left_out),
		WITH_SAMPLE(cells_point_at_their_cpus_ram_and_loads),
		WITH_SAMPLE(pins_stand_by_cell_and_the_nmi_has_its_owner),
		WITH_SAMPLE(loads_carry_the_hash_of_their_bytes),
		WITH_SAMPLE(the_plans_hash_covers_every_byte_but_itself),
		WITH_SAMPLE(two_builds_of_one_input_are_byte_identical),
		WITH_SAMPLE(owners_are_sorted_disjoint_and_firmware_gives_way_to_ram),
		cmocka_unit_test(a_long_name_is_cut_and_still_ends),
		WITH_SAMPLE(a_system_that_does_not_fit_is_refused_with_numbers),
		WITH_SAMPLE(cell_ram_on_the_plan_is_refused_even_if_no_rule_saw_it),
		WITH_SAMPLE(a_terabyte_for_sixteen_cells_stays_within_its_range),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
