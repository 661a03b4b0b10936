/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Drives its UART by interrupts alone: routes the UART's pin of the I/O APIC to
 * itself and then sleeps; each character that arrives is echoed by the interrupt's
 * handler.  Tells what it sees of the I/O APIC, its own pin and others'.
 */
#include "../lib/apic.h"
#include "../lib/console.h"
#include "../lib/cpu.h"
#include "../lib/traps.h"

#include <stdbool.h>

/* Intel 82093AA data sheet, 3.1 and 3.2 */
#define IOAPIC 0xfec00000u
#define IOAPIC_WINDOW 0x10u
#define IOAPIC_VERSION 0x01u
#define ENTRY_LOW(pin) (0x10u + 2 * (pin))
#define ENTRY_HIGH(pin) (0x11u + 2 * (pin))
#define ENTRY_LEVEL 0x8000u
#define ENTRY_MASKED 0x10000u

/* PC16550D data sheet, table II */
#define UART_INTERRUPT_ENABLE 1u
#define UART_INTERRUPT_ID 2u
#define UART_MODEM_CONTROL 4u
#define ENABLE_RECEIVE 0x01u
#define ID_NONE_PENDING 0x01u
#define MODEM_DTR_RTS_OUT2 0x0bu /* OUT2 lets the interrupt out on a PC */

#define VECTOR 0x51u

void cell_main(uint64_t boot_argument);

static volatile unsigned int interrupts;

static uint32_t ioapic_read(uint32_t reg)
{
	*(volatile uint32_t *)(uintptr_t)IOAPIC = reg;
	return *(volatile uint32_t *)(uintptr_t)(IOAPIC + IOAPIC_WINDOW);
}

static void ioapic_write(uint32_t reg, uint32_t value)
{
	*(volatile uint32_t *)(uintptr_t)IOAPIC = reg;
	*(volatile uint32_t *)(uintptr_t)(IOAPIC + IOAPIC_WINDOW) = value;
}

/* Drains the UART: until it has nothing more to say its line stays up. */
static void on_receive(struct trap_frame *frame)
{
	char c;

	(void)frame;
	interrupts = interrupts + 1;
	while (!(in8((uint16_t)(console_port() + UART_INTERRUPT_ID)) & ID_NONE_PENDING))
		while (console_receive(&c))
			console_format(c == '\n' || c == '\r' ? "\ninterrupts %u\n" : "%c",
				       c == '\n' || c == '\r' ? interrupts : (unsigned char)c);
	apic_eoi();
}

/* Every pin but ours: unmasked, aimed at each other CPU in turn, as NMI too. */
static unsigned int claim_others(unsigned int own, unsigned int pins)
{
	unsigned int claimed = 0;

	for (unsigned int pin = 0; pin < pins; pin++) {
		if (pin == own)
			continue;
		ioapic_write(ENTRY_HIGH(pin), pin << 24);
		ioapic_write(ENTRY_LOW(pin), pin & 1 ? 0x400u : VECTOR);
		if (ioapic_read(ENTRY_LOW(pin)) != ENTRY_MASKED || ioapic_read(ENTRY_HIGH(pin)))
			claimed++;
	}
	return claimed;
}

void cell_main(uint64_t boot_argument)
{
	const uint16_t port = console_own_port();
	/* On every PC: IRQ 4 for the first and third port, 3 for the others. */
	const unsigned int pin = port == UART_COM1 || port == UART_COM3 ? 4 : 3;
	unsigned int pins;

	(void)boot_argument;
	console_init(port);
	apic_enable();
	trap_on(VECTOR, on_receive);
	pins = (ioapic_read(IOAPIC_VERSION) >> 16) + 1;
	console_format("pins: %u pins, claimed of others %u\n", pins, claim_others(pin, pins));
	ioapic_write(ENTRY_HIGH(pin), 0);
	ioapic_write(ENTRY_LOW(pin), VECTOR);
	console_format("pins: pin %u is %s, destination %x\n", pin,
		       ioapic_read(ENTRY_LOW(pin)) & ENTRY_LEVEL ? "level" : "edge",
		       ioapic_read(ENTRY_HIGH(pin)) >> 24);
	out8((uint16_t)(port + UART_MODEM_CONTROL), MODEM_DTR_RTS_OUT2);
	out8((uint16_t)(port + UART_INTERRUPT_ENABLE), ENABLE_RECEIVE);
	console_format("pins: ready\n");
	for (;;)
		cpu_wait_for_interrupt();
}
