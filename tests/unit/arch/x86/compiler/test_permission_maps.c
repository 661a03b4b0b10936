/* SPDX-License-Identifier: Apache-2.0 */
#include "permission_maps.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static struct model_device devices[] = {
	{ .name = "serial@3f8", .port = 0x3f8, .port_count = 8, .enabled = true },
	{ .name = "serial@2f8", .port = 0x2f8, .port_count = 8, .enabled = true },
	{ .name = "timer@608",
	  .kind = MODEL_DEV_PM_TIMER,
	  .port = 0x608,
	  .port_count = 4,
	  .enabled = true },
};
static struct model_ref owned[] = { { .index = 1 }, { .index = MODEL_NONE } };
static struct model_ports ports[] = { { .first = 0xfffe, .count = 2 },
				      { .first = 0x500, .count = 3 } };
static struct model_cell cell = {
	.devices = owned, .device_count = 2, .ports = ports, .port_count = 2
};
static const struct model_cell bare = { .name = "bare" };
static struct model model = { .devices = devices, .device_count = 3 };

static bool intercepted(const uint8_t *map, uint32_t bit)
{
	return map[bit / 8] >> (bit % 8) & 1;
}

static bool expected_open(uint32_t port)
{
	return (port >= 0x2f8 && port <= 0x2ff) || (port >= 0x500 && port <= 0x502) ||
	       (port >= 0x608 && port <= 0x60b) || port == 0xfffe || port == 0xffff;
}

static void exactly_the_owned_ports_and_the_pm_timer_are_open(void **unused)
{
	uint8_t map[IOPM_BYTES] = { 0 };

	(void)unused;
	iopm_emit(&model, &cell, map);
	/* All the bits there are, those beyond port FFFFh too. */
	for (uint32_t bit = 0; bit < IOPM_BYTES * 8; bit++)
		assert_int_equal(intercepted(map, bit), !expected_open(bit));
}

static void a_cell_without_devices_has_the_pm_timer_alone(void **unused)
{
	uint8_t map[IOPM_BYTES] = { 0 };
	unsigned int open = 0;

	(void)unused;
	iopm_emit(&model, &bare, map);
	for (uint32_t bit = 0; bit < IOPM_BYTES * 8; bit++)
		open += !intercepted(map, bit);
	assert_int_equal(open, 4);
	assert_false(intercepted(map, 0x608));
}

static void a_disabled_pm_timer_stays_closed(void **unused)
{
	uint8_t map[IOPM_BYTES] = { 0 };

	(void)unused;
	devices[2].enabled = false;
	iopm_emit(&model, &bare, map);
	devices[2].enabled = true;
	for (uint32_t i = 0; i < IOPM_BYTES; i++)
		assert_int_equal(map[i], 0xff);
}

static void ports_that_run_past_the_last_one_open_nothing_beyond(void **unused)
{
	struct model_ports wild = { .first = 0xfff0, .count = 0x1000 };
	const struct model_cell reckless = { .ports = &wild, .port_count = 1 };
	uint8_t map[IOPM_BYTES] = { 0 };

	(void)unused;
	iopm_emit(&model, &reckless, map);
	for (uint32_t bit = 0x10000; bit < IOPM_BYTES * 8; bit++)
		assert_true(intercepted(map, bit));
}

struct msr_rights {
	uint32_t msr;
	const char *rights;
};

/* Numbers from the APM and the SDM, not from our header. */
static const struct msr_rights granted[] = {
	{ 0x10, "r" }, /* TSC */
	{ 0x174, "rw" },      { 0x175, "rw" },	    { 0x176, "rw" }, /* SYSENTER */
	{ 0x277, "rw" }, /* PAT */
	{ 0x6e0, "rw" }, /* TSC deadline */
	{ 0x803, "r" }, /* x2APIC version */
	{ 0x808, "rw" }, /* TPR */
	{ 0x80a, "r" }, /* PPR */
	{ 0x80b, "w" }, /* EOI */
	{ 0x80f, "rw" }, /* SVR */
	{ 0x828, "rw" }, /* ESR */
	{ 0x832, "rw" }, /* LVT timer */
	{ 0x833, "r" },	      { 0x834, "r" },	    { 0x835, "r" },
	{ 0x836, "r" },	      { 0x837, "r" }, /* LVT error */
	{ 0x838, "rw" },      { 0x839, "r" },	    { 0x83e, "rw" }, /* timer */
	{ 0x83f, "w" }, /* self IPI */
	{ 0xc0000081, "rw" }, { 0xc0000082, "rw" }, { 0xc0000083, "rw" },
	{ 0xc0000084, "rw" }, { 0xc0000100, "rw" }, { 0xc0000101, "rw" },
	{ 0xc0000102, "rw" }, { 0xc0000103, "rw" }, /* TSC_AUX */
};

static bool may(uint32_t msr, char right)
{
	/* ISR, TMR, IRR: eight registers each */
	if (msr >= 0x810 && msr <= 0x827)
		return right == 'r';
	for (size_t i = 0; i < sizeof(granted) / sizeof(granted[0]); i++)
		if (granted[i].msr == msr)
			return granted[i].rights[0] == right || granted[i].rights[1] == right;
	return false;
}

static void exactly_the_listed_msrs_are_open_each_way(void **unused)
{
	static const uint32_t bases[] = { 0, 0xc0000000u, 0xc0010000u };
	uint8_t map[MSRPM_BYTES] = { 0 };

	(void)unused;
	msrpm_emit(map);
	for (uint32_t range = 0; range < 3; range++)
		for (uint32_t n = 0; n < 0x2000; n++) {
			const uint32_t bit = range * 0x4000 + 2 * n;

			assert_int_equal(intercepted(map, bit), !may(bases[range] + n, 'r'));
			assert_int_equal(intercepted(map, bit + 1), !may(bases[range] + n, 'w'));
		}
	for (uint32_t i = 0x1800; i < MSRPM_BYTES; i++)
		assert_int_equal(map[i], 0xff);
}

static void dangerous_msrs_always_reach_the_monitor(void **unused)
{
	/* x2APIC id, LDR, ICR, APIC_BASE, TSC_ADJUST, microcode, EFER, VM_CR, HSAVE */
	static const uint32_t bits[] = {
		0x802 * 2, 0x80d * 2,	      0x830 * 2,	  0x1b * 2,	      0x3b * 2,
		0x79 * 2,  0x4000 + 0x80 * 2, 0x8000 + 0x114 * 2, 0x8000 + 0x117 * 2,
	};
	uint8_t map[MSRPM_BYTES] = { 0 };

	(void)unused;
	msrpm_emit(map);
	for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++) {
		assert_true(intercepted(map, bits[i]));
		assert_true(intercepted(map, bits[i] + 1));
	}
	assert_true(intercepted(map, 0x10 * 2 + 1));
}

/* Intel SDM volume 3C, 24.6.9: read low, read high, write low, write high. */
static void exactly_the_listed_msrs_are_open_in_the_vmx_bitmap_too(void **unused)
{
	uint8_t map[MSR_BITMAP_BYTES] = { 0 };

	(void)unused;
	msr_bitmap_emit(map);
	for (uint32_t n = 0; n < 0x2000; n++) {
		const uint32_t high = 0xc0000000u + n;

		assert_int_equal(intercepted(map, n), !may(n, 'r'));
		assert_int_equal(intercepted(map, 0x400 * 8 + n), !may(high, 'r'));
		assert_int_equal(intercepted(map, 0x800 * 8 + n), !may(n, 'w'));
		assert_int_equal(intercepted(map, 0xc00 * 8 + n), !may(high, 'w'));
	}
}

/* IA32_FEATURE_CONTROL, the VMX capabilities, DEBUGCTL, SMM and machine-check registers */
static void msrs_of_vmx_and_of_the_machine_always_reach_the_monitor(void **unused)
{
	static const uint32_t msrs[] = {
		0x3a, 0x480, 0x48b, 0x491, 0x1d9, 0x9b, 0x17a, 0x400, 0x1a0
	};
	uint8_t map[MSR_BITMAP_BYTES] = { 0 };

	(void)unused;
	msr_bitmap_emit(map);
	for (size_t i = 0; i < sizeof(msrs) / sizeof(msrs[0]); i++) {
		assert_true(intercepted(map, msrs[i]));
		assert_true(intercepted(map, 0x800 * 8 + msrs[i]));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exactly_the_owned_ports_and_the_pm_timer_are_open),
		cmocka_unit_test(a_cell_without_devices_has_the_pm_timer_alone),
		cmocka_unit_test(a_disabled_pm_timer_stays_closed),
		cmocka_unit_test(ports_that_run_past_the_last_one_open_nothing_beyond),
		cmocka_unit_test(exactly_the_listed_msrs_are_open_each_way),
		cmocka_unit_test(dangerous_msrs_always_reach_the_monitor),
		cmocka_unit_test(exactly_the_listed_msrs_are_open_in_the_vmx_bitmap_too),
		cmocka_unit_test(msrs_of_vmx_and_of_the_machine_always_reach_the_monitor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
