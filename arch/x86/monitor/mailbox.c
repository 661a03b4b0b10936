/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each step below is one locked instruction, so the order that all CPUs see is the
 * order written here.  tests/unit/arch/x86/monitor/test_kick_model.c runs these
 * functions through every interleaving; what each order prevents stands there.
 */
#include "mailbox.h"

bool mailbox_post(struct mailbox *mailbox, uint32_t requests)
{
	/* The result stays unused: it would turn one LOCK OR into a loop of LOCK CMPXCHG. */
	__atomic_fetch_or(&mailbox->requests, requests, __ATOMIC_SEQ_CST);
	return __atomic_exchange_n(&mailbox->kick, 1, __ATOMIC_SEQ_CST) == 0;
}

bool mailbox_post_init(struct mailbox *mailbox)
{
	/* First forget, then post: a SIPI that comes between the two is later than this INIT. */
	__atomic_fetch_and(&mailbox->requests, ~REQUEST_STARTUP, __ATOMIC_SEQ_CST);
	return mailbox_post(mailbox, REQUEST_INIT);
}

bool mailbox_post_startup(struct mailbox *mailbox, uint8_t vector)
{
	__atomic_store_n(&mailbox->startup_vector, vector, __ATOMIC_SEQ_CST);
	return mailbox_post(mailbox, REQUEST_STARTUP);
}

uint32_t mailbox_take(struct mailbox *mailbox)
{
	return __atomic_exchange_n(&mailbox->requests, 0, __ATOMIC_SEQ_CST);
}

bool mailbox_nmi_taken(struct mailbox *mailbox)
{
	return __atomic_exchange_n(&mailbox->kick, 0, __ATOMIC_SEQ_CST) != 0;
}
