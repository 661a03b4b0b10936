# SPDX-License-Identifier: Apache-2.0
"""The control: without an IOMMU, by an explicit waiver, the same device reaches everything."""
import re

import pytest

import boards
from dma_cells import LENGTH, TARGETS, order, values, wait_for_cells


@pytest.fixture(scope="module")
def machine(dma):
    with boards.boot(dma) as running:
        wait_for_cells(running)
        yield running


@pytest.mark.parametrize("name", ["victim's RAM", "heartbeat's RAM", "free RAM",
                                  "crash records"])
def test_a_write_arrives_wherever_it_was_sent(dma, machine, name):
    place, program = TARGETS[name](dma), dma.ram_base("attacker") + 0x100000
    assert machine.memory(place, LENGTH) != machine.memory(program, LENGTH)
    order(machine, f"copy {program:#x} {place:#x}")
    assert machine.memory(place, LENGTH) == machine.memory(program, LENGTH)


def test_a_disk_controller_writes_wherever_it_was_told(dma, machine):
    place = TARGETS["victim's RAM"](dma) & ~0xfff
    before = machine.memory(place, 4096)
    order(machine, f"disk {place:#x} {dma.ram_base('attacker'):#x}")
    after = machine.memory(place, 4096)
    assert after != before
    assert after[:2] == b"\x36\x1b"


def test_a_neighbours_registers_take_a_write(dma, machine):
    place = int(re.search(r"registers ([0-9a-f]+)", machine.victim.text).group(1), 16)
    program = dma.ram_base("attacker") + 0x100000
    inverted = ~int.from_bytes(machine.memory(program, 4), "little") & 0xffffffff
    assert values(order(machine, "peek 4", "victim"), "register") != [inverted]
    order(machine, f"copy {program:#x} {place + 4:#x}")
    assert values(order(machine, "peek 4", "victim"), "register") == [inverted]


@pytest.mark.parametrize("name", ["heartbeat's program", "plan", "monitor's text"])
def test_what_is_anywhere_can_be_read(dma, machine, name):
    place, own = TARGETS[name](dma), dma.ram_base("attacker") + 0x300000
    assert machine.memory(own, LENGTH) != machine.memory(place, LENGTH)
    order(machine, f"copy {place:#x} {own:#x}")
    assert machine.memory(own, LENGTH) == machine.memory(place, LENGTH)


def test_the_capability_is_kept_in_order_all_the_same(machine):
    for message in ("0xfee02000 0x61", "0xfee00000 0x461"):
        assert values(order(machine, f"msi {message}"), "address") == [0]
