/* SPDX-License-Identifier: Apache-2.0 */
/* What reaches the I/O APIC of two cells' accesses to its page, on a made-up chip. */
#include "ioapic.h"

#include "host_arch.h"
#include "ioapic_hw.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#define BASE 0xfec00000ull
#define CHIP_PINS 24u
#define CPUS 5u
#define BUSY 0x1000u /* delivery status */
#define REMOTE_IRR 0x4000u

/* ---- the chip: plain registers, as ioapic_hw.c would reach them ---- */

static struct {
	uint32_t regs[256];
	unsigned int writes;
} chip;

/* Isolation: at no moment does the chip leave what the cells own. */
static void assert_contained(void)
{
	for (unsigned int pin = 0; pin < CHIP_PINS; pin++) {
		const uint32_t low = chip.regs[0x10 + 2 * pin];
		const uint32_t high = chip.regs[0x11 + 2 * pin];
		const bool a = pin == 3 || pin == 5 || pin == 7, b = pin == 4;

		if (low & 0x10000)
			continue;
		assert_true(a || b);
		/* Fixed, physical, nothing unknown; the status bits are the chip's. */
		assert_int_equal(low & ~(0xa0ffu | BUSY | REMOTE_IRR), 0);
		assert_in_range(low & 0xff, 0x10, 0xfe);
		assert_true(b ? high == 2u << 24 :
				high == 9u << 24 || high == 4u << 24 || high == 254u << 24);
		assert_int_equal(low & 0xa000, pin == 5 ? 0x8000 : pin == 7 ? 0xa000 : 0);
	}
}

uint32_t ioapic_read(hpa_t base, uint32_t reg)
{
	assert_int_equal(base.raw, BASE);
	assert_true(reg < 256);
	return chip.regs[reg];
}

void ioapic_write(hpa_t base, uint32_t reg, uint32_t value)
{
	assert_int_equal(base.raw, BASE);
	assert_true(reg < 256);
	chip.regs[reg] = value;
	chip.writes++;
	assert_contained();
}

/* ---- three cells: "a" with CPUs 9, 4, 254 and pins 3, 5, 7; "b" with pin 4; "c" with none ---- */

static _Alignas(4096) uint8_t blocks[CPUS][CPU_BLOCK_BYTES];
static struct plan_cpu plan_cpus_of_all[CPUS];
static const uint32_t apic_ids[CPUS] = { 9, 4, 254, 2, 7 };
static const struct plan_pin pins[] = {
	{ .pin = 3 },
	{ .pin = 5, .flags = PLAN_PIN_LEVEL },
	{ .pin = 7, .flags = PLAN_PIN_LEVEL | PLAN_PIN_ACTIVE_LOW },
	{ .pin = 4, .cell = 1 },
};
static const struct plan_cell cells[] = {
	{ .first_cpu = 0, .cpu_count = 3, .first_pin = 0, .pin_count = 3 },
	{ .first_cpu = 3, .cpu_count = 1, .first_pin = 3, .pin_count = 1 },
	{ .first_cpu = 4, .cpu_count = 1, .first_pin = 4, .pin_count = 0 },
};
static struct plan plan;
static struct plan_counters counters;
static struct cpu cpus[CPUS];

static int set_up(void **state)
{
	(void)state;
	memset(blocks, 0, sizeof(blocks));
	memset(&chip, 0, sizeof(chip));
	memset(&counters, 0, sizeof(counters));
	chip.regs[IOAPIC_VERSION] = (CHIP_PINS - 1) << 16 | 0x20;
	for (unsigned int pin = 0; pin < CHIP_PINS; pin++)
		chip.regs[IOAPIC_REDIRECTION + 2 * pin] = (uint32_t)IOAPIC_MASKED;
	plan.ioapic.raw = BASE;
	plan.cpus = (struct plan_table){ { (uintptr_t)plan_cpus_of_all }, CPUS, 0 };
	plan.pins = (struct plan_table){ { (uintptr_t)pins }, 4, 0 };
	for (unsigned int i = 0; i < CPUS; i++) {
		const uint32_t cell = i < 3 ? 0 : i - 2;

		plan_cpus_of_all[i] = (struct plan_cpu){
			.apic_id = { apic_ids[i] },
			.cell = cell,
			.virtual_id = i - cells[cell].first_cpu,
			.block = { (uintptr_t)blocks[i] },
		};
		cpus[i] = (struct cpu){ .plan = &plan,
					.self = &plan_cpus_of_all[i],
					.cell = &cells[cell],
					.counters = &counters };
	}
	return 0;
}

static uint32_t load(unsigned int cpu, uint64_t offset)
{
	const struct decoded insn = { .bytes = 4 };

	return (uint32_t)ioapic_access(&cpus[cpu], BASE + offset, &insn, 0);
}

static void store(unsigned int cpu, uint64_t offset, uint32_t value)
{
	const struct decoded insn = { .bytes = 4, .is_write = true };

	ioapic_access(&cpus[cpu], BASE + offset, &insn, value);
}

static uint32_t get(unsigned int cpu, uint32_t reg)
{
	store(cpu, 0, reg);
	return load(cpu, 0x10);
}

static void put(unsigned int cpu, uint32_t reg, uint32_t value)
{
	store(cpu, 0, reg);
	store(cpu, 0x10, value);
}

/* As Linux does: the destination first. */
static void route(unsigned int cpu, unsigned int pin, uint32_t destination, uint32_t low)
{
	put(cpu, 0x11 + 2 * pin, destination << 24);
	put(cpu, 0x10 + 2 * pin, low);
}

static void assert_chip(unsigned int pin, uint32_t destination, uint32_t low)
{
	assert_int_equal(chip.regs[0x11 + 2 * pin], destination << 24);
	assert_int_equal(chip.regs[0x10 + 2 * pin], low);
}

/* ---- the page ---- */

static void the_page_answers_only_cells_that_own_a_pin(void **state)
{
	(void)state;
	assert_true(ioapic_answers(&cpus[0], BASE));
	assert_true(ioapic_answers(&cpus[2], BASE + 0xfff));
	assert_true(ioapic_answers(&cpus[3], BASE + 0x10));
	assert_false(ioapic_answers(&cpus[0], BASE - 1));
	assert_false(ioapic_answers(&cpus[0], BASE + 0x1000));
	assert_false(ioapic_answers(&cpus[4], BASE));
}

static void each_access_is_counted(void **state)
{
	(void)state;
	get(0, IOAPIC_VERSION);
	load(0, 0x40);
	assert_int_equal(counters.exits[PLAN_EXIT_IOAPIC], 3);
}

static void only_aligned_accesses_of_32_bits_act(void **state)
{
	static const uint8_t widths[] = { 1, 2, 8 };

	(void)state;
	store(0, 0, 0x10 + 2 * 3);
	for (uint64_t offset = 0; offset < 0x40; offset++)
		for (unsigned int i = 0; i < (offset == 0 || offset == 0x10 ? 3u : 4u); i++) {
			struct decoded insn = { .bytes = i < 3 ? widths[i] : 4 };

			assert_int_equal(ioapic_access(&cpus[0], BASE + offset, &insn, 0), ~0ull);
			insn.is_write = true;
			ioapic_access(&cpus[0], BASE + offset, &insn, 0x55);
		}
	assert_int_equal(load(0, 0), 0x10 + 2 * 3);
	assert_int_equal(chip.writes, 0);
}

static void the_index_has_eight_bits_and_is_the_cells_own(void **state)
{
	(void)state;
	store(0, 0, 0xabcdef16);
	assert_int_equal(load(0, 0), 0x16);
	assert_int_equal(load(2, 0), 0x16); /* another CPU of the same cell */
	assert_int_equal(load(3, 0), 0); /* another cell */
	store(3, 0, 0x18);
	assert_int_equal(load(1, 0), 0x16);
}

/* ---- the registers ---- */

static void the_version_has_the_chips_pins_and_no_eoi_register(void **state)
{
	(void)state;
	assert_int_equal(get(0, IOAPIC_VERSION), 0x170011);
}

static void id_and_arbitration_are_zero_and_stay_so(void **state)
{
	(void)state;
	for (uint32_t reg = 0; reg < 0x10; reg++)
		put(0, reg, ~0u);
	assert_int_equal(chip.writes, 0);
	assert_int_equal(get(0, 0), 0);
	for (uint32_t reg = 2; reg < 0x10; reg++)
		assert_int_equal(get(0, reg), 0);
}

static void pins_of_others_read_masked_and_drop_writes(void **state)
{
	(void)state;
	route(3, 4, 0, 0x31);
	chip.writes = 0;
	for (unsigned int pin = 0; pin < 120; pin++) {
		if (pin == 3 || pin == 5 || pin == 7)
			continue;
		route(0, pin, 0, 0x31);
		assert_int_equal(get(0, 0x10 + 2 * pin), 0x10000);
		assert_int_equal(get(0, 0x11 + 2 * pin), 0);
	}
	assert_int_equal(chip.writes, 0);
	assert_chip(4, 2, 0x31);
}

static void a_pin_begins_masked(void **state)
{
	(void)state;
	assert_int_equal(get(0, 0x16), 0x10000);
	put(0, 0x17, 1u << 24); /* the destination alone unmasks nothing */
	assert_chip(3, 4, 0x10000);
}

static void a_pin_goes_to_the_cells_cpu_of_that_virtual_id(void **state)
{
	(void)state;
	for (unsigned int id = 0; id < 3; id++) {
		route(0, 3, id, 0x31);
		assert_chip(3, apic_ids[id], 0x31);
		assert_int_equal(get(1, 0x17), id << 24);
		assert_int_equal(get(1, 0x16), 0x31);
	}
	route(3, 4, 0, 0x42);
	assert_chip(4, 2, 0x42);
}

static void the_destination_may_change_while_unmasked(void **state)
{
	(void)state;
	route(0, 3, 0, 0x31);
	put(0, 0x17, 2u << 24);
	assert_chip(3, 254, 0x31);
}

static void a_physical_broadcast_goes_to_the_first_cpu(void **state)
{
	(void)state;
	route(0, 3, 0xff, 0x31);
	assert_chip(3, 9, 0x31);
}

static void a_destination_outside_the_cell_keeps_the_pin_masked(void **state)
{
	(void)state;
	for (uint32_t id = 3; id < 0xff; id++) {
		route(0, 3, id, 0x31);
		assert_chip(3, 9, 0x10031);
	}
	assert_int_equal(get(0, 0x16), 0x10031);
	put(0, 0x17, 0); /* and it works once the destination does */
	assert_chip(3, 9, 0x31);
}

static void a_logical_destination_goes_to_the_first_cpu_it_names(void **state)
{
	(void)state;
	for (uint32_t mask = 1; mask < 8; mask++) {
		route(0, 3, mask, 0x831);
		assert_chip(3, apic_ids[__builtin_ctz(mask)], 0x31);
		assert_int_equal(get(0, 0x16), 0x831);
		assert_int_equal(get(0, 0x17), mask << 24);
	}
	route(0, 3, 0xf4, 0x831);
	assert_chip(3, 254, 0x31);
	route(0, 3, 0xf8, 0x831);
	assert_chip(3, 9, 0x10031);
	route(0, 3, 0, 0x831);
	assert_chip(3, 9, 0x10031);
}

static void the_destinations_meaning_follows_its_mode_whichever_comes_first(void **state)
{
	(void)state;
	put(0, 0x16, 0x31);
	put(0, 0x17, 2u << 24);
	assert_chip(3, 254, 0x31);
	put(0, 0x16, 0x831);
	assert_chip(3, 4, 0x31);
}

static void lowest_priority_becomes_fixed_and_other_modes_stay_masked(void **state)
{
	(void)state;
	for (uint32_t mode = 0; mode < 8; mode++) {
		route(0, 3, 0, mode << 8 | 0x31);
		assert_chip(3, 9, mode > 1 ? 0x10031 : 0x31);
	}
}

static void only_vectors_10_to_fe_are_unmasked(void **state)
{
	(void)state;
	for (uint32_t vector = 0; vector < 256; vector++) {
		route(0, 3, 0, vector);
		assert_chip(3, 9, vector < 0x10 || vector == 0xff ? 0x10000 | vector : vector);
	}
}

static void trigger_and_polarity_are_the_boards(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 4; i++) {
		const uint32_t asked = (i & 1 ? 0x8000u : 0) | (i & 2 ? 0x2000u : 0) | 0x31;

		route(0, 3, 0, asked);
		assert_chip(3, 9, 0x31);
		route(0, 5, 0, asked);
		assert_chip(5, 9, 0x8031);
		route(0, 7, 0, asked);
		assert_chip(7, 9, 0xa031);
	}
}

static void a_masked_level_pin_may_be_edge_to_clear_its_remote_irr(void **state)
{
	(void)state;
	route(0, 7, 0, 0x1a031);
	assert_chip(7, 9, 0x1a031);
	route(0, 7, 0, 0x12031);
	assert_chip(7, 9, 0x12031);
	route(0, 3, 0, 0x18031); /* an edge pin is never level */
	assert_chip(3, 9, 0x10031);
}

static void status_bits_are_the_hardwares_and_cannot_be_written(void **state)
{
	(void)state;
	route(0, 5, 0, 0x31);
	chip.regs[0x10 + 2 * 5] |= BUSY | REMOTE_IRR;
	assert_int_equal(get(0, 0x10 + 2 * 5), 0x8031 | BUSY | REMOTE_IRR);
	route(0, 5, 0, 0xfffe0031 | BUSY | REMOTE_IRR);
	assert_chip(5, 9, 0x8031);
}

static void no_sequence_of_accesses_reaches_beyond_the_cells(void **state)
{
	unsigned int unmasked = 0;

	(void)state;
	for (unsigned int round = 0; round < 200000; round++) {
		const uint64_t random = host_random();
		struct decoded insn = { .bytes = (uint8_t)(1u << (random >> 2 & 3)),
					.is_write = random >> 4 & 1 };
		uint64_t offset = random >> 8 & 3 ? random >> 10 & 0x10 : random >> 10 & 0xfff;
		uint64_t value = host_random();

		if (random >> 22 & 1)
			insn.bytes = 4;
		if (!(offset & 0x10)) /* mostly registers of pins 0 to 7 */
			value = random >> 24 & 7 ? 0x10 + (value & 15) : value;
		else if (random >> 24 & 1)
			value &= random >> 25 & 1 ? 0xfeffffffull & ~0x10700ull : 0x03000000ull;
		ioapic_access(&cpus[random & 3], BASE + offset, &insn, value);
		unmasked += !(chip.regs[0x16] & 0x10000);
	}
	assert_true(unmasked > 1000); /* not all was refused */
	assert_int_equal(chip.regs[IOAPIC_VERSION], (CHIP_PINS - 1) << 16 | 0x20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(the_page_answers_only_cells_that_own_a_pin, set_up),
		cmocka_unit_test_setup(each_access_is_counted, set_up),
		cmocka_unit_test_setup(only_aligned_accesses_of_32_bits_act, set_up),
		cmocka_unit_test_setup(the_index_has_eight_bits_and_is_the_cells_own, set_up),
		cmocka_unit_test_setup(the_version_has_the_chips_pins_and_no_eoi_register, set_up),
		cmocka_unit_test_setup(id_and_arbitration_are_zero_and_stay_so, set_up),
		cmocka_unit_test_setup(pins_of_others_read_masked_and_drop_writes, set_up),
		cmocka_unit_test_setup(a_pin_begins_masked, set_up),
		cmocka_unit_test_setup(a_pin_goes_to_the_cells_cpu_of_that_virtual_id, set_up),
		cmocka_unit_test_setup(the_destination_may_change_while_unmasked, set_up),
		cmocka_unit_test_setup(a_physical_broadcast_goes_to_the_first_cpu, set_up),
		cmocka_unit_test_setup(a_destination_outside_the_cell_keeps_the_pin_masked, set_up),
		cmocka_unit_test_setup(a_logical_destination_goes_to_the_first_cpu_it_names,
				       set_up),
		cmocka_unit_test_setup(
			the_destinations_meaning_follows_its_mode_whichever_comes_first, set_up),
		cmocka_unit_test_setup(lowest_priority_becomes_fixed_and_other_modes_stay_masked,
				       set_up),
		cmocka_unit_test_setup(only_vectors_10_to_fe_are_unmasked, set_up),
		cmocka_unit_test_setup(trigger_and_polarity_are_the_boards, set_up),
		cmocka_unit_test_setup(a_masked_level_pin_may_be_edge_to_clear_its_remote_irr,
				       set_up),
		cmocka_unit_test_setup(status_bits_are_the_hardwares_and_cannot_be_written, set_up),
		cmocka_unit_test_setup(no_sequence_of_accesses_reaches_beyond_the_cells, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
