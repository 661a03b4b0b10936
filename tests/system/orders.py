# SPDX-License-Identifier: Apache-2.0
"""Orders to a cell that takes them on the attacker's console, and what it answers."""
import boards
import victim


def fill_in(value, system):
    """Puts addresses of the system into a case's argument."""
    if not isinstance(value, str) or "{" not in value:
        return value
    attacker = next(cpu for cpu in system.report["cpus"] if cpu["cell"] == "attacker")
    return value.format(heartbeat=hex(system.ram_base("heartbeat")),
                        counters=hex(attacker["counters"]),
                        window=hex(boards.MODULES[system.board].WINDOW),
                        exit=hex(system.symbol("exit_cpuid")))


def send(pool, command):
    """Orders a case; returns (machine, watch taken before)."""
    machine = pool.get()
    watch = victim.Watch(machine, pool.system)
    machine.attacker.send(fill_in(command, pool.system) + "\n")
    return machine, watch


def wait_for_end(machine, mark, command):
    """(blocked, harmless, bad) of a case that came back."""
    match = machine.attacker.wait(
        rf"^case {command.split()[0]}: end blocked (\d+) harmless (\d+) bad (\d+)$", 60,
        since=mark)
    return tuple(map(int, match.groups()))
