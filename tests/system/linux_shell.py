# SPDX-License-Identifier: Apache-2.0
"""The shell on a Linux cell's console."""
import itertools

READY = r"^septum-linux: shell ready$"
_numbers = itertools.count(1)


def wait_for_shell(machine, timeout=150, cell="linux"):
    getattr(machine, cell).wait(READY, timeout)
    run(machine, "stty -echo", cell=cell)


def run(machine, command, timeout=30, cell="linux"):
    """Types a command; returns its output.

    The shell itself computes the marks around the output, so that an echo of
    what was typed is not mistaken for them.
    """
    number = next(_numbers)
    console = getattr(machine, cell)
    mark = console.mark()
    console.send(f"echo begin-$(({number}+1000)); {command}; echo end-$(({number}+1000))\n")
    match = console.wait(rf"begin-{number + 1000}\n([\s\S]*?)^end-{number + 1000}$",
                         timeout, since=mark)
    return match.group(1).strip()
