# SPDX-License-Identifier: Apache-2.0
"""`make bench': what Septum costs, as a table and as bench.json in the build folder."""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

import beats
import boards
import dma_cells
import layout
import linux_loads
import linux_shell
from machine import MachineError
import synthetic_board
import trusted_code
import wire_cells

MEASURE_SECONDS = 10
SETTLE_SECONDS = 5
DEVICE_BOARDS = ("qemu-q35-vtd", "qemu-q35-amdvi")
LOAD_SECONDS = 2 * MEASURE_SECONDS + 5
# The C library of every program that starts asks CPUID some dozen times.
LOADS = {"computing": "while :; do :; done",
         "starting programs": "while :; do cat /proc/uptime >/dev/null; done"}
# These end by themselves.
ROUNDS = {"two CPUs waking each other": linux_loads.IPIS.format(rounds=1000),
          "timeouts on both CPUs": linux_loads.TIMERS.format(rounds=5000)}


def rates_of(system, machine, cells, act):
    """Exits of each cell per second of the machine's time, by reason, while something is done."""
    before, start = [system.exits(machine, cell) for cell in cells], machine.seconds()
    act()
    after, passed = [system.exits(machine, cell) for cell in cells], machine.seconds() - start
    return [{reason: round(count / passed, 2) for reason, count in layout.grown(*pair).items()}
            for pair in zip(before, after)]


def rates(system, machine, cell, seconds):
    """Exits per second by reason; reasons that did not occur are left out."""
    return rates_of(system, machine, [cell], lambda: machine.pass_time(seconds))[0]


def exit_rates():
    """Linux idle and busy, and the heartbeat beside it."""
    system = layout.System("trio")
    result = {}
    with boards.boot(system) as machine:
        linux_shell.wait_for_shell(machine)
        booted = system.exits(machine, "linux")
        result["linux, whole boot (exits)"] = {k: v for k, v in booted.items() if v}
        machine.pass_time(SETTLE_SECONDS)
        result["linux, idle"] = rates(system, machine, "linux", MEASURE_SECONDS)
        for name, load in LOADS.items():
            linux_shell.run(machine, f"timeout -s KILL {LOAD_SECONDS} sh -c '{load}' & true")
            machine.pass_time(1)
            result[f"linux, {name}"] = rates(system, machine, "linux", MEASURE_SECONDS)
            result[f"heartbeat beside it, {name}"] = rates(system, machine, "heartbeat",
                                                           MEASURE_SECONDS)
            linux_shell.run(machine, "wait", timeout=2 * LOAD_SECONDS)
        for name, load in ROUNDS.items():
            result[f"linux, {name}"], result[f"heartbeat beside it, {name}"] = rates_of(
                system, machine, ["linux", "heartbeat"],
                lambda load=load: linux_shell.run(machine, load, timeout=120))
        beats.wait(machine, 5, 30)
    return result


def entry_to_launch(system, machine):
    """Instructions, summed over all CPUs, between monitor entry and each cell's first."""
    entry = int(machine.monitor.wait(r"^septum: entry tsc (\d+)$", 600).group(1))
    machine.monitor.wait(r"^septum: cells start$", 600)
    machine.wait_until(lambda: all(system.counters(machine, cell).launch_tsc
                                   for cell in system.cells), 60, "launch of all cells")
    return {cell: system.counters(machine, cell).launch_tsc - entry for cell in system.cells}


def instruction_counts():
    """Under icount: launch, and one exit of each kind as the bench cell sees it."""
    system = layout.System("bench")
    with boards.boot(system, icount=True) as machine:
        launch = {"bench system": entry_to_launch(system, machine)}
        ended = re.compile(r"^bench: end$", re.MULTILINE)
        # A cell without septum,hole = "ones" is stopped by its last measurement.
        machine.wait_until(lambda: ended.search(machine.bench.text) or
                           "cell 'bench': stopped" in machine.monitor.text, 300, "end of bench")
        per_exit = {name: int(least) for name, least in re.findall(
            r"^bench: (\S+) least (\d+)", machine.bench.text, re.MULTILINE)}
    system = layout.System("trio")
    with boards.boot(system, icount=True) as machine:
        launch["trio"] = entry_to_launch(system, machine)
    return launch, per_exit


def device_costs():
    """Under icount: what configuring a function costs."""
    with boards.boot(layout.System("dma"), icount=True) as machine:
        machine.attacker.wait(r"^dma: ready$", 300)
        output = dma_cells.order(machine, "cost")
    return {name: int(least) for name, least in re.findall(r"^cost (\S+) least (\d+)", output,
                                                           re.MULTILINE)}


def device_rates():
    """Two Linux cells with disks and network cards at work, and the heartbeat beside them."""
    system, result = layout.System("wire"), {}
    with boards.boot(system) as machine:
        wire_cells.start(machine)
        for cell in wire_cells.CELLS:
            booted = system.exits(machine, cell)
            result[f"{cell}, boot with drivers (exits)"] = {k: v for k, v in booted.items() if v}
        wire_cells.join(machine)
        machine.pass_time(SETTLE_SECONDS)
        cells = [*wire_cells.CELLS, "heartbeat"]
        for name, begin, end in wire_cells.loads(machine):
            begin()
            machine.pass_time(1)
            rows = rates_of(system, machine, cells, lambda: machine.pass_time(MEASURE_SECONDS))
            end()
            result |= {f"{cell}, {name}": row for cell, row in zip(cells, rows)}
    return result


def sizes(elf):
    """Bytes of text (with read-only data), data and bss."""
    lines = subprocess.run(["size", elf], check=True, capture_output=True, text=True).stdout
    return dict(zip(("text", "data", "bss"), map(int, lines.splitlines()[1].split()[:3])))


def partitioner_cost():
    """Seconds and peak memory for the synthetic board."""
    with tempfile.TemporaryDirectory(prefix="septum-") as folder:
        folder = pathlib.Path(folder)
        (folder / "synthetic.dts").write_text(synthetic_board.source(), encoding="utf-8")
        (folder / "work").mkdir()
        subprocess.run(["dtc", "-q", "-I", "dts", "-O", "dtb", "-o", folder / "synthetic.dtb",
                        folder / "synthetic.dts"], check=True)
        command = [layout.BUILD / "septum-partitioner", "build", folder / "synthetic.dtb",
                   "--monitor", layout.System("bench").folder / "monitor.elf",
                   "--payload-dir", layout.PAYLOADS, "--work-dir", folder / "work",
                   "--report", folder / "layout.json", "--output", folder / "septum.elf"]
        start = time.monotonic()
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True) as process:
            output = process.stdout.read()
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - start
        if process.returncode:
            raise RuntimeError(f"the partitioner refuses the synthetic board:\n{output}")
        return {"seconds": round(seconds, 2), "peak KiB": usage.ru_maxrss,
                "septum.elf bytes": (folder / "septum.elf").stat().st_size}


def print_table(title, rows):
    print(f"\n{title}")
    for name, value in rows.items():
        if isinstance(value, dict):
            value = ", ".join(f"{key} {number}" for key, number in value.items()) or "none"
        print(f"  {name:<30} {value}")


def main():
    sections = device_sections() if layout.BOARD in DEVICE_BOARDS else all_sections()
    for title, rows in sections.items():
        print_table(title, rows)
    path = layout.BUILD / "bench.json"
    path.write_text(json.dumps(sections, indent=2) + "\n", encoding="utf-8")
    print(f"\nwritten: {path}")


def device_sections():
    """Of a board with PCI functions: what is about them alone."""
    return {"instructions per access, least of 64": device_costs(),
            f"exits per second over {MEASURE_SECONDS} s": device_rates()}


def all_sections():
    sections = {}
    launch, per_exit = instruction_counts()
    sections["instructions from monitor entry to first instruction (all CPUs together)"] = launch
    sections["instructions per exit, least of 64"] = per_exit
    sections[f"exits per second over {MEASURE_SECONDS} s"] = exit_rates()
    sections["monitor bytes"] = sizes(layout.System("trio").folder / "monitor.elf")
    sections["trusted lines"] = {name: trusted_code.lines(name)
                                 for name in trusted_code.CONFIGURATIONS}
    sections[f"partitioner: {synthetic_board.CPUS} CPUs, 1 TiB, {synthetic_board.CELLS} cells"] = \
        partitioner_cost()
    return sections


if __name__ == "__main__":
    try:
        main()
    except (FileNotFoundError, RuntimeError, subprocess.CalledProcessError,
            MachineError) as problem:
        sys.exit(f"bench: {problem}")
