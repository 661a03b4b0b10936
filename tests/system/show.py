# SPDX-License-Identifier: Apache-2.0
"""What the shows of `make demo' share: steps, their outcome, a closing table."""
import re
import sys
import time

import boards
import linux_shell
import live_view
from machine import MachineError

BEATS_SHOWN_EVERY = 40  # of 20 a second


class Show:
    """The steps, and what came of them.  A subclass has run() and who is shown."""

    system_name = ""
    consoles = ()
    least_results = 1

    def __init__(self, system, machine):
        self.system, self.machine = system, machine
        self.results = []  # (what, passed)
        self.view = live_view.LiveView(self._keep)

    @staticmethod
    def _keep(name, line):
        if re.search(r"(begin|end)-\d+$", line):
            return False  # marks of linux_shell.run()
        beat = name == "heartbeat" and re.match(r"beat (\d+) ", line)
        return not beat or int(beat.group(1)) % BEATS_SHOWN_EVERY == 0

    def say(self, text):
        self.view.line("demo", text)

    def expect(self, what, passed):
        self.results.append((what, bool(passed)))
        self.say(("ok: " if passed else "FAILED: ") + what)

    def type(self, command, cell="linux", timeout=60):
        """A command for a Linux shell, which does not echo it; returns its output."""
        self.say(f"types into the console of {cell}: {command}")
        return linux_shell.run(self.machine, command, timeout, cell=cell)

    def attempt(self, what, step):
        """A step that may raise because something did not come in time."""
        self.say(f"--- {what}")
        try:
            step()
        except MachineError as error:
            self.expect(what, False)
            self.say(str(error).splitlines()[0])

    def watch(self):
        for name in self.consoles:
            self.view.watch(name, getattr(self.machine, name))

    def blocked(self):
        """Lines of the closing table about what was kept from whom."""
        return re.findall(r"^septum: cell .* stopped: .*$", self.machine.monitor.text,
                          re.MULTILINE)

    def summary(self):
        """Who ran, and why it entered the monitor."""
        print("\nsummary")
        print(f"  {'cell':<10} {'state':<8} {'stopped by':<15} exits by reason")
        for cell in self.system.cells:
            counters = self.system.counters(self.machine, cell)
            exits = ", ".join(f"{reason} {count}" for reason, count in counters.exits.items()
                              if count) or "none"
            event = "-" if counters.stop_event == "none" else counters.stop_event
            print(f"  {cell:<10} {counters.state:<8} {event:<15} {exits}")
        print("  blocked")
        for line in self.blocked():
            print(f"    {line}")
        print("  expected")
        for what, passed in self.results:
            print(f"    {'ok    ' if passed else 'FAILED'} {what}")


def perform(show_class, system):
    """Runs a show; the exit status."""
    start = time.monotonic()
    with boards.boot(system) as machine:
        show = show_class(system, machine)
        show.watch()
        show.run()
        show.summary()
    passed = (all(passed for _, passed in show.results) and
              len(show.results) >= show_class.least_results)
    print(f"demo: {'passed' if passed else 'FAILED'} in {time.monotonic() - start:.0f} s")
    return 0 if passed else 1


def main(show_class, system):
    try:
        sys.exit(perform(show_class, system()))
    except (FileNotFoundError, MachineError) as problem:
        sys.exit(f"demo: {problem}")
