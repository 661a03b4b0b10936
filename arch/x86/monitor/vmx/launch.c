/* SPDX-License-Identifier: Apache-2.0 */
/* From a plan's VMCS template to a running cell. */
#include "capability.h"
#include "cpu_features.h"
#include "instructions.h"
#include "log.h"
#include "plan_view.h"
#include "selectors.h"
#include "vmcs_check.h"
#include "vmx.h"

#include <septum/x86/registers.h>

#define CPUID1_ECX_VMX (1u << 5) /* 23.6 */
#define BASIC_REVISION 0x7fffffffu /* IA32_VMX_BASIC, appendix A.1 */
/* Any but null, and never looked up: the monitor changes no ring and uses no IST (26.2.3). */
#define HOST_TASK_SELECTOR 0x20u
#define HOST_RSP_BELOW_TOP 16u /* run.S keeps the CPU's struct there */
#define FIELD_TYPE(encoding) ((encoding) >> 10 & 3) /* 24.11.2, table 24-21 */
#define FIELD_GUEST_STATE 2u
#define DR6_AT_RESET 0xffff0ff0ull

extern const uint8_t gdt[]; /* head.S */

/* VMXON, VMCLEAR, VMPTRLD: on the physical address of a page; false: VMfail (30.2). */
#define REGION_INSTRUCTION(name)                                                              \
	static bool name(uint64_t region)                                                     \
	{                                                                                     \
		bool done;                                                                    \
                                                                                              \
		__asm__ volatile(#name " %1" : "=@cca"(done) : "m"(region) : "cc", "memory"); \
		return done;                                                                  \
	}
REGION_INSTRUCTION(vmxon)
REGION_INSTRUCTION(vmclear)
REGION_INSTRUCTION(vmptrld)

static bool present(void)
{
	return cpu_leaf(1).ecx & CPUID1_ECX_VMX;
}

/* A.3.2, A.3.3: the upper half tells what may be 1.  All else that the control words
 * must offer is asked when they are made. */
static const char *missing(void)
{
	uint64_t unused;

	if (!vmx_feature_control(rdmsr(MSR_FEATURE_CONTROL), &unused))
		return MISSING_LOCKED;
	return rdmsr(MSR_VMX_PRIMARY) >> 32 & VMX_PRIMARY_SECONDARY &&
			       rdmsr(MSR_VMX_SECONDARY) >> 32 & VMX_SECONDARY_EPT ?
		       NULL :
		       MISSING_NESTED_PAGING;
}

static bool refuse(const struct cpu *cpu, const struct vmx_refusal *refusal)
{
	log_line("refused: CPU with APIC id %u %s %s (%s, bit %u) [rule board-cpu-feature]; mend: "
		 "switch it on in the firmware, or use a CPU that has it",
		 cpu->self->apic_id.raw, refusal->insists ? "insists on" : "lacks", refusal->name,
		 refusal->word, refusal->bit);
	return false;
}

static bool refuse_state(const struct cpu *cpu, const char *why, uint32_t field)
{
	log_line("refused: cell '%s': the state of its CPU (APIC id %u) breaks the processor's "
		 "rules: %s (VMCS field 0x%x is 0x%lx) [rule vmcs-check]; mend: report it, with "
		 "the image",
		 cpu->cell->name, cpu->self->apic_id.raw, why, field, vmread(field));
	return false;
}

/* The mode on, and an empty VMCS current (23.7, 24.11.3). */
static bool switch_on(const struct cpu *cpu)
{
	const uint64_t basic = rdmsr(MSR_VMX_BASIC), host = cpu->self->block.raw + CPU_BLOCK_HOST;
	const uint64_t old = rdmsr(MSR_FEATURE_CONTROL);
	struct vmx_refusal refusal = { .name = "VMX", .word = "VMXON failed" };
	uint64_t next;

	if (!vmx_basic_holds(basic, &refusal))
		return refuse(cpu, &refusal);
	if (vmx_feature_control(old, &next) && next != old)
		wrmsr(MSR_FEATURE_CONTROL, next);
	write_cr4(read_cr4() | CR4_VMXE);
	*(uint32_t *)(uintptr_t)host = basic & BASIC_REVISION;
	*(uint32_t *)(uintptr_t)cpu->control_address = basic & BASIC_REVISION;
	if (!vmxon(host) || !vmclear(cpu->control_address) || !vmptrld(cpu->control_address))
		return refuse(cpu, &refusal);
	return true;
}

/* Of the control words the template has what must be 1; the processor adds to that. */
static bool write_field(const struct cpu *cpu, const struct vmcs_field *field)
{
	uint32_t control = (uint32_t)field->value;
	uint64_t value = field->value;
	struct vmx_refusal refusal;

	for (enum vmx_word word = 0; word < VMX_WORD_CONTROLS; word++) {
		if (vmx_controls[word].field != field->encoding)
			continue;
		if (!vmx_control_word(word, control, rdmsr(vmx_controls[word].msr), &control,
				      &refusal))
			return refuse(cpu, &refusal);
		value = control;
	}
	return vmwrite(field->encoding, value) ||
	       refuse_state(cpu, "the processor has no such field", field->encoding);
}

static bool write_fields(const struct cpu *cpu, const struct vmcs_field *fields, uint32_t count)
{
	for (uint32_t i = 0; i < count && i < VMCS_TEMPLATE_FIELDS; i++)
		if (!write_field(cpu, &fields[i]))
			return false;
	return true;
}

/* Asked only when the control words have EPT and VPID: else the MSR does not exist (A.10). */
static bool check_ept(const struct cpu *cpu)
{
	const bool huge = cpu->plan->cpu_features & PLAN_FEATURE_EPT_1G;
	struct vmx_refusal refusal;

	return vmx_ept_vpid_holds(rdmsr(MSR_VMX_EPT_VPID), huge, &refusal) || refuse(cpu, &refusal);
}

/* 24.5: what the template cannot know, of these and of the rest. */
static bool write_host_state(const struct cpu *cpu)
{
	const uint64_t rsp = cpu->self->block.raw + CPU_BLOCK_STACK_TOP - HOST_RSP_BELOW_TOP;
	const struct vmcs_field fields[] = {
		{ VMCS_HOST_CR0, 0, read_cr0() },
		{ VMCS_HOST_CR3, 0, cpu->self->cr3.raw },
		{ VMCS_HOST_CR4, 0, read_cr4() },
		{ VMCS_HOST_CS_SELECTOR, 0, SELECTOR_CODE64 },
		{ VMCS_HOST_TR_SELECTOR, 0, HOST_TASK_SELECTOR },
		{ VMCS_HOST_GDTR_BASE, 0, (uintptr_t)gdt },
		{ VMCS_HOST_IDTR_BASE, 0, (uintptr_t)plan_block(cpu->self, CPU_BLOCK_IDT) },
		{ VMCS_HOST_PAT, 0, rdmsr(MSR_PAT) },
		{ VMCS_HOST_EFER, 0, rdmsr(MSR_EFER) },
		{ VMCS_HOST_RSP, 0, rsp },
		{ VMCS_HOST_RIP, 0, (uintptr_t)vmx_host_rip },
		{ VMCS_PREEMPTION_TIMER, 0, 0 },
		/* What this processor lacks, or is hidden, is the monitor's too. */
		{ VMCS_CR4_MASK, 0, vmread(VMCS_CR4_MASK) | ~cpu->cr4_allowed },
	};

	return write_fields(cpu, fields, sizeof(fields) / sizeof(fields[0]));
}

static uint64_t read_field(const void *context, uint32_t encoding)
{
	(void)context;
	return vmread(encoding);
}

static bool check_vmcs(const struct cpu *cpu)
{
	const struct vmcs_reader reader = { read_field, NULL };
	const struct vmcs_limits limits = {
		.phys_bits = cpu->plan->phys_bits,
		.cr0_fixed0 = rdmsr(MSR_VMX_CR0_FIXED0),
		.cr0_fixed1 = rdmsr(MSR_VMX_CR0_FIXED1),
		.cr4_fixed0 = rdmsr(MSR_VMX_CR4_FIXED0),
		.cr4_fixed1 = rdmsr(MSR_VMX_CR4_FIXED1),
		.cr4_bits = cpu->cr4_allowed,
		.efer_bits = cpu->efer_allowed | EFER_LMA,
	};
	uint32_t field;
	const char *fault = vmcs_check(&reader, &limits, &field);

	return !fault || refuse_state(cpu, fault, field);
}

static bool take_template(const struct cpu *cpu, hpa_t source)
{
	const struct vmcs_template *template = hpa_pointer(source);

	return write_fields(cpu, template->fields, template->count) && check_ept(cpu) &&
	       write_host_state(cpu) && check_vmcs(cpu);
}

/* Both states are judged: a CPU that waits for its SIPI starts with INIT's. */
static bool prepare(struct cpu *cpu)
{
	if (!switch_on(cpu) || !take_template(cpu, cpu->cell->vmcs_init) ||
	    !take_template(cpu, cpu->cell->vmcs_entry))
		return false;
	/* From now on an NMI is accounted for at the next entry. */
	gate_set((struct gate *)plan_block(cpu->self, CPU_BLOCK_IDT) + VECTOR_NMI,
		 (const void *)(uintptr_t)vmx_nmi);
	return true;
}

/* Of the "init" template only what INIT changes: the controls are the same for ever. */
static bool is_reset(uint32_t encoding)
{
	return FIELD_TYPE(encoding) == FIELD_GUEST_STATE || encoding == VMCS_CR0_SHADOW ||
	       encoding == VMCS_CR4_SHADOW;
}

/* A timer that an NMI armed meanwhile stays armed: that NMI is still to be accounted for. */
static void startup(struct cpu *cpu, uint8_t vector)
{
	const struct vmcs_template *init = hpa_pointer(cpu->cell->vmcs_init);

	for (uint32_t i = 0; i < init->count && i < VMCS_TEMPLATE_FIELDS; i++)
		if (is_reset(init->fields[i].encoding))
			vmwrite(init->fields[i].encoding, init->fields[i].value);
	vmwrite(VMCS_GUEST_CS_SELECTOR, (uint64_t)vector << 8);
	vmwrite(VMCS_GUEST_CS_BASE, (uint64_t)vector << 12);
	vmwrite(VMCS_GUEST_RIP, 0);
	vmwrite(VMCS_ENTRY_EVENT, 0);
	vmx_control(VMCS_ENTRY_CONTROLS, VMX_ENTRY_IA32E, false);
	vmx_control(VMCS_PRIMARY_CONTROLS, VMX_PRIMARY_NMI_WINDOW, false);
	write_dr6(DR6_AT_RESET);
	vmx_flush();
}

static void accept_interrupts(struct cpu *cpu)
{
	(void)cpu;
	/* The instruction after STI is its shadow. */
	__asm__ volatile("sti; nop; cli" : : : "memory");
}

/* NMIs are deliverable whenever the monitor runs. */
static void leave(void)
{
}

const struct backend vmx_backend = {
	.name = "VT-x",
	.feature = PLAN_FEATURE_VMX,
	.present = present,
	.missing = missing,
	.prepare = prepare,
	.run = vmx_run,
	.startup = startup,
	.get = vmx_get,
	.set = vmx_set,
	.mode = vmx_mode,
	.deliver_nmi = vmx_deliver_nmi,
	.accept_interrupts = accept_interrupts,
	.leave = leave,
};
