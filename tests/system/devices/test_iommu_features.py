# SPDX-License-Identifier: Apache-2.0
"""What a board file says of its IOMMU: tables are made for that, and a machine with less is refused."""
import pytest

import beats
import boards
import layout
import own_build
from dma_cells import LENGTH, TARGETS, harmless, order, values, wait_for_cells

# What the machine has not, by board: (option, the monitor's words).
LACKS = {
    "qemu-q35-vtd": [("intel-iommu", ",aw-bits=39", "page tables of 4 levels"),
                     ("intel-iommu", ",eim=off", "interrupt destinations of 32 bits"),
                     ("intel-iommu", ",eim=off,intremap=off", "interrupt remapping")],
    "qemu-q35-amdvi": [("amd-iommu", ",xtsup=off", "interrupt destinations of 32 bits")],
}
# What the tables may rely on instead of everything.
LESS = {"three levels": '"3-level", "2m", "remap", "x2apic"',
        "small pages": '"4-level", "remap", "x2apic"',
        "narrow destinations": '"4-level", "2m", "1g", "remap"'}


def test_a_machine_whose_unit_lacks_something_is_refused(dma):
    for device, options, what in LACKS[dma.board]:
        with boards.boot(dma, devices={device: options}) as machine:
            machine.monitor.wait(r"^septum: nothing was started$", 60)
            text = machine.monitor.text
        assert f"it has no {what} [rule iommu-caps]" in text
        assert "cells start" not in text


@pytest.mark.parametrize("name", LESS)
def test_isolation_holds_with_less(board, tmp_path, name):
    source = tmp_path / "less.dts"
    source.write_text(f'#include "{layout.ROOT}/dts/systems/devices/dma.dts"\n'
                      f"&iommu {{ septum,iommu-features = {LESS[name]}; }};\n", encoding="utf-8")
    system = own_build.image(name.replace(" ", "-"), board, str(source))
    with boards.boot(system) as machine:
        wait_for_cells(machine)
        assert harmless(order(machine, "own"))
        assert values(order(machine, "irq 3"), "interrupts") == [3]
        place = TARGETS["victim's RAM"](system)
        before = machine.memory(place, LENGTH)
        order(machine, f"write {place:#x}")
        assert machine.memory(place, LENGTH) == before
        assert harmless(order(machine, "own", "victim"))
        assert not beats.missed(beats.wait(machine, 3, 30))
