# SPDX-License-Identifier: Apache-2.0
"""The boards that images are tested on, each by the emulator that has it."""
import bochs
import layout
import machines.bochs
import machines.qemu_q35
import qemu
from machines.config import Config

DRIVERS = {"qemu-q35": qemu.Qemu, "bochs": bochs.Bochs}
# Those with PCI devices, for the tests in devices/.
DEVICE_DRIVERS = {driver.board: driver
                  for driver in (qemu.QemuVtd, qemu.QemuAmdvi, qemu.QemuPci)}
MODULES = {"qemu-q35": machines.qemu_q35, "bochs": machines.bochs}

# The processor's virtualization, where a cell can tell.
BACKENDS = {"qemu-q35": "AMD-V", "bochs": "VT-x"}

# What a test may ask of a board that has it, and why the other has it not.
# docs/platforms.md argues each line.
ABSENT = {
    "bochs": {
        "uefi": "Bochs has no UEFI firmware",
        "usb": "bochsbios does not boot from USB",
        "warm reset": "after a reset Bochs's clock stands still if it has several CPUs",
        "nmi button": "Bochs's debugger cannot raise the NMI line",
        "extended APIC": "Intel's local APIC has no extended registers",
        "APIC by the book": "Bochs's local APIC keeps pending interrupts over INIT, has no logical "
                            "id in x2APIC mode and takes id 0xff for everybody; CPUID does not "
                            "count the CPUs, and EDX does not name the processor after INIT",
        "smi gap": "the gap is QEMU's: Bochs's timer entry has no message type",
    },
    "qemu-q35": {},
}


def boot(system, **options):
    """The machine of a system's board with the system's image in it, or with the one given."""
    return {**DRIVERS, **DEVICE_DRIVERS}[system.board](Config(**{"image": system.image, **options}))


def boot_bare(board, program, append="", **options):
    """A board that starts a multiboot program of the payloads' folder without any monitor."""
    return DRIVERS[board](Config(kernel=layout.PAYLOADS / program, append=append, **options))


def absent(board, what):
    """Why a board cannot do something, or None."""
    return ABSENT[board].get(what)


def lacking_word(board, feature):
    """How the monitor calls a feature of Config.lacks on this board."""
    return MODULES[board].LACKING[feature][1]
