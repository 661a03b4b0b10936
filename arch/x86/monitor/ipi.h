/* SPDX-License-Identifier: Apache-2.0 */
/* Interrupts between the CPUs of one cell; no CPU of another cell can be named. */
#ifndef SEPTUM_X86_IPI_H
#define SEPTUM_X86_IPI_H

#include "cpu.h"

/**
 * ipi_write() - the cell wrote its interrupt command register (APM volume 2, 16.5).
 * Fixed interrupts go to the addressed CPUs by their physical ids; INIT, SIPI and NMI
 * become requests; other modes and CPUs of nobody are dropped and counted.
 * Return: false: #GP, a reserved bit is set.
 */
bool ipi_write(struct cpu *cpu, uint64_t icr);

/** ipi_request() - REQUEST_* for a CPU of this cell, or from the one that takes DMA faults. */
void ipi_request(const struct plan_cpu *target, uint32_t requests);

/** ipi_stop_peers() - tell the cell's other CPUs that it has come to its end. */
void ipi_stop_peers(struct cpu *cpu);

#endif
