# SPDX-License-Identifier: Apache-2.0
"""Where things lie: the partitioner's report, and partitioner/include/septum/plan.h."""
import dataclasses
import json
import os
import pathlib
import re
import struct
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("SEPTUM_BUILD", ROOT / "build")).resolve()
BOARD = os.environ.get("SEPTUM_BOARD") or "qemu-q35"
PAYLOADS = BUILD / "payloads"

_PLAN_H = (ROOT / "partitioner/include/septum/plan.h").read_text(encoding="utf-8")


def _enum(name):
    """Members of an enum of plan.h in their order; the values are 0, 1, 2, ..."""
    body = re.search(rf"enum {name} {{(.*?)}};", _PLAN_H, re.DOTALL).group(1)
    body = re.sub(r"/\*.*?\*/", "", body, flags=re.DOTALL)
    return [item.split("=")[0].strip() for item in body.split(",") if item.strip()]


def _words(names, prefix):
    return [name.removeprefix(prefix).lower().replace("_", "-") for name in names]


EXITS = _words(_enum("plan_exit"), "PLAN_EXIT_")[:-1]
EVENTS = _words(_enum("plan_event"), "PLAN_EVENT_")[:-1]
STATES = _words(_enum("plan_cpu_state"), "PLAN_CPU_")
COUNTERS_MAGIC = int(re.search(r"PLAN_COUNTERS_MAGIC (0x[0-9a-f]+)", _PLAN_H).group(1), 16)

# struct plan_counters
_COUNTERS = struct.Struct(f"<QIIQ{len(EXITS)}QQQQ")


def grown(before, after):
    """What was added, by reason; reasons that did not occur are left out."""
    return {reason: after[reason] - before[reason]
            for reason in EXITS if after[reason] != before[reason]}


@dataclasses.dataclass
class Counters:
    """One CPU's struct plan_counters."""

    state: str
    stop_event: str
    launch_tsc: int
    exits: dict
    last_code: int
    last_info: tuple

    def total(self):
        return sum(self.exits.values())


def read_counters(machine, address):
    """Counters page at a host-physical address; None while its CPU is not up."""
    fields = _COUNTERS.unpack(machine.memory(address, _COUNTERS.size))
    if fields[0] != COUNTERS_MAGIC:
        return None
    kinds = len(EXITS)
    return Counters(STATES[fields[1]], EVENTS[fields[2]], fields[3],
                    dict(zip(EXITS, fields[4:4 + kinds])), fields[4 + kinds],
                    fields[5 + kinds:7 + kinds])


class System:
    """The products of one system file for one board: build/systems/<board>/<name>/."""

    def __init__(self, name, board=BOARD, build=BUILD):
        self.name, self.board = name, board
        self.folder = build / "systems" / board / name
        self.image = self.folder / "septum.img"
        self.elf = self.folder / "septum.elf"
        self.report = json.loads((self.folder / "layout.json").read_text(encoding="utf-8"))

    @property
    def plan_hash(self):
        return self.report["plan_hash"]

    @property
    def cells(self):
        return [cell["name"] for cell in self.report["cells"]]

    def cell(self, name):
        return next(cell for cell in self.report["cells"] if cell["name"] == name)

    def ram_base(self, name):
        """HPA of the first byte of a cell's RAM."""
        return self.cell(name)["ram"][0]["hpa"]

    def cpu_counters(self, machine, name):
        """Counters of each CPU of a cell, by virtual id."""
        cpus = [cpu for cpu in self.report["cpus"] if cpu["cell"] == name]
        return [read_counters(machine, cpu["counters"])
                for cpu in sorted(cpus, key=lambda cpu: cpu["virtual_id"])]

    def counters(self, machine, name):
        """Counters of a cell's first CPU."""
        return self.cpu_counters(machine, name)[0]

    def exits(self, machine, name):
        """Exits of all CPUs of a cell together, by reason."""
        counters = self.cpu_counters(machine, name)
        return {reason: sum(cpu.exits[reason] for cpu in counters) for reason in EXITS}

    def symbol(self, name):
        """HPA of a function of the monitor."""
        symbols = subprocess.run(["nm", self.folder / "monitor.elf"], check=True, text=True,
                                 capture_output=True).stdout
        return int(re.search(rf"^([0-9a-f]+) \w {name}$", symbols, re.MULTILINE).group(1), 16)

    def stored_bytes(self, address, size):
        """What septum.elf puts at a host-physical address."""
        offset = self.elf_offset(address)
        with open(self.elf, "rb") as elf:
            elf.seek(offset)
            return elf.read(size)

    def elf_offset(self, address):
        """File offset in septum.elf of a host-physical address."""
        for paddr, offset, file_bytes in elf_segments(self.elf.read_bytes()):
            if paddr <= address < paddr + file_bytes:
                return offset + address - paddr
        raise ValueError(f"{self.elf}: nothing is loaded at {address:#x}")


def elf_segments(data):
    """(physical address, file offset, bytes in the file) of each PT_LOAD; ELF32 and ELF64."""
    wide = data[4] == 2
    if wide:
        table, = struct.unpack_from("<Q", data, 32)
        entry, count = struct.unpack_from("<HH", data, 54)
    else:
        table, = struct.unpack_from("<I", data, 28)
        entry, count = struct.unpack_from("<HH", data, 42)
    for i in range(count):
        at = table + i * entry
        if struct.unpack_from("<I", data, at)[0] != 1:
            continue
        if wide:
            offset, _, paddr, file_bytes = struct.unpack_from("<QQQQ", data, at + 8)
        else:
            offset, _, paddr, file_bytes = struct.unpack_from("<IIII", data, at + 4)
        yield paddr, offset, file_bytes
