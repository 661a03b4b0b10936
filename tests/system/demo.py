# SPDX-License-Identifier: Apache-2.0
"""`make demo': three cells run, one attacks, the others go on.

Exit status 0 only if everything that the summary lists has happened.
"""
import re
import sys
import time

import beats
import boards
import layout
import linux_shell
import live_view
from machine import MachineError

BEATS_SHOWN_EVERY = 40  # of 20 a second
BEATS_AFTER = 30


class Demo:
    """The steps, and what came of them."""

    def __init__(self, system, machine):
        self.system, self.machine = system, machine
        self.results = []  # (what, passed)
        self.view = live_view.LiveView(self._keep)

    @staticmethod
    def _keep(name, line):
        if name == "linux" and re.search(r"(begin|end)-\d+$", line):
            return False  # marks of linux_shell.run()
        beat = name == "heartbeat" and re.match(r"beat (\d+) ", line)
        return not beat or int(beat.group(1)) % BEATS_SHOWN_EVERY == 0

    def say(self, text):
        self.view.line("demo", text)

    def expect(self, what, passed):
        self.results.append((what, bool(passed)))
        self.say(("ok: " if passed else "FAILED: ") + what)

    def type(self, command):
        """A command for the Linux shell, which does not echo it; returns its output."""
        self.say(f"types into the Linux console: {command}")
        return linux_shell.run(self.machine, command)

    def attempt(self, what, step):
        """A step that may raise because something did not come in time."""
        self.say(f"--- {what}")
        try:
            step()
        except MachineError as error:
            self.expect(what, False)
            self.say(str(error).splitlines()[0])

    def run(self):
        for name in ("monitor", "linux", "heartbeat", "attacker"):
            self.view.watch(name, getattr(self.machine, name))
        self.attempt("the monitor starts the cells", self.boot)
        self.attempt("a stock Debian kernel reaches its shell", self.linux)
        self.attempt("the attacker reads and writes where nobody is", self.attack_hole)
        self.attempt("the attacker writes into the heartbeat's RAM", self.attack_heartbeat)
        self.attempt("the others go on", self.others_go_on)

    def boot(self):
        self.machine.monitor.wait(r"^septum: cells start$", 60)
        self.machine.attacker.wait(r"^attacker: ready$", 30)
        self.machine.heartbeat.wait(r"^beat 3 ", 30)
        self.expect("the monitor checked the board and started all cells", True)

    def linux(self):
        linux_shell.wait_for_shell(self.machine)
        answer = self.type("uname -sr; echo $((6*7))")
        self.expect(f"Linux shell answers: {' '.join(answer.split())}", answer.endswith("\n42"))

    def attack_hole(self):
        mark = self.machine.attacker.mark()
        self.say("orders the attacker: above")
        self.machine.attacker.send("above\n")
        end = self.machine.attacker.wait(r"^case above: end blocked \d+ harmless \d+ bad (\d+)$",
                                         30, since=mark)
        reads = self.machine.attacker.since(mark)
        self.expect("reads above its RAM give all-ones, writes vanish",
                    end.group(1) == "0" and "read ffffffffffffffff" in reads)

    def attack_heartbeat(self):
        self.before = self.system.counters(self.machine, "heartbeat")
        order = f"write {self.system.ram_base('heartbeat') + 0x100000:#x}"
        self.say(f"orders the attacker: {order}")
        self.machine.attacker.send(order + "\n")
        report = self.machine.monitor.wait(
            r"^septum: cell 'attacker': stopped: foreign-access.*$", 30).group()
        self.machine.wait_until(  # the report goes on with the registers
            lambda: self.system.counters(self.machine, "attacker").state == "stopped", 10,
            "end of the attacker's cell")
        self.expect("the write was contained, reported and its cell stopped",
                    "heartbeat" in report)

    def others_go_on(self):
        answer = self.type("echo still here: $((7*6))")
        self.expect("Linux still answers", answer == "still here: 42")
        seen = beats.wait(self.machine, BEATS_AFTER, 30)
        self.expect(f"the heartbeat went on for {len(seen)} beats", len(seen) >= BEATS_AFTER)
        every = beats.parse(self.machine.heartbeat.text)
        self.expect(f"none of its {len(every)} beats is missing", not beats.missed(every))
        after = self.system.counters(self.machine, "heartbeat")
        self.expect("the attack cost it no entry into the monitor",
                    after.exits == self.before.exits)

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
        blocked = [line for line in self.machine.attacker.text.splitlines() if "case " in line]
        blocked += re.findall(r"^septum: cell .* stopped: .*$", self.machine.monitor.text,
                              re.MULTILINE)
        print("  blocked")
        for line in blocked:
            if ": start" not in line and ": end" not in line:
                print(f"    {line}")
        print("  expected")
        for what, passed in self.results:
            print(f"    {'ok    ' if passed else 'FAILED'} {what}")


def main():
    system = layout.System("trio")
    start = time.monotonic()
    with boards.boot(system) as machine:
        demo = Demo(system, machine)
        demo.run()
        demo.summary()
    passed = all(passed for _, passed in demo.results) and len(demo.results) >= 8
    print(f"demo: {'passed' if passed else 'FAILED'} in {time.monotonic() - start:.0f} s")
    return 0 if passed else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (FileNotFoundError, MachineError) as problem:
        sys.exit(f"demo: {problem}")
