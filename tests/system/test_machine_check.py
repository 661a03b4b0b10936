# SPDX-License-Identifier: Apache-2.0
"""Machine checks: no emulator delivers one through an intercept, so a cell pretends them.

The image is built for this test alone, with CONFIG_TEST_INJECT_MC: a cell may write a bank,
and from there on everything is what a real machine check takes.
"""
import os
import subprocess

import pytest

import conftest
import layout
import orders
import victim

# tests/cells/attacker: "machine-check BANK".  STATUS bits 63:56 and, above them, RIPV.
VALID, UNCORRECTED, MISC, ADDRESS, CORRUPT = 0x80, 0x20, 0x08, 0x04, 0x02
RIPV = 0x100
IN_MEMORY = VALID | UNCORRECTED | MISC | ADDRESS
NOBODY = 0xd0000000


@pytest.fixture(scope="module")
def attacker(board):
    """As in conftest, but of a pair that believes its attacker."""
    output = layout.BUILD / "inject-mc" / board
    config = next(name for name in (f"{board}_pair_defconfig", "pair_defconfig")
                  if (layout.ROOT / "configs" / name).exists())
    make = ["make", "-j2", "-C", layout.ROOT, f"O={output}", f"CC={os.environ.get('SEPTUM_CC', 'gcc')}",
            "--no-print-directory"]
    subprocess.run([*make, config], check=True)
    lines = (output / ".config").read_text(encoding="utf-8").splitlines()
    lines = [line for line in lines if "CONFIG_TEST_INJECT_MC" not in line]
    (output / ".config").write_text("\n".join([*lines, "CONFIG_TEST_INJECT_MC=y", ""]),
                                    encoding="utf-8")
    subprocess.run([*make, f"BOARD={board}", "SYSTEM=dts/systems/pair.dts", "image"], check=True)
    pool = conftest.Pool(layout.System("pair", board, output), victim.wait_for_pair)
    yield pool
    pool.discard()


def pretend(pool, bank):
    return orders.send(pool, f"machine-check {bank:#x}")


def assert_stopped(pool, bank, *words):
    """The attacker is stopped by it, and the report says all of these words."""
    machine, watch = pretend(pool, bank)
    try:
        machine.monitor.wait(r"^septum: cell 'attacker': stopped: machine-check\b.*\n", 30,
                             since=watch.monitor_mark)
        for word in words:
            assert word in watch.monitor_lines()
        watch.check()
        assert "goes on" not in watch.attacker_lines()
        counters = pool.system.counters(machine, "attacker")
        assert (counters.state, counters.stop_event) == ("stopped", "machine-check")
        assert counters.exits["fatal"] == 1
    finally:
        pool.discard()


def assert_goes_on(pool, bank):
    before = pool.system.counters(pool.get(), "attacker").exits["machine-check"]
    machine, watch = pretend(pool, bank)
    _, harmless, bad = orders.wait_for_end(machine, watch.attacker_mark, "machine-check")
    assert (harmless, bad) == (1, 0), watch.attacker_lines()
    assert watch.monitor_lines() == ""
    watch.check()
    counters = pool.system.counters(machine, "attacker")
    assert (counters.state, counters.exits["machine-check"]) == ("running", before + 1)


def test_uncorrected_error_in_own_memory_stops_the_cell_and_is_named(attacker):
    address = attacker.system.ram_base("attacker") + 0x3000
    assert_stopped(attacker, address | IN_MEMORY | RIPV, f"{address:#x}", "owner: attacker",
                   "[rule machine-check]")


def test_uncorrected_error_in_memory_of_nobody_stops_the_cell(attacker):
    assert_stopped(attacker, NOBODY | IN_MEMORY | RIPV, f"{NOBODY:#x}", "owner: nobody")


def test_corrupt_processor_stops_the_cell_whatever_the_address(attacker):
    address = attacker.system.ram_base("heartbeat")
    assert_stopped(attacker, address | IN_MEMORY | CORRUPT | RIPV, f"{address:#x}",
                   "owner: heartbeat")


def test_lost_place_in_the_program_stops_the_cell_without_any_bank(attacker):
    assert_stopped(attacker, 0, "machine-check")


def test_error_in_memory_of_another_cell_is_left_to_that_cell(attacker):
    assert_goes_on(attacker, attacker.system.ram_base("heartbeat") | IN_MEMORY | RIPV)


def test_corrected_error_is_counted(attacker):
    assert_goes_on(attacker, VALID | RIPV)


def test_machine_check_of_another_cpu_is_counted(attacker):
    assert_goes_on(attacker, RIPV)
