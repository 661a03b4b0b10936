# SPDX-License-Identifier: Apache-2.0
"""Runs cmocka programs, one JUnit file each, and ends with the counts.

cmocka writes the JUnit files itself (its XML output).  A program that dies
leaves none, or fails after its last test (a leak, for one): that is a failed
test of its own, with what the program printed.
"""
import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET

TIMEOUT_SECONDS = 120


def run(program, folder):
    """Runs one program; returns (return code, output, [parsed suites])."""
    folder.mkdir(parents=True)
    env = dict(os.environ, CMOCKA_MESSAGE_OUTPUT="XML", CMOCKA_XML_FILE=str(folder / "%g.xml"))
    try:
        done = subprocess.run([program], env=env, stdin=subprocess.DEVNULL, timeout=TIMEOUT_SECONDS,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        code, output = done.returncode, done.stdout.decode(errors="replace")
    except subprocess.TimeoutExpired as late:
        code = -1
        output = (late.stdout or b"").decode(errors="replace") + f"\nno end in {TIMEOUT_SECONDS} s"
    suites = []
    for path in sorted(folder.glob("*.xml")):
        try:
            suites += ET.parse(path).getroot().iter("testsuite")
        except ET.ParseError as broken:
            output += f"\n{path.name}: {broken}"
            code = code or -1
    return code, output, suites


def program_failure(name, code, output):
    """A suite with one failed test: the program as a whole."""
    suite = ET.Element("testsuite", name=name, tests="1", failures="1", errors="0", skipped="0")
    case = ET.SubElement(suite, "testcase", name="program_ends_cleanly")
    ET.SubElement(case, "failure").text = f"exit status {code}\n{output}"
    return suite


def judge(name, code, output, suites):
    """Adds a failure where the exit status says more than the tests do."""
    cases = [case for suite in suites for case in suite.iter("testcase")]
    failed = [case for case in cases if case.find("failure") is not None
              or case.find("error") is not None]
    # cmocka's exit status is its number of failed tests.
    if not cases or (code != 0 and (not failed or code != min(len(failed), 255))):
        suites.append(program_failure(name, code, output))
        cases.append(suites[-1][0])
        failed.append(suites[-1][0])
    skipped = [case for case in cases if case.find("skipped") is not None]
    for case in failed:
        print(f"FAILED {name}: {case.get('name')}")
        for message in case:
            print("    " + (message.text or "").strip().replace("\n", "\n    "))
    return len(cases) - len(failed) - len(skipped), len(failed), len(skipped)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--junit", type=pathlib.Path, required=True, help="folder for JUnit files")
    parser.add_argument("--programs", type=pathlib.Path, required=True, help="folder they stand in")
    parser.add_argument("program", nargs="*")
    options = parser.parse_args()

    scratch = options.programs.parent / "xml"
    shutil.rmtree(scratch, ignore_errors=True)
    options.junit.mkdir(parents=True, exist_ok=True)
    for old in options.junit.glob("unit-*.xml"):
        old.unlink()

    total = [0, 0, 0]
    for program in options.program:
        name = str(pathlib.Path(program).relative_to(options.programs))
        flat = name.replace("/", "-")
        code, output, suites = run(os.path.abspath(program), scratch.resolve() / flat)
        counts = judge(name, code, output, suites)
        print(f"  UNIT    {name}: {counts[0]} passed" + (f", {counts[1]} FAILED" if counts[1] else ""))
        total = [a + b for a, b in zip(total, counts)]
        report = ET.Element("testsuites")
        report.extend(suites)
        ET.ElementTree(report).write(options.junit / f"unit-{flat}.xml", encoding="utf-8",
                                     xml_declaration=True)
    print("%d passed, %d failed, %d skipped" % tuple(total))
    return 1 if total[1] or not total[0] else 0


if __name__ == "__main__":
    sys.exit(main())
