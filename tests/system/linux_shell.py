# SPDX-License-Identifier: Apache-2.0
"""The shell on the Linux cell's console."""
import itertools

READY = r"^septum-linux: shell ready$"
_numbers = itertools.count(1)


def wait_for_shell(machine, timeout=150):
    machine.linux.wait(READY, timeout)
    run(machine, "stty -echo")


def run(machine, command, timeout=30):
    """Types a command; returns its output.

    The shell itself computes the marks around the output, so that an echo of
    what was typed is not mistaken for them.
    """
    number = next(_numbers)
    mark = machine.linux.mark()
    machine.linux.send(f"echo begin-$(({number}+1000)); {command}; echo end-$(({number}+1000))\n")
    match = machine.linux.wait(rf"begin-{number + 1000}\n([\s\S]*?)^end-{number + 1000}$",
                               timeout, since=mark)
    return match.group(1).strip()
