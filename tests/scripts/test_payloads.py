# SPDX-License-Identifier: Apache-2.0
"""The scripts that make payloads and disk images."""
import gzip
import pathlib
import subprocess

TOP = pathlib.Path(__file__).resolve().parents[2]
MKIMAGE = TOP / "partitioner" / "compiler" / "image" / "mkimage"
GRUB_CFG = MKIMAGE.parent / "grub.cfg"
MKINITRD = TOP / "tests" / "payloads" / "mkinitrd"
# The smallest multiboot2 header: magic, architecture, length, checksum, end tag.
MULTIBOOT2 = b"".join(n.to_bytes(4, "little") for n in (
    0xE85250D6, 0, 24, -(0xE85250D6 + 24) & 0xFFFFFFFF, 0, 8))


def mkimage(kernel, image):
    return subprocess.run([MKIMAGE, kernel, GRUB_CFG, image], stderr=subprocess.PIPE, text=True,
                          check=False)


def test_image_boots_by_bios_and_by_uefi(tmp_path):
    (tmp_path / "septum.elf").write_bytes(MULTIBOOT2.ljust(65536, b"\0"))
    image = tmp_path / "septum.img"
    assert mkimage(tmp_path / "septum.elf", image).returncode == 0
    report = subprocess.run(["xorriso", "-indev", image, "-report_el_torito", "plain",
                             "-report_system_area", "plain"],
                            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                            check=True).stdout
    assert "grub2-mbr" in report, "BIOS, from a disk"
    assert "EFI boot partition" in report, "UEFI, from a disk"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["septum.elf", "septum.img"]


def test_refused_image_leaves_the_old_one_and_nothing_else(tmp_path):
    (tmp_path / "septum.elf").write_bytes(b"no kernel")
    (tmp_path / "septum.img").write_bytes(b"old")
    done = mkimage(tmp_path / "septum.elf", tmp_path / "septum.img")
    assert done.returncode != 0 and "multiboot2" in done.stderr
    assert (tmp_path / "septum.img").read_bytes() == b"old"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["septum.elf", "septum.img"]


def test_initrd_is_the_same_twice_and_ready_for_a_kernel(tmp_path):
    for name in "first", "second":
        subprocess.run([MKINITRD, tmp_path / name], check=True)
    first = (tmp_path / "first").read_bytes()
    assert first == (tmp_path / "second").read_bytes()
    listing = subprocess.run(["cpio", "-tv", "--quiet"], input=gzip.decompress(first),
                             stdout=subprocess.PIPE, check=True).stdout.decode().splitlines()
    entries = {line.split()[8]: line.split()[:4] for line in listing}
    assert entries["init"][0] == "-rwxr-xr-x"
    assert entries["."][0] == "drwxr-xr-x"
    assert all(entry[2:4] == ["root", "root"] for entry in entries.values())
