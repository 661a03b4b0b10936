/* SPDX-License-Identifier: Apache-2.0 */
/* A CPU of the plan becomes a CPU of its cell. */
#include "apic.h"
#include "arch.h"
#include "cpu_features.h"
#include "exits.h"
#include "instructions.h"
#include "machine_check.h"
#include "plan_view.h"
#include "xcr0.h"

#include <septum/x86/registers.h>

#define CPUID1_ECX_XSAVE (1u << 26)
#define CPUID80000001_EDX_FFXSR (1u << 25)

static uint64_t xcr0_supported(void)
{
	struct cpuid_regs state;

	if (!(cpu_leaf(1).ecx & CPUID1_ECX_XSAVE))
		return 0;
	write_cr4(read_cr4() | CR4_OSXSAVE);
	state = cpu_leaf(0xd);
	return (uint64_t)state.edx << 32 | state.eax;
}

bool arch_prepare_cell_cpu(const struct plan *plan, uint32_t index)
{
	const struct plan_cpu *self = &plan_cpus(plan)[index];
	struct cpu *cpu = plan_block(self, CPU_BLOCK_STATE);

	cpu->backend = backend_choose(plan);
	cpu->plan = plan;
	cpu->self = self;
	cpu->cell = plan_cell_of(plan, self);
	cpu->counters = plan_block(self, CPU_BLOCK_COUNTERS);
	cpu->mailbox = plan_block(self, CPU_BLOCK_MAILBOX);
	cpu->control_address = self->block.raw + CPU_BLOCK_CONTROL;
	cpu->cr4_allowed = cpu_cr4_allowed();
	cpu->xcr0_supported = xcr0_supported();
	cpu->efer_allowed = EFER_SCE | EFER_LME | EFER_NXE;
	if (cpu_leaf(0x80000001).edx & CPUID80000001_EDX_FFXSR)
		cpu->efer_allowed |= EFER_FFXSR;
	cpu->max_leaf = cpu_leaf(0).eax;
	cpu->max_extended_leaf = cpu_leaf(0x80000000).eax;
	arch_copy(cpu->gprs, cpu->cell->boot_gprs, sizeof(cpu->cell->boot_gprs));
	machine_check_enable();
	return cpu->backend->prepare(cpu);
}

void arch_enter_cell(uint32_t index)
{
	struct cpu *cpu = plan_block(&plan_cpus(arch_plan())[index], CPU_BLOCK_STATE);

	apic_quiet();
	/* Only a cell's first CPU runs at once; the others wait as after a reset. */
	if (cpu->self->virtual_id != 0)
		startup_wait(cpu, REQUEST_INIT);
	cpu->counters->state = PLAN_CPU_RUNNING;
	cpu->counters->launch_tsc = rdtsc();
	cpu->backend->run(cpu);
	__builtin_unreachable();
}
