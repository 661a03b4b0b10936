# SPDX-License-Identifier: Apache-2.0
"""`make demo': two stock Linux machines in one, each with a network card and disks of its own.

They talk over a wire between their cards, write to their disks, and one of them lets a
device loose on the other's memory.  Exit status 0 only if everything that the summary
lists has happened.
"""
import beats
import layout
import linux_shell
import show

BEATS_AFTER = 30
CARDS = {"left": "52:54:00:00:00:01", "right": "52:54:00:00:00:02"}
ADDRESSES = {"left": "10.0.0.1", "right": "10.0.0.2"}
DISKS = {"left": "/dev/nvme0n1", "right": "/dev/sda"}
TRANSFER_MIB = 8


class Wire(show.Show):
    """Two Linux cells and a heartbeat."""

    consoles = ("monitor", "left", "right", "heartbeat")
    least_results = 12

    def run(self):
        self.attempt("the monitor puts the machine into shape", self.boot)
        self.attempt("two stock Debian kernels reach their shells", self.linux)
        self.attempt("each sees its own devices", self.devices)
        self.attempt("they talk over the wire between their cards", self.wire)
        self.attempt("each writes to its own disk", self.disks)
        self.attempt("under load nothing enters the monitor but IPIs", self.load)
        self.attempt("a driver gone wrong: the left cell's device reaches for the right's RAM",
                     self.attack)
        self.attempt("the others go on", self.others_go_on)

    def boot(self):
        self.machine.monitor.wait(r"^septum: cells start$", 60)
        self.expect("bridges, BARs and the IOMMU are as planned",
                    "denies everything" in self.machine.monitor.text and
                    "settings made and read back" in self.machine.monitor.text)

    def linux(self):
        for cell in CARDS:
            linux_shell.wait_for_shell(self.machine, cell=cell)
            answer = self.type("uname -sr; load-drivers", cell)
            self.expect(f"{cell}: {answer.splitlines()[0]}", answer.startswith("Linux"))

    def devices(self):
        for cell in CARDS:
            lines = self.type("lspci -n", cell).splitlines()
            self.expect(f"{cell} sees {len(lines)} PCI functions", len(lines) >= 3)

    def wire(self):
        for cell, mac in CARDS.items():
            self.type(f"card=$(grep -l {mac} /sys/class/net/*/address | cut -d/ -f5); "
                      f"ip addr add {ADDRESSES[cell]}/24 dev $card; ip link set $card up", cell)
        answer = self.type(f"sleep 3; ping -c 3 {ADDRESSES['right']}", "left")
        self.expect("e1000e to igb and back: 3 of 3 packets", "3 packets received" in answer)
        self.type("(nc -l -p 5000 | sha256sum >/tmp/sum) & sleep 1", "right")
        sent = self.type(f"dd if=/dev/urandom of=/tmp/out bs=1M count={TRANSFER_MIB} 2>/dev/null; "
                         f"nc {ADDRESSES['right']} 5000 </tmp/out; sha256sum </tmp/out; sleep 1",
                         "left")
        got = self.type("cat /tmp/sum", "right")
        self.expect(f"{TRANSFER_MIB} MiB arrive as they were sent", sent and sent == got)

    def disks(self):
        for cell, disk in DISKS.items():
            answer = self.type(
                f"mke2fs {disk} >/dev/null; mkdir -p /mnt; mount {disk} /mnt; "
                "dd if=/dev/urandom of=/mnt/file bs=1M count=4 2>/dev/null; sha256sum </mnt/file; "
                f"umount /mnt; mount {disk} /mnt; sha256sum </mnt/file; umount /mnt", cell)
            hashes = set(answer.splitlines())
            self.expect(f"{cell}: a file system on {disk}, written and read back",
                        len(hashes) == 1 and len(answer.splitlines()) == 2)

    def load(self):
        self.type(f"(dd if={DISKS['left']} of=/dev/null bs=64k iflag=direct) >/dev/null 2>&1 & "
                  "sleep 1", "left")
        before = self.system.exits(self.machine, "left")
        self.machine.pass_time(1)
        grown = layout.grown(before, self.system.exits(self.machine, "left"))
        self.expect(f"exits in a second of it: {grown or 'none'}",
                    set(grown) <= {"ipi", "kick", "control-register"})
        self.type("wait", "left")

    def attack(self):
        self.before = self.system.exits(self.machine, "right")
        target = self.system.ram_base("right") + 0x1000000
        held = self.machine.memory(target, 4096)
        self.say(f"the edu device of left is told to write to {target:#x}, in right's RAM")
        self.type("echo 1 >/sys/bus/pci/devices/0000:00:04.0/enable; "
                  r"printf '\006\005' | dd of=/sys/bus/pci/devices/0000:00:04.0/config bs=1 seek=4 "
                  "conv=notrunc 2>/dev/null", "left")
        base = int(self.type("cut -d' ' -f1 /sys/bus/pci/devices/0000:00:04.0/resource | head -1",
                             "left"), 16)
        self.type("(sleep 1; " + "; ".join(
            f"devmem {base + register:#x} 64 {value:#x}" for register, value in
            ((0x80, 0x40000), (0x88, target), (0x90, 64), (0x98, 3))) + ") & :", "left")
        if self.system.board == "qemu-q35-amdvi":
            self.machine.pass_time(3)  # QEMU's amd-iommu blocks and does not log
        else:
            report = self.machine.monitor.wait(r"^septum: cell 'left': stopped: dma-fault: .*$",
                                               30).group()
            self.expect("the IOMMU blocked it, the report names function, address and owner",
                        "owner: right" in report and "dsp@10,0" in self.machine.monitor.text)
        self.expect("the right cell's memory is what it was",
                    self.machine.memory(target, 4096) == held)

    def others_go_on(self):
        answer = self.type("echo still here: $((7*6))", "right")
        self.expect("the right Linux still answers", answer == "still here: 42")
        seen = beats.wait(self.machine, BEATS_AFTER, 30)
        every = beats.parse(self.machine.heartbeat.text)
        self.expect(f"none of the heartbeat's {len(every)} beats is missing",
                    len(seen) >= BEATS_AFTER and not beats.missed(every))


if __name__ == "__main__":
    show.main(Wire, lambda: layout.System("wire"))
