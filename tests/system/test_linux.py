# SPDX-License-Identifier: Apache-2.0
"""A stock Linux in its cell: shell, console, idle exits, switching itself off."""
import hashlib
import re

import pytest

import beats
import boards
import layout
import linux_loads
import linux_shell

pytestmark = pytest.mark.xdist_group("linux")  # booting it takes Bochs long
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


def test_linux_sees_its_own_cpus_and_its_own_ram_only(running, trio):
    assert linux_shell.run(running, "cat /sys/devices/system/cpu/online") == "0-1"
    assert linux_shell.run(running, "cat /sys/devices/system/cpu/possible") == "0-1"
    total = linux_shell.run(running, "grep MemTotal /proc/meminfo")
    size = sum(ram["size"] for ram in trio.cell("linux")["ram"])
    assert int(re.search(r"\d+", total).group()) * 1024 <= size


def test_linux_numbers_its_cpus_from_0_as_cores_of_one_package(running):
    info = linux_shell.run(running, "cat /proc/cpuinfo")

    def column(name):
        return re.findall(rf"^{name}\s*: (\d+)$", info, re.MULTILINE)

    assert column("processor") == column("apicid") == column("initial apicid") == ["0", "1"]
    assert column("core id") == ["0", "1"]
    assert column("physical id") == ["0", "0"]
    assert column("cpu cores") == column("siblings") == ["2", "2"]


def test_cpu_goes_offline_and_comes_back(running, trio):
    switch = "/sys/devices/system/cpu/cpu1/online"
    for _ in range(3):
        before = trio.cpu_counters(running, "linux")[1].exits["kick"]
        assert linux_shell.run(running, f"echo 0 >{switch}; nproc") == "1"
        assert linux_shell.run(running, f"echo 1 >{switch}; nproc", 60) == "2"
        # INIT, to begin with
        assert trio.cpu_counters(running, "linux")[1].exits["kick"] > before
        assert linux_shell.run(running, "taskset 2 grep ^Cpus_allowed: /proc/self/status") \
            .split()[1] == "2"


def test_console_is_driven_by_interrupts(running):
    line = linux_shell.run(running, "grep ttyS /proc/interrupts")
    count, = re.search(r"^\s*\d+:\s+(\d+)\s.*IO-APIC\s+4-edge\s+ttyS2", line).groups()
    later = linux_shell.run(running, "grep ttyS /proc/interrupts")
    assert int(re.search(r":\s+(\d+)", later).group(1)) > int(count) > 0


def exits_during(machine, system, act):
    before = system.exits(machine, "linux")
    act()
    return layout.grown(before, system.exits(machine, "linux"))


def test_idle_linux_does_not_enter_the_monitor(running, trio, record_property):
    linux_shell.run(running, "echo settle")
    running.pass_time(3)
    exits = exits_during(running, trio, lambda: running.pass_time(IDLE_SECONDS))
    record_property("idle exits per second",
                    str({reason: count / IDLE_SECONDS for reason, count in exits.items()}))
    assert set(exits) <= EMULATOR_MADE | {"ipi"}, exits
    # a kernel with nothing to do has little to tell its other CPU
    assert exits.get("ipi", 0) <= 10 * IDLE_SECONDS


# (load, times, the least interrupts that it sends to the other CPU: one that is still
# awake when it is woken needs none, so not every round brings one)
LOADS = [(linux_loads.IPIS, 1000, 300), (linux_loads.TIMERS, 1000, 0),
         (linux_loads.COMPUTING, 20000, 0)]


@pytest.mark.parametrize("load,rounds,least", LOADS, ids=["IPIs", "timers", "computing"])
def test_busy_linux_enters_the_monitor_for_interrupts_to_its_cpus_only(
        running, trio, load, rounds, least, record_property):
    exits = exits_during(running, trio, lambda: linux_shell.run(
        running, load.format(rounds=rounds), 120))
    record_property("exits", str(exits))
    assert set(exits) <= EMULATOR_MADE | {"ipi"}, exits
    assert exits.get("ipi", 0) >= least


def test_heartbeat_beats_while_linux_boots_and_works(running):
    seen = beats.parse(running.heartbeat.text)
    assert len(seen) > 20
    assert not beats.missed(seen)


def check_ending(machine, trio, command, event):
    before = trio.counters(machine, "heartbeat")
    machine.linux.send(command + "\n")
    machine.monitor.wait(rf"^septum: cell 'linux': stopped: {event}\b", 60)
    assert not beats.missed(beats.wait(machine, 10, 30))
    machine.wait_until(lambda: {counters.state for counters in
                                trio.cpu_counters(machine, "linux")} == {"stopped"},
                       30, "end of both CPUs")
    assert event in [counters.stop_event for counters in trio.cpu_counters(machine, "linux")]
    assert trio.counters(machine, "heartbeat").exits == before.exits
    assert trio.counters(machine, "attacker").state == "running"
    assert machine.is_running()


def test_linux_that_resets_stops_only_itself(trio):
    with boards.boot(trio) as machine:
        linux_shell.wait_for_shell(machine)
        check_ending(machine, trio, "reboot -f", "reset")


# The last one: there is no Linux afterwards.
def test_linux_that_switches_itself_off_stops_only_itself(running, trio):
    check_ending(running, trio, "poweroff -f", "poweroff")
