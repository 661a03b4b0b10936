# SPDX-License-Identifier: Apache-2.0
"""The test machine of dts/boards/bochs.dtsi: the one file with Bochs's options."""
import functools
import os
import subprocess

BINARY = "bochs"
DEBUGGER_COMMANDS = "c\n"  # to be read first: it starts in its debugger
IPS = 50_000_000  # instructions that make a second; so the TSC's rate, too

MODEL = "corei7_haswell_4770"
WINDOW = 0xe0000000  # a device of nobody: frame buffer

# What Config.lacks takes away, and the monitor's word for it: other models.
LACKING = {"virtualization": ("p4_prescott_celeron_336", "VMX"),
           "nested paging": ("core2_penryn_t9600", "nested paging"),
           "x2APIC": ("corei7_sandy_bridge_2600k", "x2APIC")}

# CPUID promises machine check banks, but there are none: two, which hold what is written.
# Number, type, then three pairs of words of at most 8 digits: at reset, reserved bits,
# ignored bits.
MCG_CAP = 0x179
MCG_CAP_TWO_BANKS = 0x01000002  # MCG_SER_P
BANKS = [0x17a, *range(0x400, 0x408)]
MSRS = "".join(f"{msr:#x} 0 0 {low:08x} 0 0 0 0\n"
               for msr, low in [(MCG_CAP, MCG_CAP_TWO_BANKS), *((bank, 0) for bank in BANKS)])

# "report" shows why a VM entry failed, and fills a disk with what an attacker does.
ERRORS = os.environ.get("SEPTUM_BOCHS_ERRORS", "ignore")

# sync=none: no idle time is slept away.  The panic of a BIOS or a CPU ends the
# process instead of asking.  Devices that nobody needs are left out.
TEMPLATE = """\
display_library: term
romimage: file=/usr/share/bochs/BIOS-bochs-latest, options=fastboot
vgaromimage: file=/usr/share/vgabios/vgabios.bin
plugin_ctrl: biosdev=1, unmapped=1, extfpuirq=1, serial=1, speaker=0, parallel=0, gameport=0
sound: waveoutdrv=dummy
mouse: enabled=0
cpu: model={model}, count={cpus}, ips={ips}, quantum=16, reset_on_triple_fault=0, ignore_bad_msrs=0, msrs="{msrs}"
megs: {memory}
clock: sync=none, time0=local
log: {log}
panic: action=fatal
error: action={errors}
info: action=report
debug: action=ignore
{disk}
boot: {boot}
"""


def _disk(config, image, scratch):
    if config.media == "cd":
        return f'ata0-master: type=cdrom, path="{image}", status=inserted'
    # volatile: what is written goes to the journal, which dies with the machine.
    return f'ata0-master: type=disk, path="{image}", mode=volatile, journal={scratch / "journal"}'


def configuration(config, image, scratch, log, ports):
    """Text of the configuration file.

    ports: TCP ports on 127.0.0.1 where we listen, one for each serial port.  Of all
    ways to connect a serial port only the socket waits until a full receiver is read.
    """
    msrs = scratch / "msrs"
    msrs.write_text(MSRS, encoding="utf-8")
    text = TEMPLATE.format(model=LACKING[config.lacks][0] if config.lacks else MODEL, msrs=msrs,
                           cpus=config.cpus, ips=IPS, memory=config.memory, log=log,
                           errors=ERRORS, disk=_disk(config, image, scratch),
                           boot="cdrom" if config.media == "cd" else "disk")
    for number, port in enumerate(ports):
        text += f"com{number + 1}: enabled=1, mode=socket-client, dev=127.0.0.1:{port}\n"
    return text


@functools.cache
def _debugger():
    """Bochs 3 wants to be asked for its debugger; older ones do not know the word."""
    said = subprocess.run([BINARY, "--help"], stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, check=False)
    return ["-debugger"] if " -debugger " in said.stdout + said.stderr else []


def command(configuration_file, commands_file):
    return [BINARY, "-q", *_debugger(), "-f", str(configuration_file), "-rc", str(commands_file)]


def environment():
    """For its text screen, which nobody looks at."""
    return dict(os.environ, TERM="xterm", LINES="25", COLUMNS="80")
