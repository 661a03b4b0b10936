/* SPDX-License-Identifier: Apache-2.0 */
/* The rest of the kick model: requesters, the world, and what must never be. */
#include "kick_state.h"

enum step { REQUESTER_0, REQUESTER_1, TARGET, NMI, CELL_IRET, CELL_EXIT, REAL_NMI, STEPS };

static const struct kick_request *next_request(const struct kick_model *model,
					       const struct kick_state *s, unsigned int requester)
{
	const unsigned int index = s->request[requester];

	if (index == KICK_SCRIPT || !model->scenario->scripts[requester][index].argument)
		return NULL;
	return &model->scenario->scripts[requester][index];
}

static void latch_nmi(struct kick_state *s, bool is_the_cells)
{
	s->due = (int8_t)(s->due + is_the_cells - s->latch);
	s->latch = 1;
}

/* ---- a requester: post, then send one NMI if told to ---- */

static void posted(struct kick_state *s, enum mailbox_function function, uint32_t added)
{
	if (added & REQUEST_NMI)
		s->due++;
	if (function == CALL_STARTUP && s->mailbox.requests & REQUEST_STARTUP)
		s->sipi_is_later = 1;
}

static bool take_requester(const struct kick_model *model, struct kick_state *s,
			   unsigned int requester)
{
	const struct mailbox_functions functions = mailbox_functions(model->mailbox);
	const struct kick_request *request = next_request(model, s, requester);
	const uint32_t before = s->mailbox.requests;
	uint32_t must_send = 0;

	if (s->must_send[requester]) {
		s->must_send[requester] = 0;
		latch_nmi(s, false);
		return true;
	}
	if (!request)
		return false;
	s->watched = 0;
	if (request->function == CALL_INIT)
		s->sipi_is_later = 0;
	if (mailbox_call_step(&functions, request->function, &s->calls[requester], &s->mailbox,
			      request->argument, &must_send)) {
		s->request[requester]++;
		s->must_send[requester] = (uint8_t)must_send;
		s->kicks = (int8_t)(s->kicks + (int)must_send);
	}
	posted(s, request->function, s->mailbox.requests & ~before);
	return true;
}

/* ---- the world ---- */

static bool take_iret(struct kick_state *s)
{
	if (s->place != CELL || !s->masked)
		return false;
	s->masked = 0;
	if (s->pending)
		s->place = LOOK; /* by the exit that was arranged for it */
	return true;
}

static bool take_real_nmi(struct kick_state *s)
{
	if (!s->real_left)
		return false;
	s->real_left--;
	latch_nmi(s, true);
	return true;
}

static bool take_step(const void *context, void *state, unsigned int step)
{
	const struct kick_model *model = context;
	struct kick_state *s = state;

	switch (step) {
	case REQUESTER_0:
	case REQUESTER_1:
		return take_requester(model, s, step - REQUESTER_0);
	case TARGET:
		return kick_target_runs(model, s);
	case NMI:
		return kick_target_takes_nmi(model, s);
	case CELL_IRET:
		return take_iret(s);
	case REAL_NMI:
		return take_real_nmi(s);
	default:
		if (s->place != CELL)
			return false;
		s->place = LOOK;
		return true;
	}
}

static bool is_free(unsigned int step)
{
	return step == CELL_EXIT || step == REAL_NMI;
}

static const char *step_name(unsigned int step)
{
	static const char *const names[STEPS] = { "requester 0", "requester 1", "target",  "NMI",
						  "cell's IRET", "exit",	"real NMI" };

	return names[step];
}

static bool asks_to_stop(const struct kick_scenario *scenario)
{
	for (unsigned int i = 0; i < KICK_REQUESTERS; i++)
		for (unsigned int j = 0; j < KICK_SCRIPT; j++)
			if (scenario->scripts[i][j].function == CALL_POST &&
			    scenario->scripts[i][j].argument & REQUEST_STOP)
				return true;
	return false;
}

static enum kick_fault rest_fault(const struct kick_model *model, const struct kick_state *s)
{
	if (s->mailbox.requests)
		return FAULT_UNSERVED;
	if (s->place != CELL || asks_to_stop(model->scenario))
		return FAULT_LOST_REQUEST;
	if (s->due)
		return FAULT_LOST_NMI;
	return s->mailbox.kick ? FAULT_LOST_KICK : FAULT_NONE;
}

static unsigned int fault(const void *context, const void *state, bool resting)
{
	const struct kick_state *s = state;

	if (s->place == STOPPED)
		return FAULT_NONE;
	if (s->due < 0)
		return FAULT_STRAY_NMI;
	if (s->kicks > 1)
		return FAULT_SECOND_KICK;
	if (s->wrong_start)
		return FAULT_WRONG_START;
	return resting ? rest_fault(context, s) : FAULT_NONE;
}

struct state_verdict kick_model_search(const struct kick_model *model)
{
	const struct kick_state first = { .real_left = model->scenario->real_nmis };
	const struct state_model space = {
		.bytes = sizeof(first),
		.steps = STEPS,
		.take = take_step,
		.fault = fault,
		.is_free = is_free,
		.step_name = step_name,
		.endless = FAULT_ENDLESS,
		.context = model,
	};

	return state_space_search(&space, &first);
}

const char *kick_fault_name(unsigned int fault_found)
{
	static const char *const names[] = {
		[FAULT_NONE] = "none",
		[FAULT_STRAY_NMI] = "stray NMI",
		[FAULT_LOST_NMI] = "lost NMI",
		[FAULT_SECOND_KICK] = "second kick",
		[FAULT_LOST_KICK] = "lost kick",
		[FAULT_UNSERVED] = "request unserved",
		[FAULT_LOST_REQUEST] = "request lost",
		[FAULT_WRONG_START] = "wrong start",
		[FAULT_ENDLESS] = "endless",
	};

	return names[fault_found];
}
