# SPDX-License-Identifier: Apache-2.0
"""The monitor's AMD-Vi driver on QEMU's unit, without the rest of the monitor."""
import pathlib
import subprocess
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
FLAGS = ("-std=gnu11 -O2 -ffreestanding -fno-pic -no-pie -mno-red-zone -mgeneral-regs-only "
         "-fno-stack-protector -fcf-protection=none -fno-asynchronous-unwind-tables").split()
LINK = "ld -nostdlib -static --build-id=none -z noexecstack -z max-page-size=4096 -T".split()
ROOMS = ("partitioner/include", "arch/x86/include", "partitioner/monitor", "arch/x86/monitor",
         "arch/x86/monitor/iommu")


def compile_one(folder, source, includes):
    target = folder / (source.replace("/", "-") + ".o")
    subprocess.run(["gcc", *FLAGS, "-DCONFIG_LOG_LEVEL=2", "-c", ROOT / source, "-o", target,
                    *(f"-I{ROOT / room}" for room in includes)], check=True)
    return target


@pytest.fixture(scope="module", name="program")
def _program(tmp_path_factory):
    folder = tmp_path_factory.mktemp("driver")
    lib = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "tests/cells/lib").glob("*.[cS]"))
    cells = ("tests/cells/lib", *ROOMS[:2])
    objects = [compile_one(folder, source, cells) for source in
               (*lib, "tests/cells/control/bare32.S")]
    objects += [compile_one(folder, f"arch/x86/monitor/{source}", ROOMS)
                for source in ("iommu/amdvi.c", "iommu/iommu.c", "pci_hw.c")]
    objects.append(compile_one(folder, "tests/iommu/amdvi_driver.c", (*cells, ROOMS[4])))
    program = folder / "driver.elf"
    subprocess.run([*LINK, ROOT / "tests/cells/cell.lds", *objects, "-o", program], check=True)
    return program


def run(program, folder, unit):
    serial = folder / "serial"
    qemu = subprocess.Popen(
        ["qemu-system-x86_64", "-nodefaults", "-display", "none", "-M", "q35", "-cpu", "max",
         "-m", "512", "-device", unit, "-device", "edu,addr=8", "-serial", f"file:{serial}",
         "-kernel", program], stderr=(folder / "log").open("wb"))
    deadline = time.monotonic() + 8
    while time.monotonic() < deadline and "end\r\n" not in text_of(serial):
        time.sleep(0.05)
    qemu.kill()
    qemu.wait()
    return text_of(serial).split("\r\n")[:-1]


def text_of(path):
    return path.read_bytes().decode("ascii") if path.exists() else ""


def test_the_driver_denies_routes_flushes_and_takes_faults(program, tmp_path):
    assert run(program, tmp_path, "amd-iommu,intremap=on,xtsup=on,pt=off") == [
        "check: 0", "start: 1", "denied: 0 0", "live: 1", "routed: 1 0", "rerouted: 1 1",
        "blocked: 1 1", "fault: 0", "faults: 260", "nmis: 1", "end"]


def test_a_unit_without_wide_destinations_is_refused(program, tmp_path):
    assert run(program, tmp_path, "amd-iommu,intremap=on,pt=off")[:2] == [
        "refused: interrupt destinations of 32 bits", "check: 1"]
