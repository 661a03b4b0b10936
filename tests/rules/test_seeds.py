# SPDX-License-Identifier: Apache-2.0
"""Seeded systems: each bad one gets its exact diagnosis, each good one passes.

A seed is tests/rules/RULE/bad*.dts or good*.dts.  Its header names, as
"// expect: LINE", every error and every waived finding that the partitioner must
print, and every warning of the rule RULE; nothing else may be among them.
"""
import os
import pathlib
import re
import subprocess

import pytest

import payload_files

TOP = pathlib.Path(__file__).resolve().parents[2]
SEEDS = pathlib.Path("tests/rules")
PARTITIONER = os.environ.get("SEPTUM_PARTITIONER") or str(
    pathlib.Path(os.environ.get("SEPTUM_BUILD", TOP / "build")) / "septum-partitioner")
FINDING = re.compile(r"(error|warning|allowed): .* \[rule ([a-z0-9-]+)\]( because: .*)?$")

# Raised only while an image is built, from things that no system file holds
# (linked code, made tables, iasl, the file system): unit tests cover them.
BUILD_ONLY = {"monitor-fits", "table-reach", "monitor-file", "output-file", "acpi",
              "w-xor-x"}


def seeds(pattern):
    return sorted(str(path.relative_to(TOP)) for path in (TOP / SEEDS).glob(pattern))


def run(*command):
    return subprocess.run(command, cwd=TOP, capture_output=True, text=True, timeout=60)


@pytest.fixture(scope="session", name="payload_dir")
def make_payload_dir(tmp_path_factory):
    folder = tmp_path_factory.mktemp("payloads")
    payload_files.write_all(folder)
    return folder


def compile_seed(seed, folder):
    """Paths of the blob and of the annotated source."""
    source, blob, lines = (str(folder / name) for name in ("pp.dts", "dtb", "lines.dts"))
    for command in (
            ("cpp", "-nostdinc", "-undef", "-x", "assembler-with-cpp", "-I", "dts",
             "-I", "tests/rules", seed, source),
            ("dtc", "-q", "-I", "dts", "-O", "dtb", "-o", blob, source),
            ("dtc", "-q", "-I", "dts", "-O", "dts", "-T", "-T", "-o", lines, source)):
        done = run(*command)
        assert done.returncode == 0, done.stderr
    return blob, lines


def findings(output):
    """(line, severity, rule) of each finding that was printed."""
    for line in output.splitlines():
        match = FINDING.search(line)
        if match:
            yield line, match.group(1), match.group(2)


def check(seed, rule, payload_dir, folder):
    """Exit status, and the findings that the seed's header must list."""
    blob, lines = compile_seed(seed, folder)
    done = run(PARTITIONER, "check", blob, "--lines", lines, "--payload-dir", str(payload_dir))
    assert done.returncode in (0, 1), done.stderr
    assert "Sanitizer" not in done.stderr, done.stderr
    return done.returncode, [line for line, severity, of in findings(done.stderr)
                             if severity != "warning" or of == rule]


def expectations(seed):
    mark = "// expect: "
    text = (TOP / seed).read_text()
    return [line[len(mark):] for line in text.splitlines() if line.startswith(mark)]


def rule_of(seed):
    return pathlib.Path(seed).parent.name


@pytest.mark.parametrize("seed", seeds("*/bad*.dts"))
def test_bad_system_gets_exactly_its_diagnosis(seed, payload_dir, tmp_path):
    expected = expectations(seed)
    status, found = check(seed, rule_of(seed), payload_dir, tmp_path)
    assert found == expected
    rules = {rule for _, _, rule in findings("\n".join(expected))}
    assert rules == {rule_of(seed)}, "a bad seed breaks its own rule and no other"
    assert status == (1 if any(": error: " in line for line in expected) else 0)


@pytest.mark.parametrize("seed", seeds("*/good*.dts"))
def test_good_system_on_the_edge_keeps_its_rule(seed, payload_dir, tmp_path):
    expected = expectations(seed)
    status, found = check(seed, rule_of(seed), payload_dir, tmp_path)
    assert found == expected
    assert rule_of(seed) not in {rule for _, _, rule in findings("\n".join(found))}
    assert status == (1 if any(": error: " in line for line in expected) else 0)


def test_everything_wrong_is_named_in_one_run(payload_dir, tmp_path):
    seed = str(SEEDS / "everything-wrong.dts")
    status, found = check(seed, None, payload_dir, tmp_path)
    assert found == expectations(seed)
    assert status == 1
    assert {rule for _, _, rule in findings("\n".join(found))} == {
        "unknown-property", "ram-overlap", "payload-exists", "payload-format", "cpu-unique",
        "dev-unique"}


def registered():
    """Rules as the partitioner lists them: id -> (severity, waivable)."""
    done = run(PARTITIONER, "list-rules")
    assert done.returncode == 0, done.stderr
    words = [line.split() for line in done.stdout.splitlines()]
    return {word[0]: (word[1], word[2] == "waivable") for word in words}


def test_every_rule_has_a_bad_and_a_good_seed():
    bad = {rule_of(seed) for seed in seeds("*/bad*.dts")}
    good = {rule_of(seed) for seed in seeds("*/good*.dts")}
    assert bad == good == set(registered()) - BUILD_ONLY


def test_every_rule_has_its_page_and_every_page_its_rule():
    pages = {page.stem for page in (TOP / "docs/rules").glob("*.md")} - {"README", "monitor"}
    assert pages == set(registered())
    index = (TOP / "docs/rules/README.md").read_text()
    assert set(re.findall(r"\]\(([a-z0-9-]+)\.md\)", index)) == pages | {"monitor"}


def test_every_rule_of_the_monitor_is_on_its_page_and_no_other():
    text = "".join(path.read_text() for room in ("partitioner/monitor", "arch/x86/monitor")
                   for path in sorted((TOP / room).rglob("*.c")))
    used = set(re.findall(r"\[rule ([a-z0-9-]+)\]", text))
    used |= set(re.findall(r'cell_stop\(cpu, \w+, [^"]+,\s+"([a-z0-9-]+)"', text))
    page = (TOP / "docs/rules/monitor.md").read_text()
    assert set(re.findall(r"^\| ([a-z0-9-]+) \|", page, re.MULTILINE)) - {"rule"} == used


def test_pages_state_severity_and_waivability_as_registered():
    for rule, (severity, waivable) in registered().items():
        first = (TOP / f"docs/rules/{rule}.md").read_text().splitlines()[2]
        assert first.startswith(severity.capitalize()), rule
        assert ("; may be waived" in first) == waivable, rule


def sources():
    for folder in ("partitioner/compiler", "arch/x86/compiler"):
        yield from sorted((TOP / folder).rglob("*.c"))


def test_every_rule_function_is_registered_under_its_name():
    rooms = TOP / "partitioner/compiler/rules"
    defined = set()
    for path in rooms.glob("*.c"):
        defined |= set(re.findall(r"^void rule_(\w+)\(", path.read_text(), re.MULTILINE))
    table = re.findall(r'\{ "([a-z0-9-]+)", DIAG_\w+, RULE_\w+,\s+rule_(\w+),',
                       (rooms / "table.c").read_text())
    assert sorted(name for _, name in table) == sorted(defined)
    for rule, name in table:
        assert rule == name.replace("_", "-")


def test_no_finding_is_made_under_an_unregistered_rule():
    known = set(registered())
    for path in sources():
        for rule in re.findall(r'diag_add\([^"]*?"([^"]+)",\s*DIAG_', path.read_text()):
            assert rule in known, path
