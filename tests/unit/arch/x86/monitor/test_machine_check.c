/* SPDX-License-Identifier: Apache-2.0 */
/* Which machine checks end a cell (Intel SDM volume 3B, 15.3.2; APM volume 2, 9.3.2). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "host_arch.h"
#include "machine_check.h"

#define OWN 0x30000000ull
#define OTHER 0x40000000ull
#define MONITOR 0x10000000ull
#define DEVICE 0xfec00000ull
#define NOBODY 0xd0000000ull
#define RIPV 1ull
#define SER_P (1ull << 24)

static const struct plan_owner owners[] = {
	{ { MONITOR }, 0x1000000, PLAN_OWNER_MONITOR, PLAN_NO_CELL, "monitor" },
	{ { OWN }, 0x200000, PLAN_OWNER_CELL_RAM, 1, "attacker" },
	{ { OTHER }, 0x200000, PLAN_OWNER_CELL_RAM, 0, "heartbeat" },
	{ { DEVICE }, 0x1000, PLAN_OWNER_DEVICE, PLAN_NO_CELL, "ioapic" },
};

/* The bits by the manual's numbers. */
enum { VAL = 63, OVER = 62, UC = 61, EN = 60, MISCV = 59, ADDRV = 58, PCC = 57 };

static uint64_t bit(unsigned int number)
{
	return 1ull << number;
}

static const struct machine_check_bank empty;

static struct machine_check begin(uint64_t capability, uint64_t status)
{
	static struct plan plan;
	static const struct plan_cpu self = { .cell = 1 };
	const struct cpu cpu = { .plan = &plan, .self = &self };
	struct machine_check check;

	plan.owners = HOST_TABLE(owners, sizeof(owners) / sizeof(owners[0]));
	machine_check_begin(&check, &cpu, capability, status);
	return check;
}

static struct machine_check_bank in_memory(uint64_t address)
{
	return (struct machine_check_bank){
		.status = bit(VAL) | bit(UC) | bit(EN) | bit(MISCV) | bit(ADDRV),
		.address = address,
		.misc = 2u << 6 | 6, /* a physical address, of a cache line */
	};
}

static void assert_ends(struct machine_check check, struct machine_check_bank bank,
			uint64_t address)
{
	assert_true(machine_check_judge(&check, &bank));
	assert_true(check.ends_cell);
	assert_int_equal(check.address, address);
}

static void assert_left_alone(struct machine_check check, struct machine_check_bank bank)
{
	assert_false(machine_check_judge(&check, &bank));
	assert_false(check.ends_cell);
}

static void empty_banks_of_a_cell_that_can_go_on_do_not_end_it(void **state)
{
	struct machine_check check = begin(SER_P, RIPV);

	(void)state;
	for (unsigned int i = 0; i < 32; i++)
		assert_false(machine_check_judge(&check, &empty));
	assert_false(check.ends_cell);
}

static void a_bank_without_the_valid_bit_says_nothing(void **state)
{
	struct machine_check_bank bank = in_memory(OWN);

	(void)state;
	bank.status = ~bit(VAL);
	assert_left_alone(begin(SER_P, RIPV), bank);
}

static void a_cell_whose_place_is_lost_ends_whatever_the_banks_say(void **state)
{
	(void)state;
	for (uint64_t status = 0; status < 16; status++) {
		struct machine_check check = begin(SER_P, status);
		const struct machine_check_bank other = in_memory(OTHER);

		assert_false(machine_check_judge(&check, &empty));
		assert_false(machine_check_judge(&check, &other));
		assert_int_equal(check.ends_cell, !(status & RIPV));
		assert_int_equal(check.address, 0);
	}
}

static void a_corrected_error_is_cleared_and_ends_nothing(void **state)
{
	struct machine_check check = begin(SER_P, RIPV);
	struct machine_check_bank bank = in_memory(OWN);

	(void)state;
	bank.status &= ~bit(UC);
	assert_true(machine_check_judge(&check, &bank));
	assert_false(check.ends_cell);
	assert_int_equal(check.address, 0);
}

static void an_uncorrected_error_ends_the_cell_wherever_it_is_but_in_another_cell(void **state)
{
	static const uint64_t places[] = { OWN,	      OWN + 0x1fffff,	OWN + 0x200000,
					   MONITOR,   DEVICE,		NOBODY,
					   OTHER - 1, OTHER + 0x200000, UINT64_MAX };

	(void)state;
	for (unsigned int i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		assert_ends(begin(SER_P, RIPV), in_memory(places[i]), places[i]);
}

static void memory_of_another_cell_is_left_to_that_cell(void **state)
{
	(void)state;
	assert_left_alone(begin(SER_P, RIPV), in_memory(OTHER));
	assert_left_alone(begin(SER_P, RIPV), in_memory(OTHER + 0x1fffff));
}

/* Each of these makes the address, or what it stands for, less than certain. */
static void doubt_about_the_address_ends_the_cell(void **state)
{
	static const unsigned int set[] = { PCC, OVER }, cleared[] = { MISCV };
	struct machine_check_bank bank;

	(void)state;
	for (unsigned int i = 0; i < sizeof(set) / sizeof(set[0]); i++) {
		bank = in_memory(OTHER);
		bank.status |= bit(set[i]);
		assert_ends(begin(SER_P, RIPV), bank, OTHER);
	}
	for (unsigned int i = 0; i < sizeof(cleared) / sizeof(cleared[0]); i++) {
		bank = in_memory(OTHER);
		bank.status &= ~bit(cleared[i]);
		assert_ends(begin(SER_P, RIPV), bank, OTHER);
	}
	for (unsigned int mode = 0; mode < 8; mode++) {
		bank = in_memory(OTHER);
		bank.misc = mode << 6 | 6;
		if (mode != 2)
			assert_ends(begin(SER_P, RIPV), bank, OTHER);
	}
	/* AMD: its MISC says nothing about ADDR, which need not be a physical address. */
	assert_ends(begin(0, RIPV), in_memory(OTHER), OTHER);
	assert_ends(begin(~SER_P, RIPV), in_memory(OTHER), OTHER);
}

static void an_error_without_an_address_names_none(void **state)
{
	struct machine_check_bank bank = in_memory(OTHER);

	(void)state;
	bank.status &= ~bit(ADDRV);
	assert_ends(begin(SER_P, RIPV), bank, 0);
}

static void a_corrupt_processor_ends_the_cell_though_the_error_was_corrected(void **state)
{
	const struct machine_check_bank bank = { .status = bit(VAL) | bit(PCC) };

	(void)state;
	assert_ends(begin(SER_P, RIPV), bank, 0);
}

static void the_first_address_is_told_and_all_banks_are_judged(void **state)
{
	struct machine_check check = begin(SER_P, RIPV);
	const struct machine_check_bank nowhere = { .status = bit(VAL) | bit(UC) };
	const struct machine_check_bank other = in_memory(OTHER), own = in_memory(OWN + 64),
					later = in_memory(NOBODY);

	(void)state;
	assert_true(machine_check_judge(&check, &nowhere));
	assert_false(machine_check_judge(&check, &other));
	assert_int_equal(check.address, 0);
	assert_true(machine_check_judge(&check, &own));
	assert_true(machine_check_judge(&check, &later));
	assert_int_equal(check.address, OWN + 64);
	assert_true(check.ends_cell);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_banks_of_a_cell_that_can_go_on_do_not_end_it),
		cmocka_unit_test(a_bank_without_the_valid_bit_says_nothing),
		cmocka_unit_test(a_cell_whose_place_is_lost_ends_whatever_the_banks_say),
		cmocka_unit_test(a_corrected_error_is_cleared_and_ends_nothing),
		cmocka_unit_test(
			an_uncorrected_error_ends_the_cell_wherever_it_is_but_in_another_cell),
		cmocka_unit_test(memory_of_another_cell_is_left_to_that_cell),
		cmocka_unit_test(doubt_about_the_address_ends_the_cell),
		cmocka_unit_test(an_error_without_an_address_names_none),
		cmocka_unit_test(a_corrupt_processor_ends_the_cell_though_the_error_was_corrected),
		cmocka_unit_test(the_first_address_is_told_and_all_banks_are_judged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
