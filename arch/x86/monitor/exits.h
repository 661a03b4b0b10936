/* SPDX-License-Identifier: Apache-2.0 */
/* Exits that both back ends answer alike (docs/design.md, section 7).  Each counts itself. */
#ifndef SEPTUM_X86_EXITS_H
#define SEPTUM_X86_EXITS_H

#include "backend.h"

struct port_access {
	uint16_t port;
	unsigned int bytes; /* 1, 2, 4 */
	bool is_read;
	bool is_string; /* INS, OUTS */
};

/* A nested page fault or EPT violation. */
struct memory_access {
	uint64_t gpa;
	bool is_write;
	bool is_fetch;
	bool is_walk; /* by a walk of the cell's page tables */
	bool in_delivery; /* while an event was being delivered */
};

enum outcome exit_cpuid(struct cpu *cpu);
enum outcome exit_rdmsr(struct cpu *cpu);
enum outcome exit_wrmsr(struct cpu *cpu);
enum outcome exit_xsetbv(struct cpu *cpu, unsigned int cpl);

/* msr.c: the MSRs that exit are emulated where stock kernels need them, else #GP. */

/** msr_read() - a value the cell may see.  Return: false: #GP. */
bool msr_read(const struct cpu *cpu, uint32_t msr, uint64_t *value);

/** msr_write() - the cell's write.  Return: false: #GP. */
bool msr_write(struct cpu *cpu, uint32_t msr, uint64_t value);

/** exit_port() - never OUTCOME_RETRY; ends the cell if the port means reset or power-off. */
enum outcome exit_port(struct cpu *cpu, const struct port_access *access);

/** exit_as() - an exit that is only counted: WBINVD, INVD are no-ops, others are denied. */
enum outcome exit_as(struct cpu *cpu, enum plan_exit kind, enum outcome outcome);

/**
 * exit_memory() - an address that the cell's nested tables do not map; with OUTCOME_SKIP,
 * cpu->insn_length says by how much.  Ends the cell if the address is somebody else's.
 */
enum outcome exit_memory(struct cpu *cpu, const struct memory_access *access);

/** exit_nmi_taken() - an NMI left the cell and was taken: a kick, or the cell's own. */
enum outcome exit_nmi_taken(struct cpu *cpu);

/** exit_machine_check() - #MC: reads and clears the banks; ends the cell, or goes on. */
enum outcome exit_machine_check(struct cpu *cpu);

/**
 * exit_finish() - last act of every exit: serves requests of the cell's other CPUs, which
 * may mean to wait for a SIPI or to stop.
 */
void exit_finish(struct cpu *cpu);

/**
 * startup_wait() - INIT of this CPU: its local APIC reset, then wait in the monitor for
 * the cell's SIPI and take on the state that follows from it (APM volume 2, 14.1.3, 15.27).
 * @requests: taken together with the INIT; a SIPI among them came after it.
 * Does not return if the cell comes to its end meanwhile.
 */
void startup_wait(struct cpu *cpu, uint32_t requests);

#endif
