# SPDX-License-Identifier: Apache-2.0
"""A machine whose PCI devices are not those of the board file is refused, each difference named."""
import re

import pytest

import boards
import layout
import own_build

REFUSAL = re.compile(r"^septum: refused: PCI function (\S+) '([^']+)': ([^:]+): register 0x([0-9a-f]+) ",
                     re.MULTILINE)


def refusals(system, **devices):
    """[(function, what)] of a boot; nothing must have been started."""
    with boards.boot(system, devices=devices) as machine:
        machine.monitor.wait(r"^septum: nothing was started$", 60)
        text = machine.monitor.text
    assert "cells start" not in text
    count = int(re.search(r"refused: (\d+) differences", text).group(1))
    found = [(function, what) for function, _, what, _ in REFUSAL.findall(text)]
    assert len(found) == count > 0
    return found


def test_a_missing_function_is_named(dma):
    found = refusals(dma, nvme="")
    assert len({function for function, _ in found}) == 1
    assert "ids" in {what for _, what in found}


def test_another_card_in_the_slot_is_named(dma):
    found = refusals(dma, igb="e1000e")
    assert {"ids"} <= {what for _, what in found}
    assert len({function for function, _ in found}) == 1


@pytest.mark.parametrize("change,what", [({"virtio-net-pci": ",vectors=8"}, "MSI-X capability"),
                                         ({"nvme": ",cmb_size_mb=1"}, "size of BAR 2")])
def test_another_shape_of_the_same_card_is_named(dma, change, what):
    assert what in {found for _, found in refusals(dma, **change)}


def test_every_difference_is_named(dma):
    found = refusals(dma, nvme="", igb="e1000e", **{"virtio-net-pci": ",vectors=8"})
    assert len({function for function, _ in found}) == 3


def test_a_register_that_does_not_take_its_value_is_named(board, tmp_path):
    source = tmp_path / "stubborn.dts"
    source.write_text(f'#include "{layout.ROOT}/dts/systems/devices/dma.dts"\n'
                      "&edu0 { septum,setup = <0x2c 0x12345678>; };\n",  # subsystem: read-only
                      encoding="utf-8")
    system = own_build.image("stubborn", board, str(source))
    assert refusals(system) == [("0:10.0", "setup of the board")]
