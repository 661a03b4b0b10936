# SPDX-License-Identifier: Apache-2.0
"""A monitor that was built without PCI support refuses a plan with functions, and starts nothing."""
import boards
import own_build


def test_a_plan_with_functions_is_refused(board):
    system = own_build.image("no-pci", board, "dts/systems/devices/dma.dts",
                             ["# CONFIG_PCI is not set"])
    with boards.boot(system) as machine:
        machine.monitor.wait(r"^septum: nothing was started$", 60)
        text = machine.monitor.text
    assert ("refused: the plan has 3 PCI functions and 1 IOMMUs [rule pci-support]; mend: build the "
            "monitor with PCI support (Kconfig, PCI)") in text
    assert "cells start" not in text
