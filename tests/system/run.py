# SPDX-License-Identifier: Apache-2.0
"""`make run': the system with its consoles, one at a time on this terminal.

  Ctrl-] 1..4   show console 1..4 and type into it
  Ctrl-] l      list the consoles
  Ctrl-] q      end the machine
  Ctrl-] Ctrl-] send Ctrl-] itself
"""
import os
import pathlib
import select
import signal
import sys
import termios
import tty

import boards
import layout
from machine import MachineError
from machines.config import CONSOLES, SERIAL_PORTS

ESCAPE = b"\x1d"  # Ctrl-]
REPLAY_CHARACTERS = 2000


class Terminal:
    """This terminal, lent to one console after the other."""

    def __init__(self, machine, names):
        self.machine, self.names = machine, names
        self.current = 0
        self.escaped = False
        for number, console in enumerate(machine.consoles):
            console.listeners.append(lambda chunk, number=number: self._show(number, chunk))

    def _show(self, number, chunk):
        if number == self.current:
            self.write(chunk)

    @staticmethod
    def write(data):
        os.write(sys.stdout.fileno(), data)

    def tell(self, text):
        self.write(b"\r\n\x1b[7m " + text.encode() + b" \x1b[0m\r\n")

    def list(self):
        self.tell("  ".join(f"{'*' if n == self.current else ''}{n + 1} {name}"
                            for n, name in enumerate(self.names)) +
                  "   Ctrl-] and number: switch, q: end")

    def switch(self, number):
        self.current = number
        self.tell(f"console {number + 1}: {self.names[number]}")
        self.write(self.machine.consoles[number].text[-REPLAY_CHARACTERS:]
                   .replace("\n", "\r\n").encode())

    def _command(self, key):
        """What follows Ctrl-].  Returns False for the end."""
        if key in b"qQ":
            return False
        if key == ESCAPE:
            self.machine.consoles[self.current].send(ESCAPE.decode())
        elif key.isdigit() and 1 <= int(key) <= len(self.names):
            self.switch(int(key) - 1)
        else:
            self.list()
        return True

    def typed(self, data):
        """Keys from the user.  Returns False for the end."""
        for key in (data[i:i + 1] for i in range(len(data))):
            if self.escaped:
                self.escaped = False
                if not self._command(key):
                    return False
            elif key == ESCAPE:
                self.escaped = True
            else:
                # The bare-metal consoles and Linux's take CR for the Return key.
                self.machine.consoles[self.current].send(key.decode("latin-1"))
        return True

    def loop(self):
        """Until the user or the machine ends."""
        while self.machine.process.poll() is None:
            ready, _, _ = select.select([sys.stdin], [], [], 0.5)
            if ready and not self.typed(os.read(sys.stdin.fileno(), 1024) or ESCAPE + b"q"):
                return


def console_names(system):
    """What stands at each serial port in this system."""
    names = [f"COM{number + 1} (nobody)" for number in range(SERIAL_PORTS)]
    names[CONSOLES["monitor"]] = "monitor"
    for cell in system.cells:
        if cell in CONSOLES:
            names[CONSOLES[cell]] = cell
    return names


def chosen_system():
    """The configured system: where the image's link points."""
    if len(sys.argv) > 1:
        return layout.System(sys.argv[1])
    folder = pathlib.Path(layout.BUILD / "septum.img").resolve().parent
    return layout.System(folder.name, folder.parent.name)


def main():
    system = chosen_system()
    names = console_names(system)
    if not sys.stdin.isatty():
        sys.exit("run: needs a terminal; `make demo' does not")
    print(__doc__)
    saved = termios.tcgetattr(sys.stdin)
    # Ctrl-C belongs to the cells.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with boards.boot(system, reset_allowed=True) as machine:
        terminal = Terminal(machine, names)
        try:
            tty.setraw(sys.stdin)
            terminal.list()
            terminal.loop()
        finally:
            termios.tcsetattr(sys.stdin, termios.TCSADRAIN, saved)
            print()


if __name__ == "__main__":
    try:
        main()
    except (FileNotFoundError, MachineError) as problem:
        sys.exit(f"run: {problem}")
