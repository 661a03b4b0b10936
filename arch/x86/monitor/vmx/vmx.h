/* SPDX-License-Identifier: Apache-2.0 */
/* VT-x: entering cells and answering their exits (Intel SDM volume 3C, chapters 23 to 30). */
#ifndef SEPTUM_X86_VMX_H
#define SEPTUM_X86_VMX_H

#include "backend.h"

#include <septum/x86/vmcs.h>

static inline uint64_t vmread(uint32_t field)
{
	uint64_t value;

	__asm__ volatile("vmread %1, %0" : "=rm"(value) : "r"((uint64_t)field) : "cc");
	return value;
}

/** vmwrite() - Return: false: the processor has no such field. */
static inline bool vmwrite(uint32_t field, uint64_t value)
{
	bool done;

	__asm__ volatile("vmwrite %2, %1"
			 : "=@cca"(done)
			 : "r"((uint64_t)field), "rm"(value)
			 : "cc", "memory");
	return done;
}

/** vmx_run() - run the cell; returns never, calls vmx_exit() at each exit (run.S). */
void vmx_run(struct cpu *cpu) __attribute__((noreturn));

/** vmx_host_rip() - where a VM exit arrives (run.S). */
void vmx_host_rip(void);

/** vmx_unblock_nmis() - run.S: an IRET, which ends the blocking that an NMI began. */
void vmx_unblock_nmis(void);

/** vmx_nmi() - nmi.S: gate of vector 2 on CPUs that run cells. */
void vmx_nmi(void);

/** vmx_exit() - answer one exit; the cell goes on when it returns. */
void vmx_exit(struct cpu *cpu);

/** vmx_entry_failed() - VMLAUNCH or VMRESUME itself failed (30.2, VMfail). */
void vmx_entry_failed(struct cpu *cpu) __attribute__((noreturn));

/**
 * vmx_inject() - state.c: an event to be delivered at the next entry, in place of any other.
 * @event: as the processor reports events: valid, type, vector; @error: where it has a code.
 */
void vmx_inject(uint64_t event, uint64_t error);

/** vmx_inject_exception() - state.c: #UD or #GP(0) at the cell's RIP. */
void vmx_inject_exception(struct cpu *cpu, uint32_t vector);

/** vmx_skip() - state.c: step over the instruction that exited. @length: its bytes. */
void vmx_skip(struct cpu *cpu, uint64_t length);

/** vmx_get(), vmx_set(), vmx_mode(), vmx_deliver_nmi() - state.c: for struct backend. */
uint64_t vmx_get(const struct cpu *cpu, enum guest_register reg);
void vmx_set(struct cpu *cpu, enum guest_register reg, uint64_t value);
enum decode_mode vmx_mode(const struct cpu *cpu);
void vmx_deliver_nmi(struct cpu *cpu);

/** vmx_flush() - state.c: forget all translations of the cell (INVVPID). */
void vmx_flush(void);

/** vmx_control() - turns bits of a control word on or off; @word: its field. */
static inline void vmx_control(uint32_t word, uint64_t bits, bool on)
{
	const uint64_t value = vmread(word);

	vmwrite(word, on ? value | bits : value & ~bits);
}

#endif
