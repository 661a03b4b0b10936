/* SPDX-License-Identifier: Apache-2.0 */
/* Every exit a cell can take on AMD-V, and its one answer (docs/design.md, 7). */
#include "cr4.h"
#include "exits.h"
#include "insn.h"
#include "instructions.h"
#include "stop.h"
#include "svm.h"

#include <septum/x86/registers.h>

/* @opcode: what the exit code says the instruction is; for OUTCOME_SKIP. */
static void go_on(struct cpu *cpu, enum outcome outcome, enum decode_opcode opcode)
{
	unsigned int length;

	switch (outcome) {
	case OUTCOME_RETRY:
		break;
	case OUTCOME_SKIP:
		length = cpu->insn_length ? cpu->insn_length : svm_length(cpu, opcode);
		if (length)
			svm_skip(cpu, length);
		else
			svm_inject(cpu, VECTOR_UD);
		break;
	case OUTCOME_UD:
		svm_inject(cpu, VECTOR_UD);
		break;
	case OUTCOME_GP:
		svm_inject(cpu, VECTOR_GP);
		break;
	}
}

static void exit_msr(struct cpu *cpu)
{
	if (cpu->vmcb->control.exit_info1 & 1)
		go_on(cpu, exit_wrmsr(cpu), DECODE_WRMSR);
	else
		go_on(cpu, exit_rdmsr(cpu), DECODE_RDMSR);
}

static void exit_ioio(struct cpu *cpu)
{
	const uint64_t info = cpu->vmcb->control.exit_info1;
	const struct port_access access = {
		.port = (uint16_t)(info >> VMEXIT_IOIO_PORT_SHIFT),
		.bytes = (unsigned int)(info >> VMEXIT_IOIO_SIZE_SHIFT & 7),
		.is_read = info & VMEXIT_IOIO_IN,
		.is_string = info & VMEXIT_IOIO_STRING,
	};

	/* exit_info2 holds the next RIP for IOIO on every CPU (APM volume 2, 15.10.2). */
	cpu->insn_length = (unsigned int)(cpu->vmcb->control.exit_info2 - cpu->vmcb->save.rip);
	go_on(cpu, exit_port(cpu, &access), DECODE_NONE);
}

static enum outcome exit_cr4(struct cpu *cpu)
{
	struct vmcb_save *save = &cpu->vmcb->save;
	uint8_t bytes[GUEST_FETCH_BYTES];
	const unsigned int count = insn_fetch(cpu, bytes);
	unsigned int gpr;
	uint64_t value;

	cpu->counters->exits[PLAN_EXIT_CONTROL_REGISTER]++;
	cpu->insn_length = decode_mov_to_cr(bytes, count, svm_mode(cpu), 4, &gpr);
	if (!cpu->insn_length)
		return OUTCOME_UD;
	value = gpr == GPR_RSP ? save->rsp : cpu->gprs[gpr];
	if (svm_mode(cpu) != DECODE_64)
		value = (uint32_t)value;
	if (!cr4_valid(save->cr4, value, cpu->cr4_allowed, save->efer, save->cr3))
		return OUTCOME_GP;
	/* MCE belongs to the monitor: without it a machine check would be a shutdown. */
	save->cr4 = value | CR4_MCE;
	cpu->vmcb->control.tlb_control = VMCB_TLB_FLUSH_ALL;
	return OUTCOME_SKIP;
}

static void exit_npf(struct cpu *cpu)
{
	const struct vmcb_control *control = &cpu->vmcb->control;
	const struct memory_access access = {
		.gpa = control->exit_info2,
		.is_write = control->exit_info1 & VMEXIT_NPF_WRITE,
		.is_fetch = control->exit_info1 & VMEXIT_NPF_FETCH,
		.is_walk = control->exit_info1 & VMEXIT_NPF_TABLE,
		.in_delivery = control->exit_int_info & VMCB_EVENT_VALID,
	};

	go_on(cpu, exit_memory(cpu, &access), DECODE_NONE);
}

static void __attribute__((noreturn)) exit_fatal(struct cpu *cpu, uint64_t code)
{
	const uint64_t rip = cpu->vmcb->save.rip;

	switch (code) {
	case VMEXIT_SHUTDOWN:
		cell_stop(cpu, PLAN_EVENT_TRIPLE_FAULT, rip, "triple-fault",
			  "the cell's CPU shut down");
	case VMEXIT_INIT:
		cell_stop(cpu, PLAN_EVENT_INIT, rip, "cpu-init", "the CPU received INIT");
	case VMEXIT_FERR_FREEZE:
		cell_stop(cpu, PLAN_EVENT_UNKNOWN_EXIT, rip, "x87-legacy-error",
			  "an x87 fault with CR0.NE clear, which would raise the PC's IRQ 13");
	case VMEXIT_INVALID:
		cell_stop(cpu, PLAN_EVENT_ENTRY_FAILED, rip, "cpu-entry",
			  "the processor refused the cell's state");
	default:
		cell_stop(cpu, PLAN_EVENT_UNKNOWN_EXIT, rip, "exit-unknown",
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
		go_on(cpu, exit_cpuid(cpu), DECODE_CPUID);
		break;
	case VMEXIT_IOIO:
		exit_ioio(cpu);
		break;
	case VMEXIT_CR4_WRITE:
		go_on(cpu, exit_cr4(cpu), DECODE_NONE);
		break;
	case VMEXIT_NPF:
		exit_npf(cpu);
		break;
	case VMEXIT_XSETBV:
		go_on(cpu, exit_xsetbv(cpu, cpu->vmcb->save.cpl), DECODE_XSETBV);
		break;
	case VMEXIT_WBINVD:
		go_on(cpu, exit_as(cpu, PLAN_EXIT_CACHE, OUTCOME_SKIP), DECODE_WBINVD);
		break;
	case VMEXIT_INVD:
		go_on(cpu, exit_as(cpu, PLAN_EXIT_CACHE, OUTCOME_SKIP), DECODE_INVD);
		break;
	case VMEXIT_EXCEPTION + VECTOR_DB:
	case VMEXIT_EXCEPTION + VECTOR_AC:
		cpu->counters->exits[PLAN_EXIT_EXCEPTION]++;
		svm_inject(cpu, (uint32_t)(code - VMEXIT_EXCEPTION));
		break;
	case VMEXIT_EXCEPTION + VECTOR_MC:
		exit_machine_check(cpu);
		break;
	case VMEXIT_NMI:
		svm_exit_nmi(cpu);
		break;
	case VMEXIT_IRET:
		svm_exit_iret(cpu);
		break;
	case VMEXIT_VINTR:
		svm_exit_window(cpu);
		break;
	case VMEXIT_RDPMC:
		go_on(cpu, exit_as(cpu, PLAN_EXIT_DENIED_INSN, OUTCOME_GP), DECODE_NONE);
		break;
	case VMEXIT_VMRUN ... VMEXIT_SKINIT:
	case VMEXIT_INVLPGA:
	case VMEXIT_RSM:
	case VMEXIT_MONITOR ... VMEXIT_MWAIT_ARMED:
	case VMEXIT_RDPRU:
	case VMEXIT_INVLPGB ... VMEXIT_INVLPGB_ILLEGAL:
	case VMEXIT_MCOMMIT ... VMEXIT_TLBSYNC:
		go_on(cpu, exit_as(cpu, PLAN_EXIT_DENIED_INSN, OUTCOME_UD), DECODE_NONE);
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
	cpu->insn_length = 0;
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
	exit_finish(cpu);
	cpu->vmcb->save.rax = cpu->gprs[GPR_RAX];
}
