# SPDX-License-Identifier: Apache-2.0
"""A network card that somebody set to work before the monitor runs, and the packets it gets.

The card is armed from outside, through QEMU's test socket, as soon as the firmware has given it
an address.  From then on each packet is written to memory: always to the same page.
"""
import contextlib
import socket
import time

MARK = b"EARLYDMA"
FRAME = b"\xff" * 6 + b"\x52\x54\x00\x00\x00\x99" + b"\x88\xb5" + MARK * 16
DESCRIPTORS = 4096
# Intel 82574 data sheet, 10.1.1 and 7.1.4.1
CTRL, RCTL, RDBAL, RDBAH, RDLEN, RDH, RDT = 0x0, 0x100, 0x2800, 0x2804, 0x2808, 0x2810, 0x2818
LINK_UP, RECEIVE_ALL = 1 << 6, 1 << 1 | 1 << 3 | 1 << 4 | 1 << 15
CARD = 0x10D38086
COMMAND_MEMORY, COMMAND_MASTER = 2, 4


def _step_until(machine, holds, what):
    deadline = time.monotonic() + 30
    while True:
        machine.qmp("stop")
        try:
            if holds():
                return
        finally:
            machine.qmp("cont")
        assert time.monotonic() < deadline, f"no {what}"
        time.sleep(0.005)


class Early:
    """The sockets of one machine; extra: what its command line needs."""

    def __init__(self, folder):
        self.paths = {name: folder / name for name in ("qtest", "card", "feed")}
        self.extra = [
            "-qtest", f"unix:{self.paths['qtest']},server=on,wait=off", "-qtest-log", "/dev/null",
            "-netdev", f"dgram,id=feed,local.type=unix,local.path={self.paths['card']},"
                       f"remote.type=unix,remote.path={self.paths['feed']}",
            "-netdev", "hubport,id=fed,hubid=1,netdev=feed"]
        self.feed = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.feed.bind(str(self.paths["feed"]))
        self.feed.setblocking(False)
        self.stream = None

    def close(self):
        self.feed.close()
        if self.stream:
            self.stream.close()

    def send(self, count):
        """Packets, each with the mark, at a pace that the card can follow."""
        for _ in range(count):
            with contextlib.suppress(BlockingIOError, FileNotFoundError, ConnectionRefusedError):
                self.feed.sendto(FRAME, str(self.paths["card"]))
            time.sleep(0.002)

    def _command(self, line):
        if not self.stream:
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            connection.connect(str(self.paths["qtest"]))
            connection.settimeout(10)
            self.stream = connection.makefile("rw", encoding="ascii")
        self.stream.write(line + "\n")
        self.stream.flush()
        answer = self.stream.readline().split()
        assert answer and answer[0] == "OK", (line, answer)
        return answer[1:]

    def _writel(self, address, value):
        self._command(f"writel {address:#x} {value:#x}")

    def _config(self, function, register, value=None):
        """Configuration space, as the stopped program finds it afterwards."""
        kept = self._command("inl 0xcf8")[0]
        self._command(f"outl 0xcf8 {1 << 31 | function << 8 | register:#x}")
        found = int(self._command("inl 0xcfc")[0], 16)
        if value is not None:
            self._command(f"outl 0xcfc {value:#x}")
        self._command(f"outl 0xcf8 {kept}")
        return found

    def _card(self):
        """(function, the bridge before it or None), or None."""
        bridges = {}
        for slot in range(32):
            if self._config(slot << 3, 0x08) >> 16 == 0x0604:
                bridges[self._config(slot << 3, 0x18) >> 8 & 0xFF] = slot << 3
        for function in [slot << 3 for slot in range(32)] + [bus << 8 for bus in bridges if bus]:
            if self._config(function, 0) == CARD:
                return function, bridges.get(function >> 8)
        return None

    def _arm(self, place, ring):
        found = self._card()
        if not found or not self._config(found[0], 0x04) & COMMAND_MEMORY:
            return False
        for function in found:
            if function is not None:
                command = self._config(function, 0x04) & 0xFFFF
                self._config(function, 0x04, command | COMMAND_MEMORY | COMMAND_MASTER)
        bar = self._config(found[0], 0x10) & ~0xF
        data = (place.to_bytes(8, "little") + bytes(8)) * DESCRIPTORS
        for at in range(0, len(data), 4096):
            self._command(f"write {ring + at:#x} 0x1000 0x{data[at:at + 4096].hex()}")
        for register, value in ((CTRL, LINK_UP), (RDBAL, ring & 0xFFFFFFFF), (RDBAH, ring >> 32),
                                (RDLEN, len(data)), (RDH, 0), (RDT, DESCRIPTORS - 1),
                                (RCTL, RECEIVE_ALL)):
            self._writel(bar + register, value)
        return True

    def arm(self, machine, place, ring):
        """Sets the card to work once the firmware has given it an address; one packet arrives.

        place: where packets go; ring: 64 KiB for its descriptors.  The machine goes on in
        short steps meanwhile, so that a busy host does not see it past its firmware.
        """
        _step_until(machine, lambda: self._arm(place, ring), "address of the card")
        _step_until(machine, lambda: MARK in machine.memory(place, len(FRAME)), "first packet")
