# SPDX-License-Identifier: Apache-2.0
"""An image for one test alone."""
import os
import subprocess

import layout


def image(name, board, system, config=()):
    """The system of a file, built with lines of configuration that differ from the defaults."""
    folder = layout.BUILD / name / board
    make = ["make", "-j2", "-C", layout.ROOT, f"O={folder}", "--no-print-directory",
            f"CC={os.environ.get('SEPTUM_CC', 'gcc')}"]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ".config").write_text("\n".join([f'CONFIG_SYSTEM="{system}"', *config, ""]),
                                    encoding="utf-8")
    subprocess.run([*make, "olddefconfig"], check=True)
    subprocess.run([*make, f"BOARD={board}", "image"], check=True)
    return layout.System(system.rsplit("/", 1)[-1].removesuffix(".dts"), board, folder)
