/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A lock around hardware that all cells share, in the order of arrival.  The wait
 * is bounded: nobody may wait for ever for a CPU of another cell.  Who does not get
 * its turn goes on all the same: the holder has died in the monitor by then.
 */
#ifndef SEPTUM_X86_TICKET_LOCK_H
#define SEPTUM_X86_TICKET_LOCK_H

#include "instructions.h"

struct ticket_lock {
	uint32_t next_ticket;
	uint32_t now_serving;
};

/** ticket_lock_take() - wait for the turn, at most @polls times; returns the ticket. */
static inline uint32_t ticket_lock_take(struct ticket_lock *lock, uint32_t polls)
{
	const uint32_t ticket = __atomic_fetch_add(&lock->next_ticket, 1, __ATOMIC_RELAXED);

	while (polls-- && __atomic_load_n(&lock->now_serving, __ATOMIC_ACQUIRE) != ticket)
		cpu_relax();
	return ticket;
}

static inline void ticket_lock_release(struct ticket_lock *lock, uint32_t ticket)
{
	__atomic_store_n(&lock->now_serving, ticket + 1, __ATOMIC_RELEASE);
}

#endif
