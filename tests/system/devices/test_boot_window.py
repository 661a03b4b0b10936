# SPDX-License-Identifier: Apache-2.0
"""A device that writes to memory since before the monitor ran writes to no cell's."""
import threading

import pytest

import beats
import boards
import early_dma
from dma_cells import wait_for_cells

PAGE = 4096


@pytest.fixture
def early(tmp_path):
    made = early_dma.Early(tmp_path)
    yield made
    made.close()


@pytest.fixture
def packets(early):
    """Packets without end, while a test runs."""
    over = threading.Event()

    def send():
        while not over.is_set():
            early.send(10)

    thread = threading.Thread(target=send)
    yield thread
    over.set()
    if thread.ident:
        thread.join()


def test_a_card_that_was_at_work_before_reaches_no_cell(dma, early, packets):
    victim = dma.ram_base("victim")
    place, ring = victim + 0x280000, victim + 0x300000
    with boards.boot(dma, extra=early.extra) as machine:
        packets.start()
        # The control: it works, and nobody stops it, until the monitor comes.
        early.arm(machine, place, ring)
        assert "septum: " not in machine.monitor.text
        wait_for_cells(machine)
        ram = machine.memory(victim, dma.cell("victim")["ram"][0]["size"])
        assert early_dma.MARK not in ram
        seen = beats.wait(machine, 40, 30)
        assert not beats.missed(seen)
        assert machine.memory(place, PAGE) == bytes(PAGE)
        assert machine.memory(ring, 16 * PAGE) == bytes(16 * PAGE)
        assert not any(early_dma.MARK in machine.memory(dma.ram_base(cell), PAGE << 9)
                       for cell in dma.cells)
