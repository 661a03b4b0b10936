/* SPDX-License-Identifier: Apache-2.0 */
#include "ipi.h"

#include "instructions.h"
#include "lapic.h"
#include "mailbox.h"
#include "plan_view.h"

#include <septum/x86/registers.h>

#define VECTOR_LOWEST 16u /* below: an illegal vector, APM volume 2, 16.4.7 */

static void send(const struct plan_cpu *target, uint64_t command)
{
	wrmsr(MSR_X2APIC_ICR, (uint64_t)target->apic_id.raw << 32 | ICR_ASSERT | command);
}

/* The first post since the CPU last looked has to make it look. */
static bool notify(const struct plan_cpu *target, bool must_kick)
{
	if (must_kick)
		send(target, ICR_MODE_NMI << 8);
	return true;
}

/* One command to one CPU of the cell.  Return: false: dropped. */
static bool deliver(const struct plan_cpu *target, uint64_t icr)
{
	struct mailbox *mailbox = plan_block(target, CPU_BLOCK_MAILBOX);

	switch (ICR_MODE(icr)) {
	case ICR_MODE_FIXED:
	case ICR_MODE_LOWEST:
		if ((icr & ICR_VECTOR) < VECTOR_LOWEST)
			return false;
		send(target, icr & ICR_VECTOR);
		return true;
	case ICR_MODE_NMI:
		return notify(target, mailbox_post(mailbox, REQUEST_NMI));
	case ICR_MODE_INIT: /* de-assert: does nothing since the P6 */
		if (icr & ICR_LEVEL && !(icr & ICR_ASSERT))
			return true;
		return notify(target, mailbox_post_init(mailbox));
	case ICR_MODE_STARTUP:
		return notify(target, mailbox_post_startup(mailbox, (uint8_t)(icr & ICR_VECTOR)));
	default:
		return false;
	}
}

static bool deliver_to_all(const struct cpu *cpu, const struct plan_cpu *peer, uint64_t icr)
{
	bool sent = false;

	for (uint32_t i = 0; i < cpu->cell->cpu_count; i++) {
		if (!lapic_ipi_reaches(icr, cpu->self->virtual_id, peer[i].virtual_id))
			continue;
		sent |= deliver(&peer[i], icr);
		if (ICR_MODE(icr) == ICR_MODE_LOWEST)
			break;
	}
	return sent;
}

bool ipi_write(struct cpu *cpu, uint64_t icr)
{
	const struct plan_cpu *peer = &plan_cpus(cpu->plan)[cpu->cell->first_cpu];
	const uint32_t dest = (uint32_t)(icr >> 32);
	bool sent;

	if (icr & ICR_RESERVED) {
		cpu->counters->exits[PLAN_EXIT_IPI_DENIED]++;
		return false;
	}
	/* The usual case: a CPU by its id, and virtual ids count from 0 in plan order. */
	if (!(icr & ICR_LOGICAL) && ICR_SHORTHAND(icr) == ICR_TO_NAMED &&
	    dest < cpu->cell->cpu_count)
		sent = deliver(&peer[dest], icr);
	else
		sent = deliver_to_all(cpu, peer, icr);
	cpu->counters->exits[sent ? PLAN_EXIT_IPI : PLAN_EXIT_IPI_DENIED]++;
	return true;
}

void ipi_request(const struct plan_cpu *target, uint32_t requests)
{
	notify(target, mailbox_post(plan_block(target, CPU_BLOCK_MAILBOX), requests));
}

void ipi_stop_peers(struct cpu *cpu)
{
	const struct plan_cpu *peer = &plan_cpus(cpu->plan)[cpu->cell->first_cpu];

	for (uint32_t i = 0; i < cpu->cell->cpu_count; i++)
		if (&peer[i] != cpu->self)
			ipi_request(&peer[i], REQUEST_STOP);
}
