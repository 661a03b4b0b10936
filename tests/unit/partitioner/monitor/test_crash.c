/* SPDX-License-Identifier: Apache-2.0 */
/* Crash records: what a reset leaves behind may be anything. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "crash.h"
#include "host_arch.h"
#include "plan_view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CPUS 3u

/* Two CPUs with a cell each and a parked one; rings in memory of their own. */
struct machine {
	struct plan plan;
	struct plan_cpu cpus[CPUS];
	struct plan_cell cells[2];
	uint8_t *crash;
};

static struct plan_crash_record *ring_of(const struct machine *machine, unsigned int cpu)
{
	return (void *)(machine->crash + cpu * PLAN_CRASH_BYTES);
}

static int make_machine(void **state)
{
	struct machine *m = calloc(1, sizeof(*m));

	m->crash = aligned_alloc(PLAN_PAGE_BYTES, CPUS * PLAN_CRASH_BYTES);
	memset(m->crash, 0, CPUS * PLAN_CRASH_BYTES);
	m->plan.cpus = HOST_TABLE(m->cpus, CPUS);
	m->plan.cells = HOST_TABLE(m->cells, 2);
	m->plan.crash = host_hpa(m->crash);
	m->plan.crash_size = CPUS * PLAN_CRASH_BYTES;
	for (unsigned int i = 0; i < PLAN_HASH_BYTES; i++)
		m->plan.hash[i] = (uint8_t)(i + 1);
	for (unsigned int i = 0; i < CPUS; i++) {
		m->cpus[i].apic_id.raw = 40 + i;
		m->cpus[i].cell = i < 2 ? i : PLAN_NO_CELL;
		m->cpus[i].crash = host_hpa(ring_of(m, i));
	}
	m->cells[0] = (struct plan_cell){ .name = "linux", .cpu_count = 1 };
	m->cells[1] = (struct plan_cell){ .name = "rt", .first_cpu = 1, .cpu_count = 1 };
	host_console_clear();
	*state = m;
	return 0;
}

static int free_machine(void **state)
{
	struct machine *m = *state;

	free(m->crash);
	free(m);
	return 0;
}

/* A record in which every field tells @number. */
static struct plan_crash_record make_record(uint64_t number)
{
	struct plan_crash_record record = {
		.tsc = 0x1000 + number,
		.event = PLAN_EVENT_FOREIGN_ACCESS,
		.apic_id = { 40 },
		.cell = "attacker",
		.address = 0xabc000 + number,
		.code = 0x400,
		.info1 = 0x100000006,
		.info2 = 0xabc000 + number,
		.rip = 0x710000 + number,
		.rsp = 0x720000 + number,
		.rflags = 2,
		.cr0 = 0x80000011,
		.cr3 = 0x730000,
		.cr4 = 0x60,
		.efer = 0x500,
	};

	for (unsigned int i = 0; i < 16; i++)
		record.gprs[i] = number * 100 + i;
	for (unsigned int i = 0; i < PLAN_HASH_BYTES; i++)
		record.plan_hash[i] = (uint8_t)(i + 1);
	return record;
}

static void store(struct plan_crash_record *ring, uint64_t number)
{
	const struct plan_crash_record record = make_record(number);

	crash_record_store(ring, &record);
}

/* The number given to make_record(), after checking that all else is as given. */
static uint64_t number_of(const struct plan_crash_record *stored)
{
	struct plan_crash_record expected = make_record(stored->address - 0xabc000);

	expected.magic = stored->magic;
	expected.checksum = stored->checksum;
	expected.sequence = stored->sequence;
	assert_memory_equal(stored, &expected, sizeof(expected));
	return stored->address - 0xabc000;
}

static unsigned int count_valid(const struct plan_crash_record *ring)
{
	unsigned int valid = 0;

	for (unsigned int slot = 0; slot < PLAN_CRASH_SLOTS; slot++)
		valid += crash_record_valid(&ring[slot]);
	return valid;
}

static unsigned int occurrences(const char *needle)
{
	unsigned int found = 0;

	for (const char *at = host_console(); (at = strstr(at, needle)); at++)
		found++;
	return found;
}

/* ---- storing ---- */

static void a_stored_record_is_valid_and_complete(void **state)
{
	struct plan_crash_record *ring = ring_of(*state, 0);
	unsigned int slot = 0;

	store(ring, 1);
	assert_int_equal(count_valid(ring), 1);
	while (!crash_record_valid(&ring[slot]))
		slot++;
	assert_int_equal(ring[slot].magic, PLAN_CRASH_MAGIC);
	assert_int_equal(ring[slot].sequence, 1);
	assert_int_equal(number_of(&ring[slot]), 1);
}

static void the_oldest_record_makes_room_for_the_ninth(void **state)
{
	struct plan_crash_record *ring = ring_of(*state, 0);

	for (uint64_t number = 1; number <= 3 * PLAN_CRASH_SLOTS + 1; number++) {
		uint64_t seen = 0;
		const uint64_t kept = number < PLAN_CRASH_SLOTS ? number : PLAN_CRASH_SLOTS;

		store(ring, number);
		assert_int_equal(count_valid(ring), kept);
		for (unsigned int slot = 0; slot < PLAN_CRASH_SLOTS; slot++) {
			if (!crash_record_valid(&ring[slot]))
				continue;
			assert_int_equal(number_of(&ring[slot]), ring[slot].sequence);
			assert_in_range(ring[slot].sequence, number - kept + 1, number);
			seen |= 1ull << (number - ring[slot].sequence);
		}
		assert_int_equal(seen, (1ull << kept) - 1);
	}
}

static void a_store_stays_inside_the_ring_of_its_cpu(void **state)
{
	struct machine *m = *state;
	const size_t used = PLAN_CRASH_SLOTS * sizeof(struct plan_crash_record);
	uint8_t *before = malloc(CPUS * PLAN_CRASH_BYTES);

	memset(m->crash, 0x5a, CPUS * PLAN_CRASH_BYTES);
	memcpy(before, m->crash, CPUS * PLAN_CRASH_BYTES);
	for (uint64_t number = 1; number <= 20; number++)
		store(ring_of(m, 1), number);
	assert_memory_equal(m->crash, before, PLAN_CRASH_BYTES);
	assert_memory_equal(m->crash + PLAN_CRASH_BYTES + used, before + PLAN_CRASH_BYTES + used,
			    2 * PLAN_CRASH_BYTES - used);
	free(before);
}

static void a_ring_of_garbage_takes_records_without_losing_any(void **state)
{
	struct plan_crash_record *ring = ring_of(*state, 0);

	for (unsigned int round = 0; round < 50; round++) {
		uint8_t *bytes = (uint8_t *)ring;

		for (size_t i = 0; i < PLAN_CRASH_BYTES; i++)
			bytes[i] = (uint8_t)(host_random() >> 32);
		for (unsigned int slot = 0; slot < PLAN_CRASH_SLOTS; slot += 1 + round % 2)
			ring[slot].magic = PLAN_CRASH_MAGIC;
		assert_int_equal(count_valid(ring), 0);
		for (uint64_t number = 1; number <= PLAN_CRASH_SLOTS; number++) {
			store(ring, number);
			assert_int_equal(count_valid(ring), number);
		}
		for (unsigned int slot = 0; slot < PLAN_CRASH_SLOTS; slot++)
			assert_int_equal(number_of(&ring[slot]), ring[slot].sequence);
	}
}

/* ---- judging ---- */

static void a_record_with_any_bit_changed_is_invalid_and_not_printed(void **state)
{
	struct machine *m = *state;
	struct plan_crash_record *ring = ring_of(m, 0);
	unsigned int slot = 0;
	struct plan_crash_record sound;

	store(ring, 1);
	while (!crash_record_valid(&ring[slot]))
		slot++;
	sound = ring[slot];
	for (size_t bit = 0; bit < 8 * sizeof(sound); bit++) {
		ring[slot] = sound;
		((uint8_t *)&ring[slot])[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_false(crash_record_valid(&ring[slot]));
		crash_print_all(&m->plan);
	}
	assert_string_equal(host_console(), "");
	ring[slot] = sound;
	crash_print_all(&m->plan);
	assert_string_not_equal(host_console(), "");
}

static void memory_of_one_value_holds_no_record(void **state)
{
	struct machine *m = *state;

	for (unsigned int value = 0; value < 256; value++) {
		memset(m->crash, (int)value, CPUS * PLAN_CRASH_BYTES);
		assert_int_equal(count_valid(ring_of(m, 0)), 0);
		crash_print_all(&m->plan);
	}
	assert_string_equal(host_console(), "");
}

/* ---- printing ---- */

static void a_printed_record_names_cell_event_cpu_address_and_place(void **state)
{
	struct machine *m = *state;

	store(ring_of(m, 1), 5);
	crash_print_all(&m->plan);
	assert_non_null(strstr(host_console(), "attacker"));
	assert_non_null(strstr(host_console(), plan_event_name(PLAN_EVENT_FOREIGN_ACCESS)));
	assert_non_null(strstr(host_console(), "40"));
	assert_non_null(strstr(host_console(), "abc005"));
	assert_non_null(strstr(host_console(), "710005"));
}

static void the_records_of_every_cpu_are_printed_once_and_then_forgotten(void **state)
{
	struct machine *m = *state;

	for (unsigned int cpu = 0; cpu < CPUS; cpu++)
		for (uint64_t number = 1; number <= 10; number++)
			store(ring_of(m, cpu), 0x100 * (cpu + 1) + number);
	crash_print_all(&m->plan);
	for (unsigned int cpu = 0; cpu < CPUS; cpu++) {
		assert_int_equal(count_valid(ring_of(m, cpu)), 0);
		for (uint64_t number = 1; number <= 10; number++) {
			char rip[24];

			snprintf(rip, sizeof(rip), "%lx", 0x710000 + 0x100 * (cpu + 1ul) + number);
			assert_int_equal(occurrences(rip), number > 2);
		}
	}
	host_console_clear();
	crash_print_all(&m->plan);
	assert_string_equal(host_console(), "");
}

static void valid_records_are_printed_from_among_garbage(void **state)
{
	struct machine *m = *state;

	for (size_t i = 0; i < CPUS * PLAN_CRASH_BYTES; i++)
		m->crash[i] = (uint8_t)(host_random() >> 32);
	store(ring_of(m, 0), 1);
	store(ring_of(m, 0), 2);
	crash_print_all(&m->plan);
	assert_int_equal(occurrences("710001"), 1);
	assert_int_equal(occurrences("710002"), 1);
	assert_int_equal(occurrences("attacker"), 2);
}

static void a_name_without_its_nul_is_printed_to_its_end_and_no_further(void **state)
{
	struct machine *m = *state;
	struct plan_crash_record record = make_record(1);

	memset(record.cell, 'Q', sizeof(record.cell));
	memset(&record.address, 'Q', sizeof(record.address)); /* what follows the name */
	crash_record_store(ring_of(m, 0), &record);
	crash_print_all(&m->plan);
	/* Its terminator may cost the last letter. */
	assert_in_range(occurrences("Q"), PLAN_NAME_BYTES - 1, PLAN_NAME_BYTES);
}

static void print_name(const struct machine *m, const char *name)
{
	struct plan_crash_record record = make_record(1);

	memset(record.cell, 0, sizeof(record.cell));
	memcpy(record.cell, name, strlen(name));
	crash_record_store(ring_of(m, 0), &record);
	host_console_clear();
	crash_print_all(&m->plan);
}

static void characters_of_a_name_that_a_terminal_obeys_are_not_printed(void **state)
{
	print_name(*state, "left ~ right");
	assert_int_equal(occurrences("left ~ right"), 1);
	for (unsigned int c = 1; c < 256; c++) {
		char name[] = { 'a', (char)c, 'b', '\0' };

		if (c >= ' ' && c <= '~')
			continue;
		print_name(*state, name);
		assert_int_equal(host_console_lines(), 1);
		assert_ptr_equal(strchr(host_console(), (char)c),
				 c == '\n' ? strchr(host_console(), '\0') - 1 : NULL);
	}
}

/* The page goes on behind the last slot; nothing there is a record. */
static void a_record_behind_the_ring_is_neither_counted_nor_printed_nor_changed(void **state)
{
	struct machine *m = *state;
	struct plan_crash_record *ring = ring_of(m, 0), stray;

	for (uint64_t number = 1; number <= PLAN_CRASH_SLOTS; number++)
		store(ring, number);
	stray = ring[PLAN_CRASH_SLOTS - 1];
	assert_true(crash_record_valid(&stray));
	ring[PLAN_CRASH_SLOTS] = stray;
	memset(ring, 0, PLAN_CRASH_SLOTS * sizeof(*ring));
	store(ring, 1);
	assert_int_equal(ring[0].sequence, 1);
	crash_print_all(&m->plan);
	assert_int_equal(occurrences("attacker"), 1);
	assert_memory_equal(&ring[PLAN_CRASH_SLOTS], &stray, sizeof(stray));
}

static void an_event_nobody_knows_is_printed_all_the_same(void **state)
{
	struct machine *m = *state;
	struct plan_crash_record record = make_record(1);

	record.event = 0xffffffff;
	crash_record_store(ring_of(m, 0), &record);
	crash_print_all(&m->plan);
	assert_int_equal(occurrences("attacker"), 1);
}

#define with_machine(test) cmocka_unit_test_setup_teardown(test, make_machine, free_machine)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_machine(a_stored_record_is_valid_and_complete),
		with_machine(the_oldest_record_makes_room_for_the_ninth),
		with_machine(a_store_stays_inside_the_ring_of_its_cpu),
		with_machine(a_ring_of_garbage_takes_records_without_losing_any),
		with_machine(a_record_with_any_bit_changed_is_invalid_and_not_printed),
		with_machine(memory_of_one_value_holds_no_record),
		with_machine(a_printed_record_names_cell_event_cpu_address_and_place),
		with_machine(the_records_of_every_cpu_are_printed_once_and_then_forgotten),
		with_machine(valid_records_are_printed_from_among_garbage),
		with_machine(a_name_without_its_nul_is_printed_to_its_end_and_no_further),
		with_machine(characters_of_a_name_that_a_terminal_obeys_are_not_printed),
		with_machine(a_record_behind_the_ring_is_neither_counted_nor_printed_nor_changed),
		with_machine(an_event_nobody_knows_is_printed_all_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
