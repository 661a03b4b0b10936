/* SPDX-License-Identifier: Apache-2.0 */
/* A CPU of a cell between INIT and SIPI. */
#include "apic.h"
#include "cpu_features.h"
#include "exits.h"
#include "instructions.h"
#include "stop.h"

#define CPUID1_ECX_MONITOR (1u << 3)

/* A store to the mailbox wakes it: no NMI is needed, and none can be lost. */
static void wait_for_store(const uint32_t *requests, bool has_monitor)
{
	if (!has_monitor) {
		cpu_relax();
		return;
	}
	cpu_monitor(requests);
	if (!__atomic_load_n(requests, __ATOMIC_ACQUIRE))
		cpu_mwait();
}

static void reset_registers(struct cpu *cpu, uint32_t signature)
{
	for (uint32_t i = 0; i < GPR_COUNT; i++)
		cpu->gprs[i] = 0;
	cpu->gprs[GPR_RDX] = signature;
	cpu->nmi_pending = false;
	cpu->nmi_blocked = false;
}

void startup_wait(struct cpu *cpu, uint32_t requests)
{
	const struct cpuid_regs one = cpu_leaf(1);

	cpu->counters->state = PLAN_CPU_WAITING;
	apic_reset(cpu);
	while (!(requests & REQUEST_STARTUP)) {
		wait_for_store(&cpu->mailbox->requests, one.ecx & CPUID1_ECX_MONITOR);
		requests = mailbox_take(cpu->mailbox);
		if (requests & REQUEST_STOP)
			cell_stop_with_peer(cpu);
	}
	apic_reset(cpu); /* again: some accept interrupts though software-disabled (Bochs) */
	reset_registers(cpu, one.eax);
	cpu->backend->startup(cpu, (uint8_t)cpu->mailbox->startup_vector);
	cpu->counters->state = PLAN_CPU_RUNNING;
}
