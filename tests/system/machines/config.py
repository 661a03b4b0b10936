# SPDX-License-Identifier: Apache-2.0
"""What every test machine has, and in what ways it can be started."""
import dataclasses
import pathlib

# Who speaks on which serial port, as dts/systems/*.dts give them out.  The first
# and third share an interrupt line; the monitor never interrupts, so who has the
# third owns it.
CONSOLES = {"monitor": 0, "heartbeat": 1, "level": 1, "linux": 2, "bench": 2, "edge": 2,
            "attacker": 3, "smp": 3, "left": 2, "right": 3, "victim": 2}
SERIAL_PORTS = 4


@dataclasses.dataclass
class Config:
    """One way to start a machine; the defaults are what the board file describes."""

    image: pathlib.Path | None = None  # disk image, or
    kernel: pathlib.Path | None = None  # multiboot 1 file, started without our image
    append: str = ""
    firmware: str = "bios"  # or "ovmf"
    media: str = "disk"  # or "cd", "usb"
    cpus: int = 4
    memory: int = 2048  # MiB
    lacks: str = ""  # a key of the board's LACKING
    icount: bool = False  # instructions are the clock
    disks: pathlib.Path | None = None  # folder that keeps the disks; None: none keeps them
    # Differences from the board file: a PCI device's name, and what it is instead ("" = nothing,
    # ",option=value" = the same with another option).
    devices: dict = dataclasses.field(default_factory=dict)
    extra: list = dataclasses.field(default_factory=list)  # words for the emulator's command line
    reset_allowed: bool = False  # False: a machine reset ends the run
