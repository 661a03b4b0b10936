# SPDX-License-Identifier: Apache-2.0
"""What all emulated machines share: serial consoles, deadlines, an end."""
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time

from machines.config import CONSOLES

# Slow hosts: all time limits are multiplied by this.
PATIENCE = float(os.environ.get("SEPTUM_PATIENCE", "1"))


class MachineError(AssertionError):
    """The machine ended, or did not do in time what was waited for."""


class Console:
    """One serial port: keeps all that came, tells listeners each line."""

    def __init__(self, machine, name, sock):
        self.machine, self.name, self._socket = machine, name, sock
        self._text = ""
        self.listeners = []  # called with raw bytes, from the reader's thread
        self._thread = threading.Thread(target=self._read, daemon=True)

    def start(self):
        self._thread.start()

    def _read(self):
        while True:
            try:
                chunk = self._socket.recv(65536)
            except OSError:
                chunk = b""
            with self.machine.changed:
                self._text += chunk.decode(errors="replace").replace("\r", "")
                self.machine.changed.notify_all()
            if not chunk:
                return
            for listener in list(self.listeners):
                listener(chunk)

    @property
    def text(self):
        """All output so far, line ends as "\\n"."""
        with self.machine.changed:
            return self._text

    def mark(self):
        """Where the output stands now, for wait(..., since=) and since()."""
        return len(self.text)

    def since(self, mark):
        return self.text[mark:]

    def send(self, text):
        try:
            self._socket.sendall(text.encode())
        except OSError as error:
            raise MachineError(self.machine.describe(f"typing on {self.name}: {error}")) from error

    def join(self):
        self._thread.join(timeout=5)
        self._socket.close()

    def wait(self, pattern, timeout, since=0):
        """Waits for a regular expression; returns the match.  A last "$" asks for a whole line."""
        whole = pattern[:-1] + r"(?=\n)" if pattern.endswith("$") else pattern
        expression = re.compile(whole, re.MULTILINE)
        return self.machine.wait_until(
            lambda: expression.search(self.text, since), timeout,
            f"'{pattern}' on the console of {self.name}")


class Machine:
    """A running emulator.  Use as a context manager: it ends with the block.

    A driver defines _launch(), memory(), seconds(), was_reset() and end_signal.
    """

    slowness = 1  # all time limits are multiplied by this, too
    end_signal = signal.SIGTERM
    board = ""  # its name, as in dts/boards

    def __init__(self, config):
        self.config = config
        self.changed = threading.Condition(threading.RLock())
        self.consoles = []
        self.process = None

    def __enter__(self):
        self.scratch = pathlib.Path(tempfile.mkdtemp(prefix="septum-"))
        self.log = self.scratch / "emulator.log"
        try:
            self._launch()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()

    def start_process(self, argv, **options):
        """The emulator must not outlive us, however we end."""
        self.process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *argv], **options)

    def add_consoles(self, sockets):
        """sockets: one for each serial port, in their order."""
        for number, sock in enumerate(sockets):
            self.consoles.append(Console(self, f"COM{number + 1}", sock))
        for name, number in CONSOLES.items():
            setattr(self, name, self.consoles[number])
        for console in self.consoles:
            console.start()

    def close(self):
        """Ends this process and no other."""
        if self.process:
            if self.process.poll() is None:
                self.process.send_signal(self.end_signal)
                try:
                    self.process.wait(timeout=5)
                except subprocess.TimeoutExpired:
                    self.process.kill()
            self.process.wait()
        for console in self.consoles:
            console.join()
        shutil.rmtree(self.scratch, ignore_errors=True)

    def memory(self, address, size):
        """size bytes at a host-physical address of the machine."""
        raise NotImplementedError

    def seconds(self):
        """A clock that runs as the machine's own clocks do."""
        raise NotImplementedError

    def was_reset(self):
        """Has anything in the machine reset it or switched it off?"""
        raise NotImplementedError

    def full_speed(self):
        """Once no guest sets its timer any more: see machines/qemu_q35.py."""

    def is_running(self):
        """Neither ended, nor reset by the guest."""
        return self.process.poll() is None and not self.was_reset()

    def pass_time(self, seconds):
        """Waits until that much of the machine's time has passed."""
        end = self.seconds() + seconds
        while self.seconds() < end and self.process.poll() is None:
            time.sleep(0.3)

    def wait_until(self, condition, timeout, what):
        """Waits until condition() is true and returns it; MachineError after timeout seconds."""
        end = time.monotonic() + timeout * self.slowness * PATIENCE
        while True:
            with self.changed:
                value = condition()
                if value:
                    return value
                left = end - time.monotonic()
                if left <= 0:
                    raise MachineError(self.describe(f"after {timeout} s no {what}"))
                if self.was_reset():
                    raise MachineError(self.describe(
                        f"the machine was reset or switched off before {what}"))
                if self.process.poll() is not None:
                    raise MachineError(self.describe(
                        f"the emulator ended with status {self.process.returncode} before {what}"))
                self.changed.wait(min(left, 0.5))
            # A chatty console wakes us often: look at it a hundred times a second at most.
            time.sleep(0.01)

    def _log_tail(self):
        """The emulator's own last words."""
        if not self.log.exists():
            return ""
        with open(self.log, "rb") as log:
            log.seek(max(0, self.log.stat().st_size - 4096))
            return "\n".join(log.read().decode(errors="replace").splitlines()[-15:])

    def describe(self, problem):
        """The problem and the end of every console's output."""
        parts = [problem, self._log_tail()]
        for console in self.consoles:
            tail = "\n  ".join(console.text.splitlines()[-15:])
            if tail:
                parts.append(f"--- {console.name}:\n  {tail}")
        return "\n".join(parts)
