# SPDX-License-Identifier: Apache-2.0
"""All of `make check' but the packages: stages in order, one JUnit folder, one closing line.

A stage that runs tests is counted by its JUnit files.  Any other is one test,
beside the parts of it that were skipped, which leave a JUnit file each.  Every
stage runs even if an earlier one failed.
"""
import argparse
import os
import pathlib
import subprocess
import sys
import time
import xml.etree.ElementTree as ET

BUILD = ["trio_defconfig", "images", "cells", "unit-programs"]
# name, compiler, goals of make, JUnit files of its tests
STAGES = [
    ("check-configs", "gcc", ["check-configs"], None),
    ("build-gcc", "gcc", BUILD, None),
    ("build-clang", "clang", BUILD, None),
    ("lint", "gcc", ["lint"], None),
    ("unit", "gcc", ["unit"], "unit-*.xml"),
    ("scripts", "gcc", ["scripts"], "scripts.xml"),
    ("rules", "gcc", ["rules"], "rules.xml"),
    ("iommu", "gcc", ["iommu"], "iommu.xml"),
    ("system-qemu-q35", "gcc", ["system-qemu-q35"], "system-qemu-q35.xml"),
    ("system-qemu-q35-vtd", "gcc", ["system-qemu-q35-vtd"], "system-qemu-q35-vtd.xml"),
    ("system-qemu-q35-amdvi", "gcc", ["system-qemu-q35-amdvi"], "system-qemu-q35-amdvi.xml"),
    ("system-qemu-q35-pci", "gcc", ["system-qemu-q35-pci"], "system-qemu-q35-pci.xml"),
    ("system-bochs", "gcc", ["system-bochs"], "system-bochs.xml"),
]


def outcome(case):
    """0 passed, 1 failed, 2 skipped."""
    if case.find("failure") is not None or case.find("error") is not None:
        return 1
    return 2 if case.find("skipped") is not None else 0


def count(paths):
    """[passed, failed, skipped] of JUnit files."""
    counts = [0, 0, 0]
    for path in paths:
        for case in ET.parse(path).getroot().iter("testcase"):
            counts[outcome(case)] += 1
    return counts


def write_stage(path, name, seconds, code):
    """A stage as one test."""
    suite = ET.Element("testsuite", name="check", tests="1", failures=str(int(code != 0)))
    case = ET.SubElement(suite, "testcase", classname="check", name=name, time=f"{seconds:.1f}")
    if code:
        ET.SubElement(case, "failure", message=f"make ended with status {code}")
    ET.ElementTree(suite).write(path, encoding="utf-8", xml_declaration=True)


def run_stage(stage, options):
    """Runs one stage; returns its [passed, failed, skipped]."""
    name, compiler, goals, pattern = stage
    print(f"\n=== {name}", flush=True)
    # Not the caller's MAKEFLAGS: they hold its job server and its O=.
    env = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    command = [options.make, "-k", f"-j{options.jobs}", f"CC={compiler}",
               f"O={options.output / compiler}", f"JUNIT={options.junit}"] + goals
    start = time.monotonic()
    code = subprocess.run(command, env=env, stdin=subprocess.DEVNULL, check=False).returncode
    seconds = time.monotonic() - start

    tests = list(options.junit.glob(pattern or f"{name}-*.xml"))
    counts = count(tests)
    if not pattern or not sum(counts) or (code and not counts[1]):
        # It has no tests, none of them ran, or it failed beside them.
        code = code or (1 if pattern else 0)
        path = options.junit / f"stage-{name}.xml"
        write_stage(path, name, seconds, code)
        counts = count(tests + [path])
    print(f"=== {name}: {'FAILED' if code else 'ok'}, {seconds:.0f} s", flush=True)
    return counts


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--make", default="make")
    parser.add_argument("--output", type=pathlib.Path, required=True, help="folder for the builds")
    parser.add_argument("--junit", type=pathlib.Path, required=True, help="folder for JUnit files")
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()

    options.junit.mkdir(parents=True, exist_ok=True)
    for old in options.junit.glob("*.xml"):
        old.unlink()
    results = [(stage[0], run_stage(stage, options)) for stage in STAGES]
    print()
    for name, counts in results:
        print("%-22s %5d passed, %d failed, %d skipped" % (name, *counts))
    total = [sum(column) for column in zip(*(counts for _, counts in results))]
    print("%d passed, %d failed, %d skipped" % tuple(total))
    return 1 if total[1] else 0


if __name__ == "__main__":
    sys.exit(main())
