# SPDX-License-Identifier: Apache-2.0
"""The test machine of dts/boards/bochs.dtsi: the one file with Bochs's options."""
import os

BINARY = "bochs"
DEBUGGER_COMMANDS = "c\n"  # to be read first: Debian's Bochs starts in its debugger
IPS = 50_000_000  # instructions that make a second; so the TSC's rate, too

MODEL = "corei7_haswell_4770"
# What Config.lacks takes away, and the monitor's word for it: other models.
LACKING = {"virtualization": ("p4_prescott_celeron_336", "VMX"),
           "nested paging": ("core2_penryn_t9600", "nested paging"),
           "x2APIC": ("corei7_sandy_bridge_2600k", "x2APIC")}

# sync=none: no idle time is slept away.  The panic of a BIOS or a CPU ends the
# process instead of asking.  Devices that nobody needs are left out.
TEMPLATE = """\
display_library: term
romimage: file=/usr/share/bochs/BIOS-bochs-latest
vgaromimage: file=/usr/share/vgabios/vgabios.bin
plugin_ctrl: biosdev=1, unmapped=1, extfpuirq=1, serial=1, speaker=0, parallel=0, gameport=0
sound: waveoutdrv=dummy
mouse: enabled=0
cpu: model={model}, count={cpus}, ips={ips}, quantum=16, reset_on_triple_fault=0, ignore_bad_msrs=0
megs: {memory}
clock: sync=none, time0=local
log: {log}
panic: action=fatal
error: action=report
info: action=report
debug: action=ignore
{disk}
boot: {boot}
"""


def _disk(config, image, scratch):
    if config.media == "cd":
        # The package lib of the firmware asks for the disk controllers' first place.
        return f'ata0-master: type=cdrom, path="{image}", status=inserted'
    # volatile: what is written goes to the journal, which dies with the machine.
    return f'ata0-master: type=disk, path="{image}", mode=volatile, journal={scratch / "journal"}'


def configuration(config, image, scratch, log, ports):
    """Text of the configuration file.

    ports: TCP ports on 127.0.0.1 where we listen, one for each serial port.  Of all
    ways to connect a serial port only the socket waits until a full receiver is read.
    """
    text = TEMPLATE.format(model=LACKING[config.lacks][0] if config.lacks else MODEL,
                           cpus=config.cpus, ips=IPS, memory=config.memory, log=log,
                           disk=_disk(config, image, scratch),
                           boot="cdrom" if config.media == "cd" else "disk")
    for number, port in enumerate(ports):
        text += f"com{number + 1}: enabled=1, mode=socket-client, dev=127.0.0.1:{port}\n"
    return text


def command(configuration_file, commands_file):
    return [BINARY, "-q", "-f", str(configuration_file), "-rc", str(commands_file)]


def environment():
    """For its text screen, which nobody looks at."""
    return dict(os.environ, TERM="xterm", LINES="25", COLUMNS="80")
