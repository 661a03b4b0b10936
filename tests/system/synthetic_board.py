# SPDX-License-Identifier: Apache-2.0
"""A board of 64 CPUs and 1 TiB with 16 cells: what the partitioner is timed on."""
CPUS = 64
CELLS = 16
GIB = 1 << 30
TIB = 1 << 40
LOW_BYTES = 2 * GIB  # RAM below the windows of devices
CELL_LOW_BYTES = 64 << 20
CELL_HIGH_BYTES = 60 * GIB


def _cells(value, address):
    """Two 32-bit cells each."""
    return " ".join(f"{number >> 32:#x} {number & 0xffffffff:#x}" for number in (value, address))


def _cpu(number):
    return f"""
\t\tcpu{number}: cpu@{number:x} {{
\t\t\tdevice_type = "cpu";
\t\t\tcompatible = "x86";
\t\t\treg = <{number}>;
\t\t\tseptum,core = <{number}>;
\t\t\tseptum,cluster = <{number // 4}>;
\t\t}};"""


def _uart(number):
    port = 0x1000 + 8 * number
    return f"""
\t\tuart{number}: serial@{port:x} {{
\t\t\tcompatible = "ns16550a";
\t\t\treg = <1 {port:#x} 8>;
\t\t\tclock-frequency = <1843200>;
\t\t}};"""


def _cell(number):
    each = CPUS // CELLS
    cpus = " ".join(f"&cpu{number * each + i}" for i in range(each))
    return f"""
\t\tcell{number} {{
\t\t\tseptum,cpus = <{cpus}>;
\t\t\tseptum,devices = <&uart{number + 1}>;
\t\t\tmemory-low {{
\t\t\t\tseptum,size = <{CELL_LOW_BYTES >> 32:#x} {CELL_LOW_BYTES & 0xffffffff:#x}>;
\t\t\t\tseptum,gpa = <0x0 0x0>;
\t\t\t}};
\t\t\tmemory-high {{
\t\t\t\tseptum,size = <{CELL_HIGH_BYTES >> 32:#x} {CELL_HIGH_BYTES & 0xffffffff:#x}>;
\t\t\t\tseptum,gpa = <0x1 0x0>;
\t\t\t}};
\t\t\tpayload {{
\t\t\t\tcompatible = "septum,elf";
\t\t\t\tseptum,image = "heartbeat.elf";
\t\t\t}};
\t\t}};"""


def source():
    """The device tree of board and system together."""
    return f"""/dts-v1/;
/ {{
\t#address-cells = <2>;
\t#size-cells = <2>;
\tseptum,board-name = "synthetic";
\tseptum,system = "synthetic";
\tseptum,board = "synthetic";
\tseptum,version = <1>;

\tcpus {{
\t\t#address-cells = <1>;
\t\t#size-cells = <0>;
\t\tseptum,phys-bits = <48>;
\t\tseptum,cpu-features = "svm", "npt", "x2apic", "nx", "1g-pages";
{"".join(map(_cpu, range(CPUS)))}
\t}};
\tmemory@0 {{
\t\tdevice_type = "memory";
\t\treg = <{_cells(0, LOW_BYTES)}>, <{_cells(4 * GIB, TIB - LOW_BYTES)}>;
\t}};
\tsoc {{
\t\t#address-cells = <2>;
\t\t#size-cells = <2>;
\t\tcompatible = "simple-bus";
\t\tranges;
\t\tlapic@fee00000 {{
\t\t\treg = <0x0 0xfee00000 0x0 0x1000>;
\t\t}};
\t}};
\tisa {{
\t\t#address-cells = <2>;
\t\t#size-cells = <1>;
\t\tcompatible = "isa";
{"".join(map(_uart, range(CELLS + 1)))}
\t\ttimer@608 {{
\t\t\tcompatible = "septum,acpi-pm-timer";
\t\t\treg = <1 0x608 4>;
\t\t\tseptum,timer-bits = <24>;
\t\t}};
\t}};
\tmonitor@10000000 {{
\t\treg = <0x0 0x10000000 0x0 0x10000000>;
\t\tseptum,console = <&uart0>;
\t\tseptum,boot-page = <0x8000>;
\t\tseptum,crash = <0x0 0x20000000 0x0 0x100000>;
\t}};
\tcells {{{"".join(map(_cell, range(CELLS)))}
\t}};
}};
"""
