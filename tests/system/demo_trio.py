# SPDX-License-Identifier: Apache-2.0
"""`make demo BOARD=bochs' (or qemu-q35): three cells run, one attacks, the others go on.

Exit status 0 only if everything that the summary lists has happened.
"""
import layout
import linux_shell
import beats
import show

BEATS_AFTER = 30


class Trio(show.Show):
    """A stock Linux, a heartbeat, an attacker."""

    consoles = ("monitor", "linux", "heartbeat", "attacker")
    least_results = 8

    def run(self):
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

    def blocked(self):
        lines = [line for line in self.machine.attacker.text.splitlines()
                 if "case " in line and ": start" not in line and ": end" not in line]
        return lines + super().blocked()


if __name__ == "__main__":
    show.main(Trio, lambda: layout.System("trio"))
