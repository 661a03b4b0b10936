/* SPDX-License-Identifier: Apache-2.0 */
/* Every exit a cell can take on VT-x, and its one answer (docs/design.md, 7). */
#include "exits.h"
#include "instructions.h"
#include "stop.h"
#include "vmx.h"

#include <septum/x86/registers.h>

/* Qualification of #DB: B3..B0, BD, BS, placed as in DR6 (27.2.1, table 27-1) */
#define DR6_CONDITIONS 0x600full
#define DR6_BREAKPOINTS 0xfull
#define DR7_GENERAL_DETECT (1ull << 13)
/* Of an I/O instruction (table 27-5) and of a control-register access (27-3) */
#define IO_BYTES(info) ((unsigned int)((info)&7) + 1)
#define IO_READ (1ull << 3)
#define IO_STRING (1ull << 4)
#define IO_PORT(info) ((uint16_t)((info) >> 16))
#define CR_NUMBER_AND_ACCESS 0x3full
#define CR_MOV_TO_CR0 0u
#define CR_MOV_TO_CR4 4u
#define CR_REGISTER(info) ((unsigned int)((info) >> 8 & 15))
#define RIGHTS_DPL(rights) ((unsigned int)((rights) >> 5 & 3))

static void go_on(struct cpu *cpu, enum outcome outcome)
{
	switch (outcome) {
	case OUTCOME_RETRY:
		break;
	case OUTCOME_SKIP:
		vmx_skip(cpu, cpu->insn_length ? cpu->insn_length :
						 vmread(VMCS_EXIT_INSTRUCTION_LENGTH));
		break;
	case OUTCOME_UD:
		vmx_inject_exception(cpu, VECTOR_UD);
		break;
	case OUTCOME_GP:
		vmx_inject_exception(cpu, VECTOR_GP);
		break;
	}
}

/* What the processor does before it delivers #DB itself, and neither exit nor injection does. */
static void note_debug(uint64_t conditions)
{
	write_dr6((read_dr6() & ~DR6_BREAKPOINTS) | (conditions & DR6_CONDITIONS));
	vmwrite(VMCS_GUEST_DR7, vmread(VMCS_GUEST_DR7) & ~DR7_GENERAL_DETECT);
}

static enum outcome exit_event(struct cpu *cpu)
{
	const uint64_t event = vmread(VMCS_EXIT_EVENT);

	switch (event & VMCS_EVENT_VECTOR) {
	case VECTOR_NMI:
		vmx_unblock_nmis();
		return exit_nmi_taken(cpu);
	case VECTOR_MC:
		return exit_machine_check(cpu);
	case VECTOR_DB:
		note_debug(cpu->counters->last_info1);
		break;
	default:
		break;
	}
	cpu->counters->exits[PLAN_EXIT_EXCEPTION]++;
	vmx_inject(event, vmread(VMCS_EXIT_EVENT_ERROR));
	return OUTCOME_RETRY;
}

/* The monitor's own handler armed it (nmi.S).  Off first: a later NMI arms it again. */
static enum outcome exit_timer(struct cpu *cpu)
{
	vmx_control(VMCS_PIN_CONTROLS, VMX_PIN_PREEMPTION_TIMER, false);
	return exit_nmi_taken(cpu);
}

static enum outcome exit_window(struct cpu *cpu)
{
	vmx_control(VMCS_PRIMARY_CONTROLS, VMX_PRIMARY_NMI_WINDOW, false);
	return exit_as(cpu, PLAN_EXIT_NMI_WINDOW, OUTCOME_RETRY);
}

static enum outcome exit_io(struct cpu *cpu)
{
	const uint64_t info = cpu->counters->last_info1;
	const struct port_access access = {
		.port = IO_PORT(info),
		.bytes = IO_BYTES(info),
		.is_read = info & IO_READ,
		.is_string = info & IO_STRING,
	};

	return exit_port(cpu, &access);
}

static enum outcome exit_ept(struct cpu *cpu)
{
	const uint64_t info = cpu->counters->last_info1;
	const struct memory_access access = {
		.gpa = cpu->counters->last_info2,
		.is_write = info & EPT_VIOLATION_WRITE,
		.is_fetch = info & EPT_VIOLATION_FETCH,
		.is_walk = (info & (EPT_VIOLATION_LINEAR_VALID | EPT_VIOLATION_TRANSLATED)) ==
			   EPT_VIOLATION_LINEAR_VALID,
		.in_delivery = vmread(VMCS_VECTORING_EVENT) & VMCS_EVENT_VALID,
	};

	return exit_memory(cpu, &access);
}

/*
 * A write that differs from the read shadow in a bit of the monitor's.  If the cell may
 * write it, the shadow takes the value, and the instruction, executed again, no longer
 * exits: the processor itself makes all other checks, and the real bits do not move.
 */
static enum outcome write_shadow(uint32_t shadow, uint64_t value, bool allowed)
{
	if (!allowed)
		return OUTCOME_GP;
	vmwrite(shadow, value);
	return OUTCOME_RETRY;
}

static void __attribute__((noreturn)) exit_fatal(struct cpu *cpu, uint32_t reason)
{
	const uint64_t rip = vmread(VMCS_GUEST_RIP);

	if (reason & VMX_EXIT_ENTRY_FAILED)
		cell_stop(cpu, PLAN_EVENT_ENTRY_FAILED, rip, "cpu-entry",
			  "the processor refused the cell's state");
	switch (reason) {
	case VMX_EXIT_TRIPLE_FAULT:
		cell_stop(cpu, PLAN_EVENT_TRIPLE_FAULT, rip, "triple-fault",
			  "the cell's CPU shut down");
	case VMX_EXIT_INIT:
		cell_stop(cpu, PLAN_EVENT_INIT, rip, "cpu-init", "the CPU received INIT");
	case VMX_EXIT_TASK_SWITCH:
		cell_stop(cpu, PLAN_EVENT_TASK_SWITCH, rip, "task-switch",
			  "a hardware task switch, which VT-x cannot do for a cell");
	case VMX_EXIT_EPT_MISCONFIGURATION:
		cell_stop(cpu, PLAN_EVENT_UNKNOWN_EXIT, rip, "exit-unknown",
			  "the processor does not accept the cell's EPT");
	default:
		cell_stop(cpu, PLAN_EVENT_UNKNOWN_EXIT, rip, "exit-unknown",
			  "an exit that no cell should take");
	}
}

static enum outcome exit_cr(struct cpu *cpu)
{
	const unsigned int reg = CR_REGISTER(cpu->counters->last_info1);
	uint64_t value = reg == GPR_RSP ? vmread(VMCS_GUEST_RSP) : cpu->gprs[reg];

	cpu->counters->exits[PLAN_EXIT_CONTROL_REGISTER]++;
	if (vmx_mode(cpu) != DECODE_64)
		value = (uint32_t)value;
	switch (cpu->counters->last_info1 & CR_NUMBER_AND_ACCESS) {
	case CR_MOV_TO_CR0: /* NW without CD, or bits 63:32, are #GP on every processor */
		return write_shadow(VMCS_CR0_SHADOW, value,
				    !(value >> 32) && (!(value & CR0_NW) || value & CR0_CD));
	case CR_MOV_TO_CR4:
		return write_shadow(VMCS_CR4_SHADOW, value, !(value & ~cpu->cr4_allowed));
	default:
		exit_fatal(cpu, VMX_EXIT_CR_ACCESS); /* all others are the cell's own */
	}
}

static enum outcome dispatch(struct cpu *cpu, uint32_t reason)
{
	switch (reason) {
	case VMX_EXIT_WRMSR:
		return exit_wrmsr(cpu);
	case VMX_EXIT_RDMSR:
		return exit_rdmsr(cpu);
	case VMX_EXIT_CPUID:
		return exit_cpuid(cpu);
	case VMX_EXIT_EXCEPTION_NMI:
		return exit_event(cpu);
	case VMX_EXIT_TIMER:
		return exit_timer(cpu);
	case VMX_EXIT_NMI_WINDOW:
		return exit_window(cpu);
	case VMX_EXIT_IO:
		return exit_io(cpu);
	case VMX_EXIT_EPT_VIOLATION:
		return exit_ept(cpu);
	case VMX_EXIT_CR_ACCESS:
		return exit_cr(cpu);
	case VMX_EXIT_XSETBV:
		return exit_xsetbv(cpu, RIGHTS_DPL(vmread(VMCS_GUEST_SS_RIGHTS)));
	case VMX_EXIT_WBINVD:
	case VMX_EXIT_INVD:
		return exit_as(cpu, PLAN_EXIT_CACHE, OUTCOME_SKIP);
	case VMX_EXIT_RDPMC:
		return exit_as(cpu, PLAN_EXIT_DENIED_INSN, OUTCOME_GP);
	case VMX_EXIT_GETSEC:
	case VMX_EXIT_RSM:
	case VMX_EXIT_VMCALL ... VMX_EXIT_VMXON:
	case VMX_EXIT_MONITOR:
	case VMX_EXIT_MWAIT:
	case VMX_EXIT_INVEPT:
	case VMX_EXIT_INVVPID:
		return exit_as(cpu, PLAN_EXIT_DENIED_INSN, OUTCOME_UD);
	case VMX_EXIT_ENTRY_MACHINE_CHECK | VMX_EXIT_ENTRY_FAILED:
		return exit_machine_check(cpu);
	default:
		exit_fatal(cpu, reason);
	}
}

void vmx_exit(struct cpu *cpu)
{
	const uint32_t reason = (uint32_t)vmread(VMCS_EXIT_REASON);
	const uint64_t event = vmread(VMCS_VECTORING_EVENT);

	cpu->counters->last_code = reason;
	cpu->counters->last_info1 = vmread(VMCS_EXIT_QUALIFICATION);
	cpu->counters->last_info2 = vmread(VMCS_GUEST_PHYSICAL_ADDRESS);
	cpu->insn_length = 0;
	/*
	 * An event whose delivery this exit cut short is delivered again (27.2.4).  An
	 * exception that cut it short goes first and takes its place, as on the bare
	 * machine: it is benign (#DB, #AC), and repeating only the event could repeat
	 * it for ever.
	 */
	if (event & VMCS_EVENT_VALID)
		vmx_inject(event, vmread(VMCS_VECTORING_EVENT_ERROR));
	go_on(cpu, dispatch(cpu, reason));
	exit_finish(cpu);
}

void vmx_entry_failed(struct cpu *cpu)
{
	cell_stop(cpu, PLAN_EVENT_ENTRY_FAILED, vmread(VMCS_INSTRUCTION_ERROR), "cpu-entry",
		  "VM entry failed, with this VM-instruction error");
}
