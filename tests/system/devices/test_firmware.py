# SPDX-License-Identifier: Apache-2.0
"""The plan decides where BARs and the ECAM are, whatever the firmware did before."""
import pytest

import boards
from dma_cells import order, values, wait_for_cells


@pytest.mark.parametrize("firmware", ["bios", "ovmf"])
def test_devices_work_under_either_firmware(dma, firmware):
    with boards.boot(dma, firmware=firmware) as machine:
        wait_for_cells(machine)
        for cell in ("attacker", "victim"):
            assert "bad 0" in order(machine, "own", cell)
            assert values(order(machine, "irq 3", cell), "interrupts") == [3]
