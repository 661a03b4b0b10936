/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mailbox's own functions, one locked instruction at a time: mailbox.c itself,
 * compiled so that each atomic access is a step of its own, and mutants of it.
 */
#ifndef SEPTUM_TESTS_KICK_MAILBOX_H
#define SEPTUM_TESTS_KICK_MAILBOX_H

#include "mailbox.h"

struct mailbox_functions {
	bool (*post)(struct mailbox *mailbox, uint32_t requests);
	bool (*post_init)(struct mailbox *mailbox);
	bool (*post_startup)(struct mailbox *mailbox, uint8_t vector);
	uint32_t (*take)(struct mailbox *mailbox);
	bool (*nmi_taken)(struct mailbox *mailbox);
};

enum mailbox_variant {
	MAILBOX_REAL,
	MAILBOX_POSTS_AFTER_KICK, /* the request is written behind the exchange of kick */
	MAILBOX_KICK_IN_TWO, /* kick is read and then written */
	MAILBOX_KICK_ALWAYS, /* an NMI for each request */
	MAILBOX_TAKE_IN_TWO, /* requests are read and then cleared */
	MAILBOX_NMI_IN_TWO, /* kick is read and then cleared */
	MAILBOX_INIT_KEEPS_SIPI, /* an INIT does not forget an earlier SIPI */
	MAILBOX_INIT_FORGETS_LATE, /* it does, but after it was posted */
	MAILBOX_VECTOR_LATE, /* a SIPI is posted before its vector is written */
};

/** mailbox_functions() - what a variant of mailbox.c does. */
struct mailbox_functions mailbox_functions(enum mailbox_variant variant);

/* How far a CPU is in a call: what its instructions so far gave. */
struct mailbox_call {
	uint8_t done;
	uint8_t results[3];
};

enum mailbox_function { CALL_POST, CALL_INIT, CALL_STARTUP, CALL_TAKE, CALL_NMI_TAKEN };

/**
 * mailbox_call_step() - the next locked instruction of a call.
 * @argument: requests or vector.
 * Return: true: it was the last one, and @result is what the function returns.
 */
bool mailbox_call_step(const struct mailbox_functions *functions, enum mailbox_function function,
		       struct mailbox_call *call, struct mailbox *mailbox, uint32_t argument,
		       uint32_t *result);

#endif
