# SPDX-License-Identifier: Apache-2.0
"""What is AMD-Vi's alone: its interrupt remapping, and where QEMU's unit is none."""
import time

import pytest

import edu_machine
from amdvi_machine import UNIT
from edu_machine import READ
from tables_bench import FIRST, IOAPIC, KIB4, REMAP, SECOND, STRANGER


@pytest.fixture
def unit():
    return "amdvi"


def test_blocked_dma_leaves_no_event_and_moves_no_tail(bench, machine):
    """An emulator's gap: where this fails, the emulator has begun to log."""
    live = bench()
    live.live()
    assert live.passes(STRANGER, 0x3000, 0x28004000) == (False, False)
    assert live.passes(FIRST, 0x900000, 0x30000000) == (True, False)
    assert machine.read(edu_machine.QUEUE + 0x1000, 4096) == bytes(4096)
    assert machine.readq(UNIT + 0x2018) == 0


def test_the_unit_offers_what_the_driver_asks_for(machine):
    features = machine.readq(UNIT + 0x30)
    assert features & (1 << 2 | 1 << 6 | 1 << 7) == 1 << 2 | 1 << 6 | 1 << 7
    assert features >> 10 & 3 < 3


def irte(destination, vector):
    return ((destination & 0xFFFFFF) << 8 | 1).to_bytes(8, "little") + \
        (destination >> 24 << 56 | vector).to_bytes(8, "little")


def came_out(machine):
    """The messages that the unit let through so far: (destination, vector)."""
    found = []
    for line in machine.errors.read_text(encoding="utf-8").splitlines():
        words = line.split()
        if words and words[0] == "amdvi_mem_ir_write":
            address, data = int(words[2], 16), int(words[4], 16)
            found.append((address >> 40 << 8 | address >> 12 & 0xFF, data & 0xFF))
    return found


def route(machine, index, destination, vector, table=REMAP):
    machine.write(table + index * 16, irte(destination, vector))
    machine.execute(5 << 60 | (FIRST if table == REMAP else IOAPIC))


def test_messages_are_remapped_by_entries_of_128_bits(bench, machine):
    live = bench(remap=(FIRST, IOAPIC))
    route(machine, 5, 0x12345603, 0x51)
    live.live()
    machine.send_msi(FIRST, 5)
    route(machine, 5, 0x2, 0x52)
    machine.send_msi(FIRST, 5)
    route(machine, 63, 0xFFFFFE, 0xFE)
    machine.send_msi(FIRST, 63)
    assert came_out(machine) == [(0x12345603, 0x51), (0x2, 0x52), (0xFFFFFE, 0xFE)]


def test_messages_without_a_valid_entry_are_blocked(bench, machine):
    live = bench(remap=(FIRST, IOAPIC))
    route(machine, 5, 1, 0x51)
    machine.send_msi(FIRST, 5)  # the table that denies
    live.live()
    machine.send_msi(FIRST, 6)  # an entry that nobody routed
    machine.send_msi(SECOND, 5)  # a function without a table
    machine.send_msi(STRANGER, 5)
    for mode in (2, 4, 5, 7):  # SMI, NMI, INIT, ExtINT
        machine.send_msi(FIRST, mode << 8 | 5)
    assert not came_out(machine)
    machine.send_msi(FIRST, 5)
    assert came_out(machine) == [(1, 0x51)]


def pulse_pin(machine, index):
    """Pin 2 belongs to the interval timer, which ticks by itself: edges, until it is masked."""
    for value in (index, 1 << 16):
        for register, word in ((0x15, 0), (0x14, value)):
            machine.writel(0xFEC00000, register)
            machine.writel(0xFEC00010, word)
        time.sleep(0.1)


def test_the_ioapics_messages_do_not_come_to_the_unit(bench, machine):
    """An emulator's gap (QEMU 10.0): a pin's message arrives as its entry says, even denied."""
    live = bench(remap=(FIRST, IOAPIC))
    route(machine, 0x45, 3, 0x61, REMAP + KIB4)
    pulse_pin(machine, 0x45)
    live.live()
    pulse_pin(machine, 0x46)
    log = machine.errors.read_text(encoding="utf-8")
    for vector in (0x45, 0x46):
        assert f"apic_deliver_irq dest 0 dest_mode 0 delivery_mode 0 vector {vector} " in log
    assert not came_out(machine)


def test_dma_to_the_message_range_counts_as_the_ioapics(bench, machine):
    """An emulator's gap: a function's plain store there is looked up as device A0h."""
    live = bench(remap=(FIRST, IOAPIC))
    route(machine, 5, 3, 0x61, REMAP + KIB4)
    live.live()
    machine.dma_write(STRANGER, 0xFEE00000, (5).to_bytes(4, "little"))
    assert came_out(machine) == [(3, 0x61)]


def test_an_address_beyond_three_levels_wraps(bench):
    """An emulator's gap: the unit must fault; what is reached is still the function's own."""
    live = bench(levels=3)
    live.live()
    assert live.passes(FIRST, (1 << 39) + 0x123000, 0x20123000) == (True, True)
