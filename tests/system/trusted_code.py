# SPDX-License-Identifier: Apache-2.0
"""What everybody has to trust: the monitor's sources as each configuration builds them."""
import json
import subprocess

import layout

# What the configuration tool is told to build, and the board that has such a processor.
CONFIGURATIONS = {
    "AMD-V only": ({"X86_SVM"}, "qemu-q35"),
    "VT-x only": ({"X86_VMX"}, "bochs"),
    "both": ({"X86_SVM", "X86_VMX"}, "qemu-q35"),
    "AMD-V and AMD-Vi": ({"X86_SVM", "PCI", "X86_AMDVI"}, "qemu-q35"),
    "VT-x and VT-d": ({"X86_VMX", "PCI", "X86_VTD"}, "bochs"),
    "everything": ({"X86_SVM", "X86_VMX", "PCI", "X86_VTD", "X86_AMDVI"}, "qemu-q35"),
}
SYMBOLS = set().union(*(symbols for symbols, _ in CONFIGURATIONS.values()))
ROOMS = ("arch/", "partitioner/")
LANGUAGES = ("C", "C/C++ Header", "Assembly")


def _make(folder, *goals):
    subprocess.run(["make", "-C", layout.ROOT, f"O={folder}", *goals], check=True,
                   capture_output=True, text=True)


def build(name):
    """The folder of a monitor that is built as a configuration says."""
    symbols, board = CONFIGURATIONS[name]
    folder = layout.BUILD / "trusted" / name.replace(" ", "-")
    folder.mkdir(parents=True, exist_ok=True)
    lines = ['CONFIG_SYSTEM="dts/systems/trio.dts"']
    lines += [f"CONFIG_{symbol}=y" if symbol in symbols else f"# CONFIG_{symbol} is not set"
              for symbol in sorted(SYMBOLS)]
    (folder / ".config").write_text("\n".join(lines) + "\n", encoding="utf-8")
    _make(folder, "olddefconfig")
    _make(folder, f"BOARD={board}", "monitor")
    return folder


def monitor(name):
    """The monitor that a configuration builds."""
    return build(name) / "systems" / CONFIGURATIONS[name][1] / "trio" / "monitor.elf"


def sources(folder):
    """Every source file and every header of ours that the monitor in a folder is made of."""
    found = set()
    for rule in (folder / "monitor").rglob("*.d"):
        words = rule.read_text(encoding="utf-8").replace("\\\n", " ").split()
        found |= {word for word in words if word.startswith(ROOMS) and word[-1] != ":"}
    return sorted(found)


def lines(name):
    """Lines without blanks and comments, by language, headers included."""
    paths = [str(layout.ROOT / path) for path in sources(build(name))]
    output = subprocess.run(["cloc", "--quiet", "--json", *paths], check=True,
                            capture_output=True, text=True).stdout
    counts = {language: count["code"] for language, count in json.loads(output).items()
              if language in LANGUAGES}
    return {**counts, "all": sum(counts.values())}
