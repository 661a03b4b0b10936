# SPDX-License-Identifier: Apache-2.0
"""Two cells drive their serial ports by interrupts: one pin edge, one level triggered."""
import pytest

import boards

CELLS = {"level": 3, "edge": 4}  # and their pins
LINES = 5


@pytest.fixture(scope="module")
def running(pins):
    with boards.boot(pins) as machine:
        for name in CELLS:
            getattr(machine, name).wait(r"^pins: ready$", 60)
        yield machine


def echo(console, text):
    """Sends a line; returns how many interrupts the cell has taken until then."""
    mark = console.mark()
    console.send(text + "\r")
    return int(console.wait(rf"^{text}\ninterrupts (\d+)$", 20, since=mark).group(1))


@pytest.mark.parametrize("name,pin", CELLS.items())
def test_a_cell_sees_its_pin_as_the_board_says_and_itself_as_cpu_0(running, name, pin):
    getattr(running, name).wait(rf"^pins: pin {pin} is {name}, destination 0$", 5)


@pytest.mark.parametrize("name", CELLS)
def test_pins_of_others_cannot_be_claimed(running, name):
    getattr(running, name).wait(r"^pins: \d+ pins, claimed of others 0$", 5)


@pytest.mark.parametrize("name", CELLS)
def test_interrupts_come_one_after_the_other_without_an_exit(running, pins, name):
    before = {cell: pins.counters(running, cell).exits for cell in CELLS}
    assert before[name]["ioapic"] > 0
    counts = [echo(getattr(running, name), f"line {number}") for number in range(LINES)]
    # At least one for each line. At most one for each character, but maybe later: the interrupt
    # of a character that the handler still found in the FIFO comes after the line's end.
    assert all(later > earlier for earlier, later in zip(counts, counts[1:])), counts
    assert counts[-1] - counts[0] <= LINES * len("line 0\r"), counts
    assert {cell: pins.counters(running, cell).exits for cell in CELLS} == before


def test_both_work_at_once(running):
    for number in range(LINES):
        for name in CELLS:
            getattr(running, name).send(f"round {number} of {name}\r")
    for name in CELLS:
        for number in range(LINES):
            getattr(running, name).wait(rf"^round {number} of {name}\ninterrupts \d+$", 20)
