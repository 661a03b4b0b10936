# SPDX-License-Identifier: Apache-2.0
"""The image starts, by either firmware, from whatever it was written to."""
import re

import pytest

import beats
import boards
import layout
import machines.qemu_q35 as q35

UEFI, USB = pytest.mark.needs("uefi"), pytest.mark.needs("usb")
WAYS = [("bios", "disk"), ("bios", "cd"), pytest.param("bios", "usb", marks=USB),
        pytest.param("ovmf", "disk", marks=UEFI), pytest.param("ovmf", "cd", marks=UEFI)]


@pytest.mark.parametrize("firmware,media", WAYS)
def test_image_boots_and_cells_run(pair, firmware, media):
    if firmware == "ovmf":
        assert q35.ovmf_files(), "no OVMF: package ovmf"
    with boards.boot(pair, firmware=firmware, media=media) as machine:
        machine.monitor.wait(r"^septum: cells start$", 120)
        machine.attacker.wait(r"^attacker: ready$", 30)
        assert not beats.missed(beats.wait(machine, 5, 30))
        assert machine.is_running()


@pytest.fixture(scope="module")
def report(trio):
    """The monitor's boot report of the trio."""
    with boards.boot(trio) as machine:
        machine.monitor.wait(r"^septum: cells start$", 120)
        return [line for line in machine.monitor.text.splitlines() if line.startswith("septum: ")]


def test_report_starts_with_version_and_plan_hash(report, trio):
    assert re.match(rf"septum: Septum \S+, plan {trio.plan_hash[:16]}\b", report[0])


def test_report_names_every_cpu_of_the_plan(report, trio):
    for cpu in trio.report["cpus"]:
        assert any(re.match(rf"septum: cpu \d+ \(APIC id {cpu['apic_id']}\)", line)
                   for line in report), cpu["name"]


def test_report_ends_when_cells_start(report):
    assert report[-1] == "septum: cells start"


def test_report_of_a_good_board_refuses_nothing(report):
    assert not [line for line in report if "refused" in line]


def test_heartbeat_takes_timer_interrupts_without_one_exit(pair):
    with boards.boot(pair) as machine:
        beats.wait(machine, 5, 90)
        before = pair.counters(machine, "heartbeat")
        seen = beats.wait(machine, 40, 60)
        after = pair.counters(machine, "heartbeat")
        assert not beats.missed(seen)
        assert after.exits == before.exits
        assert after.state == "running"


def test_one_monitor_serves_every_board():
    """Linked for the same place it is the same file; which vendor it meets it finds at boot."""
    monitors = {(layout.System("pair", name).folder / "monitor.elf").read_bytes()
                for name in boards.DRIVERS}
    assert len(boards.DRIVERS) > 1 and len(monitors) == 1
