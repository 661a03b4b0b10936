# SPDX-License-Identifier: Apache-2.0
"""What the heartbeat cell prints, and what follows from it."""
import re

LINE = re.compile(r"^beat (\d+) cycles (\d+) ns (\d+)(?=\n)", re.MULTILINE)


def parse(text):
    """[(number, cycles, ns)] of complete lines."""
    return [tuple(map(int, match.groups())) for match in LINE.finditer(text)
            if match.end() < len(text)]


def missed(beats):
    """Numbers that do not follow their predecessor by one."""
    return [number for (before, *_), (number, *_) in zip(beats, beats[1:]) if number != before + 1]


def wait(machine, count, timeout):
    """Waits for that many more beats; returns them."""
    mark = machine.heartbeat.mark()
    machine.wait_until(lambda: len(parse(machine.heartbeat.since(mark))) >= count, timeout,
                       f"{count} more beats")
    return parse(machine.heartbeat.since(mark))


def cycles(beats):
    return [cycles for _, cycles, _ in beats]
