# SPDX-License-Identifier: Apache-2.0
"""QEMU's VT-d unit, set up as the monitor's driver does it."""
import edu_machine
from edu_machine import QUEUE

UNIT = 0xFED90000
CAP, ECAP, GCMD, GSTS, RTADDR, FSTS, FECTL, IQT, IQA, IRTA = (
    0x08, 0x10, 0x18, 0x1C, 0x20, 0x34, 0x38, 0x88, 0x90, 0xB8)
TE, SRTP, QIE, IRE, SIRTP = (1 << bit for bit in (31, 30, 26, 25, 24))
KEPT = TE | QIE | IRE


class Machine(edu_machine.Machine):
    """The machine of edu_machine.py with this unit."""

    def __init__(self, folder):
        super().__init__(folder, "intel-iommu,intremap=on,eim=on,aw-bits=48",
                         ["vtd_*", "apic_deliver_irq"])
        self.tail = self.waits = 0

    def readl(self, address):
        return int(self.command(f"readl {address:#x}")[0], 16)

    def set(self, bit, is_on=True):
        kept = self.readl(UNIT + GSTS) & KEPT & ~bit
        self.writel(UNIT + GCMD, kept | (bit if is_on else 0))
        assert bool(self.readl(UNIT + GSTS) & bit) == is_on

    def execute(self, *commands):
        """Commands of the invalidation queue; returns once the wait behind them is over."""
        self.waits += 1
        wait = (0x65 | self.waits << 32, QUEUE + 0x2000)
        for low, high in (*commands, wait):
            self.writeq(QUEUE + self.tail, low)
            self.writeq(QUEUE + self.tail + 8, high)
            self.tail = (self.tail + 16) % 4096
        self.writeq(UNIT + IQT, self.tail)
        assert self.readq(QUEUE + 0x2000) & 0xFFFFFFFF == self.waits

    def use_table(self, table, _size=4096):
        self.writeq(UNIT + RTADDR, table)
        self.set(SRTP)
        self.execute((0x11, 0), (0xD2, 0))

    def start(self, deny, _size=4096):
        self.write(QUEUE, bytes(0x3000))
        self.writel(UNIT + FECTL, 1 << 31)
        self.writeq(UNIT + IQT, 0)
        self.writeq(UNIT + IQA, QUEUE)
        self.set(QIE)
        self.use_table(deny)
        self.set(TE)

    def remap_interrupts(self, table):
        """Wide destinations, and 256 entries."""
        self.writeq(UNIT + IRTA, table | 1 << 11 | 7)
        self.set(SIRTP)
        self.execute((4, 0))
        self.set(IRE)

    def bypass(self, work):
        was_on = bool(self.readl(UNIT + GSTS) & TE)
        self.set(TE, False)
        work()
        self.set(TE, was_on)

    def faults(self):
        """[(requester id, reason, is a read, address)]: what the records hold; they are freed."""
        found = []
        cap = self.readq(UNIT + CAP)
        for i in range((cap >> 40 & 0xFF) + 1):
            at = UNIT + (cap >> 24 & 0x3FF) * 16 + 16 * i
            low, high = self.readq(at), self.readq(at + 8)
            if high >> 63:
                found.append((high & 0xFFFF, high >> 32 & 0xFF, bool(high >> 62 & 1), low))
                self.writel(at + 12, 1 << 31)
        self.writel(UNIT + FSTS, 1)
        return found
