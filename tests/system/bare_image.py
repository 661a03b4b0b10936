# SPDX-License-Identifier: Apache-2.0
"""A disk image that starts one multiboot 1 program, where an emulator cannot load it itself."""
import pathlib
import subprocess
import tempfile

GRUB_CFG = """\
set timeout=0
menuentry "bare" {{
	multiboot /boot/{name} {append}
}}
"""
MODULES = ("multiboot normal test iso9660 fat part_acorn part_amiga part_apple part_bsd part_dfly "
           "part_dvh part_gpt part_msdos part_plan part_sun part_sunpc")


def make(program, append, image):
    with tempfile.TemporaryDirectory(prefix="septum-") as folder:
        boot = pathlib.Path(folder) / "boot"
        (boot / "grub").mkdir(parents=True)
        (boot / program.name).write_bytes(program.read_bytes())
        (boot / "grub/grub.cfg").write_text(GRUB_CFG.format(name=program.name, append=append),
                                            encoding="utf-8")
        subprocess.run(["grub-mkrescue", "--compress=no", "--fonts=", "--locales=", "--themes=",
                        f"--install-modules={MODULES}", "-o", image, folder],
                       check=True, capture_output=True)
