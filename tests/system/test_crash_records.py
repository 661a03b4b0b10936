# SPDX-License-Identifier: Apache-2.0
"""A contained fault is told again at the next boot."""
import pytest

import beats
import boards
import victim

pytestmark = pytest.mark.needs("warm reset")
RECORD = r"^septum: crash record: "


@pytest.fixture(scope="module")
def boots(pair):
    """Monitor output of a first boot with one fault, and of the boot after a warm reset."""
    with boards.boot(pair, reset_allowed=True) as machine:
        victim.wait_for_pair(machine)
        machine.attacker.send("write-monitor\n")
        machine.monitor.wait(r"^septum: cell 'attacker': stopped: foreign-access", 30)
        beats.wait(machine, 3, 30)
        mark = machine.monitor.mark()
        first = machine.monitor.text
        machine.qmp("system_reset")
        machine.monitor.wait(r"^septum: cells start$", 90, since=mark)
        beats.wait(machine, 3, 30)
        return first, machine.monitor.since(mark)


def test_first_boot_has_no_record(boots):
    assert "septum: crash record: cell" not in boots[0]


def test_record_names_cell_and_event(boots):
    lines = [line for line in boots[1].splitlines() if line.startswith("septum: crash record: ")]
    assert len([line for line in lines if "cell 'attacker' foreign-access" in line]) == 1


def test_record_gives_the_address(boots):
    line = next(line for line in boots[1].splitlines() if "crash record: cell" in line)
    assert "10000000" in line
