# SPDX-License-Identifier: Apache-2.0
"""A machine without any guest: QEMU, told over qtest what to do, and edu functions that do DMA."""
import pathlib
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
TABLES = 0x10000000
QUEUE = 0x0F000000  # what a unit's driver needs: three pages, and one for the edus' buffers
EDUS = {0x40: 0xE0000000, 0x48: 0xE0100000, 0x50: 0xE0200000}  # requester id: BAR 0
EDU_BUFFER = 0x40000
FLAGS = ["-nodefaults", "-display", "none", "-accel", "tcg",
         "-icount", "shift=0,sleep=off", "-M", "q35", "-m", "4096", "-qtest", "stdio",
         "-qtest-log", "/dev/null"]
READ, WRITE, RW = 1, 2, 3
HALT = bytes(65520) + b"\xfa\xf4\xeb\xfd" + bytes(12)  # the only program: cli; hlt


class Machine:
    """One emulator; everything it does is asked for from here.

    A kind of unit adds bypass(work): what is done meanwhile, it does not see.
    """

    def __init__(self, folder, unit, traces):
        edus = [word for rid in EDUS for word in
                ("-device", f"edu,addr={rid >> 3:x},dma_mask=0xffffffffffffffff")]
        self.errors = folder / "qemu.log"
        (folder / "halt.rom").write_bytes(HALT)
        with open(self.errors, "wb") as errors:
            self.qemu = subprocess.Popen(
                ["qemu-system-x86_64", *FLAGS, "-device", unit, *edus,
                 "-bios", folder / "halt.rom",
                 *(word for trace in traces for word in ("-trace", trace))],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True)
        for rid, bar in EDUS.items():
            self.config_write(rid, 0x10, bar)
            self.config_write(rid, 0x04, 6)

    def close(self):
        self.qemu.kill()
        self.qemu.wait()

    def command(self, line):
        self.qemu.stdin.write(line + "\n")
        self.qemu.stdin.flush()
        while True:
            answer = self.qemu.stdout.readline().split()
            assert answer, "the emulator has ended"
            if answer[0] != "IRQ":
                assert answer[0] == "OK", (line, answer)
                return answer[1:]

    def read(self, address, size):
        return bytes.fromhex(self.command(f"read {address:#x} {size:#x}")[0][2:])

    def write(self, address, data):
        for at in range(0, len(data), 4096):
            piece = data[at:at + 4096]
            self.command(f"write {address + at:#x} {len(piece):#x} 0x{piece.hex()}")

    def readq(self, address):
        return int(self.command(f"readq {address:#x}")[0], 16)

    def writeq(self, address, value):
        self.command(f"writeq {address:#x} {value:#x}")

    def writel(self, address, value):
        self.command(f"writel {address:#x} {value:#x}")

    def config_read(self, rid, register):
        self.command(f"outl 0xcf8 {1 << 31 | rid << 8 | register:#x}")
        return int(self.command("inl 0xcfc")[0], 16)

    def config_write(self, rid, register, value):
        self.command(f"outl 0xcf8 {1 << 31 | rid << 8 | register:#x}")
        self.command(f"outl 0xcfc {value:#x}")

    def send_msi(self, rid, data, address=0xFEE00000):
        """The function's own message, by its capability."""
        at = self.config_read(rid, 0x34) & 0xFC
        while self.config_read(rid, at) & 0xFF != 5:
            at = self.config_read(rid, at) >> 8 & 0xFC
        self.config_write(rid, at + 4, address)
        self.config_write(rid, at + 8, 0)
        self.config_write(rid, at + 12, data)
        self.config_write(rid, at, self.config_read(rid, at) | 1 << 16)
        self.writel(EDUS[rid] + 0x60, 1)
        self.writel(EDUS[rid] + 0x64, 1)

    # edu: one transfer of at most 4096 bytes

    def _transfer(self, rid, source, target, size, command):
        bar = EDUS[rid]
        for register, value in ((0x80, source), (0x88, target), (0x90, size), (0x98, command)):
            self.writeq(bar + register, value)
        deadline = time.monotonic() + 10
        while self.readq(bar + 0x98) & 1:
            assert time.monotonic() < deadline, "the transfer does not end"

    def dma_read(self, rid, address, size=64):
        """What the function finds at an address; its buffer held 0xEE before."""
        self.write_buffer(rid, bytes([0xEE] * size))
        self._transfer(rid, address, EDU_BUFFER, size, 1)
        return self.read_buffer(rid, size)

    def dma_write(self, rid, address, data):
        self.write_buffer(rid, data)
        self._transfer(rid, EDU_BUFFER, address, len(data), 3)

    # The buffer itself is reached by DMA alone: by a page that is only for this.

    def write_buffer(self, rid, data):
        self.bypass(lambda: (self.write(QUEUE + 0x4000, data),
                                   self._transfer(rid, QUEUE + 0x4000, EDU_BUFFER, len(data), 1)))

    def read_buffer(self, rid, size):
        self.bypass(lambda: self._transfer(rid, EDU_BUFFER, QUEUE + 0x4000, size, 3))
        return self.read(QUEUE + 0x4000, size)


def build(folder):
    """The emitters as a program of this machine."""
    program = folder / "emit_tables"
    room = ROOT / "arch/x86/compiler"
    subprocess.run(
        ["gcc", "-std=gnu11", "-O1", "-o", program, ROOT / "tests/iommu/emit_tables.c",
         *(room / f"{name}.c" for name in ("amdvi_emit", "vtd_emit", "page_format", "page_emit")),
         ROOT / "partitioner/compiler/plan_bytes.c",
         *(f"-I{ROOT / path}" for path in ("partitioner/include", "arch/x86/include",
                                           "partitioner/compiler", "arch/x86/compiler"))],
        check=True)
    return program


def emit(kind, program, folder, domains, requesters, levels=4, largest=3):
    """The tables' bytes, and (deny, live, size)."""
    lines = [f"{TABLES:x} {levels:x} {largest:x} 28 ff"]
    for domain in domains:
        lines += ["d", *("m " + " ".join(f"{n:x}" for n in mapping) for mapping in domain)]
    lines += ["r " + " ".join(f"{n:x}" for n in requester) for requester in requesters]
    path = folder / "tables"
    ran = subprocess.run([program, kind, path], input="\n".join(lines) + "\n", check=True,
                         capture_output=True, text=True)
    return path.read_bytes(), [int(word, 16) for word in ran.stdout.split()]
