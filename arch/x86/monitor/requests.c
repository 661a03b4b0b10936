/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a CPU does for the other CPUs of its cell, and with its NMIs (docs/design.md,
 * section 7, "The only cross-CPU control path").
 */
#include "devices.h"
#include "exits.h"
#include "stop.h"

static void serve(struct cpu *cpu)
{
	const uint32_t requests = mailbox_take(cpu->mailbox);

	if (requests & REQUEST_STOP)
		cell_stop_with_peer(cpu);
	if (HAS_PCI && requests & REQUEST_DMA_FAULT)
		dma_fault_stop(cpu);
	/* A SIPI to a CPU that does not wait for one is lost, as on the bare machine. */
	if (requests & REQUEST_INIT)
		startup_wait(cpu, requests);
	else if (requests & REQUEST_NMI)
		cpu->nmi_pending = true;
}

enum outcome exit_nmi_taken(struct cpu *cpu)
{
	/* Two NMIs may have become one, so that each cause is looked for. */
	const bool was_kick = mailbox_nmi_taken(cpu->mailbox);
	const bool was_fault = HAS_PCI && dma_faults_pass_on(cpu);

	if (was_kick || was_fault)
		return exit_as(cpu, PLAN_EXIT_KICK, OUTCOME_RETRY);
	cpu->nmi_pending = true;
	return exit_as(cpu, PLAN_EXIT_NMI, OUTCOME_RETRY);
}

void exit_finish(struct cpu *cpu)
{
	if (__atomic_load_n(&cpu->mailbox->requests, __ATOMIC_RELAXED))
		serve(cpu);
	if (cpu->nmi_pending)
		cpu->backend->deliver_nmi(cpu);
}
