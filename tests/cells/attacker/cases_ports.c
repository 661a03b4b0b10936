/* SPDX-License-Identifier: Apache-2.0 */
/* I/O ports of others: reads must give all-ones, writes must vanish. */
#include "cases.h"

#include "../lib/console.h"
#include "../lib/cpu.h"
#include "../lib/pm_timer.h"
#include "../lib/string.h"
#include "../lib/traps.h"

#include <stddef.h>

#define PCI_ADDRESS 0xcf8u
#define PCI_DATA 0xcfcu
#define PIC_DATA 0x21u
#define PIT_CHANNEL_0 0x40u
#define PIT_CONTROL 0x43u
#define PORT_LAST 0xffffu

/* Reads of these mean something to the monitor: tried one by one elsewhere. */
static bool port_is_special(uint32_t port)
{
	return port - console_port() < 8 || port - pm_timer_port() < 4 || port == PCI_ADDRESS + 1 ||
	       port - 0x5e0 < 2;
}

static void judge_read(uint16_t port)
{
	uint8_t byte = in8(port);
	uint16_t word = in16(port);
	uint32_t dword = in32(port);

	report_judged(byte == 0xff && word == 0xffff && dword == 0xffffffff, "port read", dword);
}

static void case_ports(const char *argument)
{
	static const uint16_t ports[] = {
		0x20,  0x21,  0x40,  0x43,  0x60,  0x61,  0x64,	  0x70,	  0x71,	  0x80,
		0x92,  0xa0,  0xb2,  0x1ce, 0x1f0, 0x2f8, 0x3c0,  0x3e8,  0x3f8,  0x402,
		0x4d0, 0x510, 0x600, 0x604, 0xcf8, 0xcfc, 0xb000, 0xb004, 0xc000, 0xffff,
	};

	(void)argument;
	for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++)
		if (ports[i] != PORT_LAST)
			judge_read(ports[i]);
		else
			report_judged(in8(ports[i]) == 0xff, "port read", in8(ports[i]));
}

static void case_port_sweep(const char *argument)
{
	uint32_t answered = 0, last = 0;

	(void)argument;
	for (uint32_t port = 0; port <= PORT_LAST; port++)
		if (!port_is_special(port) && in8((uint16_t)port) != 0xff) {
			answered++;
			last = port;
		}
	report_judged(!answered, "ports that answered, the last being", last);
}

static void case_pci_config(const char *argument)
{
	uint32_t id;

	(void)argument;
	out32(PCI_ADDRESS, 0x80000000);
	report_judged(in32(PCI_ADDRESS) == 0xffffffff, "address register", in32(PCI_ADDRESS));
	id = in32(PCI_DATA);
	report_judged(id == 0xffffffff, "host bridge id", id);
	/* the host bridge's ECAM base: would move everybody's configuration space */
	out32(PCI_ADDRESS, 0x80000060);
	out32(PCI_DATA, 0);
	report_harmless("written", 0);
}

static void case_pic(const char *argument)
{
	(void)argument;
	out8(PIC_DATA, 0); /* unmask everything */
	report_judged(in8(PIC_DATA) == 0xff, "mask reads", in8(PIC_DATA));
}

static void case_pit(const char *argument)
{
	(void)argument;
	out8(PIT_CONTROL, 0x34);
	out8(PIT_CHANNEL_0, 0);
	out8(PIT_CHANNEL_0, 1);
	report_judged(in8(PIT_CHANNEL_0) == 0xff, "channel 0 reads", in8(PIT_CHANNEL_0));
}

/* 8N1 and the FIFO on, so that a UART that its owner has not set up yet sends it all. */
static void forge_on(uint16_t port)
{
	out8((uint16_t)(port + 3), 0x03);
	out8((uint16_t)(port + 2), 0x01);
	for (const char *c = "FORGED"; *c; c++)
		out8(port, (uint8_t)*c);
	report_judged(in8((uint16_t)(port + 5)) == 0xff, "line status", in8((uint16_t)(port + 5)));
}

static void case_uart_monitor(const char *argument)
{
	(void)argument;
	forge_on(UART_COM1);
}

static void case_uart_heartbeat(const char *argument)
{
	(void)argument;
	forge_on(UART_COM2);
}

#define STRING_ACT(name, instruction, pointer)                                                   \
	static void act_##name(void *arg)                                                        \
	{                                                                                        \
		const struct string_io *io = arg;                                                \
		void *at = io->buffer;                                                           \
		uint64_t count = 1;                                                              \
                                                                                                 \
		asm volatile(instruction : pointer(at), "+c"(count) : "d"(io->port) : "memory"); \
	}

struct string_io {
	void *buffer;
	uint16_t port;
};

STRING_ACT(insb, "insb", "+D")
STRING_ACT(insl, "insl", "+D")
STRING_ACT(rep_insb, "rep insb", "+D")
STRING_ACT(outsb, "outsb", "+S")
STRING_ACT(outsl, "outsl", "+S")
STRING_ACT(rep_outsb, "rep outsb", "+S")

/* String I/O on a port that is not ours does not move memory: docs/design.md, 7. */
static void case_port_string(const char *argument)
{
	static const uint16_t ports[] = { UART_COM1, UART_COM2, PIC_DATA, PCI_DATA, 0x80, 0xfff0 };
	static void (*const acts[])(void *arg) = { act_insb,  act_insl,	 act_rep_insb,
						   act_outsb, act_outsl, act_rep_outsb };
	static char buffer[] = "FORGED";

	(void)argument;
	for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++)
		for (size_t j = 0; j < sizeof(acts) / sizeof(acts[0]); j++) {
			struct string_io io = { buffer, ports[i] };

			report_trap(trap_guard(acts[j], &io), VECTOR_GP, "string I/O");
		}
	report_judged(string_equal(buffer, "FORGED"), "buffer", (uint8_t)buffer[0]);
}

/* Four bytes of which the last two are our own UART's: the whole access is denied. */
static void case_port_straddle(const char *argument)
{
	uint32_t below, above;

	(void)argument;
	below = in32((uint16_t)(console_port() - 2));
	above = in32((uint16_t)(console_port() + 6));
	report_judged(below == 0xffffffff, "below", below);
	report_judged(above == 0xffffffff, "above", above);
}

/* One byte of what is allowed, or of what exists, does not make the rest so. */
static void case_port_wide(const char *argument)
{
	const uint16_t timer = pm_timer_port();
	const uint16_t ports[] = { (uint16_t)(timer - 2), (uint16_t)(timer + 2), UART_COM2 + 6,
				   UART_COM3 + 6, PORT_LAST };

	(void)argument;
	for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++) {
		const uint32_t value = in32(ports[i]);

		report_judged(value == 0xffffffff, "four bytes", value);
	}
}

/* Read-only in hardware: every cell may read it, so none may change it. */
static void case_pm_timer(const char *argument)
{
	const uint16_t port = pm_timer_port();
	uint32_t before = in32(port);

	(void)argument;
	out32(port, 0);
	report_judged(((in32(port) - before) & 0xffffff) < PM_TIMER_HZ, "goes on from", before);
}

const struct test_case port_cases[] = {
	{ "ports", case_ports },
	{ "port-sweep", case_port_sweep },
	{ "pci-config", case_pci_config },
	{ "pic", case_pic },
	{ "pit", case_pit },
	{ "uart-monitor", case_uart_monitor },
	{ "uart-heartbeat", case_uart_heartbeat },
	{ "port-string", case_port_string },
	{ "port-straddle", case_port_straddle },
	{ "port-wide", case_port_wide },
	{ "pm-timer", case_pm_timer },
	{ 0 },
};
