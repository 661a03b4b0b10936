# SPDX-License-Identifier: Apache-2.0
"""What this emulator lets through and no processor does: docs/platforms.md."""
import time

import pytest

import orders

# The reserved area of dts/boards/qemu-q35.dtsi, and where the firmware's RAM begins.
SMM_START, SMM_END, LOW_END = 0x38000, 0x40000, 0x9f000


def constant_memory(machine, system):
    """Memory that nobody writes once the cells run, but for the area given to the gap."""
    areas = [(0, SMM_START), (SMM_END, LOW_END - SMM_END)]
    areas += [(segment["start"], segment["size"]) for segment in system.report["segments"]
              if "w" not in segment["rights"]]
    areas += [(system.ram_base("heartbeat") + load["dest"], load["size"])
              for load in system.cell("heartbeat")["loads"] if load["name"].endswith("segment 0")]
    return {start: machine.memory(start, size) for start, size in areas}


@pytest.mark.needs("smi gap")
def test_smi_from_the_timer_changes_nobodys_memory(attacker):
    try:
        before = constant_memory(attacker.get(), attacker.system)
        given = attacker.get().memory(SMM_START, SMM_END - SMM_START)
        machine, watch = orders.send(attacker, "timer-smi")
        machine.attacker.wait(r"^case timer-smi: start$", 10, since=watch.attacker_mark)
        time.sleep(2)
        watch.check()
        after = constant_memory(machine, attacker.system)
        changed = [hex(start) for start in before if before[start] != after[start]]
        assert not changed
        # else the gap is closed, and the board file may give the area away again
        assert machine.memory(SMM_START, SMM_END - SMM_START) != given, "no SMI was taken"
    finally:
        attacker.discard()
