# SPDX-License-Identifier: Apache-2.0
"""The test machine of dts/boards/qemu-q35.dtsi: the one file with emulator flags."""
import dataclasses
import os
import pathlib

BINARY = "qemu-system-x86_64"

# Who speaks on which serial port, as dts/systems/*.dts give them out.
CONSOLES = {"monitor": 0, "linux": 1, "bench": 1, "heartbeat": 2, "attacker": 3}
SERIAL_PORTS = 4

# Firmware files of the package ovmf: Debian 12 has both sizes, Debian 13 the larger.
OVMF = [
    ("/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd"),
    ("/usr/share/OVMF/OVMF_CODE.fd", "/usr/share/OVMF/OVMF_VARS.fd"),
]


@dataclasses.dataclass
class Config:
    """One way to start the machine; the defaults are what the board file describes."""

    image: pathlib.Path | None = None  # disk image, or
    kernel: pathlib.Path | None = None  # multiboot 1 file that QEMU loads by itself
    append: str = ""
    firmware: str = "bios"  # or "ovmf"
    media: str = "disk"  # or "cd", "usb"
    cpus: int = 4
    memory: str = "2G"
    cpu: str = ""  # appended to the CPU model: ",svm=off"
    icount: bool = False  # one instruction = 1 ns of virtual time; see one_insn_per_tb
    reset_allowed: bool = False  # False: a machine reset ends the run


def ovmf_files():
    """(code, variables) or None."""
    for code, variables in OVMF:
        if os.path.exists(code):
            return code, variables
    return None


def _accelerator(config):
    if config.icount:
        # A WRMSR that reads a clock (x2APIC timer) ends QEMU with "Bad icount read"
        # unless it is a translation block of its own; see qemu.Machine.full_speed().
        return ["-accel", "tcg,thread=single,one-insn-per-tb=on",
                "-icount", "shift=0,sleep=off"]
    if os.environ.get("SEPTUM_ACCEL") == "kvm":
        return ["-accel", "kvm"]
    return ["-accel", "tcg,thread=multi"]


def _cpu(config):
    kvm = os.environ.get("SEPTUM_ACCEL") == "kvm" and not config.icount
    return ["-cpu", ("host" if kvm else "max") + config.cpu]


def _firmware(config, scratch):
    if config.firmware == "bios":
        return []
    code, variables = ovmf_files()
    own = scratch / "ovmf-variables.fd"
    own.write_bytes(pathlib.Path(variables).read_bytes())
    return ["-drive", f"if=pflash,format=raw,unit=0,readonly=on,file={code}",
            "-drive", f"if=pflash,format=raw,unit=1,file={own}"]


def _boot(config):
    if config.kernel:
        return ["-kernel", str(config.kernel), "-append", config.append]
    backend = f"id=image,if=none,format=raw,file={config.image}"
    return {
        "disk": ["-drive", backend + ",snapshot=on",
                 "-device", "ide-hd,drive=image,bus=ide.0,bootindex=0"],
        "cd": ["-drive", backend + ",readonly=on,media=cdrom",
               "-device", "ide-cd,drive=image,bus=ide.0,bootindex=0"],
        "usb": ["-drive", backend + ",snapshot=on", "-device", "qemu-xhci,id=usb",
                "-device", "usb-storage,bus=usb.0,drive=image,bootindex=0"],
    }[config.media]


def command(config, scratch, serial_fds, qmp_fd):
    """The whole command line.

    serial_fds, qmp_fd: connected sockets that QEMU inherits.
    scratch: folder for what the machine itself writes.
    """
    argv = [BINARY, "-M", "q35", *_accelerator(config), *_cpu(config),
            "-m", config.memory, "-smp", str(config.cpus),
            "-nodefaults", "-no-user-config", "-display", "none", "-vga", "none",
            "-action", "shutdown=pause",
            "-action", "reboot=" + ("reset" if config.reset_allowed else "shutdown")]
    for number, fd in enumerate(serial_fds):
        argv += ["-chardev", f"socket,id=com{number + 1},fd={fd}",
                 "-serial", f"chardev:com{number + 1}"]
    argv += ["-chardev", f"socket,id=qmp,fd={qmp_fd}", "-mon", "chardev=qmp,mode=control"]
    return argv + _firmware(config, scratch) + _boot(config)
