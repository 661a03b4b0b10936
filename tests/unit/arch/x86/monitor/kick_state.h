/* SPDX-License-Identifier: Apache-2.0 */
/* A state of the kick model, and the target's share of its steps. */
#ifndef SEPTUM_TESTS_KICK_STATE_H
#define SEPTUM_TESTS_KICK_STATE_H

#include "kick_model.h"

#include <assert.h>

/* Where the target is. */
enum place {
	CELL,
	WINDOW, /* SVM: after exit NMI, GIF 1 */
	UNBLOCK, /* VMX: after exit NMI */
	DISARM, /* VMX: after exit timer */
	COUNT, /* how many NMIs did the handler take? */
	CLASSIFY, /* kick or not, for each of them */
	LOOK, /* exit_finish(): is there a request? */
	TAKE,
	ENTER,
	WAIT_CLASSIFY, /* of the NMIs that came before the wait */
	WAIT_MONITOR,
	WAIT_LOOK,
	WAIT_SLEEP, /* MWAIT or HLT is the next instruction, or is sleeping */
	WAIT_TAKE,
	STOPPED,
};

struct kick_state {
	struct mailbox mailbox;
	struct mailbox_call calls[KICK_REQUESTERS + 1]; /* the target's is the last */
	uint8_t request[KICK_REQUESTERS]; /* which of its script */
	uint8_t must_send[KICK_REQUESTERS];
	uint8_t place;
	uint8_t latch; /* the processor's: one NMI, or none */
	uint8_t handled; /* by the monitor's handler, and not yet looked at */
	uint8_t batch;
	uint8_t timer; /* VMX: armed */
	uint8_t blocked; /* VMX: after exit NMI, until an IRET */
	uint8_t masked; /* the cell is in its NMI handler */
	uint8_t pending; /* cpu->nmi_pending */
	uint8_t asleep; /* HLT was executed */
	uint8_t watched; /* MONITOR was executed, and no store since */
	uint8_t real_left;
	/* What the cell may expect, kept by nobody in reality. */
	int8_t due; /* its NMIs sent, less those merged and those delivered */
	int8_t kicks; /* outstanding */
	uint8_t sipi_is_later; /* than the last INIT */
	uint8_t wrong_start;
	uint8_t padding;
};
static_assert(sizeof(struct kick_state) == 48, "states are compared as bytes");

/** kick_target_runs() - the target's next step. Return: false: it has none, it rests. */
bool kick_target_runs(const struct kick_model *model, struct kick_state *s);

/** kick_target_takes_nmi() - what its processor does with a latched NMI. Return: false: nothing. */
bool kick_target_takes_nmi(const struct kick_model *model, struct kick_state *s);

#endif
