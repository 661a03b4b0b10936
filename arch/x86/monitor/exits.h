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

#endif
