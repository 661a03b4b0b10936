# SPDX-License-Identifier: Apache-2.0
"""The payload files that seeded systems name: tiny, made up, exact to the byte."""
import struct

KIB = 1024
MIB = 1024 * KIB


def bzimage(pref_address=16 * MIB, init_size=16 * MIB, initrd_addr_max=0x7FFFFFFF,
            cmdline_size=2047):
    """A setup header by the kernel's Documentation/arch/x86/boot.rst, and a page of kernel."""
    setup_sectors, kernel = 1, bytes(4 * KIB)
    image = bytearray((setup_sectors + 1) * 512)
    for offset, form, value in (
            (0x1F1, "<B", setup_sectors),
            (0x1F4, "<I", len(kernel) // 16),
            (0x1FE, "<H", 0xAA55),
            (0x201, "<B", 0x268 - 0x202),
            (0x202, "<4s", b"HdrS"),
            (0x206, "<H", 0x020F),
            (0x211, "<B", 1),
            (0x22C, "<I", initrd_addr_max),
            (0x230, "<I", 1 * MIB),
            (0x236, "<H", 1),
            (0x238, "<I", cmdline_size),
            (0x258, "<Q", pref_address),
            (0x260, "<I", init_size)):
        struct.pack_into(form, image, offset, value)
    return bytes(image) + kernel


def elf(segments, entry):
    """A 64-bit x86 executable; segments are (address, file bytes, memory bytes)."""
    header_bytes, program_bytes = 64, 56
    offset = header_bytes + program_bytes * len(segments)
    programs, contents = b"", b""
    for address, in_file, in_memory in segments:
        programs += struct.pack("<IIQQQQQQ", 1, 7, offset + len(contents), address, address,
                                in_file, in_memory, 1)
        contents += bytes(in_file)
    ident = b"\x7fELF" + bytes([2, 1, 1]) + bytes(9)
    header = ident + struct.pack("<HHIQQQIHHHHHH", 2, 62, 1, entry, header_bytes, 0, 0,
                                 header_bytes, program_bytes, len(segments), 0, 0, 0)
    return header + programs + contents


FILES = {
    "flat.bin": bytes(4 * KIB),
    "empty": b"",
    "one-byte": b"\0",
    "initrd-64k": bytes(64 * KIB),
    "initrd-64k-and-1": bytes(64 * KIB + 1),
    "bzImage": bzimage(),
    "bzImage-truncated": bzimage()[:-1],
    # No room below the kernel, which ends at 32 MiB ...
    "bzImage-at-1m": bzimage(pref_address=1 * MIB, init_size=31 * MIB),
    # ... and 64 KiB above it up to the last address for an initrd.
    "bzImage-low-initrd": bzimage(pref_address=1 * MIB, init_size=31 * MIB,
                                  initrd_addr_max=32 * MIB + 64 * KIB - 1),
    "bzImage-short-cmdline": bzimage(cmdline_size=16),
    "good.elf": elf([(MIB, 4 * KIB, 4 * KIB)], MIB),
    "entry-in-bss.elf": elf([(MIB, 4 * KIB, 8 * KIB)], MIB + 4 * KIB),
    "overlap.elf": elf([(MIB, 4 * KIB, 4 * KIB), (MIB + 4 * KIB - 1, 16, 16)], MIB),
}


def write_all(folder):
    """Write all files into a folder (a pathlib.Path)."""
    for name, content in FILES.items():
        (folder / name).write_bytes(content)
