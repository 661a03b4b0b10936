/* SPDX-License-Identifier: Apache-2.0 */
/* Single instructions that C has no words for. */
#ifndef CELL_CPU_H
#define CELL_CPU_H

#include <stdint.h>

static inline void out8(uint16_t port, uint8_t value)
{
	asm volatile("outb %0, %1" : : "a"(value), "Nd"(port) : "memory");
}

static inline void out16(uint16_t port, uint16_t value)
{
	asm volatile("outw %0, %1" : : "a"(value), "Nd"(port) : "memory");
}

static inline void out32(uint16_t port, uint32_t value)
{
	asm volatile("outl %0, %1" : : "a"(value), "Nd"(port) : "memory");
}

static inline uint8_t in8(uint16_t port)
{
	uint8_t value;

	asm volatile("inb %1, %0" : "=a"(value) : "Nd"(port) : "memory");
	return value;
}

static inline uint16_t in16(uint16_t port)
{
	uint16_t value;

	asm volatile("inw %1, %0" : "=a"(value) : "Nd"(port) : "memory");
	return value;
}

static inline uint32_t in32(uint16_t port)
{
	uint32_t value;

	asm volatile("inl %1, %0" : "=a"(value) : "Nd"(port) : "memory");
	return value;
}

static inline uint64_t msr_read(uint32_t msr)
{
	uint32_t low, high;

	asm volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr) : "memory");
	return (uint64_t)high << 32 | low;
}

static inline void msr_write(uint32_t msr, uint64_t value)
{
	asm volatile("wrmsr"
		     :
		     : "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32))
		     : "memory");
}

/* LFENCE keeps the reading in program order: APM volume 3, RDTSC. */
static inline uint64_t tsc_read(void)
{
	uint32_t low, high;

	asm volatile("lfence; rdtsc" : "=a"(low), "=d"(high) : : "memory");
	return (uint64_t)high << 32 | low;
}

struct cpuid_result {
	uint32_t eax, ebx, ecx, edx;
};

static inline struct cpuid_result cpuid(uint32_t leaf, uint32_t subleaf)
{
	struct cpuid_result r;

	asm volatile("cpuid"
		     : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx)
		     : "a"(leaf), "c"(subleaf)
		     : "memory");
	return r;
}

static inline uint64_t cr0_read(void)
{
	uint64_t value;

	asm volatile("movq %%cr0, %0" : "=r"(value) : : "memory");
	return value;
}

static inline void cr0_write(uint64_t value)
{
	asm volatile("movq %0, %%cr0" : : "r"(value) : "memory");
}

static inline uint64_t cr2_read(void)
{
	uint64_t value;

	asm volatile("movq %%cr2, %0" : "=r"(value) : : "memory");
	return value;
}

static inline uint64_t cr3_read(void)
{
	uint64_t value;

	asm volatile("movq %%cr3, %0" : "=r"(value) : : "memory");
	return value;
}

static inline void cr3_write(uint64_t value)
{
	asm volatile("movq %0, %%cr3" : : "r"(value) : "memory");
}

static inline uint64_t cr4_read(void)
{
	uint64_t value;

	asm volatile("movq %%cr4, %0" : "=r"(value) : : "memory");
	return value;
}

static inline void cr4_write(uint64_t value)
{
	asm volatile("movq %0, %%cr4" : : "r"(value) : "memory");
}

static inline void xcr_write(uint32_t xcr, uint64_t value)
{
	asm volatile("xsetbv"
		     :
		     : "c"(xcr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32))
		     : "memory");
}

static inline void descriptor_table_load_idt(const void *base, uint16_t limit)
{
	struct {
		uint16_t limit;
		uint64_t base;
	} __attribute__((packed)) pointer = { limit, (uintptr_t)base };

	asm volatile("lidt %0" : : "m"(pointer) : "memory");
}

/* STI takes effect after the next instruction, so no wake-up is lost in between. */
static inline void cpu_wait_for_interrupt(void)
{
	asm volatile("sti; hlt; cli" : : : "memory");
}

static inline void __attribute__((noreturn)) cpu_stop(void)
{
	for (;;)
		asm volatile("cli; hlt" : : : "memory");
}

#endif
