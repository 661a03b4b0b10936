/* SPDX-License-Identifier: Apache-2.0 */
#include "exceptions.h"

#include "arch.h"
#include "cpu_features.h"
#include "instructions.h"
#include "log.h"
#include "selectors.h"

#include <septum/x86/registers.h>

#define STUB_BYTES 16u
#define GATE_INTERRUPT_PRESENT 0x8e00u

struct __attribute__((packed)) descriptor_pointer {
	uint16_t limit;
	uint64_t base;
};

extern const uint8_t exception_stubs[], interrupt_forget[];
void exception_fatal(uint64_t vector, uint64_t error, uint64_t rip) __attribute__((noreturn));

void gate_set(struct gate *gate, const void *target)
{
	const uint64_t address = (uint64_t)(uintptr_t)target;

	*gate = (struct gate){
		.offset_low = (uint16_t)address,
		.selector = SELECTOR_CODE64,
		.attributes = GATE_INTERRUPT_PRESENT,
		.offset_middle = (uint16_t)(address >> 16),
		.offset_high = (uint32_t)(address >> 32),
	};
}

void exceptions_setup(struct gate *idt, uint32_t count)
{
	const struct descriptor_pointer pointer = { (uint16_t)(count * sizeof(*idt) - 1),
						    (uint64_t)(uintptr_t)idt };

	for (uint32_t i = 0; i < count; i++)
		gate_set(&idt[i], i < EXCEPTION_COUNT ? &exception_stubs[(size_t)i * STUB_BYTES] :
							interrupt_forget);
	__asm__ volatile("lidt %0" : : "m"(pointer) : "memory");
	/* With MCE clear a machine check is a shutdown of the machine (APM volume 2, 9.3.3). */
	write_cr4(read_cr4() | CR4_MCE);
}

void exception_fatal(uint64_t vector, uint64_t error, uint64_t rip)
{
	uint64_t address;

	__asm__ volatile("mov %%cr2, %0" : "=r"(address));
	log_line(
		"monitor fault: exception %lu, error code 0x%lx, RIP 0x%lx, CR2 0x%lx, APIC id %u: "
		"this CPU stops [rule monitor-fault]; mend: report it, with this line and the image",
		vector, error, rip, address, cpu_apic_id().raw);
	/* Not arch_park(): what faulted once is not touched again. */
	for (;;)
		cpu_halt();
}
