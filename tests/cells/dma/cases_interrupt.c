/* SPDX-License-Identifier: Apache-2.0 */
/* Interrupts of the device: by message to ourselves or to others, and by its pin. */
#include "cases.h"

#include "../lib/apic.h"
#include "../lib/cpu.h"
#include "../lib/pm_timer.h"
#include "../lib/report.h"
#include "../lib/string.h"
#include "../lib/traps.h"

#define VECTOR 0x61u
#define PIN 20u /* of slot 10h on a q35 board */
#define MESSAGE_BASE 0xfee00000u
/* PCI Local Bus Specification 3.0, 6.8.1, of a 64-bit capability */
#define MSI_CONTROL (PCI_MSI + 2)
#define MSI_ADDRESS (PCI_MSI + 4)
#define MSI_ADDRESS_HIGH (PCI_MSI + 8)
#define MSI_DATA (PCI_MSI + 12)
#define MSI_ENABLE 1u
/* Intel 82093AA data sheet, 3.1 and 3.2 */
#define IOAPIC 0xfec00000u
#define IOAPIC_WINDOW 0x10u
#define ENTRY(pin) (0x10u + 2 * (pin))
#define ENTRY_LEVEL_LOW 0xa000u
#define ENTRY_MASKED 0x10000u

static volatile unsigned int interrupts;

static void on_interrupt(struct trap_frame *frame)
{
	(void)frame;
	interrupts = interrupts + 1;
	edu_write(the_device(), EDU_REGISTER_ACKNOWLEDGE,
		  edu_read(the_device(), EDU_REGISTER_INTERRUPT_STATUS));
	apic_eoi();
}

/* Interrupts are on only while we wait. */
static void wait_ms(unsigned int ms)
{
	asm volatile("sti" : : : "memory");
	for (unsigned int i = 0; i < ms; i++)
		pm_timer_wait_us(1000);
	asm volatile("cli" : : : "memory");
}

/* Raises @count interrupts.  Return: how many came to us. */
static unsigned int raise(unsigned int count)
{
	interrupts = 0;
	trap_on(VECTOR, on_interrupt);
	for (unsigned int i = 0; i < count; i++) {
		edu_write(the_device(), EDU_REGISTER_RAISE, 1);
		wait_ms(10);
		edu_write(the_device(), EDU_REGISTER_ACKNOWLEDGE, 1);
	}
	wait_ms(50);
	return interrupts;
}

static void set_message(uint32_t address, uint32_t data)
{
	const struct edu *edu = the_device();

	config_write(edu, MSI_CONTROL, 2, 0);
	config_write(edu, MSI_ADDRESS, 4, address);
	config_write(edu, MSI_ADDRESS_HIGH, 4, 0);
	config_write(edu, MSI_DATA, 2, data);
	config_write(edu, MSI_CONTROL, 2, MSI_ENABLE);
}

/* "irq [COUNT]": ordinary messages to ourselves. */
static void case_irq(const char *argument)
{
	const unsigned int wanted = *argument ? (unsigned int)string_number(argument) : 1;
	unsigned int came;

	set_message(MESSAGE_BASE, VECTOR);
	came = raise(wanted);
	report_judged(came == wanted, "interrupts", came);
}

/* "msi ADDRESS DATA": any message; how many came to us, and what the function will send. */
static void case_msi(const char *argument)
{
	const struct edu *edu = the_device();

	set_message((uint32_t)string_number(argument),
		    (uint32_t)string_number(string_next(argument)));
	report_harmless("interrupts", raise(1));
	report_harmless("address", config_read(edu, MSI_ADDRESS, 4));
	report_harmless("data", config_read(edu, MSI_DATA, 2));
	config_write(edu, MSI_CONTROL, 2, 0);
}

static void ioapic_write(uint32_t reg, uint32_t value)
{
	*(volatile uint32_t *)(uintptr_t)IOAPIC = reg;
	*(volatile uint32_t *)(uintptr_t)(IOAPIC + IOAPIC_WINDOW) = value;
}

/* "intx [COUNT]": the function's line, level triggered. */
static void case_intx(const char *argument)
{
	const unsigned int wanted = *argument ? (unsigned int)string_number(argument) : 1;
	unsigned int came;

	config_write(the_device(), MSI_CONTROL, 2, 0);
	ioapic_write(ENTRY(PIN) + 1, 0);
	ioapic_write(ENTRY(PIN), ENTRY_LEVEL_LOW | VECTOR);
	came = raise(wanted);
	ioapic_write(ENTRY(PIN), ENTRY_MASKED);
	report_judged(came == wanted, "interrupts", came);
}

const struct test_case interrupt_cases[] = {
	{ "irq", case_irq },
	{ "msi", case_msi },
	{ "intx", case_intx },
	{ NULL, NULL },
};
