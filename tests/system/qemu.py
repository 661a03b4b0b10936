# SPDX-License-Identifier: Apache-2.0
"""Starts, watches and ends one emulated machine."""
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import threading
import time

from machines import qemu_q35

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
        self._socket.sendall(text.encode())

    def join(self):
        self._thread.join(timeout=5)

    def wait(self, pattern, timeout, since=0):
        """Waits for a regular expression; returns the match."""
        expression = re.compile(pattern, re.MULTILINE)
        return self.machine.wait_until(
            lambda: expression.search(self.text, since), timeout,
            f"'{pattern}' on the console of {self.name}")


class Machine:
    """A running QEMU.  Use as a context manager: it ends with the block."""

    def __init__(self, config):
        self.config = config
        self.changed = threading.Condition(threading.RLock())
        self.events = []  # QMP events
        self._replies = []
        self.consoles = []
        self.process = None

    def __enter__(self):
        self._scratch = pathlib.Path(tempfile.mkdtemp(prefix="septum-"))
        pairs = [socket.socketpair() for _ in range(qemu_q35.SERIAL_PORTS + 1)]
        fds = [theirs.fileno() for _, theirs in pairs]
        argv = qemu_q35.command(self.config, self._scratch, fds[:-1], fds[-1])
        self._log = open(self._scratch / "qemu.log", "w+", encoding="utf-8")
        # The emulator must not outlive us, however we end.
        self.process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *argv],
                                        stdin=subprocess.DEVNULL, stdout=self._log,
                                        stderr=self._log, pass_fds=fds)
        for _, theirs in pairs:
            theirs.close()
        for number, (ours, _) in enumerate(pairs[:-1]):
            self.consoles.append(Console(self, f"COM{number + 1}", ours))
        for name, number in qemu_q35.CONSOLES.items():
            setattr(self, name, self.consoles[number])
        for console in self.consoles:
            console.start()
        self._qmp = pairs[-1][0]
        threading.Thread(target=self._read_qmp, daemon=True).start()
        try:
            self.qmp("qmp_capabilities")
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Ends this process and no other."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.wait()
        for console in self.consoles:
            console.join()
        shutil.rmtree(self._scratch, ignore_errors=True)

    def _read_qmp(self):
        with self._qmp.makefile("r", encoding="utf-8") as stream:
            try:
                for line in stream:
                    message = json.loads(line)
                    with self.changed:
                        if "event" in message:
                            self.events.append(message)
                        elif "QMP" not in message:
                            self._replies.append(message)
                        self.changed.notify_all()
            except (OSError, ValueError):
                pass

    def qmp(self, command, **arguments):
        """One QMP command; returns what it returns."""
        request = {"execute": command}
        if arguments:
            request["arguments"] = arguments
        with self.changed:
            self._replies.clear()
            try:
                self._qmp.sendall(json.dumps(request).encode() + b"\n")
            except OSError as error:
                raise MachineError(self._describe(f"QMP {command}: {error}")) from error
        reply = self.wait_until(lambda: self._replies and self._replies.pop(0), 20,
                                f"an answer to QMP {command}")
        if "error" in reply:
            raise MachineError(f"QMP {command}: {reply['error']['desc']}")
        return reply["return"]

    def monitor_command(self, line):
        return self.qmp("human-monitor-command", **{"command-line": line})

    def full_speed(self):
        """Under icount, once no guest sets its timer any more: see machines/qemu_q35.py."""
        self.monitor_command("one-insn-per-tb off")

    def memory(self, address, size):
        """size bytes at a host-physical address of the machine."""
        path = self._scratch / "memory"
        self.qmp("pmemsave", val=address, size=size, filename=str(path))
        return path.read_bytes()

    def had_event(self, name):
        with self.changed:
            return any(event["event"] == name for event in self.events)

    def is_running(self):
        """Neither ended, nor reset by the guest, nor stopped."""
        return (self.process.poll() is None and not self.had_event("RESET") and
                self.qmp("query-status")["status"] == "running")

    def wait_until(self, condition, timeout, what):
        """Waits until condition() is true and returns it; MachineError after timeout seconds."""
        end = time.monotonic() + timeout * PATIENCE
        while True:
            with self.changed:
                value = condition()
                if value:
                    return value
                left = end - time.monotonic()
                if left <= 0:
                    raise MachineError(self._describe(f"after {timeout} s no {what}"))
                if self.process.poll() is not None:
                    raise MachineError(self._describe(
                        f"QEMU ended with status {self.process.returncode} before {what}"))
                if self.had_event("SHUTDOWN"):
                    raise MachineError(self._describe(
                        f"the machine was reset or switched off before {what}"))
                self.changed.wait(min(left, 0.5))
            # A chatty console wakes us often: look at it a hundred times a second at most.
            time.sleep(0.01)

    def _describe(self, problem):
        """The problem and the end of every console's output."""
        self._log.flush()
        parts = [problem, pathlib.Path(self._log.name).read_text(encoding="utf-8")]
        parts += [f"event {event['event']} {event.get('data', '')}" for event in self.events]
        for console in self.consoles:
            tail = "\n  ".join(console.text.splitlines()[-15:])
            if tail:
                parts.append(f"--- {console.name}:\n  {tail}")
        return "\n".join(parts)
