# SPDX-License-Identifier: Apache-2.0
"""A machine of edu_machine.py with an emitter's tables in its memory, and questions to it."""
import edu_machine
from edu_machine import READ, RW

KIB4, MIB2, GIB1 = 0x1000, 0x200000, 0x40000000
FIRST, SECOND, STRANGER = 0x40, 0x48, 0x50
IOAPIC = 0xA0
REMAP = 0x0F100000
PATTERN = bytes(range(64))
RAM_A = [(0, 0x20000000, 0x800000, RW), (0x900000, 0x30000000, KIB4, READ)]
RAM_B = [(0, 0x28001000, 0x10000, RW)]


class Bench:
    """Two domains, or one; who is in them, and what arrives where."""

    def __init__(self, kind, machine, program, folder, domains=(RAM_A, RAM_B), remap=(), **shape):
        owners = {FIRST: 0, SECOND: 1} if len(domains) == 2 else {FIRST: 0}
        requesters = [(rid, domain, REMAP if rid in remap else 0, 64 if rid in remap else 0)
                      for rid, domain in owners.items()]
        if IOAPIC in remap:
            requesters.append((IOAPIC, len(domains), REMAP + KIB4, 64))
        data, (self.deny, self.table, self.size) = edu_machine.emit(
            kind, program, folder, domains, requesters, **shape)
        self.machine = machine
        machine.write(edu_machine.TABLES, data)
        machine.start(self.deny, self.size)

    def live(self):
        self.machine.use_table(self.table, self.size)

    def reads(self, rid, address, place):
        """Whether DMA from an address brings what lies at a place of memory."""
        self.machine.write(place, PATTERN[::-1])
        return self.machine.dma_read(rid, address) == PATTERN[::-1]

    def writes(self, rid, address, place):
        self.machine.write(place, bytes(64))
        self.machine.dma_write(rid, address, PATTERN)
        return self.machine.read(place, 64) == PATTERN

    def passes(self, rid, address, place):
        """(read, write); writes first: a unit may remember a page's rights, not its tables'."""
        wrote = self.writes(rid, address, place)
        return (self.reads(rid, address, place), wrote)
