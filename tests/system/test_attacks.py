# SPDX-License-Identifier: Apache-2.0
"""What the attacker tries, and that the heartbeat cell does not notice.

Cases are implemented in tests/cells/attacker; {heartbeat} stands for the HPA of
the heartbeat cell's RAM, {window} for a device of nobody, {counters} for the attacker's CPU's
counters, {exit} for a
function of the monitor that answers exits.
"""
import re
import time

import pytest

import beats
import boards
import orders
import victim

# The attacker is told no, or lied to, and goes on.
SURVIVED = [
    "above", "hole-widths", "read 0x140000000", "write 0x7f0000000",
    "ports", "port-sweep", "port-string", "port-straddle", "port-wide", "pci-config", "pic", "pit",
    "pm-timer", "uart-monitor", "uart-heartbeat",
    "msr", "msr-apic-extended", "msr-change", "msr-tsc", "msr-sweep", "machine-check 0x1bc",
    "svm", "vmx", "hidden", "hidden-user", "efer", "control-registers", "cr4-mce",
    "xsetbv", "xsetbv-off", "cache", "ac",
    "db", "step", "breakpoint {exit}", "breakpoint {counters}",
    "ipi", "ipi-broadcast", "ipi-modes", "ipi-bits", "ipi-self", "init-deassert",
    "apic-base", "apic-id",
    "lvt", "lvt-bits", "lvt-error", "lint1-nmi", "timer-nmi", "timer-modes",
    "mode-real", "mode-protected", "mode-legacy-paging", "mode-pae", "mode-half-long", "mode-v86",
    "ipi-vectors",  # the last: interrupts below 16 stay masked
]

# The attacker is stopped; the report names the event and, where it has one, the address.
STOPPED = [
    ("read-monitor", "foreign-access", 0x10000000),
    ("write-monitor", "foreign-access", 0x10000000),
    ("exec-monitor", "foreign-access", 0x10000000),
    ("read {heartbeat}", "foreign-access", "{heartbeat}"),
    ("write {heartbeat}", "foreign-access", "{heartbeat}"),
    ("exec {heartbeat}", "foreign-access", "{heartbeat}"),
    ("table {heartbeat}", "foreign-access", "{heartbeat}"),
    ("outs {heartbeat}", "foreign-access", "{heartbeat}"),
    ("ins {heartbeat}", "foreign-access", "{heartbeat}"),
    ("stack {heartbeat}", "foreign-access", "{heartbeat}"),
    ("idt {heartbeat}", "foreign-access", None),
    ("cr3 {heartbeat}", "foreign-access", "{heartbeat}"),
    ("cr3 0x10000000", "foreign-access", 0x10000000),
    ("cr3 0xd0000000", "hole-access", 0xd0000000),
    ("table 0xd0000000", "hole-access", 0xd0000000),
    ("idt 0xd0000000", "hole-access", None),
    ("stack 0xd0000000", "undecodable", 0xd0000000),
    ("rep-copy {heartbeat}", "foreign-access", "{heartbeat}"),
    ("read 0xfee00000", "foreign-access", 0xfee00000),
    ("read 0xfec00000", "foreign-access", 0xfec00000),
    ("write 0xfec00000", "foreign-access", 0xfec00000),
    ("write 0xfec00010", "foreign-access", 0xfec00010),
    ("write 0xfec00040", "foreign-access", 0xfec00040),
    ("exec 0xfec00000", "foreign-access", 0xfec00000),
    ("outs 0xfec00010", "foreign-access", 0xfec00010),
    ("read {window}", "foreign-access", "{window}"),
    ("triple-fault", "triple-fault", None),
    ("reset-cf9", "reset", None),
    ("reset-keyboard", "reset", None),
    ("sleep-cell", "poweroff", None),
]

# Left to the processor by AMD-V; VT-x cannot, and the cell is stopped.
TASKS = ["task-jump", "task-call", "task-gate", "task-return"]
FOREIGN_TASK = "task-foreign 0x10000000"

# Both are right: ignored, or stopped with any event.  Never more than that.
EITHER = ["reset-92", "sleep-board", "smi", "odd", "straddle", "exec 0xd0000000", "x87-legacy",
          "cr3-reserved"]

ENDLESS = ["loop cpuid", "loop msr", "loop port", "loop icr", "loop hammer", "loop forge-beats",
           "init-self", "spin", "halt", "db-endless", "watch-stack-endless"]
ENDLESS_SECONDS = 2

# ac-endless: this emulator raises no #AC; the single steps of db-endless stand in.
# watch-stack: it ends itself when an interrupt's frame falls on a watched word;
# watch-stack-endless, where it is an exception's frame, stands in.
# timer-smi: test_emulator_gaps.py.
# fuzz-*: test_fuzz.py.
ELSEWHERE = {"ac-endless", "watch-stack", "timer-smi", "fuzz-kernel", "fuzz-user", "fuzz-hole"}


def test_every_case_of_the_attacker_is_tried(attacker):
    machine, watch = orders.send(attacker, "list")
    known = machine.attacker.wait(r"there are: (.*)\n", 10, since=watch.attacker_mark).group(1)
    tried = SURVIVED + [command for command, *_ in STOPPED] + TASKS + [FOREIGN_TASK] + EITHER
    tried += ENDLESS
    assert set(known.split()) - ELSEWHERE == {command.split()[0] for command in tried}


def check_refused(attacker, command):
    machine, watch = orders.send(attacker, command)
    blocked, harmless, bad = orders.wait_for_end(machine, watch.attacker_mark, command)
    assert bad == 0, watch.attacker_lines()
    assert blocked + harmless > 0
    assert "stopped" not in watch.monitor_lines()
    watch.check()


def check_stopped(attacker, command, event, address):
    machine, watch = orders.send(attacker, command)
    try:
        machine.monitor.wait(rf"^septum: cell 'attacker': stopped: {event}\b", 30,
                             since=watch.monitor_mark)
        time.sleep(0.2)
        watch.check()
        if address is not None:
            address = int(orders.fill_in(address, attacker.system), 0) if isinstance(address, str) \
                else address
            assert f"{address:x}" in watch.monitor_lines()
        assert "SURVIVED" not in watch.attacker_lines()
        counters = attacker.system.counters(machine, "attacker")
        assert (counters.state, counters.stop_event) == ("stopped", event)
        assert counters.exits["fatal"] == 1
    finally:
        attacker.discard()


@pytest.mark.parametrize("command", SURVIVED)
def test_attack_is_refused(attacker, command):
    check_refused(attacker, command)


@pytest.mark.parametrize("command,event,address", STOPPED)
def test_attack_stops_the_attacker(attacker, command, event, address):
    check_stopped(attacker, command, event, address)


@pytest.mark.parametrize("command", TASKS)
def test_task_switch_works_or_stops_the_attacker(attacker, command):
    if boards.BACKENDS[attacker.system.board] == "AMD-V":
        check_refused(attacker, command)
    else:
        check_stopped(attacker, command, "task-switch", None)


def test_task_in_the_monitors_memory_stops_the_attacker(attacker):
    if boards.BACKENDS[attacker.system.board] == "AMD-V":
        check_stopped(attacker, FOREIGN_TASK, "foreign-access", 0x10000000)
    else:
        check_stopped(attacker, FOREIGN_TASK, "task-switch", None)


@pytest.mark.parametrize("command", EITHER)
def test_attack_is_ignored_or_stops_the_attacker(attacker, command):
    machine, watch = orders.send(attacker, command)
    name = command.split()[0]
    ended = re.compile(rf"^case {name}: end", re.MULTILINE)
    stopped = re.compile(r"^septum: cell 'attacker': stopped: ", re.MULTILINE)
    machine.wait_until(lambda: ended.search(watch.attacker_lines()) or
                       stopped.search(watch.monitor_lines()), 30, f"end of {name}")
    watch.check()
    was_stopped = attacker.system.counters(machine, "attacker").state == "stopped"
    assert was_stopped == bool(stopped.search(watch.monitor_lines()))
    if was_stopped:
        attacker.discard()
    assert "SURVIVED" not in watch.attacker_lines()


@pytest.mark.parametrize("command", ENDLESS)
def test_endless_attack_disturbs_nobody(attacker, command):
    machine, watch = orders.send(attacker, command)
    try:
        machine.attacker.wait(r"^case [a-z-]+: start$", 10, since=watch.attacker_mark)
        machine.pass_time(ENDLESS_SECONDS)
        watch.check()
        state = attacker.system.counters(machine, "attacker").state
        assert state == ("waiting" if command == "init-self" else "running")
        assert ": end" not in watch.attacker_lines()
    finally:
        attacker.discard()


def test_forged_output_reaches_no_other_console(attacker):
    machine, watch = orders.send(attacker, "uart-monitor")
    orders.wait_for_end(machine, watch.attacker_mark, "uart-monitor")
    watch.check()
    for console in (machine.monitor, machine.linux, machine.heartbeat):
        assert "FORGED" not in console.text


# Under icount time is made of instructions, so that intervals can be compared.
LOADS = [("spin", "spin"), ("cpuid", "loop cpuid"), ("icr", "loop icr"), ("msr", "loop msr"),
         ("hammer", "loop hammer")]
INTERVALS = 5


def control_intervals(board, load):
    """Beat intervals with the same load beside it and no monitor below."""
    with boards.boot_bare(board, "control.elf", load, icount=True) as machine:
        machine.heartbeat.wait(r"^beat 3 ", 60)
        machine.full_speed()
        return beats.cycles(beats.wait(machine, INTERVALS, 120))


def attacked_intervals(system, command):
    """Beat intervals in a cell while the attacker runs the load in another."""
    with boards.boot(system, icount=True) as machine:
        victim.wait_for_pair(machine)
        machine.full_speed()
        machine.attacker.send(command + "\n")
        machine.attacker.wait(r"^case [a-z]+: start$", 60)
        machine.pass_time(1)
        watch = victim.Watch(machine, system)
        intervals = beats.cycles(beats.wait(machine, INTERVALS, 120))
        watch.check()
        return intervals


@pytest.mark.parametrize("load,command", LOADS)
def test_beat_intervals_stay_within_the_control_run(pair, load, command, record_property):
    control = control_intervals(pair.board, load)
    attacked = attacked_intervals(pair, command)
    record_property("control cycles", f"{min(control)}..{max(control)}")
    record_property("attacked cycles", f"{min(attacked)}..{max(attacked)}")
    # Both calibrate their timer by themselves, to one PM timer tick in 10 ms.
    nominal = sum(control) / len(control)
    tolerance = nominal * 280 / 10_000_000
    assert max(attacked) - min(attacked) <= max(control) - min(control) + tolerance
    assert abs(max(attacked) - nominal) <= tolerance + max(control) - min(control)
