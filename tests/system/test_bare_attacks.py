# SPDX-License-Identifier: Apache-2.0
"""The positive control of test_attacks.py: without a monitor the same attacks succeed.

The attacker is started on the bare machine in the state in which a cell starts.
A case that cannot report success here would prove nothing there.
"""
import pytest

import layout
import machines.qemu_q35 as q35
import orders
import qemu

# Somebody's memory in pair.dts; all of it is plain RAM here.
SUCCEED = [
    "read-monitor", "write-monitor", "read 0x200000", "write 0x200000",
    "read 0xfee00000", "read 0xb0000000",
    "ports", "port-sweep", "port-string", "pci-config", "pic", "uart-monitor", "uart-heartbeat",
    "msr", "msr-apic-extended", "msr-change",
    "lvt",  # the last: the PIC is open by now, and LINT0 lets an interrupt through
]

# What every processor answers, monitor or not: here the expectation itself is tried.
AS_IN_A_CELL = ["db", "step", "ipi-self", "apic-id", "xsetbv-off", "pm-timer"]


FORGED = 0x6465676465676465.to_bytes(8, "little")  # tests/cells/attacker/cases_memory.c


def boot():
    return qemu.Machine(q35.Config(kernel=layout.PAYLOADS / "attacker-bare.elf"))


@pytest.fixture(scope="module")
def bare():
    with boot() as machine:
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


def test_apic_is_switched_off_without_a_monitor():
    """Its timer with it, so the attacker falls silent."""
    with boot() as machine:
        machine.attacker.wait(r"^attacker: ready$", 60)
        (_, _, bad), output = run(machine, "apic-base")
        assert bad > 0 and "SURVIVED (bad)" in output


@pytest.mark.parametrize("command", ["reset-cf9", "sleep-board", "triple-fault"])
def test_machine_ends_without_a_monitor(command):
    with boot() as machine:
        machine.attacker.wait(r"^attacker: ready$", 60)
        machine.attacker.send(command + "\n")
        with pytest.raises(qemu.MachineError, match="reset or switched off"):
            machine.attacker.wait(rf"^case {command}: end", 20)
