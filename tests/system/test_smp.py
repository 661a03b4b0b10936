# SPDX-License-Identifier: Apache-2.0
"""Cells with two and three CPUs, judged by a program inside: tests/cells/smp.

test_bare_attacks.py runs the same cases without a monitor, where they must hold too.
"""
import re

import pytest

import layout
import orders

# The first: the cell's other CPUs have been asleep since its start.
CASES = [
    "sipi-alone", "ids {cpus}", "start", "ipi-fixed", "ipi-nmi", "ipi-lowest", "self-ipi 200",
    "nmi-each 100", "nmi-nested", "nmi-burst 200", "nmi-first 200",
    "init", "init-in-nmi", "init-twice", "init-others", "init-deassert", "init-self",
    "sipi-running", "nmi-waiting", "ring 2000", "ring-nmi 2000", "siege 5",
]

# One CPU ends the cell; (case, what the others do meanwhile).
ENDS = [("end-first foreign", doing)
        for doing in ("nothing", "halt", "spin", "deaf", "exits", "nmi", "waiting")]
ENDS += [("end-last foreign", doing) for doing in ("nothing", "deaf", "exits")]
ENDS += [("end-first triple-fault", "spin"), ("end-last triple-fault", "nothing"),
         ("end-first poweroff", "exits"), ("end-last poweroff", "spin")]
EVENTS = {"foreign": "foreign-access", "triple-fault": "triple-fault", "poweroff": "poweroff"}

LOADS = ["load spin", "load cpuid", "load msr", "load port", "load icr", "load hammer",
         "load forge-beats"]
LOAD_SECONDS = 2

# Only NMIs, INIT and SIPI need the other CPU's monitor.
IPI_EXITS = {"ipi", "ipi-denied"}


def cpu_count(system):
    return len(system.cell("smp")["cpus"])


def run(pool, command):
    """Runs a case that comes back; returns its output."""
    machine, watch = orders.send(pool, command)
    _, harmless, bad = orders.wait_for_end(machine, watch.attacker_mark, command)
    output = watch.attacker_lines()
    assert bad == 0 and harmless > 0, output
    assert "trap:" not in output
    assert watch.monitor_lines() == ""
    watch.check()
    return output


def commands_sent(output):
    return int(re.search(r": interrupt commands ([0-9a-f]+)$", output, re.MULTILINE).group(1), 16)


def test_every_case_of_the_cell_is_tried(smp):
    machine, watch = orders.send(smp, "list")
    known = machine.attacker.wait(r"there are: (.*)\n", 10, since=watch.attacker_mark).group(1)
    tried = CASES + [command for command, _ in ENDS] + LOADS + ["init-first"]
    assert set(known.split()) == {command.split()[0] for command in tried}


@pytest.mark.parametrize("command", CASES)
def test_cell_with_several_cpus(smp, command):
    run(smp, command.format(cpus=cpu_count(smp.system)))


def test_interrupts_exit_once_for_each_command_and_on_no_other_cpu(smp):
    run(smp, "ring 1")  # all CPUs are up
    machine = smp.get()
    before = smp.system.exits(machine, "smp")
    sent = commands_sent(run(smp, "ipi-fixed"))
    grown = layout.grown(before, smp.system.exits(machine, "smp"))
    assert set(grown) == IPI_EXITS
    assert sum(grown.values()) == sent


def test_self_interrupts_do_not_exit(smp):
    run(smp, "ring 1")
    machine = smp.get()
    before = smp.system.exits(machine, "smp")
    sent = commands_sent(run(smp, "self-ipi 1000"))
    # each other CPU is told once what to do
    assert sent == cpu_count(smp.system) - 1
    assert layout.grown(before, smp.system.exits(machine, "smp")) == {"ipi": sent}


@pytest.mark.parametrize("command,doing", ENDS)
def test_end_of_one_cpu_ends_its_cell_and_no_other(smp, command, doing):
    machine, watch = orders.send(smp, f"{command} {doing}")
    try:
        event = EVENTS[command.split()[1]]
        machine.monitor.wait(rf"^septum: cell 'smp': stopped: {event}\b", 30,
                             since=watch.monitor_mark)
        machine.wait_until(lambda: {counters.state for counters in
                                    smp.system.cpu_counters(machine, "smp")} == {"stopped"},
                           30, "end of all CPUs")
        watch.check()
        assert "SURVIVED" not in watch.attacker_lines()
        events = [counters.stop_event for counters in smp.system.cpu_counters(machine, "smp")]
        ended = 0 if command.startswith("end-first") else len(events) - 1
        assert events.pop(ended) == event
        assert set(events) == {"peer"}
    finally:
        smp.discard()


# A host with few CPUs cannot run three that never rest and keep the beat's time as well.
@pytest.mark.parametrize("smp_pool", ["smp"], indirect=True, scope="module")
@pytest.mark.parametrize("command", LOADS)
def test_load_on_all_cpus_disturbs_nobody(smp, command):
    machine, watch = orders.send(smp, command)
    try:
        machine.attacker.wait(r"^case load: start$", 10, since=watch.attacker_mark)
        machine.pass_time(LOAD_SECONDS)
        watch.check()
        assert watch.monitor_lines() == ""
        assert {counters.state for counters in smp.system.cpu_counters(machine, "smp")} == \
            {"running"}
        assert "SURVIVED" not in watch.attacker_lines()
    finally:
        smp.discard()


def test_first_cpu_can_be_reset_by_another(smp):
    """A processor's own first CPU would go to the firmware, which a cell has not."""
    machine, watch = orders.send(smp, "init-first")
    try:
        machine.attacker.wait(r"^case init-first: started again$", 30, since=watch.attacker_mark)
        watch.check()
        assert watch.monitor_lines() == ""
    finally:
        smp.discard()
