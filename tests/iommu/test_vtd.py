# SPDX-License-Identifier: Apache-2.0
"""What is VT-d's alone: fault records, and interrupt remapping with its source check."""
import pytest

import edu_machine
import vtd_machine
from tables_bench import FIRST, REMAP, SECOND, STRANGER
from vtd_machine import UNIT

# Specification 3.3, table 25 and 5.1.4.1: why a request was blocked.
NO_ROOT, NO_CONTEXT, BEYOND, WRITE_DENIED, READ_DENIED = 1, 2, 4, 5, 6
NOT_PRESENT, WRONG_SOURCE = 0x22, 0x26


@pytest.fixture
def unit():
    return "vtd"


def test_the_unit_offers_what_the_driver_asks_for(machine):
    cap, ecap = machine.readq(UNIT + vtd_machine.CAP), machine.readq(UNIT + vtd_machine.ECAP)
    assert cap >> 8 & 6 == 6 and cap >> 34 & 3 == 3 and not cap & 1 << 4 and cap & 7 >= 2
    assert ecap & 0x1A == 0x1A


def only(faults, rid, reason, is_read, address):
    """One record for all that was blocked: QEMU's unit has one, and keeps the first."""
    return faults == [(rid, reason, is_read, address)]


def test_a_blocked_write_is_recorded_with_source_and_address(bench, machine):
    live = bench()
    live.live()
    assert not machine.faults()
    machine.dma_write(FIRST, 0x28004000, bytes(64))
    assert only(machine.faults(), FIRST, WRITE_DENIED, False, 0x28004000)
    assert not machine.faults()
    machine.dma_write(FIRST, 0x900000, bytes(64))  # read-only
    assert only(machine.faults(), FIRST, WRITE_DENIED, False, 0x900000)


def test_a_blocked_read_is_recorded_as_one(bench, machine):
    live = bench()
    live.live()
    machine.dma_read(SECOND, 0x123000)
    assert only(machine.faults(), SECOND, READ_DENIED, True, 0x123000)


def test_a_function_nobody_listed_is_recorded_too(bench, machine):
    live = bench()
    machine.dma_write(STRANGER, 0x3000, bytes(64))
    assert only(machine.faults(), STRANGER, NO_ROOT, False, 0x3000)
    live.live()
    machine.dma_write(STRANGER, 0x3000, bytes(64))
    assert only(machine.faults(), STRANGER, NO_CONTEXT, False, 0x3000)


def test_faults_beyond_the_records_overflow_and_lose_the_later(bench, machine):
    live = bench()
    live.live()
    for rid in (FIRST, SECOND):
        machine.dma_write(rid, 0x28004000, bytes(64))
    assert machine.readl(UNIT + vtd_machine.FSTS) & 1
    assert only(machine.faults(), FIRST, WRITE_DENIED, False, 0x28004000)
    assert not machine.readl(UNIT + vtd_machine.FSTS) & 1


@pytest.mark.parametrize("levels", (3, 4))
def test_an_address_beyond_the_tables_is_blocked(bench, machine, levels):
    live = bench(levels=levels)
    live.live()
    beyond = (1 << (39 if levels == 3 else 48)) + 0x123000
    assert live.passes(FIRST, beyond, 0x20123000) == (False, False)
    assert live.passes(FIRST, 0x123000, 0x20123000) == (True, True)
    assert {fault[1] for fault in machine.faults()} == {BEYOND}


# Interrupts: the low half as the driver writes it, the high half as the emitter made it.

def route(machine, index, rid, destination, vector):
    low = destination << 32 | vector << 16 | 1 if vector else 2
    machine.writeq(REMAP + index * 16, low)
    machine.writeq(REMAP + index * 16 + 8, 1 << 18 | rid)
    machine.execute((0x14 | index << 32, 0))


def send(machine, rid, index):
    """As message() of the driver has it: remappable format, with the data added to the index."""
    machine.send_msi(rid, 0, 0xFEE00000 | index << 5 | 1 << 4 | 1 << 3)


def came_out(machine):
    """Messages that reached the processors' local APICs so far: (destination, vector).

    But for vector 0, which the interval timer sends through a pin that nobody has set up.
    """
    lines = machine.errors.read_text(encoding="utf-8").splitlines()
    words = [line.split() for line in lines if line.startswith("apic_deliver_irq ")]
    return [(int(word[2]), int(word[8])) for word in words if word[8] != "0"]


@pytest.fixture
def remapped(bench, machine):
    live = bench()
    machine.write(REMAP, bytes(4096))
    machine.remap_interrupts(REMAP)
    live.live()
    return machine


def test_messages_follow_their_entries(remapped):
    route(remapped, 5, FIRST, 3, 0x51)
    send(remapped, FIRST, 5)
    route(remapped, 5, FIRST, 2, 0x52)
    send(remapped, FIRST, 5)
    route(remapped, 255, SECOND, 1, 0xFE)
    send(remapped, SECOND, 255)
    assert came_out(remapped) == [(3, 0x51), (2, 0x52), (1, 0xFE)]


def test_a_message_with_the_index_of_another_is_blocked_and_recorded(remapped):
    route(remapped, 5, FIRST, 3, 0x51)
    send(remapped, SECOND, 5)
    send(remapped, STRANGER, 5)
    assert not came_out(remapped)
    assert [(fault[0], fault[1]) for fault in remapped.faults()] == [(SECOND, WRONG_SOURCE)]
    send(remapped, FIRST, 5)
    assert came_out(remapped) == [(3, 0x51)]


def test_a_message_without_an_entry_is_blocked(remapped):
    route(remapped, 5, FIRST, 3, 0x51)
    send(remapped, FIRST, 6)
    assert not came_out(remapped)
    assert [(fault[0], fault[1]) for fault in remapped.faults()] == [(FIRST, NOT_PRESENT)]


def test_an_entry_that_leads_nowhere_blocks_in_silence(remapped):
    route(remapped, 5, FIRST, 0, 0)
    send(remapped, FIRST, 5)
    assert not came_out(remapped)
    assert not remapped.faults()


def test_a_message_of_the_old_format_gets_through(remapped):
    """An emulator's gap: CFI is off, and the unit must block it (5.1.4)."""
    remapped.send_msi(FIRST, 0x61, 0xFEE02000)
    assert came_out(remapped) == [(2, 0x61)]
