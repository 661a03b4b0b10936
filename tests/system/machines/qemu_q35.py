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


# The boards with devices, by their IOMMU.  Without pt=off amd-iommu never translates;
# its own PCI function takes the first free slot, 00:01.0.  It takes a function behind a
# port for 00:00.0, so that its board has none.
IOMMUS = {
    "qemu-q35-vtd": ["-device", "intel-iommu,intremap=on,eim=on,aw-bits=48"],
    "qemu-q35-amdvi": ["-device", "amd-iommu,intremap=on,xtsup=on,pt=off"],
    "qemu-q35-pci": [],
}
DISK_BYTES = 64 << 20
EDUS = ("10.0", "11.0")  # on the root bus


def _disk(scratch, name):
    """A disk that a machine keeps as long as its scratch folder."""
    path = scratch / f"{name}.img"
    if not path.exists():
        with open(path, "wb") as disk:
            disk.truncate(DISK_BYTES)
    return ["-drive", f"id={name},if=none,format=raw,file={path}"]


def _device(name, port, is_flat, **options):
    """A function behind a port of its own, or in the port's place on the root bus."""
    place = f"bus=pcie.0,addr={port}.0" if is_flat else f"bus=rp{port},addr=0"
    words = [name, place, *(f"{key}={value}" for key, value in options.items())]
    argv = ["-device", ",".join(words)]
    if is_flat:
        return argv
    return ["-device", f"pcie-root-port,id=rp{port},bus=pcie.0,addr={port}.0,chassis={port}", *argv]


def _altered(argv, changes):
    """The same with other devices in some places."""
    for old, new in changes.items():
        at = next(i for i, word in enumerate(argv) if word.split(",")[0] == old)
        if not new:
            del argv[at - 1:at + 1]
        elif new[0] == ",":
            argv[at] += new
        else:
            argv[at] = argv[at].replace(old, new, 1)
    return argv


def _devices(scratch, is_flat):
    """What dts/include/q35-devices.dtsi describes, or q35-devices-flat.dtsi."""
    # The wire: both network cards on one hub.  No ROMs, whose place is the firmware's matter.
    argv = ["-netdev", "hubport,id=left,hubid=1", "-netdev", "hubport,id=right,hubid=1",
            "-netdev", "user,id=user,restrict=on"]
    for name in ("nvme0", "vblk0", "sata0"):
        argv += _disk(scratch, name)
    # Without these two options QEMU's virtio goes past the IOMMU.
    virtio = {"disable-legacy": "on", "iommu_platform": "on"}
    mac = "52:54:00:00:00:0"
    argv += _device("e1000e", 2, is_flat, netdev="left", mac=mac + "1", romfile="")
    argv += _device("nvme", 3, is_flat, drive="nvme0", serial="septum")
    argv += _device("igb", 4, is_flat, netdev="right", mac=mac + "2", romfile="")
    argv += _device("virtio-net-pci", 5, is_flat, netdev="user", mac=mac + "3", romfile="", **virtio)
    argv += _device("virtio-blk-pci", 6, is_flat, drive="vblk0", **virtio)
    argv += _device("ich9-ahci", 7, is_flat, id="ahci1")
    argv += ["-device", "ide-hd,bus=ahci1.0,drive=sata0"]
    for place in EDUS:
        argv += ["-device", f"edu,bus=pcie.0,addr={place},dma_mask=0xffffffffffffffff"]
    return argv


def command(board, config, scratch, serial_fds, qmp_fd):
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
    if board in IOMMUS:
        argv += _altered([*IOMMUS[board],
                          *_devices(config.disks or scratch, board == "qemu-q35-amdvi")],
                         config.devices)
    return argv + _firmware(config, scratch) + _boot(config) + list(config.extra)
