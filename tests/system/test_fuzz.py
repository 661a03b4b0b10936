# SPDX-License-Identifier: Apache-2.0
"""Random instructions in a cell: its end is allowed, harm to anybody else is not.

A seed replays: the same streams give the same results.  SEPTUM_FUZZ_SEEDS names
others to try, as in "7,8,9".
"""
import os
import re

import pytest

import orders
from machine import MachineError

SEEDS = [int(seed, 0) for seed in os.environ.get("SEPTUM_FUZZ_SEEDS", "1,2,3,4").split(",")]
WAYS = ["fuzz-user", "fuzz-kernel", "fuzz-hole"]
DIGEST = re.compile(r"^case fuzz: seed 0x([0-9a-f]+) streams (\d+) digest ([0-9a-f]+)(?=\n)",
                    re.MULTILINE)
ENDED = re.compile(r"^case fuzz-[a-z]+: end blocked \d+ harmless \d+ bad (\d+)(?=\n)", re.MULTILINE)
STOPPED = re.compile(r"^septum: cell 'attacker': stopped: ([a-z-]+).*? at RIP (0x[0-9a-f]+) ",
                     re.MULTILINE)
# These would be the monitor's own mistakes.
MISTAKES = {"entry-failed", "unknown-exit", "bad-state"}
# MOV to CR3 with its prefixes: where processors raise #GP, QEMU makes an exit (case cr3-reserved).
MOV_TO_CR3 = re.compile(rb"[\x26\x2e\x36\x3e\x40-\x4f\x64-\x67\xf2\xf3]*\x0f\x22"
                        rb"[\x18-\x1f\x58-\x5f\x98-\x9f\xd8-\xdf]")
INSTRUCTION_BYTES = 15
QUIET_SECONDS = 10


class Run:
    """What became of one seed."""

    def __init__(self, pool, command):
        self.machine, self.watch = orders.send(pool, command)
        self.ram_base = pool.system.ram_base("attacker")
        self.silent = self._wait()
        self.watch.check()
        lines = self.watch.attacker_lines()
        self.digests = DIGEST.findall(lines)
        self.stopped = STOPPED.search(self.watch.monitor_lines())
        self.mistaken = self._mistaken()
        ended = ENDED.search(lines)
        assert not ended or ended.group(1) == "0"
        if not ended:
            pool.discard()

    def _over(self):
        return (ENDED.search(self.watch.attacker_lines()) or
                STOPPED.search(self.watch.monitor_lines()))

    def _wait(self):
        """Returns True if the cell went silent, for a stream may halt or reset its CPU."""
        heard = len(self.watch.attacker_lines())

        def changed():
            return self._over() or len(self.watch.attacker_lines()) > heard

        while not self._over():
            heard = len(self.watch.attacker_lines())
            try:
                self.machine.wait_until(changed, QUIET_SECONDS, "word from the attacker")
            except MachineError:
                assert self.machine.is_running()
                return True
        return False

    def _mistaken(self):
        """The cell was stopped by what no processor and monitor should come to."""
        if not self.stopped or self.stopped.group(1) not in MISTAKES:
            return False
        if "exit code 0xffffffff " not in self.watch.monitor_lines():
            return True
        gpa = int(self.stopped.group(2), 16)  # streams run where virtual addresses are physical
        return not MOV_TO_CR3.match(self.machine.memory(self.ram_base + gpa, INSTRUCTION_BYTES))

    def result(self):
        """What a replay must give again."""
        return self.digests, self.stopped and self.stopped.groups(), self.silent


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("seed", SEEDS)
def test_random_instructions_harm_nobody_else(attacker, way, seed, record_property):
    run = Run(attacker, f"{way} {seed}")
    record_property("streams", run.digests[-1][1] if run.digests else 0)
    record_property("outcome", str(run.stopped and run.stopped.group()))
    assert not run.mistaken


@pytest.mark.parametrize("way", WAYS)
def test_same_seed_gives_the_same_results(attacker, way):
    results = []
    for _ in range(2):
        attacker.discard()
        results.append(Run(attacker, f"{way} {SEEDS[0]}").result())
    assert results[0] == results[1]
