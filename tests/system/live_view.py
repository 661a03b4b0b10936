# SPDX-License-Identifier: Apache-2.0
"""Prints the lines of several consoles as they come, each with its prefix."""
import os
import re
import sys
import threading
import time

COLOURS = {"monitor": 33, "linux": 32, "heartbeat": 36, "attacker": 31, "bench": 35, "demo": 1}
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f]")


def use_colour(stream=sys.stdout):
    """https://no-color.org: not wanted, or nobody looks."""
    return stream.isatty() and not os.environ.get("NO_COLOR")


class LiveView:
    """Lines of all consoles in the order in which they end."""

    def __init__(self, keep=lambda name, line: True):
        self._colour = use_colour()
        self._keep = keep  # called for each line: False leaves it out
        self._lock = threading.Lock()
        self._start = time.monotonic()
        self._partial = {}

    def line(self, name, text):
        prefix = f"{time.monotonic() - self._start:6.1f} {name:>9} |"
        if self._colour:
            prefix = f"\x1b[{COLOURS.get(name, 0)}m{prefix}\x1b[0m"
        with self._lock:
            print(prefix, text, flush=True)

    def watch(self, name, console):
        """Shows all lines of a console from now on."""
        def listen(chunk):
            text = self._partial.get(name, "") + chunk.decode(errors="replace")
            *lines, self._partial[name] = text.split("\n")
            for line in lines:
                line = ESCAPES.sub("", line).rstrip()
                if line and self._keep(name, line):
                    self.line(name, line)
        console.listeners.append(listen)
