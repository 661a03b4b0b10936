/* SPDX-License-Identifier: Apache-2.0 */
#include "monitor_tables.h"

#include "table_walk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define R PLAN_RIGHT_READ
#define RW (PLAN_RIGHT_READ | PLAN_RIGHT_WRITE)
#define RX (PLAN_RIGHT_READ | PLAN_RIGHT_EXEC)
#define NOTHING 0u
#define BELOW_4G (1ull << 32)

#define TEXT 0x10000000ull
#define RODATA 0x10008000ull
#define DATA 0x1000a000ull
#define PLAN 0x1000c000ull
#define STORE 0x10400000ull
#define FOREIGN_STORE 0x10600000ull
#define BLOCK 0x10700000ull
#define PEER_BLOCK (BLOCK + CPU_BLOCK_BYTES)
#define FAR_PEER_BLOCK (BLOCK + 4 * CPU_BLOCK_BYTES)
#define BOOT_PAGE 0x8000ull
#define CRASH 0x20001000ull
#define OWN_RAM 0x40000000ull
#define FOREIGN_RAM 0x60000000ull

static const struct monitor_range shared[] = {
	{ { TEXT }, 0x8000, RX },
	{ { RODATA }, 0x2000, R },
	{ { DATA }, 0x2000, RW },
	{ { PLAN }, 0x300000, R },
};
static const struct monitor_range store[] = { { { STORE }, 0x3000, R } };
static struct model_memory ram[] = {
	{ .name = "ram", .gpa = 0, .hpa = OWN_RAM, .size = 0x10000000 },
	{ .name = "high", .gpa = 0x10000000, .hpa = 0x200000000ull, .size = 0x200000 },
};
static const struct model_cell cell = { .name = "own", .memory = ram, .memory_count = 2 };
static const struct model model = { .phys_bits = 40, .monitor = { .boot_page = BOOT_PAGE } };

static const hpa_t peers[] = { { PEER_BLOCK }, { FAR_PEER_BLOCK } };

static const struct cpu_view own_view = {
	.shared = shared,
	.shared_count = 4,
	.store = store,
	.store_count = 1,
	.cell = &cell,
	.block = { BLOCK },
	.peers = peers,
	.peer_count = 2,
	.crash = { CRASH },
};

/* Each leaf: one to one, never writable and executable, and counted. */
static void judge_leaf(const struct walked_leaf *leaf, void *context)
{
	uint64_t *largest = context;

	assert_int_equal(leaf->input, leaf->output);
	assert_false(leaf->write && leaf->execute);
	if (leaf->size > *largest)
		*largest = leaf->size;
}

static void expect(const struct plan_bytes *bytes, hpa_t root, uint64_t address, uint32_t rights)
{
	const struct walk_query at = walk_one(bytes, root, false, address);

	assert_int_equal(at.found, rights != NOTHING);
	if (!at.found)
		return;
	assert_int_equal(at.leaf.write, (rights & PLAN_RIGHT_WRITE) != 0);
	assert_int_equal(at.leaf.execute, (rights & PLAN_RIGHT_EXEC) != 0);
}

static void a_cpu_sees_its_own_and_nothing_else(void **unused)
{
	const struct {
		uint64_t address;
		uint32_t rights;
	} wanted[] = {
		{ TEXT, RX },
		{ TEXT + 0x7fff, RX },
		{ RODATA, R },
		{ DATA, RW },
		{ DATA + 0x1fff, RW },
		{ PLAN, R },
		{ PLAN + 0x2fffff, R },
		{ PLAN + 0x300000, NOTHING },
		{ STORE, R },
		{ STORE + 0x2fff, R },
		{ STORE + 0x3000, NOTHING },
		{ FOREIGN_STORE, NOTHING },
		{ BLOCK, RW },
		{ BLOCK + CPU_BLOCK_GUARD - 1, RW },
		{ BLOCK + CPU_BLOCK_GUARD, NOTHING },
		{ BLOCK + CPU_BLOCK_GUARD + 0xfff, NOTHING },
		{ BLOCK + CPU_BLOCK_STACK, RW },
		{ BLOCK + CPU_BLOCK_BYTES - 1, RW },
		{ BLOCK + CPU_BLOCK_MAILBOX, RW },
		{ BLOCK - 1, NOTHING },
		{ PEER_BLOCK, NOTHING },
		{ PEER_BLOCK + CPU_BLOCK_MAILBOX - 1, NOTHING },
		{ PEER_BLOCK + CPU_BLOCK_MAILBOX, RW },
		{ PEER_BLOCK + CPU_BLOCK_BYTES - 1, RW },
		{ PEER_BLOCK + CPU_BLOCK_BYTES, NOTHING },
		{ FAR_PEER_BLOCK + CPU_BLOCK_COUNTERS, NOTHING },
		{ FAR_PEER_BLOCK + CPU_BLOCK_MAILBOX, RW },
		{ FAR_PEER_BLOCK + CPU_BLOCK_BYTES, NOTHING },
		{ BOOT_PAGE, RX },
		{ BOOT_PAGE + 0x1000, NOTHING },
		{ BOOT_PAGE - 1, NOTHING },
		{ CRASH, RW },
		{ CRASH - 1, NOTHING },
		{ CRASH + 0x1000, NOTHING },
		{ OWN_RAM, RW },
		{ OWN_RAM + 0x0fffffff, RW },
		{ OWN_RAM + 0x10000000, NOTHING },
		{ 0x200000000ull, RW },
		{ FOREIGN_RAM, NOTHING },
		{ 0, NOTHING },
		{ 0xfee00000, NOTHING },
	};
	struct plan_bytes bytes = { .base = { PLAN } };
	struct walk_totals totals = { 0 };
	uint64_t largest = 0;
	hpa_t root;

	(void)unused;
	assert_int_equal(cpu_tables_emit(&model, &own_view, &bytes, &root), PAGE_OK);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		expect(&bytes, root, wanted[i].address, wanted[i].rights);
	walk_tables(&bytes, root.raw, 4, 0, false, &totals, judge_leaf, &largest);
	assert_false(totals.odd_bits);
	assert_int_equal(largest, 0x200000);
	assert_int_equal(totals.bytes, 0x8000 + 0x2000 + 0x2000 + 0x300000 + 0x3000 +
					       CPU_BLOCK_BYTES - 0x1000 + 2 * 0x1000 + 0x1000 +
					       0x1000 + 0x10000000 + 0x200000);
	plan_bytes_free(&bytes);
}

static void the_ioapic_is_seen_uncached_by_owners_of_its_pins_only(void **unused)
{
	struct model_device uart = { .name = "uart", .has_pin = true, .pin = 4 };
	struct model_ref ref = { .index = 0 };
	struct model_cell owner = cell;
	struct cpu_view view = own_view;
	struct model with_ioapic = model;
	struct plan_bytes bytes = { .base = { PLAN } };
	struct walk_query at;
	hpa_t root;

	(void)unused;
	with_ioapic.ioapic = (struct model_ioapic){ .present = true, .base = 0xfec00000 };
	with_ioapic.devices = &uart;
	with_ioapic.device_count = 1;
	with_ioapic.cells = &owner;
	with_ioapic.cell_count = 1;
	view.cell = &owner;
	assert_int_equal(cpu_tables_emit(&with_ioapic, &view, &bytes, &root), PAGE_OK);
	expect(&bytes, root, 0xfec00000, NOTHING);
	owner.devices = &ref;
	owner.device_count = 1;
	assert_int_equal(cpu_tables_emit(&with_ioapic, &view, &bytes, &root), PAGE_OK);
	expect(&bytes, root, 0xfec00000, RW);
	expect(&bytes, root, 0xfec01000, NOTHING);
	at = walk_one(&bytes, root, false, 0xfec00000);
	assert_int_equal(at.leaf.raw & 0x18, 0x18); /* PWT, PCD */
	at = walk_one(&bytes, root, false, OWN_RAM);
	assert_int_equal(at.leaf.raw & 0x18, 0);
	plan_bytes_free(&bytes);
}

static void a_parked_cpu_sees_no_cell(void **unused)
{
	struct cpu_view parked = own_view;
	struct plan_bytes bytes = { .base = { PLAN } };
	struct walk_totals totals = { 0 };
	hpa_t root;

	(void)unused;
	parked.store_count = 0;
	parked.cell = NULL;
	parked.peer_count = 0;
	assert_int_equal(cpu_tables_emit(&model, &parked, &bytes, &root), PAGE_OK);
	expect(&bytes, root, STORE, NOTHING);
	expect(&bytes, root, OWN_RAM, NOTHING);
	expect(&bytes, root, BLOCK, RW);
	walk_tables(&bytes, root.raw, 4, 0, false, &totals, walk_ignore, NULL);
	assert_int_equal(totals.bytes, 0x8000 + 0x2000 + 0x2000 + 0x300000 + CPU_BLOCK_BYTES -
					       0x1000 + 0x1000 + 0x1000);
	plan_bytes_free(&bytes);
}

static void the_boot_stage_sees_four_gigabytes_and_writes_no_code(void **unused)
{
	static const struct monitor_range shaped[] = {
		{ { TEXT }, 0x8000, RX },
		{ { STORE }, 0x300000, R },
		{ { PLAN }, 0x300000, R },
		{ { RODATA }, 0x2000, R },
	};
	struct plan_bytes bytes = { .base = { PLAN } };
	struct walk_totals totals = { 0 };
	struct model wide = model;
	uint64_t largest = 0;
	hpa_t root;

	(void)unused;
	wide.features = PLAN_FEATURE_1G_PAGES;
	assert_int_equal(boot_tables_emit(&wide, shaped, 4, &bytes, &root), PAGE_OK);
	expect(&bytes, root, 0, RW);
	expect(&bytes, root, BOOT_PAGE, RW);
	expect(&bytes, root, TEXT - 1, RW);
	expect(&bytes, root, TEXT, RX);
	expect(&bytes, root, TEXT + 0x7fff, RX);
	expect(&bytes, root, RODATA, R);
	expect(&bytes, root, DATA, RW);
	expect(&bytes, root, PLAN, R);
	expect(&bytes, root, PLAN + 0x300000, RW);
	expect(&bytes, root, STORE + 0x2fffff, R);
	expect(&bytes, root, BLOCK, RW);
	expect(&bytes, root, BELOW_4G - 1, RW);
	expect(&bytes, root, BELOW_4G, NOTHING);
	walk_tables(&bytes, root.raw, 4, 0, false, &totals, judge_leaf, &largest);
	assert_false(totals.odd_bits);
	assert_int_equal(totals.bytes, BELOW_4G);
	/* The features are not checked yet when these tables are loaded. */
	assert_int_equal(largest, 0x200000);
	plan_bytes_free(&bytes);
}

static void writable_and_executable_is_refused(void **unused)
{
	const struct monitor_range bad = { { TEXT }, 0x1000, RW | PLAN_RIGHT_EXEC };
	struct cpu_view view = own_view;
	struct plan_bytes bytes = { .base = { PLAN } };
	hpa_t root;

	(void)unused;
	view.shared = &bad;
	view.shared_count = 1;
	assert_int_equal(cpu_tables_emit(&model, &view, &bytes, &root), PAGE_RIGHTS);
	assert_int_equal(boot_tables_emit(&model, &bad, 1, &bytes, &root), PAGE_RIGHTS);
}

static void cell_ram_on_the_monitor_is_refused(void **unused)
{
	struct model_memory over = { .hpa = DATA, .size = 0x1000 };
	const struct model_cell bad = { .name = "bad", .memory = &over, .memory_count = 1 };
	struct cpu_view view = own_view;
	struct plan_bytes bytes = { .base = { PLAN } };
	hpa_t root;

	(void)unused;
	view.cell = &bad;
	assert_int_equal(cpu_tables_emit(&model, &view, &bytes, &root), PAGE_OVERLAP);
}

static void a_shaped_range_beyond_the_boot_map_is_refused(void **unused)
{
	const struct monitor_range bad = { { BELOW_4G - 0x1000 }, 0x2000, R };
	struct plan_bytes bytes = { .base = { PLAN } };
	hpa_t root;

	(void)unused;
	assert_int_equal(boot_tables_emit(&model, &bad, 1, &bytes, &root), PAGE_INPUT_REACH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cpu_sees_its_own_and_nothing_else),
		cmocka_unit_test(the_ioapic_is_seen_uncached_by_owners_of_its_pins_only),
		cmocka_unit_test(a_parked_cpu_sees_no_cell),
		cmocka_unit_test(the_boot_stage_sees_four_gigabytes_and_writes_no_code),
		cmocka_unit_test(writable_and_executable_is_refused),
		cmocka_unit_test(cell_ram_on_the_monitor_is_refused),
		cmocka_unit_test(a_shaped_range_beyond_the_boot_map_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
