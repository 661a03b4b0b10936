/* SPDX-License-Identifier: Apache-2.0 */
/* A running cell and its PCI functions. */
#include "device_notes.h"
#include "devices.h"
#include "ecam.h"
#include "msi.h"
#include "pci_hw.h"
#include "plan_view.h"

#define WINDOW_BYTES 0x100000u /* one bus: 256 functions of 4 KiB */
#define DECODE (PCI_COMMAND_IO | PCI_COMMAND_MEMORY)
#define ROM_ENABLE 0x1u /* PCI Local Bus Specification 3.0, 6.2.5.2 */

/* Only CPUs of one cell can stand before each other here, each for some register accesses. */
#define TURN_POLLS 100000000u

/* The owned function whose configuration page this is; else NULL. */
static const struct plan_function *function_at(const struct cpu *cpu, uint64_t gpa)
{
	const struct plan_function *functions = cell_functions(cpu);

	for (uint32_t i = 0; i < cpu->cell->function_count; i++)
		if (gpa - functions[i].virtual_config.raw < PLAN_PAGE_BYTES)
			return &functions[i];
	return NULL;
}

static bool is_window(const struct cpu *cpu, uint64_t gpa)
{
	return cpu->cell->function_count && gpa - cpu->plan->ecam.raw < WINDOW_BYTES;
}

bool pci_answers(const struct cpu *cpu, uint64_t gpa)
{
	return is_window(cpu, gpa) || msix_function_at(cpu, gpa);
}

static uint32_t command_of(const struct plan_function *function)
{
	return pci_read(function->config, PCI_COMMAND);
}

/* Isolation rests on this: a function decodes addresses only where the plan put it. */
static bool bars_are_planned(const struct plan_function *function)
{
	for (uint32_t i = 0; i < 6; i++)
		if ((pci_read(function->config, PCI_BAR0 + 4 * i) & function->bar_masks[i]) !=
		    (function->bars[i] & function->bar_masks[i]))
			return false;
	return true;
}

/* A read returns what the hardware holds, so sizing a BAR must be harmless: it decodes nothing. */
static void write_bar(const struct plan_function *function, uint32_t reg, uint32_t value)
{
	const uint32_t index = (reg - PCI_BAR0) / 4;

	if (command_of(function) & DECODE || !function->bar_masks[index])
		return;
	if (value == ~0u || ((value ^ function->bars[index]) & function->bar_masks[index]) == 0)
		pci_write(function->config, reg, 4, value);
}

static void write_rom(const struct plan_function *function, uint32_t value)
{
	if (!(value & ROM_ENABLE) && !(command_of(function) & DECODE))
		pci_write(function->config, PCI_ROM, 4, value);
}

/*
 * Some bits of one half of a register.  Both bytes at once if the cell did so, else one
 * alone: what the cell did not write is never written back, because it may be a status
 * bit that a one clears.
 */
static void write_half(const struct plan_function *function, uint32_t offset, uint32_t value,
		       uint32_t bytes)
{
	const uint32_t reg = offset & ~3u, shift = (offset & 2u) * 8;
	const uint32_t *writable = hpa_pointer(function->writable);
	const uint32_t allowed = writable[reg / 4] >> shift & bytes;
	uint32_t out;

	if (!allowed)
		return;
	out = (value & allowed) | (pci_read(function->config, reg) >> shift & ~allowed);
	if (offset == PCI_COMMAND && out & DECODE && !bars_are_planned(function))
		out &= ~DECODE;
	if (bytes == 0xffffu)
		pci_write(function->config, offset, 2, out & 0xffffu);
	else if (bytes == 0xffu)
		pci_write(function->config, offset, 1, out & 0xffu);
	else
		pci_write(function->config, offset + 1, 1, out >> 8 & 0xffu);
}

/* @bytes: 0xff in each byte of @value that the cell writes. */
static void write_register(const struct cpu *cpu, const struct plan_function *function,
			   uint32_t reg, uint32_t value, uint32_t bytes)
{
	if (msi_write(cpu, function, reg, value, bytes))
		return;
	if ((reg >= PCI_BAR0 && reg < PCI_BAR_END) || reg == PCI_ROM) {
		if (bytes != ~0u)
			return;
		if (reg == PCI_ROM)
			write_rom(function, value);
		else
			write_bar(function, reg, value);
		return;
	}
	write_half(function, reg, value & 0xffffu, bytes & 0xffffu);
	write_half(function, reg + 2, value >> 16, bytes >> 16);
}

static void write_config(const struct cpu *cpu, uint64_t gpa, unsigned int width, uint32_t value)
{
	const struct plan_function *function = function_at(cpu, gpa);
	const uint32_t offset = gpa % PLAN_PAGE_BYTES, shift = offset % 4 * 8;

	/* A request never crosses a register (PCI Express Base Specification, 2.2.7). */
	if (!function || width > 4 || offset % 4 + width > 4)
		return;
	write_register(cpu, function, offset & ~3u, value << shift,
		       (uint32_t)((1ull << width * 8) - 1) << shift);
}

uint64_t pci_access(struct cpu *cpu, uint64_t gpa, const struct decoded *access, uint64_t value)
{
	const struct plan_cpu *first = plan_cpus(cpu->plan) + cpu->cell->first_cpu;
	struct device_notes *notes = plan_block(first, CPU_BLOCK_MAILBOX + DEVICE_NOTES_OFFSET);
	struct ticket_lock *lock = &notes->lock;
	const bool is_config = is_window(cpu, gpa);
	uint32_t ticket;

	cpu->counters->exits[is_config ? PLAN_EXIT_PCI : PLAN_EXIT_MESSAGE]++;
	/* Reading is allowed wherever there is something to read. */
	if (!access->is_write)
		return ~0ull;
	/* Looking at registers and writing them is one step for all CPUs of the cell. */
	ticket = ticket_lock_take(lock, TURN_POLLS);
	if (is_config)
		write_config(cpu, gpa, access->bytes, (uint32_t)value);
	else
		msix_write(cpu, gpa, access->bytes, value);
	ticket_lock_release(lock, ticket);
	return 0;
}

void pci_stop(const struct cpu *cpu)
{
	const struct plan_function *functions = cell_functions(cpu);

	for (uint32_t i = 0; i < cpu->cell->function_count; i++)
		pci_write(functions[i].config, PCI_COMMAND, 2, PCI_COMMAND_NO_INTX);
}
