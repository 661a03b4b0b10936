# SPDX-License-Identifier: Apache-2.0
"""What an attack must not do to the heartbeat cell, to the monitor and to the machine."""
import re

import beats

BEATS_AFTER = 6
# Forged text, interrupts that nobody sent, exceptions.
FOREIGN = re.compile(r"FORGED|trap:|attacker:|smp:|case ")


def wait_for_pair(machine, other="attacker"):
    """Until the heartbeat beats and the other cell takes orders."""
    machine.monitor.wait(r"^septum: cells start$", 60)
    machine.attacker.wait(rf"^{other}: ready$", 30)
    machine.heartbeat.wait(r"^beat 5 ", 30)


class Watch:
    """Taken before an attack; check() afterwards."""

    def __init__(self, machine, system):
        self.machine, self.system = machine, system
        self.heartbeat_mark = machine.heartbeat.mark()
        self.monitor_mark = machine.monitor.mark()
        self.attacker_mark = machine.attacker.mark()
        self.counters = system.counters(machine, "heartbeat")
        assert self.counters.state == "running"

    def monitor_lines(self):
        return self.machine.monitor.since(self.monitor_mark)

    def attacker_lines(self):
        return self.machine.attacker.since(self.attacker_mark)

    def check(self):
        """The heartbeat goes on, has missed nothing, and never entered the monitor."""
        beats.wait(self.machine, BEATS_AFTER, 30)
        output = self.machine.heartbeat.since(self.heartbeat_mark)
        seen = beats.parse(output)
        assert not beats.missed(seen), f"beats missed before {beats.missed(seen)}"
        foreign = FOREIGN.search(output)
        assert not foreign, f"on the heartbeat's console: {foreign and foreign.group()!r}"
        counters = self.system.counters(self.machine, "heartbeat")
        assert counters.exits == self.counters.exits, "the heartbeat cell entered the monitor"
        assert counters.state == "running"
        lines = self.monitor_lines()
        assert "FORGED" not in lines
        assert "cell 'heartbeat'" not in lines, lines
        assert self.machine.is_running(), "the machine was reset, stopped or switched off"
