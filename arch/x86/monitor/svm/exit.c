/* SPDX-License-Identifier: Apache-2.0 */
/* Every exit a cell can take on AMD-V, and its one answer (docs/design.md, 7). */
#include "clock.h"
#include "control_registers.h"
#include "cpuid_filter.h"
#include "decode.h"
#include "instructions.h"
#include "msr.h"
#include "plan_view.h"
#include "port.h"
#include "svm.h"
#include "svm_fetch.h"
#include "xcr0.h"

#include <septum/x86/registers.h>

static void count(struct cpu *cpu, enum plan_exit kind)
{
	cpu->counters->exits[kind]++;
}

/* Steps over an instruction that did its work; a cell that changed it meanwhile gets #UD. */
static void finish(struct cpu *cpu, enum decode_opcode opcode)
{
	const unsigned int length = svm_instruction_length(cpu, opcode);

	if (length)
		svm_skip(cpu, length);
	else
		svm_inject(cpu, VECTOR_UD);
}

static void exit_cpuid(struct cpu *cpu)
{
	const struct cpuid_view view = {
		.virtual_id = cpu->self->virtual_id,
		.cpu_count = cpu->cell->cpu_count,
		.tsc_khz = clock_tsc_khz(),
		.apic_khz = clock_apic_khz(),
		.cr4 = cpu->vmcb->save.cr4,
		.max_leaf = cpu->max_leaf,
		.max_extended_leaf = cpu->max_extended_leaf,
	};
	const uint32_t leaf = (uint32_t)cpu->gprs[GPR_RAX], subleaf = (uint32_t)cpu->gprs[GPR_RCX];
	struct cpuid_regs host, out;

	count(cpu, PLAN_EXIT_CPUID);
	cpuid(leaf, subleaf, &host);
	cpuid_filter(leaf, subleaf, &host, &view, &out);
	cpu->gprs[GPR_RAX] = out.eax;
	cpu->gprs[GPR_RBX] = out.ebx;
	cpu->gprs[GPR_RCX] = out.ecx;
	cpu->gprs[GPR_RDX] = out.edx;
	finish(cpu, DECODE_CPUID);
}

static bool read_msr(struct cpu *cpu, uint32_t msr)
{
	uint64_t value;

	if (msr == MSR_EFER)
		value = cpu->vmcb->save.efer & ~EFER_SVME;
	else if (!msr_read(cpu, msr, &value))
		return false;
	cpu->gprs[GPR_RAX] = (uint32_t)value;
	cpu->gprs[GPR_RDX] = value >> 32;
	return true;
}

static bool write_msr(struct cpu *cpu, uint32_t msr)
{
	const uint64_t value = cpu->gprs[GPR_RDX] << 32 | (uint32_t)cpu->gprs[GPR_RAX];
	struct vmcb_save *save = &cpu->vmcb->save;

	if (msr != MSR_EFER)
		return msr_write(cpu, msr, value);
	if (!efer_write(save->efer, value, cpu->efer_allowed, save->cr0 & CR0_PG, &save->efer))
		return false;
	cpu->vmcb->control.tlb_control = VMCB_TLB_FLUSH_ALL; /* NXE changes what entries mean */
	return true;
}

static void exit_msr(struct cpu *cpu)
{
	const uint32_t msr = (uint32_t)cpu->gprs[GPR_RCX];
	const bool is_write = cpu->vmcb->control.exit_info1 & 1;

	if (is_write ? write_msr(cpu, msr) : read_msr(cpu, msr)) {
		count(cpu, PLAN_EXIT_MSR_EMULATED);
		finish(cpu, is_write ? DECODE_WRMSR : DECODE_RDMSR);
	} else {
		count(cpu, PLAN_EXIT_MSR_DENIED);
		svm_inject(cpu, VECTOR_GP);
	}
}

static void port_in(struct cpu *cpu, uint16_t port, unsigned int bytes)
{
	const uint32_t value = port_read(cpu->cell, port, bytes);
	uint64_t *rax = &cpu->gprs[GPR_RAX];

	/* IN into EAX clears the upper half of RAX, AL and AX leave the rest. */
	if (bytes == 4)
		*rax = value;
	else
		*rax = (*rax & ~((1ull << bytes * 8) - 1)) | value;
}

static void exit_port(struct cpu *cpu)
{
	const uint64_t info = cpu->vmcb->control.exit_info1;
	const uint16_t port = (uint16_t)(info >> VMEXIT_IOIO_PORT_SHIFT);
	const unsigned int bytes = (unsigned int)(info >> VMEXIT_IOIO_SIZE_SHIFT & 7);
	enum plan_event event = PLAN_EVENT_NONE;

	/* String I/O moves memory: no stock kernel does it on a port that may not be there. */
	if (info & VMEXIT_IOIO_STRING) {
		count(cpu, PLAN_EXIT_PORT_DENIED);
		svm_inject(cpu, VECTOR_GP);
		return;
	}
	if (info & VMEXIT_IOIO_IN)
		port_in(cpu, port, bytes);
	else
		event = port_event(cpu->cell, port, bytes, (uint32_t)cpu->gprs[GPR_RAX]);
	if (event != PLAN_EVENT_NONE) {
		count(cpu, PLAN_EXIT_PORT_EVENT);
		svm_stop(cpu, event, port, "cell-request",
			 "the cell wrote to a reset or sleep port");
	}
	count(cpu, PLAN_EXIT_PORT_DENIED);
	/* exit_info2 holds the next RIP for IOIO on every CPU (APM volume 2, 15.10.2). */
	svm_skip(cpu, (unsigned int)(cpu->vmcb->control.exit_info2 - cpu->vmcb->save.rip));
}

static void exit_cr4(struct cpu *cpu)
{
	struct vmcb_save *save = &cpu->vmcb->save;
	unsigned int gpr;
	const unsigned int length = svm_mov_to_cr(cpu, 4, &gpr);
	uint64_t value;

	count(cpu, PLAN_EXIT_CONTROL_REGISTER);
	if (!length) {
		svm_inject(cpu, VECTOR_UD);
		return;
	}
	value = gpr == GPR_RSP ? save->rsp : cpu->gprs[gpr];
	if (svm_decode_mode(cpu->vmcb) != DECODE_64)
		value = (uint32_t)value;
	if (!cr4_valid(save->cr4, value, cpu->cr4_allowed, save->efer, save->cr3)) {
		svm_inject(cpu, VECTOR_GP);
		return;
	}
	/* MCE belongs to the monitor: without it a machine check would be a shutdown. */
	save->cr4 = value | CR4_MCE;
	cpu->vmcb->control.tlb_control = VMCB_TLB_FLUSH_ALL;
	svm_skip(cpu, length);
}

static void exit_xsetbv(struct cpu *cpu)
{
	const uint64_t value = cpu->gprs[GPR_RDX] << 32 | (uint32_t)cpu->gprs[GPR_RAX];

	count(cpu, PLAN_EXIT_XSETBV);
	if (!(cpu->vmcb->save.cr4 & CR4_OSXSAVE)) {
		svm_inject(cpu, VECTOR_UD);
		return;
	}
	if (cpu->vmcb->save.cpl != 0 || (uint32_t)cpu->gprs[GPR_RCX] != 0 ||
	    !xcr0_valid(value, cpu->xcr0_supported)) {
		svm_inject(cpu, VECTOR_GP);
		return;
	}
	/* XCR0 stays loaded: the monitor uses no extended state. */
	xsetbv(value);
	finish(cpu, DECODE_XSETBV);
}

static void exit_cache(struct cpu *cpu, enum decode_opcode opcode)
{
	count(cpu, PLAN_EXIT_CACHE);
	finish(cpu, opcode);
}

static void exit_denied(struct cpu *cpu, uint32_t vector)
{
	count(cpu, PLAN_EXIT_DENIED_INSN);
	svm_inject(cpu, vector);
}

/*
 * The NMI is still pending: it is taken by the monitor's own handler while GIF
 * is 1 for a moment (APM volume 2, 15.21.1).  No cell owns an NMI source yet.
 */
static void exit_nmi(struct cpu *cpu)
{
	count(cpu, PLAN_EXIT_NMI);
	__asm__ volatile("stgi; nop; clgi" : : : "memory");
}

static void __attribute__((noreturn)) exit_fatal(struct cpu *cpu, uint64_t code)
{
	const uint64_t rip = cpu->vmcb->save.rip;

	switch (code) {
	case VMEXIT_SHUTDOWN:
		svm_stop(cpu, PLAN_EVENT_TRIPLE_FAULT, rip, "triple-fault",
			 "the cell's CPU shut down");
	case VMEXIT_INIT:
		svm_stop(cpu, PLAN_EVENT_INIT, rip, "cpu-init", "the CPU received INIT");
	case VMEXIT_FERR_FREEZE:
		svm_stop(cpu, PLAN_EVENT_UNKNOWN_EXIT, rip, "x87-legacy-error",
			 "an x87 fault with CR0.NE clear, which would raise the PC's IRQ 13");
	case VMEXIT_EXCEPTION + VECTOR_MC:
		svm_stop(cpu, PLAN_EVENT_MACHINE_CHECK, rip, "machine-check",
			 "the CPU reported a machine check");
	case VMEXIT_INVALID:
		svm_stop(cpu, PLAN_EVENT_ENTRY_FAILED, rip, "cpu-entry",
			 "the processor refused the cell's state");
	default:
		svm_stop(cpu, PLAN_EVENT_UNKNOWN_EXIT, rip, "exit-unknown",
			 "an exit that no cell should take");
	}
}

static void dispatch(struct cpu *cpu, uint64_t code)
{
	switch (code) {
	case VMEXIT_MSR:
		exit_msr(cpu);
		break;
	case VMEXIT_CPUID:
		exit_cpuid(cpu);
		break;
	case VMEXIT_IOIO:
		exit_port(cpu);
		break;
	case VMEXIT_CR4_WRITE:
		exit_cr4(cpu);
		break;
	case VMEXIT_NPF:
		svm_nested_fault(cpu);
		break;
	case VMEXIT_XSETBV:
		exit_xsetbv(cpu);
		break;
	case VMEXIT_WBINVD:
		exit_cache(cpu, DECODE_WBINVD);
		break;
	case VMEXIT_INVD:
		exit_cache(cpu, DECODE_INVD);
		break;
	case VMEXIT_EXCEPTION + VECTOR_DB:
	case VMEXIT_EXCEPTION + VECTOR_AC:
		count(cpu, PLAN_EXIT_EXCEPTION);
		svm_inject(cpu, (uint32_t)(code - VMEXIT_EXCEPTION));
		break;
	case VMEXIT_NMI:
		exit_nmi(cpu);
		break;
	case VMEXIT_RDPMC:
		exit_denied(cpu, VECTOR_GP);
		break;
	case VMEXIT_VMRUN ... VMEXIT_SKINIT:
	case VMEXIT_INVLPGA:
	case VMEXIT_RSM:
	case VMEXIT_MONITOR ... VMEXIT_MWAIT_ARMED:
	case VMEXIT_RDPRU:
	case VMEXIT_INVLPGB ... VMEXIT_INVLPGB_ILLEGAL:
	case VMEXIT_MCOMMIT ... VMEXIT_TLBSYNC:
		exit_denied(cpu, VECTOR_UD);
		break;
	default:
		exit_fatal(cpu, code);
	}
}

void svm_exit(struct cpu *cpu)
{
	struct vmcb_control *control = &cpu->vmcb->control;

	cpu->gprs[GPR_RAX] = cpu->vmcb->save.rax;
	cpu->counters->last_code = control->exit_code;
	cpu->counters->last_info1 = control->exit_info1;
	cpu->counters->last_info2 = control->exit_info2;
	control->tlb_control = VMCB_TLB_NOTHING;
	control->event_injection = 0;
	dispatch(cpu, control->exit_code);
	/*
	 * An event whose delivery this exit cut short is delivered again (APM 15.20).
	 * An exception that cut it short goes first, as on the bare machine: it is
	 * benign (#DB, #AC), and repeating only the event could repeat it for ever.
	 */
	if (control->exit_int_info & VMCB_EVENT_VALID &&
	    !(control->event_injection & VMCB_EVENT_VALID))
		control->event_injection = control->exit_int_info;
	cpu->vmcb->save.rax = cpu->gprs[GPR_RAX];
}
