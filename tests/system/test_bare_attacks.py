# SPDX-License-Identifier: Apache-2.0
"""The positive control of test_attacks.py: without a monitor the same attacks succeed.

The attacker is started on the bare machine in the state in which a cell starts.
A case that cannot report success here would prove nothing there.
"""
import pytest

import beats
import boards
import orders
from machine import MachineError

# Somebody's memory in pair.dts; all of it is plain RAM here.
SUCCEED = [
    "read-monitor", "write-monitor", "read 0x200000", "write 0x200000",
    "read 0xfed00000",
    "ports", "port-sweep", "port-string", "pci-config", "uart-monitor", "uart-heartbeat",
    "msr", "msr-change",
    pytest.param("msr-apic-extended", marks=pytest.mark.needs("extended APIC")),
]
# These let interrupts through that nobody expects: each has a machine of its own.
SUCCEED_ONCE = ["pic", "lvt", "apic-base"]

# What every processor answers, monitor or not: here the expectation itself is tried.
AS_IN_A_CELL = ["db", "step", "ipi-self", "apic-id", "xsetbv", "xsetbv-off", "pm-timer", "vmx",
                "hidden-user", "task-jump", "task-call", "task-gate", "task-return"]


# So do CPUs of a cell: interrupts, NMIs, INIT and SIPI are judged alike here and there.
# Not sipi-alone: firmware leaves the other CPUs in some state of its own.
SMP = ["ipi-lowest", "self-ipi 100", "nmi-each 20", "nmi-nested", "nmi-burst 50", "nmi-first 50",
       "init-deassert", "sipi-running", "ring 500", "ring-nmi 500", "siege 2"]
SMP += [pytest.param(command, marks=pytest.mark.needs("APIC by the book")) for command in (
    "ids {cpus}", "start", "ipi-fixed", "ipi-nmi", "init", "init-in-nmi", "init-twice",
    "init-others", "init-self", "nmi-waiting")]

BEAT_NANOSECONDS = 50_000_000  # tests/cells/lib/beat.h

FORGED = 0x6465676465676465.to_bytes(8, "little")  # tests/cells/attacker/cases_memory.c


def boot(board):
    return boards.boot_bare(board, "attacker-bare.elf")


@pytest.fixture(scope="module")
def bare(board):
    with boot(board) as machine:
        machine.attacker.wait(r"^attacker: ready$", 60)
        yield machine


def run(machine, command):
    mark = machine.attacker.mark()
    machine.attacker.send(command + "\n")
    counts = orders.wait_for_end(machine, mark, command)
    return counts, machine.attacker.since(mark)


@pytest.mark.parametrize("command", AS_IN_A_CELL)
def test_expectation_holds_on_the_bare_machine(bare, command):
    (_, _, bad), output = run(bare, command)
    assert bad == 0, output


def test_write_reaches_the_memory_it_names(bare):
    run(bare, "write 0x300000")
    assert bare.memory(0x300000, 8) == FORGED


def test_forged_output_reaches_the_others_consoles(bare):
    run(bare, "uart-monitor")
    run(bare, "uart-heartbeat")
    bare.monitor.wait("FORGED", 10)
    bare.heartbeat.wait("FORGED", 10)


@pytest.mark.parametrize("command", SUCCEED)
def test_attack_succeeds_without_a_monitor(bare, command):
    (_, _, bad), output = run(bare, command)
    assert bad > 0 and "SURVIVED (bad)" in output


@pytest.mark.parametrize("command", SUCCEED_ONCE)
def test_attack_on_interrupts_succeeds_without_a_monitor(board, command):
    with boot(board) as machine:
        machine.attacker.wait(r"^attacker: ready$", 60)
        machine.attacker.send(command + "\n")
        machine.attacker.wait(r"SURVIVED \(bad\)", 30)


@pytest.mark.parametrize("command", ["reset-cf9", "sleep-board", "triple-fault"])
def test_machine_ends_without_a_monitor(board, command):
    with boot(board) as machine:
        machine.attacker.wait(r"^attacker: ready$", 60)
        machine.attacker.send(command + "\n")
        with pytest.raises(MachineError, match="reset or switched off"):
            machine.attacker.wait(rf"^case {command}: end", 20)


@pytest.fixture(scope="module", params=[2, 3])
def bare_smp(board, request):
    with boards.boot_bare(board, "smp-bare.elf", str(request.param), cpus=request.param) as machine:
        machine.attacker.wait(r"^smp: ready$", 60)
        yield machine


@pytest.mark.parametrize("command", SMP)
def test_expectation_holds_on_bare_cpus(bare_smp, command):
    (_, _, bad), output = run(bare_smp, command.format(cpus=bare_smp.config.cpus))
    assert bad == 0, output


def test_forged_beats_arrive_without_a_monitor(board):
    with boards.boot_bare(board, "control.elf", "forge-beats") as machine:
        nanoseconds = [ns for _, _, ns in beats.wait(machine, 30, 60)]
        assert min(nanoseconds) < BEAT_NANOSECONDS / 2
