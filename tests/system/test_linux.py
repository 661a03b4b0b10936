# SPDX-License-Identifier: Apache-2.0
"""A stock Linux in its cell: shell, console, idle exits, switching itself off."""
import hashlib
import re

import pytest

import beats
import boards
import layout
import linux_shell

IDLE_SECONDS = 5
# The emulator has no INVPCID, so Linux's global TLB flushes toggle CR4.PGE.
EMULATOR_MADE = {"control-register"}


@pytest.fixture(scope="module")
def running(trio):
    with boards.boot(trio) as machine:
        linux_shell.wait_for_shell(machine)
        yield machine


def test_shell_computes_what_is_typed(running):
    assert linux_shell.run(running, "echo marker $((6*7))") == "marker 42"


def test_kernel_is_the_packages_own(running):
    vmlinuz = (layout.PAYLOADS / "vmlinuz").read_bytes()
    offset = int.from_bytes(vmlinuz[0x20e:0x210], "little")  # boot protocol: kernel_version
    version = vmlinuz[0x200 + offset:].split(b"\0")[0].split()[0].decode()
    assert linux_shell.run(running, "uname -r") == version


def test_stored_kernel_is_a_piece_of_vmlinuz_byte_for_byte(trio):
    vmlinuz = (layout.PAYLOADS / "vmlinuz").read_bytes()
    load = next(load for load in trio.cell("linux")["loads"]
                if "vmlinuz" in load["name"] or "kernel" in load["name"])
    stored = trio.stored_bytes(load["source"], load["size"])
    setup_sectors = vmlinuz[0x1f1] or 4  # boot protocol: setup_sects
    whole = vmlinuz[(setup_sectors + 1) * 512:]
    assert load["size"] >= len(whole) - 4096
    assert hashlib.sha256(stored).digest() == hashlib.sha256(whole[:load["size"]]).digest()


def test_linux_sees_one_cpu_and_its_own_ram_only(running, trio):
    assert linux_shell.run(running, "cat /sys/devices/system/cpu/online") == "0"
    total = linux_shell.run(running, "grep MemTotal /proc/meminfo")
    size = sum(ram["size"] for ram in trio.cell("linux")["ram"])
    assert int(re.search(r"\d+", total).group()) * 1024 <= size


def test_console_is_driven_by_interrupts(running):
    line = linux_shell.run(running, "grep ttyS /proc/interrupts")
    count, = re.search(r"^\s*\d+:\s+(\d+)\s.*IO-APIC\s+4-edge\s+ttyS2", line).groups()
    later = linux_shell.run(running, "grep ttyS /proc/interrupts")
    assert int(re.search(r":\s+(\d+)", later).group(1)) > int(count) > 0


def test_idle_linux_does_not_enter_the_monitor(running, trio, record_property):
    linux_shell.run(running, "echo settle")
    running.pass_time(3)
    before = trio.counters(running, "linux")
    running.pass_time(IDLE_SECONDS)
    after = trio.counters(running, "linux")
    rates = {reason: (after.exits[reason] - before.exits[reason]) / IDLE_SECONDS
             for reason in layout.EXITS if after.exits[reason] != before.exits[reason]}
    record_property("idle exits per second", str(rates))
    assert set(rates) <= EMULATOR_MADE, rates


def test_heartbeat_beats_while_linux_boots_and_works(running):
    seen = beats.parse(running.heartbeat.text)
    assert len(seen) > 20
    assert not beats.missed(seen)


@pytest.mark.parametrize("command,event", [("poweroff -f", "poweroff"), ("reboot -f", "reset")])
def test_linux_stops_only_itself(trio, command, event):
    with boards.boot(trio) as machine:
        linux_shell.wait_for_shell(machine)
        before = trio.counters(machine, "heartbeat")
        machine.linux.send(command + "\n")
        machine.monitor.wait(rf"^septum: cell 'linux': stopped: {event}\b", 60)
        assert not beats.missed(beats.wait(machine, 10, 30))
        assert trio.counters(machine, "linux").state == "stopped"
        assert trio.counters(machine, "linux").stop_event == event
        assert trio.counters(machine, "heartbeat").exits == before.exits
        assert trio.counters(machine, "attacker").state == "running"
        assert machine.is_running()
