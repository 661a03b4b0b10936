/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NMIs of the cell, without the processor's help: it may have no virtual NMIs
 * (APM volume 2, 15.21.10), so their mask is followed by intercepting IRET.
 */
#include "exits.h"
#include "mailbox.h"
#include "svm.h"

#include <septum/x86/registers.h>

/* A virtual interrupt of any priority, only to be told that the cell can take one: 15.21.4 */
#define INT_WINDOW (VMCB_INT_V_IRQ | VMCB_INT_V_IGN_TPR)

static void open_window(struct vmcb_control *control)
{
	control->int_control |= INT_WINDOW;
	control->intercept_misc1 |= VMCB_MISC1_VINTR;
}

static void close_window(struct vmcb_control *control)
{
	control->int_control &= ~INT_WINDOW;
	control->intercept_misc1 &= ~VMCB_MISC1_VINTR;
}

void svm_deliver_nmi(struct cpu *cpu)
{
	struct vmcb_control *control = &cpu->vmcb->control;

	if (cpu->nmi_blocked)
		return;
	if (control->event_injection & VMCB_EVENT_VALID) {
		/* After that event, then: the window opens when interrupts are on again. */
		open_window(control);
		return;
	}
	/* A window that waits would end the blocking inside a handler that takes interrupts. */
	close_window(control);
	control->event_injection = VMCB_EVENT_VALID | VMCB_EVENT_TYPE_NMI | VECTOR_NMI;
	control->intercept_misc1 |= VMCB_MISC1_IRET;
	cpu->nmi_pending = false;
	cpu->nmi_blocked = true;
}

void svm_exit_nmi(struct cpu *cpu)
{
	uint32_t taken = 0;

	svm_window(&taken, 0);
	exit_nmi_taken(cpu);
}

/*
 * The IRET is still to be executed.  An NMI that waits must come after it, and
 * the next exit that is sure to be after it is the interrupt window.
 */
void svm_exit_iret(struct cpu *cpu)
{
	struct vmcb_control *control = &cpu->vmcb->control;

	control->intercept_misc1 &= ~VMCB_MISC1_IRET;
	if (!cpu->nmi_pending) {
		cpu->nmi_blocked = false;
		return;
	}
	open_window(control);
}

void svm_exit_window(struct cpu *cpu)
{
	close_window(&cpu->vmcb->control);
	cpu->nmi_blocked = false;
	exit_as(cpu, PLAN_EXIT_NMI_WINDOW, OUTCOME_RETRY);
}

void svm_accept_interrupts(struct cpu *cpu)
{
	uint32_t taken = 0;

	svm_window(&taken, 1);
	/* An NMI that slipped in: a kick is done with, the cell's own is lost to the INIT. */
	if (taken)
		mailbox_nmi_taken(cpu->mailbox);
}
