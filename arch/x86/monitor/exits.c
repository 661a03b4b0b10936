/* SPDX-License-Identifier: Apache-2.0 */
#include "exits.h"

#include "clock.h"
#include "control_registers.h"
#include "cpuid_filter.h"
#include "instructions.h"
#include "ipi.h"
#include "plan_view.h"
#include "port.h"
#include "stop.h"
#include "xcr0.h"

#include <septum/x86/registers.h>

enum outcome exit_as(struct cpu *cpu, enum plan_exit kind, enum outcome outcome)
{
	cpu->counters->exits[kind]++;
	return outcome;
}

static uint64_t edx_eax(const struct cpu *cpu)
{
	return cpu->gprs[GPR_RDX] << 32 | (uint32_t)cpu->gprs[GPR_RAX];
}

enum outcome exit_cpuid(struct cpu *cpu)
{
	const struct cpuid_view view = {
		.virtual_id = cpu->self->virtual_id,
		.cpu_count = cpu->cell->cpu_count,
		.tsc_khz = clock_rates.tsc_khz,
		.apic_khz = clock_rates.apic_khz,
		.cr4 = cpu->backend->get(cpu, GUEST_CR4),
		.max_leaf = cpu->max_leaf,
		.max_extended_leaf = cpu->max_extended_leaf,
	};
	const uint32_t leaf = (uint32_t)cpu->gprs[GPR_RAX], subleaf = (uint32_t)cpu->gprs[GPR_RCX];
	struct cpuid_regs host, out;

	cpuid(leaf, subleaf, &host);
	cpuid_filter(leaf, subleaf, &host, &view, &out);
	cpu->gprs[GPR_RAX] = out.eax;
	cpu->gprs[GPR_RBX] = out.ebx;
	cpu->gprs[GPR_RCX] = out.ecx;
	cpu->gprs[GPR_RDX] = out.edx;
	return exit_as(cpu, PLAN_EXIT_CPUID, OUTCOME_SKIP);
}

static enum outcome msr_answer(struct cpu *cpu, bool fine)
{
	return fine ? exit_as(cpu, PLAN_EXIT_MSR_EMULATED, OUTCOME_SKIP) :
		      exit_as(cpu, PLAN_EXIT_MSR_DENIED, OUTCOME_GP);
}

enum outcome exit_rdmsr(struct cpu *cpu)
{
	uint64_t value;

	if (!msr_read(cpu, (uint32_t)cpu->gprs[GPR_RCX], &value))
		return msr_answer(cpu, false);
	cpu->gprs[GPR_RAX] = (uint32_t)value;
	cpu->gprs[GPR_RDX] = value >> 32;
	return msr_answer(cpu, true);
}

enum outcome exit_wrmsr(struct cpu *cpu)
{
	const uint32_t msr = (uint32_t)cpu->gprs[GPR_RCX];

	/* First, because it is the one exit of a cell with several CPUs at work. */
	if (msr == MSR_X2APIC_ICR)
		return ipi_write(cpu, edx_eax(cpu)) ? OUTCOME_SKIP : OUTCOME_GP;
	return msr_answer(cpu, msr_write(cpu, msr, edx_eax(cpu)));
}

static void port_in(struct cpu *cpu, const struct port_access *access)
{
	const uint32_t value = port_read(cpu->cell, access->port, access->bytes);
	uint64_t *rax = &cpu->gprs[GPR_RAX];

	/* IN into EAX clears the upper half of RAX, AL and AX leave the rest. */
	if (access->bytes == 4)
		*rax = value;
	else
		*rax = (*rax & ~((1ull << access->bytes * 8) - 1)) | value;
}

enum outcome exit_port(struct cpu *cpu, const struct port_access *access)
{
	enum plan_event event = PLAN_EVENT_NONE;

	/* String I/O moves memory: no stock kernel does it on a port that may not be there. */
	if (access->is_string)
		return exit_as(cpu, PLAN_EXIT_PORT_DENIED, OUTCOME_GP);
	if (access->is_read)
		port_in(cpu, access);
	else
		event = port_event(cpu->cell, access->port, access->bytes,
				   (uint32_t)cpu->gprs[GPR_RAX]);
	if (event != PLAN_EVENT_NONE) {
		cpu->counters->exits[PLAN_EXIT_PORT_EVENT]++;
		cell_stop(cpu, event, access->port, "cell-request",
			  "the cell wrote to a reset or sleep port");
	}
	return exit_as(cpu, PLAN_EXIT_PORT_DENIED, OUTCOME_SKIP);
}

enum outcome exit_xsetbv(struct cpu *cpu, unsigned int cpl)
{
	const uint64_t value = edx_eax(cpu);

	cpu->counters->exits[PLAN_EXIT_XSETBV]++;
	if (!(cpu->backend->get(cpu, GUEST_CR4) & CR4_OSXSAVE))
		return OUTCOME_UD;
	if (cpl != 0 || (uint32_t)cpu->gprs[GPR_RCX] != 0 ||
	    !xcr0_valid(value, cpu->xcr0_supported))
		return OUTCOME_GP;
	/* XCR0 stays loaded: the monitor uses no extended state. */
	xsetbv(value);
	return OUTCOME_SKIP;
}
