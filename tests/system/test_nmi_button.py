# SPDX-License-Identifier: Apache-2.0
"""A machine's NMI button, pressed while a cell keeps the monitor busy: nothing happens to anybody."""
import time

import pytest

import boards
import linux_shell
import orders
import victim

pytestmark = pytest.mark.needs("nmi button")
PRESSES = 50


def press(machine):
    for _ in range(PRESSES):
        machine.qmp("inject-nmi")
        time.sleep(0.005)


# (before the loop, the loop, do NMIs reach the attacker's CPU)
WAYS = [
    (None, "loop cpuid", False),
    ("lint1-nmi", "loop cpuid", True),
    ("lint1-nmi", "loop msr", True),
    ("lint1-nmi", "loop port", True),
    ("lint1-nmi", "spin", True),
    ("lint1-nmi", "halt", True),
]


@pytest.mark.parametrize("first,command,arrives", WAYS)
def test_nmi_during_exits_disturbs_nobody(attacker, first, command, arrives):
    machine = attacker.get()
    try:
        if first:
            mark = machine.attacker.mark()
            machine.attacker.send(first + "\n")
            orders.wait_for_end(machine, mark, first)
        machine, watch = orders.send(attacker, command)
        machine.attacker.wait(r"^case [a-z-]+: start$", 10, since=watch.attacker_mark)
        press(machine)
        watch.check()
        assert watch.monitor_lines() == ""
        counters = attacker.system.counters(machine, "attacker")
        assert counters.state == "running"
        assert bool(counters.exits["nmi"]) == arrives
        if command.startswith("loop"):
            time.sleep(0.1)
            later = attacker.system.counters(machine, "attacker")
            assert later.total() > counters.total(), "the attacker's CPU hangs in the monitor"
    finally:
        attacker.discard()


def test_nmi_finds_nobody_listening(attacker):
    """Idle cells and parked CPUs."""
    machine = attacker.get()
    watch = victim.Watch(machine, attacker.system)
    press(machine)
    watch.check()
    assert watch.monitor_lines() == ""
    machine.attacker.send("list\n")
    machine.attacker.wait(r"there are: ", 10, since=watch.attacker_mark)


def test_nmi_line_reaches_its_owner_and_no_other(trio):
    """The Linux cell has septum,nmi.  The attacker unmasks its LINT1 all the same."""
    with boards.boot(trio) as machine:
        linux_shell.wait_for_shell(machine)
        mark = machine.attacker.mark()
        machine.attacker.send("lint1-nmi\n")
        orders.wait_for_end(machine, mark, "lint1-nmi")
        press(machine)
        assert linux_shell.run(machine, "echo still here") == "still here"
        assert sum(c.exits["nmi"] for c in trio.cpu_counters(machine, "linux")) > 0
        assert sum(c.exits["nmi"] for c in trio.cpu_counters(machine, "attacker")) == 0
        assert machine.is_running()
