/* SPDX-License-Identifier: Apache-2.0 */
/* What reaches a PCI function of a cell's writes to its configuration space and MSI-X table. */
#include "pci_device.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#define COMMAND 0x04u
#define ALL_ON 0x0507u
#define ONES 0xffffffffu

static int set_up(void **state)
{
	(void)state;
	device_reset(true);
	return 0;
}

static int set_up_plain(void **state)
{
	(void)state;
	device_reset(false);
	return 0;
}

static void a_driver_switches_its_function_on(void **state)
{
	(void)state;
	store(COMMAND, 2, ALL_ON);
	assert_int_equal(reg(COMMAND) & 0xffff, ALL_ON);
	store(0x3c, 1, 11);
	assert_int_equal(reg(0x3c), 11);
	store(PM + 4, 2, 3);
	assert_int_equal(reg(PM + 4), 3);
}

/* Linux: decode off, all-ones, read, restore, decode on. */
static void bars_are_sized_as_drivers_do_it(void **state)
{
	(void)state;
	store(COMMAND, 2, ALL_ON);
	store(COMMAND, 2, ALL_ON & ~3u);
	store(0x10, 4, ONES);
	assert_int_equal(reg(0x10), BAR0_MASK);
	store(0x10, 4, BAR0);
	store(0x14, 4, ONES);
	store(0x18, 4, ONES);
	assert_int_equal(reg(0x14), 0xfff00004);
	assert_int_equal(reg(0x18), ONES);
	store(0x14, 4, BAR1 | 4);
	store(0x18, 4, 0);
	store(0x1c, 4, ONES);
	assert_int_equal(reg(0x1c), 0xffffffe1);
	store(0x1c, 4, BAR3);
	store(COMMAND, 2, ALL_ON);
	assert_int_equal(reg(COMMAND) & 3, 3);
}

static void a_bar_takes_no_other_place(void **state)
{
	static const uint32_t bars[] = { 0x10, 0x14, 0x18, 0x1c, 0x20, 0x24 };
	uint32_t before;

	(void)state;
	for (unsigned int i = 0; i < 6; i++) {
		before = reg(bars[i]);
		store(bars[i], 4, 0xfee00000);
		store(bars[i], 2, 0xffff);
		store(bars[i] + 2, 2, 0x1000);
		store(bars[i] + 1, 1, 0xff);
		store_at(OWN_PAGE + bars[i], 8, ~0ull);
		assert_int_equal(reg(bars[i]), before);
	}
}

static void what_is_being_sized_does_not_decode(void **state)
{
	(void)state;
	store(0x18, 4, ONES);
	store(COMMAND, 2, ALL_ON);
	assert_int_equal(reg(COMMAND) & 7, 4); /* bus master alone */
	store(COMMAND, 1, 3);
	assert_int_equal(reg(COMMAND) & 3, 0);
	store(COMMAND, 4, 3);
	assert_int_equal(reg(COMMAND) & 3, 0);
	store(0x18, 4, 0);
	store(COMMAND, 1, 3);
	assert_int_equal(reg(COMMAND) & 3, 3);
	/* And while it decodes, nothing is sized. */
	store(0x18, 4, ONES);
	assert_int_equal(reg(0x18), 0);
}

static void the_rom_is_sized_and_never_on(void **state)
{
	(void)state;
	store(0x30, 4, 0xfffff800);
	assert_int_equal(reg(0x30), 0xffff0000);
	store(0x30, 4, 0xfffff801);
	store(0x30, 4, 1);
	store(0x30, 1, 1);
	assert_int_equal(reg(0x30), 0xffff0000);
	store(0x30, 4, 0);
	assert_int_equal(reg(0x30), 0);
}

static void registers_that_are_not_named_keep_their_values(void **state)
{
	(void)state;
	for (uint32_t offset = 0; offset < 0x1000; offset += 4) {
		const bool known = offset == COMMAND || (offset >= 0x10 && offset < 0x28) ||
				   offset == 0x30 || offset == 0x3c || offset == PM + 4 ||
				   (offset >= MSI && offset < MSI + 0x18) || offset == MSIX;
		const uint32_t before = offset < 0x100 ? reg(offset) : 0;

		store(offset, 4, ONES);
		if (!known && offset < 0x100)
			assert_int_equal(reg(offset), before);
		device_reset(true);
	}
}

static void status_bits_are_cleared_by_ones_alone(void **state)
{
	(void)state;
	store(COMMAND + 2, 2, 0xf900);
	store(COMMAND, 2, ALL_ON);
	assert_int_equal(reg(COMMAND) >> 16, 0x0010);
}

static void ordinary_messages_become_indices(void **state)
{
	(void)state;
	store(MSI + 4, 4, 0xfee01000); /* virtual CPU 1 */
	store(MSI + 8, 4, 0);
	store(MSI + 12, 2, 0x0041);
	store(MSI + 2, 2, 0x0001);
	assert_int_equal(reg(MSI) >> 16 & 1, 1);
	assert_int_equal(fake_message_index(reg(MSI + 4), reg(MSI + 12)), FIRST_REMAP);
	assert_int_equal(remap[0].vector, 0x41);
	assert_int_equal(remap[0].destination, 4);
	assert_true(fake_flushes > 0);
	/* Another CPU, while it is on. */
	fake_flushes = 0;
	store(MSI + 4, 4, 0xfee00000);
	assert_int_equal(remap[0].destination, 9);
	assert_true(fake_flushes > 0);
}

static void several_messages_count_up_from_an_aligned_vector(void **state)
{
	(void)state;
	store(MSI + 4, 4, 0xfee00000);
	store(MSI + 12, 2, 0x0063);
	store(MSI + 2, 2, 0x0021); /* four */
	for (unsigned int i = 0; i < 4; i++)
		assert_int_equal(remap[i].vector, 0x60 + i);
	/* Eight are more than the function has entries for: one stays. */
	store(MSI + 2, 2, 0x0031);
	assert_int_equal(reg(MSI) >> 20 & 7, 0);
}

static void messages_to_others_lead_nowhere(void **state)
{
	static const struct {
		uint32_t low, high, data;
	} bad[] = {
		{ 0xfee02000, 0, 0x41 }, /* no such CPU in this cell */
		{ 0xfee09000, 0, 0x41 }, /* a physical id */
		{ 0xfee00000, 1, 0x41 },
		{ 0xfed00000, 0, 0x41 },
		{ 0x00001000, 0, 0x41 },
		{ 0xfee00000, 0, 0x0f },
		{ 0xfee00000, 0, 0xff },
		{ 0xfee00000, 0, 0x241 },
		{ 0xfee00000, 0, 0x441 },
		{ 0xfee00000, 0, 0x541 },
		{ 0xfee00000, 0, 0x741 },
		{ 0xfee00000, 0, 0x341 },
		{ 0xfee00000, 0, 0x641 },
		{ 0xfee04004, 0, 0x41 }, /* logical, bit 2: virtual CPU 2 */
		{ 0xfee00004, 0, 0x41 }, /* logical, nobody */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		store(MSI + 2, 2, 1);
		store(MSI + 4, 4, bad[i].low);
		store(MSI + 8, 4, bad[i].high);
		store(MSI + 12, 4, bad[i].data);
		assert_int_equal(remap[0].vector, 0);
		store_at(TABLE, 4, bad[i].low);
		store_at(TABLE + 4, 4, bad[i].high);
		store_at(TABLE + 8, 4, bad[i].data);
		assert_int_equal(remap[0].vector, 0);
		device_reset(true);
	}
}

static void logical_and_broadcast_messages_go_to_the_cells_first(void **state)
{
	(void)state;
	store(MSI + 12, 2, 0x41);
	store(MSI + 4, 4, 0xfee02004); /* logical, bit 1 */
	assert_int_equal(remap[0].destination, 4);
	store(MSI + 4, 4, 0xfeeff000);
	assert_int_equal(remap[0].destination, 9);
	store(MSI + 12, 2, 0x141); /* lowest priority */
	assert_int_equal(remap[0].vector, 0x41);
}

static void the_mask_bits_of_messages_are_the_cells(void **state)
{
	(void)state;
	store(MSI + 16, 4, 5);
	assert_int_equal(reg(MSI + 16), 5);
}

static void each_vector_of_a_table_has_its_entry(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < VECTORS; i++) {
		const uint64_t entry = TABLE + 16u * i;

		store_at(entry + 12, 4, 1);
		store_at(entry, 4, 0xfee00000 | (i & 1) << 12);
		store_at(entry + 4, 4, 0);
		store_at(entry + 8, 4, 0x50 + i);
		store_at(entry + 12, 4, 0);
		assert_int_equal(fake_message_index(table_dwords[4 * i], table_dwords[4 * i + 2]),
				 FIRST_REMAP + i);
		assert_int_equal(table_dwords[4 * i + 3], 0);
		assert_int_equal(remap[i].vector, 0x50 + i);
		assert_int_equal(remap[i].destination, i & 1 ? 4 : 9);
	}
	assert_int_equal(counters.exits[PLAN_EXIT_MESSAGE], VECTORS * 5);
	store(MSIX + 2, 2, 0xc000);
	assert_int_equal(reg(MSIX) >> 16, 0xc000 | (VECTORS - 1));
}

static void a_table_takes_quadwords(void **state)
{
	(void)state;
	store_at(TABLE + 16, 8, 0xfee01000);
	store_at(TABLE + 24, 8, 0x51 | 1ull << 32);
	assert_int_equal(remap[1].vector, 0x51);
	assert_int_equal(remap[1].destination, 4);
	assert_int_equal(table_dwords[7], 1);
}

static void odd_writes_to_a_table_are_lost_and_writes_beside_it_pass(void **state)
{
	(void)state;
	store_at(TABLE + 1, 4, 0xfee00000);
	store_at(TABLE, 2, 0x41);
	store_at(TABLE + 4, 8, 0);
	store_at(TABLE + sizeof(table_dwords) - 4, 8, 0);
	assert_int_equal(table_dwords[0] | table_dwords[2], 0);
	assert_int_equal(beside_writes, 0);
	store_at(TABLE + sizeof(table_dwords), 4, 1);
	store_at(TABLE + 0xffc, 4, 1);
	assert_int_equal(beside_writes, 2);
}

static void only_its_own_pages_are_answered(void **state)
{
	const struct decoded insn = { .bytes = 4, .is_write = true };
	struct plan_cell none = { .cpu_count = 1 };
	struct cpu other = cpu;

	(void)state;
	assert_true(pci_answers(&cpu, WINDOW));
	assert_true(pci_answers(&cpu, WINDOW + 0xfffff));
	assert_false(pci_answers(&cpu, WINDOW - 1));
	assert_false(pci_answers(&cpu, WINDOW + 0x100000));
	assert_true(pci_answers(&cpu, TABLE + 0xfff));
	assert_false(pci_answers(&cpu, TABLE + 0x1000));
	assert_false(pci_answers(&cpu, TABLE - 1));
	/* Other slots, and other functions of its own. */
	for (uint64_t page = WINDOW; page < WINDOW + 0x100000; page += 0x1000)
		if (page != OWN_PAGE)
			pci_access(&cpu, page + COMMAND, &insn, ALL_ON);
	assert_int_equal(reg(COMMAND) & 0xffff, 0);
	other.cell = &none;
	assert_false(pci_answers(&other, OWN_PAGE));
	assert_false(pci_answers(&other, TABLE));
}

static void the_end_of_a_cell_silences_its_functions(void **state)
{
	(void)state;
	store(COMMAND, 2, ALL_ON);
	pci_stop(&cpu);
	assert_int_equal(reg(COMMAND) & 0xffff, 0x400);
}

static void without_remapping_messages_are_fixed_ones_to_the_cell(void **state)
{
	(void)state;
	store(MSI + 4, 4, 0xfee01000);
	store(MSI + 12, 2, 0x41);
	store(MSI + 2, 2, 1);
	assert_int_equal(reg(MSI + 4), 0xfee04000);
	assert_int_equal(reg(MSI + 12), 0x41);
	store(MSI + 4, 4, 0xfee02000);
	assert_int_equal(reg(MSI + 4), 0);
	store(MSI + 2, 2, 0x21);
	assert_int_equal(reg(MSI) >> 20 & 7, 0);
}

static uint64_t next_random(uint64_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return *x;
}

/* The invariants of pci_device.c hold after whatever a cell writes wherever. */
static void no_sequence_of_writes_breaks_out(void **state)
{
	static const unsigned int widths[] = { 1, 2, 4, 8 };
	static const uint32_t likely[] = { ONES,       0,	   BAR0,     BAR1 | 4,	BAR3,
					   0xfee00000, 0xfee01000, ALL_ON,   3,		0x41,
					   1,	       0x10001,	   0x310001, 0xc0000000 };

	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		uint64_t x = seed * 0x9e3779b97f4a7c15ull;

		device_reset(seed % 4 != 0);
		for (unsigned int i = 0; i < 3000; i++) {
			const uint64_t r = next_random(&x);
			const unsigned int bytes = widths[r & 3];
			const uint64_t value = r & 4 ? likely[(r >> 8) % 14] : next_random(&x);
			const uint64_t base = r & 8 ? OWN_PAGE : TABLE;

			store_at(base + ((r >> 16) % 0x100 & ~(uint64_t)(r & 16 ? bytes - 1 : 0)),
				 bytes, value);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_driver_switches_its_function_on, set_up),
		cmocka_unit_test_setup(bars_are_sized_as_drivers_do_it, set_up),
		cmocka_unit_test_setup(a_bar_takes_no_other_place, set_up),
		cmocka_unit_test_setup(what_is_being_sized_does_not_decode, set_up),
		cmocka_unit_test_setup(the_rom_is_sized_and_never_on, set_up),
		cmocka_unit_test_setup(registers_that_are_not_named_keep_their_values, set_up),
		cmocka_unit_test_setup(status_bits_are_cleared_by_ones_alone, set_up),
		cmocka_unit_test_setup(ordinary_messages_become_indices, set_up),
		cmocka_unit_test_setup(several_messages_count_up_from_an_aligned_vector, set_up),
		cmocka_unit_test_setup(messages_to_others_lead_nowhere, set_up),
		cmocka_unit_test_setup(logical_and_broadcast_messages_go_to_the_cells_first,
				       set_up),
		cmocka_unit_test_setup(the_mask_bits_of_messages_are_the_cells, set_up),
		cmocka_unit_test_setup(each_vector_of_a_table_has_its_entry, set_up),
		cmocka_unit_test_setup(a_table_takes_quadwords, set_up),
		cmocka_unit_test_setup(odd_writes_to_a_table_are_lost_and_writes_beside_it_pass,
				       set_up),
		cmocka_unit_test_setup(only_its_own_pages_are_answered, set_up),
		cmocka_unit_test_setup(the_end_of_a_cell_silences_its_functions, set_up),
		cmocka_unit_test_setup(without_remapping_messages_are_fixed_ones_to_the_cell,
				       set_up_plain),
		cmocka_unit_test_setup(no_sequence_of_writes_breaks_out, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
