# SPDX-License-Identifier: Apache-2.0
"""QEMU's AMD-Vi unit, set up as the monitor's driver does it."""
import edu_machine
from edu_machine import QUEUE

UNIT = 0xFED80000


class Machine(edu_machine.Machine):
    """The machine of edu_machine.py with this unit."""

    def __init__(self, folder):
        super().__init__(folder, "amd-iommu,intremap=on,xtsup=on,pt=off",
                         ["amdvi_*", "apic_deliver_irq"])

    def use_table(self, table, size):
        self.writeq(UNIT, table | size // 4096 - 1)
        self.execute(8 << 60)

    def execute(self, low, high=0):
        """One command and a completion wait behind it; returns once the wait's store is there."""
        tail = self.readq(UNIT + 0x2008)
        number = self.readq(QUEUE + 0x2000) + 1
        for command in ((low, high), (1 << 60 | 1 | QUEUE + 0x2000, number)):
            self.writeq(QUEUE + tail, command[0])
            self.writeq(QUEUE + tail + 8, command[1])
            tail = (tail + 16) % 4096
        self.writeq(UNIT + 0x2008, tail)
        assert self.readq(QUEUE + 0x2000) == number

    def start(self, deny, size):
        self.write(QUEUE, bytes(0x3000))
        self.writeq(UNIT + 0x18, 0)
        self.writeq(UNIT, deny | size // 4096 - 1)
        for register, value in ((0x08, QUEUE | 8 << 56), (0x2000, 0), (0x2008, 0),
                                (0x10, QUEUE + 0x1000 | 8 << 56), (0x2010, 0), (0x2018, 0),
                                (0x18, 1 | 1 << 2 | 1 << 10 | 1 << 12 | 1 << 17 | 1 << 50)):
            self.writeq(UNIT + register, value)
        assert self.readq(UNIT + 0x2020) & 0x18 == 0x18, "command buffer and event log run"
        self.execute(8 << 60)

    def bypass(self, work):
        control = self.readq(UNIT + 0x18)
        self.writeq(UNIT + 0x18, 0)
        work()
        self.writeq(UNIT + 0x18, control)
