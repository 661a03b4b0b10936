/* SPDX-License-Identifier: Apache-2.0 */
#include "sound_model.h"

static void give_ports(struct sound *s, int cell, uint32_t first, uint32_t count)
{
	s->ports[cell][0] = (struct model_ports){ first, count, AT(27 + 10 * (unsigned int)cell) };
	s->cells[cell].port_count = 1;
}

static void port_given_to_two_cells_is_refused_naming_both(void **state)
{
	struct sound s;

	(void)state;
	sound_set_up(&s);
	give_ports(&s, LINUX, 0x80, 2);
	give_ports(&s, RT, 0x82, 1);
	sound_keeps(&s, rule_port_overlap);
	give_ports(&s, RT, 0x81, 1);
	sound_breaks(&s, rule_port_overlap, 37,
		     "cell 'rt': port 0x81 and ports 0x80-0x81 of cell 'linux' (s.dts:27) overlap; "
		     "take what they share from one of the cells");
}

static void ports_of_another_cells_device_are_refused(void **state)
{
	struct sound s;

	(void)state;
	sound_set_up(&s);
	give_ports(&s, LINUX, 0x3ef, 2);
	sound_breaks(&s, rule_port_overlap, 32,
		     "cell 'rt': ports 0x3e8-0x3ef and ports 0x3ef-0x3f0 of cell 'linux' "
		     "(s.dts:27) overlap; take what they share from one of the cells");
}

static void one_device_in_two_cells_is_left_to_dev_unique(void **state)
{
	struct sound s;

	(void)state;
	sound_set_up(&s);
	s.device_refs[RT][0].index = 1;
	sound_keeps(&s, rule_port_overlap);
	s.devices[2].port = 0x2ff; /* two devices that share a port are not the same */
	s.device_refs[RT][0].index = 2;
	rule_port_overlap(&s.model, &s.sink);
	assert_int_equal(s.sink.count, 1);
	diag_free(&s.sink);
}

/* Every port of every reserved range, and the ports right beside the ranges. */
static void each_reserved_port_is_refused_and_its_neighbours_are_not(void **state)
{
	static const struct {
		uint32_t first, last;
	} reserved[] = {
		{ 0x20, 0x21 },	  { 0x40, 0x43 },   { 0x60, 0x61 },   { 0x64, 0x64 },
		{ 0x70, 0x71 },	  { 0x92, 0x92 },   { 0xa0, 0xa1 },   { 0xb2, 0xb3 },
		{ 0x3f8, 0x3ff }, { 0x4d0, 0x4d1 }, { 0x510, 0x51b }, { 0x5e0, 0x5e1 },
		{ 0x600, 0x607 }, { 0x60c, 0x67f }, { 0xcf8, 0xcff },
	};
	struct sound s;
	size_t at = 0;

	(void)state;
	sound_set_up(&s);
	for (uint32_t port = 0; port <= 0xffff; port++) {
		bool is_reserved;

		while (at < sizeof(reserved) / sizeof(reserved[0]) && reserved[at].last < port)
			at++;
		is_reserved = at < sizeof(reserved) / sizeof(reserved[0]) &&
			      reserved[at].first <= port;
		give_ports(&s, RT, port, 1);
		rule_port_reserved(&s.model, &s.sink);
		if ((s.sink.count != 0) != is_reserved)
			fail_msg("port 0x%x is%s reserved", port, is_reserved ? "" : " not");
		diag_free(&s.sink);
	}
}

static void reserved_ports_are_named_with_what_they_are(void **state)
{
	struct sound s;

	(void)state;
	sound_set_up(&s);
	give_ports(&s, RT, 0xcf0, 9);
	sound_breaks(&s, rule_port_reserved, 37,
		     "cell 'rt' asks for ports 0xcf0-0xcf8, but no cell may own ports 0xcf8-0xcff "
		     "(PCI configuration and the reset register); leave it out");
	give_ports(&s, RT, 0x3f7, 2);
	sound_breaks(&s, rule_port_reserved, 37,
		     "cell 'rt' asks for ports 0x3f7-0x3f8, but no cell may own ports 0x3f8-0x3ff "
		     "(the monitor's console); leave it out");
	s.model.monitor.console = MODEL_NONE;
	sound_keeps(&s, rule_port_reserved);
}

static void ports_end_at_ffff(void **state)
{
	static const struct {
		uint32_t first, count;
	} bad[] = {
		{ 0xffff, 2 },	{ 0x80, 0 },	      { 0x10000, 1 },
		{ 0, 0x10001 }, { 0xfffffff0, 0x20 }, { 1, 0xffffffff },
	};
	struct sound s;

	(void)state;
	sound_set_up(&s);
	give_ports(&s, RT, 0xffff, 1);
	sound_keeps(&s, rule_port_range);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		give_ports(&s, RT, bad[i].first, bad[i].count);
		sound_keeps(&s, rule_port_reserved); /* left to port-range */
		sound_keeps(&s, rule_port_overlap);
		rule_port_range(&s.model, &s.sink);
		assert_int_equal(s.sink.count, 1);
		diag_free(&s.sink);
	}
	s.cells[RT].port_count = 0;
	s.devices[2].port = 0xfffc;
	sound_breaks(&s, rule_port_range, 32,
		     "cell 'rt': 8 ports from 0xfffc on are no range of I/O ports, which end at "
		     "0xffff; correct them");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(port_given_to_two_cells_is_refused_naming_both),
		cmocka_unit_test(ports_of_another_cells_device_are_refused),
		cmocka_unit_test(one_device_in_two_cells_is_left_to_dev_unique),
		cmocka_unit_test(each_reserved_port_is_refused_and_its_neighbours_are_not),
		cmocka_unit_test(reserved_ports_are_named_with_what_they_are),
		cmocka_unit_test(ports_end_at_ffff),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
