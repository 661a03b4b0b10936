# SPDX-License-Identifier: Apache-2.0
"""The test machine of dts/boards/qemu-q35.dtsi: the one file with QEMU's flags."""
import os
import pathlib

BINARY = "qemu-system-x86_64"

# Firmware files of the package ovmf: Debian 12 has both sizes, Debian 13 the larger.
OVMF = [
    ("/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd"),
    ("/usr/share/OVMF/OVMF_CODE.fd", "/usr/share/OVMF/OVMF_VARS.fd"),
]


WINDOW = 0xb0000000  # a device of nobody: PCI configuration space

# What Config.lacks takes away, and the monitor's word for it.
LACKING = {"virtualization": (",svm=off", "SVM"), "nested paging": (",npt=off", "nested paging"),
           "x2APIC": (",x2apic=off", "x2APIC")}


def ovmf_files():
    """(code, variables) or None."""
    for code, variables in OVMF:
        if os.path.exists(code):
            return code, variables
    return None


def _accelerator(config):
    if config.icount:
        # A WRMSR that reads a clock (x2APIC timer) ends QEMU with "Bad icount read"
        # unless it is a translation block of its own; see qemu.Qemu.full_speed().
        return ["-accel", "tcg,thread=single,one-insn-per-tb=on",
                "-icount", "shift=0,sleep=off"]
    if os.environ.get("SEPTUM_ACCEL") == "kvm":
        return ["-accel", "kvm"]
    return ["-accel", "tcg,thread=multi"]


def _cpu(config):
    kvm = os.environ.get("SEPTUM_ACCEL") == "kvm" and not config.icount
    return ["-cpu", ("host" if kvm else "max") + (LACKING[config.lacks][0] if config.lacks else "")]


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
            "-m", f"{config.memory}M", "-smp", str(config.cpus),
            "-nodefaults", "-no-user-config", "-display", "none", "-vga", "none",
            "-action", "shutdown=pause",
            "-action", "reboot=" + ("reset" if config.reset_allowed else "shutdown")]
    for number, fd in enumerate(serial_fds):
        argv += ["-chardev", f"socket,id=com{number + 1},fd={fd}",
                 "-serial", f"chardev:com{number + 1}"]
    argv += ["-chardev", f"socket,id=qmp,fd={qmp_fd}", "-mon", "chardev=qmp,mode=control"]
    return argv + _firmware(config, scratch) + _boot(config)
