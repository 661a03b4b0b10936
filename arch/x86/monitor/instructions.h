/* SPDX-License-Identifier: Apache-2.0 */
/* Single instructions that C cannot express. */
#ifndef SEPTUM_X86_INSTRUCTIONS_H
#define SEPTUM_X86_INSTRUCTIONS_H

#include "cpuid_filter.h"

#include <stdint.h>

static inline uint8_t in8(uint16_t port)
{
	uint8_t value;

	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static inline uint32_t in32(uint16_t port)
{
	uint32_t value;

	__asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static inline void out8(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline void out32(uint16_t port, uint32_t value)
{
	__asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port));
}

static inline uint64_t rdmsr(uint32_t msr)
{
	uint32_t low, high;

	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
	return (uint64_t)high << 32 | low;
}

static inline void wrmsr(uint32_t msr, uint64_t value)
{
	__asm__ volatile("wrmsr"
			 :
			 : "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32))
			 : "memory");
}

static inline uint64_t rdtsc(void)
{
	return __builtin_ia32_rdtsc();
}

static inline void cpuid(uint32_t leaf, uint32_t subleaf, struct cpuid_regs *out)
{
	__asm__ volatile("cpuid"
			 : "=a"(out->eax), "=b"(out->ebx), "=c"(out->ecx), "=d"(out->edx)
			 : "a"(leaf), "c"(subleaf));
}

static inline void xsetbv(uint64_t value)
{
	__asm__ volatile("xsetbv"
			 :
			 : "c"(0), "a"((uint32_t)value), "d"((uint32_t)(value >> 32))
			 : "memory");
}

#define READ_REGISTER(name, reg)                                      \
	static inline uint64_t name(void)                             \
	{                                                             \
		uint64_t value;                                       \
                                                                      \
		__asm__ volatile("mov %%" #reg ", %0" : "=r"(value)); \
		return value;                                         \
	}
#define WRITE_REGISTER(name, reg)                                              \
	static inline void name(uint64_t value)                                \
	{                                                                      \
		__asm__ volatile("mov %0, %%" #reg : : "r"(value) : "memory"); \
	}
READ_REGISTER(read_cr0, cr0)
READ_REGISTER(read_cr4, cr4)
READ_REGISTER(read_dr6, db6)
WRITE_REGISTER(write_cr4, cr4)
WRITE_REGISTER(write_dr6, db6)

static inline void cpu_relax(void)
{
	__asm__ volatile("pause" : : : "memory");
}

/*
 * Wakes by a store to @address, or by an interrupt or NMI (APM volume 3, MONITOR, MWAIT).
 * INVLPG is for Bochs 2.7, whose MONITOR watches the address of the last page walk, and
 * makes none for a page that is in the TLB.
 */
static inline void cpu_monitor(const void *address)
{
	__asm__ volatile("invlpg (%%rax); monitor" : : "a"(address), "c"(0), "d"(0) : "memory");
}

static inline void cpu_mwait(void)
{
	__asm__ volatile("mwait" : : "a"(0), "c"(0) : "memory");
}

static inline void cpu_halt(void)
{
	__asm__ volatile("hlt" : : : "memory");
}

#endif
