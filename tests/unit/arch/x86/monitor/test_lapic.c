/* SPDX-License-Identifier: Apache-2.0 */
/* Whom an interrupt command reaches: every sender and every target (APM volume 2, 16.5, 16.14). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "host_arch.h"
#include "lapic.h"

#define IDS 65u /* 0..64: four whole clusters and the first of a fifth */
#define LVT_MASKED (1ull << 16)

static uint64_t shorthand(unsigned int kind)
{
	return (uint64_t)kind << 18;
}

static uint64_t named(uint32_t destination)
{
	return (uint64_t)destination << 32;
}

/* Vector, delivery mode, level and trigger mode: they do not choose the target. */
static uint64_t noise(void)
{
	return host_random() & 0xc7ffull;
}

static void a_logical_id_is_the_cluster_and_one_bit(void **state)
{
	(void)state;
	assert_int_equal(lapic_logical_id(0), 0x00000001);
	assert_int_equal(lapic_logical_id(1), 0x00000002);
	assert_int_equal(lapic_logical_id(15), 0x00008000);
	assert_int_equal(lapic_logical_id(16), 0x00010001);
	assert_int_equal(lapic_logical_id(63), 0x00038000);
	assert_int_equal(lapic_logical_id(64), 0x00040001);
	assert_int_equal(lapic_logical_id(255), 0x000f8000);
	for (uint32_t id = 0; id < 1024; id++) {
		const uint32_t logical = lapic_logical_id(id);

		assert_int_equal(__builtin_popcount(logical & 0xffff), 1);
		assert_int_equal((logical >> 16) * 16 + (uint32_t)__builtin_ctz(logical), id);
	}
}

static void a_physical_destination_reaches_the_cpu_of_that_id_only(void **state)
{
	(void)state;
	for (uint32_t destination = 0; destination < 2 * IDS; destination++)
		for (uint32_t sender = 0; sender < IDS; sender++)
			for (uint32_t target = 0; target < IDS; target++)
				assert_int_equal(lapic_ipi_reaches(named(destination) | noise(),
								   sender, target),
						 destination == target);
}

static void a_destination_with_high_bits_is_no_cpu_of_the_cell(void **state)
{
	static const uint32_t strange[] = { 0xff, 0x100, 0xffff, 0x10000, 0x80000000, 0xfffffffe };

	(void)state;
	for (unsigned int i = 0; i < sizeof(strange) / sizeof(strange[0]); i++)
		for (uint32_t target = 0; target < IDS; target++) {
			assert_false(lapic_ipi_reaches(named(strange[i]), 3, target));
			assert_false(lapic_ipi_reaches(named(0x01000000 | target), 3, target));
		}
}

static void a_broadcast_reaches_all_the_sender_too(void **state)
{
	(void)state;
	for (uint32_t sender = 0; sender < IDS; sender++)
		for (uint32_t target = 0; target < IDS; target++) {
			const uint64_t icr = named(ICR_BROADCAST) | noise();

			assert_true(lapic_ipi_reaches(icr, sender, target));
			assert_true(lapic_ipi_reaches(icr | ICR_LOGICAL, sender, target));
		}
}

static void assert_logical(uint32_t cluster, uint32_t mask)
{
	const uint64_t icr = named(cluster << 16 | mask) | ICR_LOGICAL;

	for (uint32_t sender = 0; sender < IDS; sender += 9)
		for (uint32_t target = 0; target < IDS; target++)
			assert_int_equal(lapic_ipi_reaches(icr | noise(), sender, target),
					 target / 16 == cluster && mask >> target % 16 & 1);
}

static void a_logical_destination_reaches_the_marked_cpus_of_its_cluster(void **state)
{
	(void)state;
	for (uint32_t cluster = 0; cluster < 6; cluster++) {
		assert_logical(cluster, 0);
		assert_logical(cluster, 0xffff);
		for (uint32_t mask = 1; mask < 0x10000; mask += 517)
			assert_logical(cluster, mask);
		for (unsigned int bit = 0; bit < 16; bit++)
			assert_logical(cluster, 1u << bit);
	}
	assert_logical(0xffff, 0x0001);
	assert_logical(0xffff, 0xfffe);
	assert_logical(0x8000, 0xffff);
}

static void each_logical_id_reaches_its_own_cpu_only(void **state)
{
	(void)state;
	for (uint32_t id = 0; id < IDS; id++)
		for (uint32_t target = 0; target < IDS; target++)
			assert_int_equal(lapic_ipi_reaches(named(lapic_logical_id(id)) |
								   ICR_LOGICAL,
							   1, target),
					 id == target);
}

/* A shorthand makes the destination field, and what it would mean, void. */
static void assert_shorthands(uint64_t ignored)
{
	for (uint32_t sender = 0; sender < IDS; sender++)
		for (uint32_t target = 0; target < IDS; target++) {
			const uint64_t icr = ignored | noise();

			assert_int_equal(lapic_ipi_reaches(icr | shorthand(ICR_TO_SELF), sender,
							   target),
					 sender == target);
			assert_true(lapic_ipi_reaches(icr | shorthand(ICR_TO_ALL), sender, target));
			assert_int_equal(lapic_ipi_reaches(icr | shorthand(ICR_TO_OTHERS), sender,
							   target),
					 sender != target);
		}
}

static void shorthands_mean_the_sender_all_and_all_others(void **state)
{
	(void)state;
	assert_shorthands(0);
	assert_shorthands(named(5));
	assert_shorthands(named(ICR_BROADCAST));
	assert_shorthands(named(0x10002) | ICR_LOGICAL);
	assert_shorthands(named(ICR_BROADCAST) | ICR_LOGICAL);
}

/*
 * The same again, from the manual's text in sets of CPUs: cells of 1 to 4 CPUs, bit n
 * of a set is the CPU with virtual id n.  All of them are in logical cluster 0.
 */
static uint32_t reached(uint64_t icr, uint32_t sender, uint32_t cpus)
{
	uint32_t set = 0;

	for (uint32_t target = 0; target < cpus; target++)
		set |= (uint32_t)lapic_ipi_reaches(icr | noise(), sender, target) << target;
	return set;
}

static const uint32_t destinations[] = {
	0,	    1,		2,	    3,		4,	    5,		15,	 16,
	0xfe,	    0xff,	0xffff,	    0x10000,	0x10001,    0x1ffff,	0x40000, 0x80000003,
	0xff000000, 0xffff0000, 0xffff000f, 0xfffffff0, 0xfffffffe, 0xffffffff,
};
#define DESTINATIONS (sizeof(destinations) / sizeof(destinations[0]))

static void assert_every_shorthand(uint64_t rest, uint32_t named_set, uint32_t sender,
				   uint32_t cpus)
{
	const uint32_t all = (1u << cpus) - 1;
	const uint32_t self = 1u << sender;
	const uint32_t sets[] = { named_set & all, self, all, all - self };

	for (unsigned int kind = 0; kind < 4; kind++)
		assert_int_equal(reached(rest | shorthand(kind), sender, cpus), sets[kind]);
}

static void assert_destination(uint32_t destination, uint32_t sender, uint32_t cpus)
{
	const uint32_t everybody = destination == 0xffffffff ? ~0u : 0;
	const uint32_t physical = destination < 32 ? 1u << destination : 0;
	const uint32_t logical = destination < 0x10000 ? destination : 0;

	assert_every_shorthand(named(destination), physical | everybody, sender, cpus);
	assert_every_shorthand(named(destination) | 1ull << 11, logical | everybody, sender, cpus);
}

static void every_command_of_a_small_cell_reaches_the_cpus_that_the_manual_says(void **state)
{
	(void)state;
	for (uint32_t cpus = 1; cpus <= 4; cpus++)
		for (uint32_t sender = 0; sender < cpus; sender++) {
			for (unsigned int i = 0; i < DESTINATIONS; i++)
				assert_destination(destinations[i], sender, cpus);
			for (uint32_t mask = 0; mask < 0x10000; mask += 1 + (mask >> 6))
				assert_destination(mask, sender, cpus);
		}
}

/* Delivery mode, level and trigger mode only say what arrives, not where. */
static void no_other_field_of_a_command_chooses_who_is_reached(void **state)
{
	(void)state;
	for (uint64_t rest = 0; rest < 0x10000; rest += 0x100) {
		const uint64_t mode = rest & 0xc700;

		assert_int_equal(reached(named(2) | mode, 0, 4), 4);
		assert_int_equal(reached(named(6) | 0x800 | mode, 0, 4), 6);
		assert_int_equal(reached(shorthand(ICR_TO_OTHERS) | mode, 1, 4), 13);
	}
}

/* In x2APIC form: 12 (delivery status), 13, 17:16 and 31:20 (APM volume 2, 16.13). */
static void the_reserved_bits_of_an_icr_are_those_without_a_field(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 64; i++)
		assert_int_equal(ICR_RESERVED >> i & 1,
				 i == 12 || i == 13 || i == 16 || i == 17 || (i >= 20 && i < 32));
}

static void the_fields_of_an_icr_are_where_the_manual_has_them(void **state)
{
	(void)state;
	assert_int_equal(ICR_MODE(0x400ull), ICR_MODE_NMI);
	assert_int_equal(ICR_MODE(~0x700ull), ICR_MODE_FIXED);
	assert_int_equal(ICR_MODE(0x500ull), ICR_MODE_INIT);
	assert_int_equal(ICR_MODE(0x600ull), ICR_MODE_STARTUP);
	assert_int_equal(ICR_ASSERT, 0x4000);
	assert_int_equal(ICR_LEVEL, 0x8000);
	assert_int_equal(ICR_SHORTHAND(0xc0000ull), ICR_TO_OTHERS);
	assert_int_equal(ICR_SHORTHAND(~0xc0000ull), ICR_TO_NAMED);
}

/* ---- LVT ---- */

static uint64_t lvt(unsigned int mode, uint64_t rest)
{
	return (uint64_t)mode << 8 | rest;
}

static void an_lvt_of_fixed_or_nmi_mode_passes_unchanged(void **state)
{
	static const unsigned int modes[] = { 0, 4 };

	(void)state;
	for (unsigned int i = 0; i < 2; i++)
		for (uint64_t vector = 0; vector < 256; vector++) {
			const uint64_t value = lvt(modes[i], vector);

			assert_int_equal(lapic_lvt_filter(value, false), value);
			assert_int_equal(lapic_lvt_filter(value | LVT_MASKED, false),
					 value | LVT_MASKED);
		}
}

/* SMI 2 and ExtINT 7; Linux writes ExtINT at boot and does not mind. */
static void an_lvt_of_smi_or_extint_mode_is_stored_masked(void **state)
{
	static const unsigned int modes[] = { 2, 7 };

	(void)state;
	for (unsigned int i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		for (uint64_t vector = 0; vector < 256; vector++) {
			const uint64_t value = lvt(modes[i], vector);

			assert_int_equal(lapic_lvt_filter(value, false), value | LVT_MASKED);
			assert_int_equal(lapic_lvt_filter(value | LVT_MASKED, false),
					 value | LVT_MASKED);
		}
}

/* INIT 5 and the reserved 1, 3 and 6: AMD's LVTs have none of them. */
static void an_lvt_of_any_other_mode_is_stored_masked_and_fixed(void **state)
{
	static const unsigned int modes[] = { 1, 3, 5, 6 };

	(void)state;
	for (unsigned int i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		for (uint64_t vector = 0; vector < 256; vector++)
			assert_int_equal(lapic_lvt_filter(lvt(modes[i], vector), false),
					 vector | LVT_MASKED);
}

/* Status bits 12 and 14 cannot be written; 13 and 15 do not exist in every LVT. */
static void only_vector_mode_and_mask_of_an_lvt_reach_the_hardware(void **state)
{
	(void)state;
	for (unsigned int bit = 12; bit < 16; bit++)
		assert_int_equal(lapic_lvt_filter(lvt(4, 0x22) | 1ull << bit, false), lvt(4, 0x22));
}

static void an_lvt_whose_line_is_another_cells_is_stored_masked(void **state)
{
	(void)state;
	assert_int_equal(lapic_lvt_filter(lvt(4, 0x22), true), lvt(4, 0x22) | LVT_MASKED);
	assert_int_equal(lapic_lvt_filter(lvt(0, 0x22), true), lvt(0, 0x22) | LVT_MASKED);
}

static void an_lvt_of_another_cells_line_is_stored_masked_whatever_its_mode(void **state)
{
	(void)state;
	for (unsigned int mode = 0; mode < 8; mode++)
		for (uint64_t vector = 0; vector < 256; vector++) {
			const uint64_t own = lapic_lvt_filter(lvt(mode, vector), false);

			assert_int_equal(lapic_lvt_filter(lvt(mode, vector), true),
					 own | LVT_MASKED);
		}
}

static void an_lvt_with_a_reserved_bit_is_refused(void **state)
{
	(void)state;
	for (unsigned int bit = 0; bit < 64; bit++)
		assert_int_equal(lapic_lvt_valid(1ull << bit), bit <= 16 && bit != 11);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_logical_id_is_the_cluster_and_one_bit),
		cmocka_unit_test(a_physical_destination_reaches_the_cpu_of_that_id_only),
		cmocka_unit_test(a_destination_with_high_bits_is_no_cpu_of_the_cell),
		cmocka_unit_test(a_broadcast_reaches_all_the_sender_too),
		cmocka_unit_test(a_logical_destination_reaches_the_marked_cpus_of_its_cluster),
		cmocka_unit_test(each_logical_id_reaches_its_own_cpu_only),
		cmocka_unit_test(shorthands_mean_the_sender_all_and_all_others),
		cmocka_unit_test(
			every_command_of_a_small_cell_reaches_the_cpus_that_the_manual_says),
		cmocka_unit_test(no_other_field_of_a_command_chooses_who_is_reached),
		cmocka_unit_test(the_reserved_bits_of_an_icr_are_those_without_a_field),
		cmocka_unit_test(the_fields_of_an_icr_are_where_the_manual_has_them),
		cmocka_unit_test(an_lvt_of_fixed_or_nmi_mode_passes_unchanged),
		cmocka_unit_test(an_lvt_of_smi_or_extint_mode_is_stored_masked),
		cmocka_unit_test(an_lvt_of_any_other_mode_is_stored_masked_and_fixed),
		cmocka_unit_test(only_vector_mode_and_mask_of_an_lvt_reach_the_hardware),
		cmocka_unit_test(an_lvt_whose_line_is_another_cells_is_stored_masked),
		cmocka_unit_test(an_lvt_of_another_cells_line_is_stored_masked_whatever_its_mode),
		cmocka_unit_test(an_lvt_with_a_reserved_bit_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
