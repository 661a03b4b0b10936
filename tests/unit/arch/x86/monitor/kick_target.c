/* SPDX-License-Identifier: Apache-2.0 */
/* The target of the kick model: what its monitor does, a step at a time. */
#include "kick_state.h"

/* The cell's NMI is noted; one that is noted already stands for both. */
static void note_nmi(struct kick_state *s)
{
	if (s->pending)
		s->due--;
	s->pending = 1;
}

static bool target_call(const struct kick_model *model, struct kick_state *s,
			enum mailbox_function function, uint32_t *result)
{
	const struct mailbox_functions functions = mailbox_functions(model->mailbox);

	if (!mailbox_call_step(&functions, function, &s->calls[KICK_REQUESTERS], &s->mailbox, 0,
			       result))
		return false;
	if (function == CALL_NMI_TAKEN && *result)
		s->kicks--;
	return true;
}

static void classify(const struct kick_model *model, struct kick_state *s, enum place next)
{
	uint32_t is_kick;

	if (!s->batch) {
		s->place = (uint8_t)next;
		return;
	}
	if (!target_call(model, s, CALL_NMI_TAKEN, &is_kick))
		return;
	s->batch--;
	if (!is_kick)
		note_nmi(s);
}

static void wait_for_startup(const struct kick_model *model, struct kick_state *s)
{
	if (model->wait == WAIT_MWAIT) {
		s->place = model->mutant == MUTANT_MONITOR_AFTER_LOOK ? WAIT_LOOK : WAIT_MONITOR;
		return;
	}
	s->place = WAIT_LOOK;
	if (model->mutant == MUTANT_WAITER_KEEPS_KICK)
		return;
	s->batch = s->handled;
	s->handled = 0;
	s->place = WAIT_CLASSIFY;
}

/* The cell's NMIs up to now are lost, as on a bare machine that waits for a SIPI. */
static void forget_nmis(struct kick_state *s)
{
	s->due = (int8_t)(s->due - s->pending);
	s->pending = 0;
	s->masked = 0;
}

static void start(struct kick_state *s)
{
	s->wrong_start = !s->sipi_is_later || !s->mailbox.startup_vector;
	s->place = ENTER;
}

static void serve(const struct kick_model *model, struct kick_state *s, bool is_waiting)
{
	uint32_t requests;

	if (!target_call(model, s, CALL_TAKE, &requests))
		return;
	s->place = model->mutant == MUTANT_READ_BEFORE_CLEAR ? CLASSIFY : ENTER;
	if (requests & REQUEST_STOP) {
		s->place = STOPPED;
		return;
	}
	if (requests & REQUEST_INIT || is_waiting) {
		s->due = (int8_t)(s->due - (requests & REQUEST_NMI ? 1 : 0));
		forget_nmis(s);
		if (requests & REQUEST_STARTUP)
			start(s);
		else
			wait_for_startup(model, s);
	} else if (requests & REQUEST_NMI) {
		note_nmi(s);
	}
}

static void enter(struct kick_state *s)
{
	if (s->pending && !s->masked) {
		s->pending = 0;
		s->masked = 1;
		s->due--;
	}
	s->place = CELL;
}

static void look(const struct kick_model *model, struct kick_state *s)
{
	uint32_t ignored;

	if (model->mutant == MUTANT_CLEAR_ON_ANY_EXIT)
		target_call(model, s, CALL_NMI_TAKEN, &ignored);
	if (s->mailbox.requests)
		s->place = TAKE;
	else if (model->mutant == MUTANT_READ_BEFORE_CLEAR)
		s->place = CLASSIFY;
	else
		s->place = ENTER;
}

static bool wait_step(const struct kick_model *model, struct kick_state *s)
{
	const bool is_late = model->mutant == MUTANT_MONITOR_AFTER_LOOK;

	switch (s->place) {
	case WAIT_CLASSIFY:
		classify(model, s, WAIT_LOOK);
		forget_nmis(s);
		return true;
	case WAIT_MONITOR:
		s->watched = 1;
		s->place = is_late ? WAIT_SLEEP : WAIT_LOOK;
		return true;
	case WAIT_LOOK:
		s->place = s->mailbox.requests ? WAIT_TAKE : is_late ? WAIT_MONITOR : WAIT_SLEEP;
		return true;
	case WAIT_SLEEP:
		if (model->wait == WAIT_HLT) {
			if (s->asleep)
				return false;
			s->asleep = 1;
			return true;
		}
		if (s->watched)
			return false;
		s->place = WAIT_TAKE;
		return true;
	default:
		serve(model, s, true);
		return true;
	}
}

/* NMIs were taken, a kick or the cell's own each. */
static void taken(const struct kick_model *model, struct kick_state *s, uint8_t count_taken)
{
	s->batch = count_taken;
	s->place = model->mutant == MUTANT_READ_BEFORE_CLEAR ? LOOK : CLASSIFY;
}

static void count(const struct kick_model *model, struct kick_state *s)
{
	taken(model, s, s->handled);
	s->handled = 0;
}

bool kick_target_runs(const struct kick_model *model, struct kick_state *s)
{
	switch ((enum place)s->place) {
	case CELL: /* the timer's value is 0 */
		if (!s->timer)
			return false;
		s->place = DISARM;
		return true;
	case WINDOW:
		if (!s->handled)
			return false;
		s->place = COUNT;
		return true;
	case UNBLOCK:
		s->blocked = 0;
		taken(model, s, 1);
		return true;
	case DISARM:
		s->timer = model->mutant == MUTANT_TIMER_STAYS ||
			   model->mutant == MUTANT_TIMER_DISARMED_LATE;
		if (model->handler == HANDLER_MERGES)
			count(model, s); /* the timer itself is what the handler remembers by */
		else
			s->place = COUNT;
		return true;
	case COUNT:
		count(model, s);
		return true;
	case CLASSIFY:
		if (model->mutant == MUTANT_TIMER_DISARMED_LATE)
			s->timer = 0;
		classify(model, s,
			 model->mutant == MUTANT_NO_REREAD ||
					 model->mutant == MUTANT_READ_BEFORE_CLEAR ?
				 ENTER :
				 LOOK);
		return true;
	case LOOK:
		look(model, s);
		return true;
	case TAKE:
		serve(model, s, false);
		return true;
	case ENTER:
		enter(s);
		return true;
	case STOPPED:
		return false;
	case WAIT_CLASSIFY:
	case WAIT_MONITOR:
	case WAIT_LOOK:
	case WAIT_SLEEP:
	case WAIT_TAKE:
		return wait_step(model, s);
	}
	return false;
}

/* ---- the target's NMIs ---- */

static bool is_waiting(const struct kick_state *s)
{
	return s->place >= WAIT_CLASSIFY && s->place <= WAIT_TAKE;
}

/* A CPU that waits in HLT clears the kick in the handler: the next request needs it clear. */
static void wake_by_nmi(const struct kick_model *model, struct kick_state *s)
{
	const struct mailbox_functions functions = mailbox_functions(model->mailbox);
	struct mailbox_call call = { 0 };
	uint32_t is_kick;

	while (!mailbox_call_step(&functions, CALL_NMI_TAKEN, &call, &s->mailbox, 0, &is_kick))
		;
	if (is_kick)
		s->kicks--;
	else
		s->due--; /* lost, as on a bare machine that waits for a SIPI */
}

static void handle_while_waiting(const struct kick_model *model, struct kick_state *s)
{
	if (model->wait == WAIT_MWAIT) {
		if (s->place == WAIT_SLEEP)
			s->place = WAIT_TAKE;
		return;
	}
	if (model->mutant != MUTANT_WAITER_KEEPS_KICK)
		wake_by_nmi(model, s);
	if (s->place == WAIT_SLEEP && (s->asleep || model->mutant != MUTANT_NO_REWIND))
		s->place = WAIT_LOOK;
	s->asleep = 0;
}

static bool nmis_reach_the_monitor(const struct kick_model *model, const struct kick_state *s)
{
	if (model->vendor == VENDOR_VMX)
		return !s->blocked;
	return s->place == WINDOW || s->place == STOPPED ||
	       (is_waiting(s) && model->wait == WAIT_HLT);
}

static bool exit_nmi(const struct kick_model *model, struct kick_state *s)
{
	s->place = WINDOW;
	if (model->vendor == VENDOR_VMX) {
		s->latch = 0;
		s->blocked = 1;
		s->place = UNBLOCK;
	}
	return true;
}

bool kick_target_takes_nmi(const struct kick_model *model, struct kick_state *s)
{
	if (!s->latch)
		return false;
	if (s->place == CELL)
		return exit_nmi(model, s);
	if (!nmis_reach_the_monitor(model, s))
		return false;
	s->latch = 0;
	if (is_waiting(s))
		handle_while_waiting(model, s);
	if (is_waiting(s) && model->wait == WAIT_HLT && model->mutant != MUTANT_WAITER_KEEPS_KICK)
		return true;
	if (model->handler == HANDLER_MERGES && s->handled)
		s->due--;
	else
		s->handled++;
	if (model->vendor == VENDOR_VMX && model->mutant != MUTANT_TIMER_NOT_ARMED)
		s->timer = 1;
	return true;
}
