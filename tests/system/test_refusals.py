# SPDX-License-Identifier: Apache-2.0
"""A machine or an image that is not what was planned: clear words, and nothing starts."""
import shutil

import pytest

import boards
import layout

SILENCE_SECONDS = 2


def refused(system, **options):
    """Boots; returns the refusals after making sure that nothing was started."""
    with boards.boot(system, **options) as machine:
        machine.monitor.wait(r"^septum: nothing was started$", 90)
        machine.pass_time(SILENCE_SECONDS)
        lines = machine.monitor.text.splitlines()
        assert "septum: cells start" not in lines
        for console in (machine.linux, machine.heartbeat, machine.attacker):
            assert console.text == "", f"output on {console.name}"
        found = [line for line in lines if line.startswith("septum: refused: ")]
        assert found
        assert lines[-1] == "septum: nothing was started"
        return "\n".join(found)


def test_fewer_cpus_are_refused_by_apic_id(pair):
    lines = refused(pair, cpus=2)
    missing = [cpu["apic_id"] for cpu in pair.report["cpus"] if cpu["apic_id"] >= 2]
    for apic_id in missing:
        assert f"APIC id {apic_id}" in lines


def test_less_ram_is_refused_naming_the_range(pair):
    lines = refused(pair, memory=512)
    assert f"{pair.ram_base('attacker'):x}" in lines


def test_two_differences_are_both_told(pair):
    lines = refused(pair, cpus=2, memory=512)
    assert "APIC id 3" in lines
    assert f"{pair.ram_base('attacker'):x}" in lines


@pytest.mark.parametrize("feature", ["virtualization", "nested paging", "x2APIC"])
def test_missing_cpu_feature_is_refused_by_name(pair, feature):
    lines = refused(pair, lacks=feature)
    assert boards.lacking_word(pair.board, feature) in lines


def corrupted(system, address, size, destination):
    """A copy of the image with one bit flipped in what is loaded at address."""
    start = system.stored_bytes(address, size)
    shutil.copyfile(system.image, destination)
    with open(destination, "r+b") as image:
        data = image.read()
        at = data.find(start)
        assert at >= 0 and data.find(start, at + 1) < 0, "stored bytes stand in the image once"
        image.seek(at + size // 2)
        image.write(bytes([data[at + size // 2] ^ 0x10]))
    return destination


def test_corrupted_payload_is_refused_by_name(pair, tmp_path):
    load = next(load for load in pair.cell("heartbeat")["loads"] if "payload" in load["name"])
    image = corrupted(pair, load["source"], load["size"], tmp_path / "septum.img")
    lines = refused(pair, image=image)
    assert load["name"] in lines
    assert "heartbeat" in lines


def test_corrupted_plan_is_refused(pair, tmp_path):
    image = corrupted(pair, pair.report["plan"], 4096, tmp_path / "septum.img")
    assert "plan" in refused(pair, image=image)


def test_the_uncorrupted_copy_boots(pair, tmp_path):
    """So that the two tests above show the flipped bit and not the copying."""
    image = tmp_path / "septum.img"
    shutil.copyfile(pair.image, image)
    with boards.boot(pair, image=image) as machine:
        machine.monitor.wait(r"^septum: cells start$", 90)
        assert layout.read_counters(machine, pair.report["cpus"][0]["counters"])
