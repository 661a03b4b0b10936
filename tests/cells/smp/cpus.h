/* SPDX-License-Identifier: Apache-2.0 */
/* The cell's other CPUs: started, given work, watched.  All functions but cpu_self(),
 * cpus_should_stop() and ipi_send() are for CPU 0. */
#ifndef SMP_CPUS_H
#define SMP_CPUS_H

#include "ap_page.h"

#include <stdbool.h>
#include <stdint.h>

#define CPUS_MAX 4u
#define VECTOR_WAKE 0x51u
#define VECTOR_PING 0x52u /* counted */

typedef void cpu_job(void);

/* What a CPU finds in its local APIC and task registers right after its start. */
struct cpu_start {
	uint64_t apic_base, svr, tpr, lvt_timer, timer_init, irr;
	uint16_t tr, ldtr;
};

struct cpu {
	uint64_t index; /* read through GS */
	volatile uint64_t pings, nmis; /* taken */
	volatile uint32_t nmi_depth, nmi_depth_most;
	volatile uint64_t turns; /* counted up by jobs that go on */
	volatile uint32_t starts; /* times it came to ap_main() */
	struct cpu_start start; /* of the last time */
	cpu_job *volatile job;
};

extern struct cpu cpus[CPUS_MAX];

/**
 * cpus_init() - handlers, CPU 0's own record; the others are left alone.
 * @told: how many CPUs there are; 0: as CPUID says
 */
void cpus_init(unsigned int told);

/** cpus_count() - CPUs there are, or CPUS_MAX if there are more. */
unsigned int cpus_count(void);

/** cpu_self() - index of the CPU that asks, which is its virtual APIC id. */
unsigned int cpu_self(void);

/** ipi_send() - one write of the interrupt command register, counted. */
void ipi_send(uint32_t destination, uint32_t command);

/** ipi_sent() - how many there were. */
uint64_t ipi_sent(void);

/** cpu_init(), cpu_sipi() - reset a CPU; start it at @page. */
void cpu_init(unsigned int cpu);
void cpu_sipi(unsigned int cpu, uint32_t page);

/**
 * cpu_came_up() - wait until CPU @cpu has come to ap_main() once more than @before times.
 * Return: false after 1 s.
 */
bool cpu_came_up(unsigned int cpu, uint32_t before);

/** cpu_restart() - INIT-SIPI-SIPI, wait until it is up.  Return: is it? */
bool cpu_restart(unsigned int cpu, uint32_t page);

/** cpus_up() - start those that do not run yet.  Return: do all run? */
bool cpus_up(void);

/** cpu_give() - let an idle CPU do @job, and wait until it has begun. */
void cpu_give(unsigned int cpu, cpu_job *job);

/** cpu_finish() - tell all jobs to end; wait for this one.  Return: false if it does not. */
bool cpu_finish(unsigned int cpu);

/** cpus_should_stop() - a job that goes on must ask this. */
bool cpus_should_stop(void);

/** cpu_run() - cpu_give() and wait for its end.  Return: false after 10 s. */
bool cpu_run(unsigned int cpu, cpu_job *job);

/** wait_for() - Return: false if *@counter does not reach @value within @us, at most 1 s. */
bool wait_for(const volatile uint64_t *counter, uint64_t value, uint32_t us);

/* An NMI handler waits while this is set. */
extern volatile bool nmi_hold;

#endif
