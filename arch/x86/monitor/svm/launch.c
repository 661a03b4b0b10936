/* SPDX-License-Identifier: Apache-2.0 */
/* From a plan's VMCB template to a running cell. */
#include "arch.h"
#include "cpu_features.h"
#include "instructions.h"
#include "log.h"
#include "plan_view.h"
#include "svm.h"
#include "vmcb_check.h"
#include "xcr0.h"

#include <septum/x86/registers.h>

static uint32_t asid_count(void)
{
	struct cpuid_regs regs;

	cpuid(0x8000000a, 0, &regs);
	return regs.ebx;
}

static uint32_t highest_leaf(uint32_t base)
{
	struct cpuid_regs regs;

	cpuid(base, 0, &regs);
	return regs.eax;
}

static uint64_t xcr0_supported(void)
{
	struct cpuid_regs one, state;

	cpuid(1, 0, &one);
	if (!(one.ecx & 1u << 26)) /* XSAVE */
		return 0;
	write_cr4(read_cr4() | CR4_OSXSAVE);
	cpuid(0xd, 0, &state);
	return (uint64_t)state.edx << 32 | state.eax;
}

static uint64_t efer_allowed(void)
{
	struct cpuid_regs ext;

	cpuid(0x80000001, 0, &ext);
	return EFER_SCE | EFER_LME | EFER_NXE | (ext.edx & 1u << 25 ? EFER_FFXSR : 0);
}

static bool check_vmcb(const struct cpu *cpu)
{
	const struct vmcb_limits limits = {
		.phys_bits = cpu->plan->phys_bits,
		.asid_count = asid_count(),
		.cr4_bits = cpu->cr4_allowed,
		.efer_bits = cpu->efer_allowed | EFER_LMA | EFER_SVME,
	};
	const enum vmcb_fault fault = vmcb_check(cpu->vmcb, &limits);

	if (fault == VMCB_OK)
		return true;
	log_line("refused: cell '%s': the state of its CPU (APIC id %u) breaks the processor's "
		 "rules: %s [rule vmcb-check]; mend: report it, with the image",
		 cpu->cell->name, cpu->self->apic_id.raw, vmcb_fault_name(fault));
	return false;
}

bool arch_prepare_cell_cpu(const struct plan *plan, uint32_t index)
{
	const struct plan_cpu *self = &plan_cpus(plan)[index];
	struct cpu *cpu = cpu_of(self);

	cpu->plan = plan;
	cpu->self = self;
	cpu->cell = plan_cell_of(plan, self);
	cpu->counters = plan_counters_of(self);
	cpu->vmcb_address = self->block.raw + CPU_BLOCK_VMCB;
	cpu->vmcb = (struct vmcb *)(uintptr_t)cpu->vmcb_address;
	cpu->cr4_allowed = cpu_cr4_allowed();
	cpu->xcr0_supported = xcr0_supported();
	cpu->efer_allowed = efer_allowed();
	cpu->max_leaf = highest_leaf(0);
	cpu->max_extended_leaf = highest_leaf(0x80000000);
	cpu->has_next_rip = cpu_has_next_rip();
	cpu->gprs[GPR_RAX] = cpu->cell->boot_gprs[0];
	cpu->gprs[GPR_RBX] = cpu->cell->boot_gprs[1];
	cpu->gprs[GPR_RSI] = cpu->cell->boot_gprs[2];
	cpu->gprs[GPR_RDI] = cpu->cell->boot_gprs[3];
	arch_copy(cpu->vmcb, hpa_pointer(self->vmcb_template), sizeof(*cpu->vmcb));
	cpu->vmcb->save.rax = cpu->gprs[GPR_RAX];
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SVME);
	wrmsr(MSR_VM_HSAVE_PA, self->block.raw + CPU_BLOCK_HSAVE);
	return check_vmcb(cpu);
}

void arch_enter_cell(uint32_t index)
{
	struct cpu *cpu = cpu_of(&plan_cpus(arch_plan())[index]);

	cpu_quiet_apic();
	cpu->counters->state = PLAN_CPU_RUNNING;
	cpu->counters->launch_tsc = rdtsc();
	svm_run(cpu);
}
