# SPDX-License-Identifier: Apache-2.0
"""The package script derives the backports entry from what the machine already uses."""
import pathlib
import subprocess

import pytest

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / ".ci" / "packages"
ONE_LINE = """# deb file:/commented/debian bookworm main
deb cdrom:[Debian]/ bookworm main
deb-src file:/mirror/debian bookworm main
deb [signed-by=/usr/share/keyrings/k.gpg arch=amd64] file:/mirror/debian/ bookworm main contrib
deb file:/mirror/debian bookworm-updates main
"""
STANZAS = """Enabled: no
Types: deb
URIs: file:/disabled/debian
Suites: bookworm bookworm-backports
Components: main

# a comment
Types: deb deb-src
URIs: file:/mirror/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 abc
 -----END PGP PUBLIC KEY BLOCK-----

Types: deb
URIs: file:/mirror/debian-security
Suites: bookworm-security
Components: main
"""


def derive(root, files, uris=""):
    """(exit status, printed lines) of the script's function on a made-up machine."""
    for name, text in files.items():
        path = root / "etc" / "apt" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    done = subprocess.run(
        ["bash", "-c", '. "$1"; backports_source "$2" bookworm "$3"', "-", SCRIPT, root, uris],
        stdout=subprocess.PIPE, text=True, check=False)
    return done.returncode, done.stdout.splitlines()


def test_one_line_entry_keeps_options_and_place(tmp_path):
    assert derive(tmp_path, {"sources.list": ONE_LINE}) == (0, [
        "septum-backports.list",
        "deb [signed-by=/usr/share/keyrings/k.gpg arch=amd64] file:/mirror/debian/ "
        "bookworm-backports main"])


def test_stanza_keeps_key_and_place_and_skips_disabled_ones(tmp_path):
    assert derive(tmp_path, {"sources.list.d/debian.sources": STANZAS}) == (0, [
        "septum-backports.sources",
        "Types: deb",
        "URIs: file:/mirror/debian",
        "Suites: bookworm-backports",
        "Components: main",
        "Signed-By:",
        " -----BEGIN PGP PUBLIC KEY BLOCK-----",
        " .",
        " abc",
        " -----END PGP PUBLIC KEY BLOCK-----"])


@pytest.mark.parametrize("name, text", [
    ("sources.list", ONE_LINE + "deb file:/mirror/debian bookworm-backports main\n"),
    ("sources.list.d/x.sources", STANZAS.replace("Enabled: no\n", "")),
])
def test_nothing_is_derived_where_backports_are_known(tmp_path, name, text):
    assert derive(tmp_path, {name: text}) == (0, [])


def test_backports_known_to_another_file_are_enough(tmp_path):
    files = {"sources.list.d/debian.sources": STANZAS,
             "sources.list.d/x.list": "deb file:/mirror/debian bookworm-backports main\n"}
    assert derive(tmp_path, files) == (0, [])


def test_another_archive_with_the_same_suite_is_passed_over(tmp_path):
    files = {"sources.list.d/a.list": "deb file:/foreign/debian bookworm main\n",
             "sources.list.d/z.list": "deb file:/mirror/debian bookworm main\n"}
    code, lines = derive(tmp_path, files, "file:/mirror/debian")
    assert (code, lines[1:]) == (0, ["deb file:/mirror/debian bookworm-backports main"])


def test_a_machine_without_that_suite_is_refused(tmp_path):
    assert derive(tmp_path, {"sources.list": "deb file:/mirror/debian sid main\n"}) == (1, [])
