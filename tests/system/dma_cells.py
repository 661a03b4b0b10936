# SPDX-License-Identifier: Apache-2.0
"""The cells of dts/systems/devices/dma.dts: what they are told, and where they may not reach."""
import re

DISK = {"qemu-q35-vtd": ("3:0.0", "nvme@0,0"), "qemu-q35-amdvi": ("0:3.0", "nvme@3,0")}
FORGED = 0x6465676465676465  # first of the words that "write" sends
LENGTH = 64  # bytes of one DMA


def wait_for_cells(machine):
    machine.monitor.wait(r"^septum: cells start$", 60)
    for name in ("victim", "attacker"):
        getattr(machine, name).wait(r"^dma: ready$", 30)
    machine.heartbeat.wait(r"^beat 3 ", 30)


def order(machine, text, cell="attacker"):
    """Runs a case; returns what it printed, or what came until its cell was stopped."""
    console = getattr(machine, cell)
    mark, monitor = console.mark(), machine.monitor.mark()
    console.send(text + "\n")
    machine.wait_until(lambda: re.search(r"^case \S+: end .*\n", console.since(mark), re.MULTILINE)
                       or "stopped: dma-fault" in machine.monitor.since(monitor), 20,
                       f"end of case '{text}'")
    return console.since(mark)


def values(output, what):
    return [int(value, 16) for value in re.findall(rf"^case \S+: {what} ([0-9a-f]+)$", output,
                                                   re.MULTILINE)]


def harmless(output):
    end = re.search(r"^case \S+: end blocked \d+ harmless (\d+) bad (\d+)$", output, re.MULTILINE)
    return end and int(end.group(1)) > 0 and end.group(2) == "0"


def segment(system, name):
    return next(s["start"] for s in system.report["segments"] if s["name"] == name)


# Addresses as the machine counts, which a device without an IOMMU would reach; none is one
# of the cell's own, which count from 0.
TARGETS = {
    "heartbeat's program": lambda s: s.ram_base("heartbeat") + 0x100000,
    "victim's RAM": lambda s: s.ram_base("victim") + 0x280000,
    "heartbeat's RAM": lambda s: s.ram_base("heartbeat") + 0x180000,
    "monitor's text": lambda s: segment(s, "text") + 0x1000,
    "plan": lambda s: segment(s, "plan"),
    "blocks of the CPUs": lambda s: segment(s, "blocks") + 0x5000,
    "remapping entries": lambda s: segment(s, "devices"),
    "crash records": lambda s: 0x20000000,
    "free RAM": lambda s: 0x40000000,
    "end of the first 4 GiB": lambda s: 0xfffff000,
    "beyond the machine's RAM": lambda s: 0x180000000,
    "I/O APIC": lambda s: 0xfec00000,
    "IOMMU": lambda s: 0xfed90000 if s.board == "qemu-q35-vtd" else 0xfed80000,
}
