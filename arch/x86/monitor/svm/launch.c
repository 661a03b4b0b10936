/* SPDX-License-Identifier: Apache-2.0 */
/* From a plan's VMCB template to a running cell. */
#include "arch.h"
#include "cpu_features.h"
#include "instructions.h"
#include "log.h"
#include "plan_view.h"
#include "svm.h"
#include "vmcb_check.h"

#include <septum/x86/registers.h>

/* APM volume 3, appendix E.4 */
#define CPUID80000001_ECX_SVM (1u << 2)
#define CPUID8000000A_EDX_NPT (1u << 0)
#define CPUID8000000A_EDX_NEXT_RIP (1u << 3)

static bool present(void)
{
	return cpu_leaf(0x80000001).ecx & CPUID80000001_ECX_SVM;
}

static const char *missing(void)
{
	if (rdmsr(MSR_VM_CR) & VM_CR_SVMDIS)
		return MISSING_LOCKED;
	return cpu_leaf(0x8000000a).edx & CPUID8000000A_EDX_NPT ? NULL : MISSING_NESTED_PAGING;
}

static bool check_vmcb(const struct cpu *cpu)
{
	const struct vmcb_limits limits = {
		.phys_bits = cpu->plan->phys_bits,
		.asid_count = cpu_leaf(0x8000000a).ebx,
		.cr4_bits = cpu->cr4_allowed,
		.efer_bits = cpu->efer_allowed | EFER_LMA | EFER_SVME,
	};
	const char *fault = vmcb_check(cpu->vmcb, &limits);

	if (!fault)
		return true;
	log_line("refused: cell '%s': the state of its CPU (APIC id %u) breaks the processor's "
		 "rules: %s [rule vmcb-check]; mend: report it, with the image",
		 cpu->cell->name, cpu->self->apic_id.raw, fault);
	return false;
}

static void take_template(struct cpu *cpu, hpa_t source)
{
	arch_copy(cpu->vmcb, hpa_pointer(source), sizeof(*cpu->vmcb));
	cpu->vmcb->save.rax = cpu->gprs[GPR_RAX];
}

/* Both states are judged: a CPU that waits for its SIPI starts with INIT's. */
static bool prepare(struct cpu *cpu)
{
	bool init_holds;

	cpu->vmcb = (struct vmcb *)(uintptr_t)cpu->control_address;
	cpu->has_next_rip = cpu_leaf(0x8000000a).edx & CPUID8000000A_EDX_NEXT_RIP;
	take_template(cpu, cpu->cell->vmcb_init);
	init_holds = check_vmcb(cpu);
	take_template(cpu, cpu->cell->vmcb_entry);
	gate_set((struct gate *)plan_block(cpu->self, CPU_BLOCK_IDT) + VECTOR_NMI,
		 (const void *)(uintptr_t)svm_nmi);
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SVME);
	wrmsr(MSR_VM_HSAVE_PA, cpu->self->block.raw + CPU_BLOCK_HOST);
	/* From now on an NMI stays pending until the cell runs: as an exit it is accounted for. */
	__asm__ volatile("clgi" : : : "memory");
	return init_holds && check_vmcb(cpu);
}

static void startup(struct cpu *cpu, uint8_t vector)
{
	struct vmcb_save *save = &cpu->vmcb->save;

	take_template(cpu, cpu->cell->vmcb_init);
	save->cs.selector = (uint16_t)(vector << 8);
	save->cs.base = (uint64_t)vector << 12;
	save->rip = 0;
	/* What VMRUN does not load: FS, GS, TR and LDTR, with the SYSCALL registers (15.5.2). */
	__asm__ volatile("vmload %%rax" : : "a"(cpu->control_address) : "memory");
}

static void leave(void)
{
	__asm__ volatile("stgi" : : : "memory");
}

const struct backend svm_backend = {
	.name = "AMD-V",
	.feature = PLAN_FEATURE_SVM,
	.present = present,
	.missing = missing,
	.prepare = prepare,
	.run = svm_run,
	.startup = startup,
	.get = svm_get,
	.set = svm_set,
	.mode = svm_mode,
	.deliver_nmi = svm_deliver_nmi,
	.accept_interrupts = svm_accept_interrupts,
	.leave = leave,
};
