# SPDX-License-Identifier: Apache-2.0
"""Drives Bochs, by its debugger.

Debian's Bochs has no headless display: it gets a terminal of its own, on which it
draws its screen and on which its debugger answers once it is interrupted.
"""
import os
import pty
import re
import signal
import socket
import subprocess
import threading
import time

import bare_image
from machine import Machine, MachineError
from machines import bochs
from machines.config import SERIAL_PORTS

CONNECT_SECONDS = 30
INTERRUPTS = 20
RESUME_SECONDS = 0.02
PROMPT = re.compile(rb"<bochs:\d+> ")
NEXT = re.compile(rb"Next at t=(\d+)")
LOG_BYTES = 100_000  # read at a time: a log can grow faster than it is read
GONE = re.compile(rb">>PANIC<<.*(?:3rd \(|soft power off)")
DUMP = re.compile(rb"<bogus\+\s*(\d+)>:((?:\s+0x[0-9a-f]{2}\b)+)")


class Bochs(Machine):
    """A running Bochs."""

    board = "bochs"
    slowness = 3
    end_signal = signal.SIGHUP  # it catches SIGTERM and goes on

    def __init__(self, config):
        super().__init__(config)
        self._log_file, self._resets, self._gone = None, 0, False

    def _launch(self):
        image = self.config.image
        if self.config.kernel:
            image = self.scratch / "bare.img"
            bare_image.make(self.config.kernel, self.config.append, image)
        listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(SERIAL_PORTS)]
        ports = [listener.getsockname()[1] for listener in listeners]
        rc, commands = self.scratch / "bochsrc", self.scratch / "commands"
        rc.write_text(bochs.configuration(self.config, image, self.scratch, self.log, ports),
                      encoding="utf-8")
        commands.write_text(bochs.DEBUGGER_COMMANDS, encoding="utf-8")
        self._terminal, theirs = pty.openpty()
        self._said = b""
        self._debugger = threading.Lock()
        try:
            self.start_process(bochs.command(rc, commands), stdin=theirs, stdout=theirs,
                               stderr=theirs, env=bochs.environment(), cwd=self.scratch,
                               start_new_session=True)
        finally:
            os.close(theirs)
        threading.Thread(target=self._read_terminal, daemon=True).start()
        self.add_consoles([self._accept(listener) for listener in listeners])

    def _accept(self, listener):
        with listener:
            listener.settimeout(0.5)
            for _ in range(2 * CONNECT_SECONDS):
                if self.process.poll() is not None:
                    break
                try:
                    connection, _ = listener.accept()
                except TimeoutError:
                    continue
                connection.settimeout(None)
                return connection
        raise MachineError(self.describe("Bochs did not connect its serial ports"))

    def close(self):
        super().close()
        if hasattr(self, "_terminal"):
            os.close(self._terminal)
        if self._log_file:
            self._log_file.close()

    def _read_terminal(self):
        """Keeps what was said since the last command: the screen fills it, too."""
        while True:
            try:
                chunk = os.read(self._terminal, 65536)
            except OSError:
                return
            if not chunk:
                return
            with self.changed:
                self._said = (self._said + chunk)[-1_000_000:]
                self.changed.notify_all()

    def _answer(self, what, act, seconds=20):
        """Does something that ends with a prompt; returns what was said before it."""
        with self.changed:
            self._said = b""
        act()
        self.wait_until(lambda: PROMPT.search(self._said), seconds, what)
        with self.changed:
            return self._said

    def _type(self, text):
        os.write(self._terminal, text.encode())

    def _interrupt(self):
        """Stops all CPUs.  A signal that meets the debugger still at its prompt is lost."""
        for _ in range(INTERRUPTS):
            try:
                return self._answer("prompt of the debugger",
                                    lambda: self.process.send_signal(signal.SIGINT), 0.5)
            except MachineError:
                if not self.is_running():
                    raise
        raise MachineError(self.describe("Bochs cannot be interrupted"))

    def _stopped(self, command=""):
        """Stops all CPUs for the time of a debugger's command; returns (stop, answer)."""
        with self._debugger:
            stop = self._interrupt()
            try:
                answer = self._answer(f"answer to {command}",
                                      lambda: self._type(command + "\n")) if command else b""
            finally:
                self._type("c\n")
                time.sleep(RESUME_SECONDS)
            return stop, answer

    def memory(self, address, size):
        _, answer = self._stopped(f"xp /{size}bx {address:#x}")
        found = {int(start): bytes(int(byte, 16) for byte in row.split())
                 for start, row in DUMP.findall(answer)}
        data = b"".join(found[start] for start in sorted(found))
        if len(data) != size:
            raise MachineError(f"memory at {address:#x}: Bochs gave {len(data)} of {size} bytes")
        return data

    def seconds(self):
        stop, _ = self._stopped()
        return int(NEXT.search(stop).group(1)) / bochs.IPS

    def was_reset(self):
        """More resets than the first, or a panic: a CPU gave up, power was switched off."""
        with self.changed:
            if not self._log_file and self.log.exists():
                self._log_file = open(self.log, "rb")
            for line in self._log_file.readlines(LOG_BYTES) if self._log_file else ():
                self._resets += b"bx_pc_system_c::Reset(" in line
                self._gone |= GONE.search(line) is not None
            return self._resets > 1 or self._gone
