# SPDX-License-Identifier: Apache-2.0
"""The cells of dts/systems/devices/wire.dts: two Linux machines, what they own, what they do."""
import linux_shell

CELLS = ("left", "right")
# What each owns, in the order in which its system file lists it: one slot after the other.
FUNCTIONS = {"left": ["8086:10d3", "1b36:0010", "1af4:1041", "1234:11e8"],
             "right": ["8086:10c9", "8086:2922", "1af4:1042"]}
CARD = {"left": "52:54:00:00:00:01", "right": "52:54:00:00:00:02"}
ADDRESS = {"left": "10.0.0.1", "right": "10.0.0.2"}
DISKS = {"left": ["/dev/nvme0n1"], "right": ["/dev/sda", "/dev/vda"]}


def start(machine):
    for cell in CELLS:
        linux_shell.wait_for_shell(machine, 150, cell=cell)
        linux_shell.run(machine, "load-drivers", 60, cell=cell)


def shell(machine, cell, command, timeout=40):
    return linux_shell.run(machine, command, timeout, cell=cell)


def join(machine):
    """Both ends of the wire get an address."""
    for cell in CELLS:
        shell(machine, cell,
              f"card=$(grep -l {CARD[cell]} /sys/class/net/*/address | cut -d/ -f5); "
              f"ip addr add {ADDRESS[cell]}/24 dev $card; ip link set $card up")
    machine.wait_until(lambda: "up" in shell(machine, "left", "cat /sys/class/net/*/operstate"),
                       30, "link")


def begin(machine, cell, command):
    """Something that goes on until finish()."""
    shell(machine, cell, f"(while :; do {command}; done) >/dev/null 2>&1 & sleep 1")


def finish(machine, cell):
    shell(machine, cell, "kill %1 2>/dev/null; killall nc dd 2>/dev/null; wait", 60)


def _disks_on(machine):
    for cell in CELLS:
        begin(machine, cell, "; ".join(f"dd if={disk} of=/dev/null bs=64k iflag=direct"
                                       for disk in DISKS[cell]))


def _wire_on(machine):
    begin(machine, "right", "nc -l -p 6000")
    begin(machine, "left", f"nc {ADDRESS['right']} 6000 </dev/zero")


def loads(machine):
    """[(name, what begins it, what ends it)]"""
    def off():
        for cell in CELLS:
            finish(machine, cell)
    return [("idle", lambda: None, lambda: None),
            ("disks busy", lambda: _disks_on(machine), off),
            ("wire busy", lambda: _wire_on(machine), off)]
