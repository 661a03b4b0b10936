/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What differs between AMD-V (svm/) and VT-x (vmx/).  One table of functions,
 * chosen once at boot; everything that is not in it is shared.
 */
#ifndef SEPTUM_X86_BACKEND_H
#define SEPTUM_X86_BACKEND_H

#include "cpu.h"
#include "decode.h"

enum guest_register {
	GUEST_RIP,
	GUEST_RSP,
	GUEST_RFLAGS,
	GUEST_CR0, /* as the cell sees it */
	GUEST_CR3,
	GUEST_CR4, /* as the cell sees it */
	GUEST_EFER, /* as the cell sees it: SVME is never there; a write flushes the cell's TLB */
	GUEST_CS_BASE,
	GUEST_REGISTERS
};

/* How a cell goes on after an exit that a shared handler answered. */
enum outcome {
	OUTCOME_RETRY, /* execute the instruction again */
	OUTCOME_SKIP, /* the instruction did its work: step over it */
	OUTCOME_UD, /* #UD, #GP(0): delivered at the instruction */
	OUTCOME_GP,
};

struct backend {
	const char *name; /* "AMD-V" */
	uint32_t feature; /* PLAN_FEATURE_SVM or PLAN_FEATURE_VMX */

	/** present() - does CPUID promise it?  missing() - if so, what it lacks; NULL: nothing. */
	bool (*present)(void);
	const char *(*missing)(void);

	/** prepare() - the mode on, control structure filled from the plan's "entry" template and
	 * checked.  Return: false after a "refused:" line that names the field or the bit. */
	bool (*prepare)(struct cpu *cpu);

	/** run() - enter the cell; every exit is answered inside.  Does not return. */
	void (*run)(struct cpu *cpu);

	/** startup() - the state after INIT (the plan's "init" template), to go on at
	 * @vector << 12 as after a SIPI.  Only between two entries, or before run(). */
	void (*startup)(struct cpu *cpu, uint8_t vector);

	uint64_t (*get)(const struct cpu *cpu, enum guest_register reg);
	void (*set)(struct cpu *cpu, enum guest_register reg, uint64_t value);

	/** mode() - default operand and address size of the current code segment. */
	enum decode_mode (*mode)(const struct cpu *cpu);

	/** deliver_nmi() - the cell has cpu->nmi_pending: inject it and clear that, or, if the cell
	 * blocks NMIs, arrange for an exit as soon as it does not. */
	void (*deliver_nmi)(struct cpu *cpu);

	/** accept_interrupts() - take what the local APIC has pending, and forget it. */
	void (*accept_interrupts)(struct cpu *cpu);

	/** leave() - this CPU never enters its cell again: NMIs are deliverable from now on. */
	void (*leave)(void);
};

#define MISSING_LOCKED "SVM or VMX switched on (firmware locked it off)"
#define MISSING_NESTED_PAGING "nested paging"

extern const struct backend svm_backend, vmx_backend;

/** backend_choose() - the back end for this processor; NULL: none that is built in and that the
 * plan asks for.  A plan with AMD-V and VT-x is for machines of either kind. */
const struct backend *backend_choose(const struct plan *plan);

#endif
