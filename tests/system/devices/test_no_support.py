# SPDX-License-Identifier: Apache-2.0
"""A monitor that was built without PCI support refuses a plan with functions, and starts nothing."""
import os
import subprocess

import boards
import layout

CONFIG = ("# CONFIG_PCI is not set", 'CONFIG_SYSTEM="dts/systems/devices/dma.dts"', "")


def test_a_plan_with_functions_is_refused(board):
    folder = layout.BUILD / "no-pci" / board
    make = ["make", "-j2", "-C", layout.ROOT, f"O={folder}", "--no-print-directory",
            f"CC={os.environ.get('SEPTUM_CC', 'gcc')}"]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ".config").write_text("\n".join(CONFIG), encoding="utf-8")
    subprocess.run([*make, "olddefconfig"], check=True)
    subprocess.run([*make, f"BOARD={board}", "image"], check=True)
    with boards.boot(layout.System("dma", board, folder)) as machine:
        machine.monitor.wait(r"^septum: nothing was started$", 60)
        text = machine.monitor.text
    assert ("refused: the plan has 3 PCI functions and 1 IOMMUs [rule pci-support]; mend: build the "
            "monitor with PCI support (Kconfig, PCI)") in text
    assert "cells start" not in text
