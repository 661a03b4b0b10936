# SPDX-License-Identifier: Apache-2.0
"""Two stock Linux machines in one: network cards, disks, and stock drivers for them."""
import re

import pytest

import beats
import boards
import layout
from wire_cells import ADDRESS, CARD, CELLS, DISKS, FUNCTIONS, join, shell, start

# Linux's own: interrupts to its other CPU; what the emulator's processor lacks (docs/platforms.md).
ALLOWED = {"ipi", "kick", "control-register"}
FILE_BYTES = 8 << 20


@pytest.fixture(scope="module")
def disks(tmp_path_factory):
    return tmp_path_factory.mktemp("disks")


@pytest.fixture(scope="module")
def written(wire, disks):
    """A first boot that leaves a file on each disk: its hash there."""
    hashes = {}
    with boards.boot(wire, disks=disks) as machine:
        start(machine)
        for cell in CELLS:
            for disk in DISKS[cell]:
                shell(machine, cell, f"mke2fs {disk} >/dev/null; mkdir -p /mnt; mount {disk} /mnt")
                shell(machine, cell, f"dd if=/dev/urandom of=/mnt/file bs=64k count={FILE_BYTES >> 16}"
                                     " 2>/dev/null; sync")
                hashes[disk] = shell(machine, cell, "sha256sum </mnt/file; umount /mnt").split()[0]
    return hashes


@pytest.fixture(scope="module")
def running(wire, disks, written):
    """A second boot with the same disks, and both cards up."""
    with boards.boot(wire, disks=disks) as machine:
        start(machine)
        join(machine)
        yield machine


def test_a_file_is_what_was_written_before_the_machine_was_off(running, written):
    for cell in CELLS:
        for disk in DISKS[cell]:
            output = shell(running, cell, f"mkdir -p /mnt; mount {disk} /mnt; sha256sum </mnt/file; "
                                          "umount /mnt")
            assert output.split()[0] == written[disk]


@pytest.mark.parametrize("cell", CELLS)
def test_lspci_shows_the_cells_own_functions(running, cell):
    lines = shell(running, cell, "lspci -n").splitlines()
    assert [line.split()[0] for line in lines] == [
        f"00:{slot + 1:02x}.0" for slot in range(len(FUNCTIONS[cell]))]
    assert [line.split()[2] for line in lines] == FUNCTIONS[cell]


@pytest.mark.parametrize("cell", CELLS)
def test_a_scan_of_the_bus_costs_no_exit(running, wire, cell):
    before = wire.exits(running, cell)
    shell(running, cell, "cat /sys/bus/pci/devices/*/config | sha256sum")
    assert not {"pci", "message", "hole", "port-denied"} & set(
        layout.grown(before, wire.exits(running, cell)))


def test_the_cells_reach_each_other_over_the_wire(running):
    for cell, peer in (("left", "right"), ("right", "left")):
        assert "3 packets received" in shell(running, cell, f"ping -c 3 {ADDRESS[peer]}")


def transfer(machine, sender, receiver):
    """Sends bytes over the wire; their hash on both sides."""
    shell(machine, receiver, "rm -f /tmp/sum; (nc -l -p 5000 | sha256sum >/tmp/sum) & sleep 1")
    sent = shell(machine, sender, f"dd if=/dev/urandom of=/tmp/out bs=64k count={FILE_BYTES >> 16} "
                                  f"2>/dev/null; nc {ADDRESS[receiver]} 5000 </tmp/out; "
                                  "sha256sum </tmp/out", 60)
    machine.wait_until(lambda: shell(machine, receiver, "cat /tmp/sum"), 30, "hash")
    return sent.split()[0], shell(machine, receiver, "cat /tmp/sum").split()[0]


def test_what_one_sends_is_what_the_other_gets(running):
    for sender, receiver in (CELLS, CELLS[::-1]):
        sent, got = transfer(running, sender, receiver)
        assert sent == got


def test_a_third_card_has_a_network_of_its_own(running):
    shell(running, "left", "card=$(grep -l 52:54:00:00:00:03 /sys/class/net/*/address | cut -d/ -f5);"
                           " ip addr add 10.0.2.15/24 dev $card; ip link set $card up")
    assert "2 packets received" in shell(running, "left", "ping -c 2 10.0.2.2")


def steady(machine, system, cell, command, seconds=3):
    """Exits of a cell while a command that was started before goes on."""
    shell(machine, cell, f"({command}) >/dev/null 2>&1 & sleep 1")
    before = system.exits(machine, cell)
    machine.pass_time(seconds)
    after = system.exits(machine, cell)
    shell(machine, cell, "kill %1 2>/dev/null; wait", 60)
    return layout.grown(before, after)


@pytest.mark.parametrize("cell", CELLS)
def test_a_busy_disk_costs_no_exit_but_for_ipis(running, wire, cell):
    for disk in DISKS[cell]:
        grown = steady(running, wire, cell, f"dd if={disk} of=/dev/null bs=64k iflag=direct; "
                                            f"dd if={disk} of=/dev/null bs=4k iflag=direct")
        assert set(grown) <= ALLOWED, grown


def test_a_busy_wire_costs_no_exit_but_for_ipis(running, wire):
    shell(running, "right", "(nc -l -p 6000 >/dev/null) & sleep 1")
    before = wire.exits(running, "right")
    grown = steady(running, wire, "left", f"nc {ADDRESS['right']} 6000 </dev/zero")
    assert set(grown) <= ALLOWED, grown
    assert set(layout.grown(before, wire.exits(running, "right"))) <= ALLOWED


def interrupts(machine, name):
    """Of a device's vector: (its number, counts on each CPU)."""
    line = shell(machine, "left", f"grep -w {name} /proc/interrupts").split()
    return line[0].rstrip(":"), [int(count) for count in line[1:3]]


def test_an_interrupt_moves_to_the_cpu_that_is_asked_for(running):
    card = shell(running, "left", f"grep -l {CARD['left']} /sys/class/net/*/address").split("/")[4]
    for cpu in (0, 1, 0):
        number, _ = interrupts(running, f"{card}-rx-0")
        shell(running, "left", f"echo {cpu} >/proc/irq/{number}/smp_affinity_list")
        shell(running, "left", f"ping -c 2 {ADDRESS['right']}")
        _, before = interrupts(running, f"{card}-rx-0")
        shell(running, "left", f"ping -c 3 {ADDRESS['right']}")
        _, after = interrupts(running, f"{card}-rx-0")
        assert after[cpu] > before[cpu] and after[1 - cpu] == before[1 - cpu]


def test_the_heartbeat_beside_it_all_missed_nothing(running, wire):
    every = beats.parse(running.heartbeat.text)
    assert len(every) > 20 and not beats.missed(every)
    assert set(layout.grown(dict.fromkeys(layout.EXITS, 0), wire.exits(running, "heartbeat"))) <= {
        "msr-emulated"}


def test_the_monitor_has_nothing_to_say(running):
    lines = running.monitor.text.split("cells start")[1]
    assert not re.search(r"septum: ", lines), lines
