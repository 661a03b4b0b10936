# SPDX-License-Identifier: Apache-2.0
"""Drives QEMU, by its machine protocol."""
import json
import socket
import subprocess
import threading
import time

from machine import Machine, MachineError
from machines import qemu_q35
from machines.config import SERIAL_PORTS


class Qemu(Machine):
    """A running QEMU."""

    board = "qemu-q35"

    def __init__(self, config):
        super().__init__(config)
        self.events = []  # QMP events
        self._replies = []

    def _launch(self):
        pairs = [socket.socketpair() for _ in range(SERIAL_PORTS + 1)]
        fds = [theirs.fileno() for _, theirs in pairs]
        argv = qemu_q35.command(self.board, self.config, self.scratch, fds[:-1], fds[-1])
        with open(self.log, "w", encoding="utf-8") as log:
            self.start_process(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                               pass_fds=fds)
        for _, theirs in pairs:
            theirs.close()
        self.add_consoles([ours for ours, _ in pairs[:-1]])
        self._qmp = pairs[-1][0]
        threading.Thread(target=self._read_qmp, daemon=True).start()
        self.qmp("qmp_capabilities")

    def close(self):
        super().close()
        if hasattr(self, "_qmp"):
            self._qmp.close()

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
                raise MachineError(self.describe(f"QMP {command}: {error}")) from error
        reply = self.wait_until(lambda: self._replies and self._replies.pop(0), 20,
                                f"an answer to QMP {command}")
        if "error" in reply:
            raise MachineError(f"QMP {command}: {reply['error']['desc']}")
        return reply["return"]

    def monitor_command(self, line):
        return self.qmp("human-monitor-command", **{"command-line": line})

    def full_speed(self):
        self.monitor_command("one-insn-per-tb off")

    def memory(self, address, size):
        path = self.scratch / "memory"
        self.qmp("pmemsave", val=address, size=size, filename=str(path))
        return path.read_bytes()

    def seconds(self):
        return time.monotonic()

    def _had_event(self, name):
        with self.changed:
            return any(event["event"] == name for event in self.events)

    def was_reset(self):
        return self._had_event("SHUTDOWN") or (not self.config.reset_allowed and
                                               self._had_event("RESET"))

    def is_running(self):
        return (super().is_running() and not self._had_event("RESET") and
                self.qmp("query-status")["status"] == "running")

    def _log_tail(self):
        events = [f"event {event['event']} {event.get('data', '')}" for event in self.events]
        return "\n".join([super()._log_tail(), *events])


class QemuVtd(Qemu):
    """With PCI devices behind an Intel IOMMU."""

    board = "qemu-q35-vtd"


class QemuAmdvi(Qemu):
    """With PCI devices behind an AMD IOMMU."""

    board = "qemu-q35-amdvi"


class QemuPci(Qemu):
    """With PCI devices and no IOMMU."""

    board = "qemu-q35-pci"
