/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the rest of the monitor asks of PCI support.  A monitor built without it (Kconfig,
 * PCI) has none of these functions: they are called only where HAS_PCI is true, and the
 * compiler drops what never is.
 */
#ifndef SEPTUM_X86_DEVICES_H
#define SEPTUM_X86_DEVICES_H

#include "cpu.h"
#include "decode.h"

#ifdef CONFIG_PCI
#define HAS_PCI true
#else
#define HAS_PCI false
#endif

/**
 * devices_start() - IOMMUs deny everything, then every function is put where the plan has it.
 * Prints a "refused:" line for every difference.  Return: how many.
 */
unsigned int devices_start(const struct plan *plan);

/** devices_connect() - IOMMUs take on the cells' tables.  Return: false after printing why not. */
bool devices_connect(const struct plan *plan);

/** pci_answers() - is this address configuration space or an MSI-X table of the cell? */
bool pci_answers(const struct cpu *cpu, uint64_t gpa);

/**
 * pci_access() - the cell touched such an address in a way that its tables do not allow.
 * It reads the hardware's own registers; every write comes here (docs/design.md, section 6).
 * @value: what it wrote.  Return: what a read gives.
 */
uint64_t pci_access(struct cpu *cpu, uint64_t gpa, const struct decoded *access, uint64_t value);

/** pci_stop() - the cell's functions are no bus masters any more, and send no interrupts. */
void pci_stop(const struct cpu *cpu);

/**
 * ioapic_remap() - routes the pin's remapping entry for what the cell wrote.
 * @vector: 0: nowhere.  Return: what the I/O APIC gets but trigger, polarity and mask.
 */
uint64_t ioapic_remap(const struct cpu *cpu, const struct plan_pin *pin, uint64_t entry,
		      uint32_t vector, apic_id_t destination);

/**
 * dma_faults_pass_on() - after an NMI: empty the logs of the units whose faults come to
 * this CPU, and tell each owner's first CPU.
 * Return: false: there was none.
 */
bool dma_faults_pass_on(const struct cpu *cpu);

/** dma_fault_stop() - REQUEST_DMA_FAULT, on the owner's first CPU. */
void dma_fault_stop(struct cpu *cpu) __attribute__((noreturn));

#endif
