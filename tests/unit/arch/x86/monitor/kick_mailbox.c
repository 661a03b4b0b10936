/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A call is run from its start at each step: instructions that it did before
 * give what they gave then, the next one is done, and at the one after that the
 * call is left.  Each function is a sequence of atomic accesses, so nothing else
 * is remembered between two of them.
 */
#include <setjmp.h>

/* Names of its own: the library has the plain mailbox.c too. */
#define mailbox_post stepped_post
#define mailbox_post_init stepped_post_init
#define mailbox_post_startup stepped_post_startup
#define mailbox_take stepped_take
#define mailbox_nmi_taken stepped_nmi_taken

#include "kick_mailbox.h"

enum access { ACCESS_LOAD, ACCESS_STORE, ACCESS_OR, ACCESS_AND };

static struct mailbox_call *current;
static unsigned int position;
static bool stepped;
static jmp_buf leave;

static uint32_t access_step(uint32_t *word, enum access access, uint32_t operand)
{
	const unsigned int index = position++;
	const uint32_t before = *word;

	if (index < current->done)
		return current->results[index];
	if (stepped)
		longjmp(leave, 1);
	stepped = true;
	if (access == ACCESS_STORE)
		*word = operand;
	else if (access == ACCESS_OR)
		*word |= operand;
	else if (access == ACCESS_AND)
		*word &= operand;
	current->results[index] = (uint8_t)before;
	return before;
}

/* The product's own source, with the compiler's builtins replaced: what is tested is that text. */
/* NOLINTBEGIN(bugprone-reserved-identifier,bugprone-suspicious-include) */
#define __atomic_fetch_or(word, operand, order) access_step(word, ACCESS_OR, operand)
#define __atomic_fetch_and(word, operand, order) access_step(word, ACCESS_AND, operand)
#define __atomic_exchange_n(word, operand, order) access_step(word, ACCESS_STORE, operand)
#define __atomic_store_n(word, operand, order) access_step(word, ACCESS_STORE, operand)
#include "../../../../../arch/x86/monitor/mailbox.c"
/* NOLINTEND(bugprone-reserved-identifier,bugprone-suspicious-include) */

static void call_function(const struct mailbox_functions *functions, enum mailbox_function function,
			  struct mailbox *mailbox, uint32_t argument, uint32_t *result)
{
	switch (function) {
	case CALL_POST:
		*result = functions->post(mailbox, argument);
		break;
	case CALL_INIT:
		*result = functions->post_init(mailbox);
		break;
	case CALL_STARTUP:
		*result = functions->post_startup(mailbox, (uint8_t)argument);
		break;
	case CALL_TAKE:
		*result = functions->take(mailbox);
		break;
	case CALL_NMI_TAKEN:
		*result = functions->nmi_taken(mailbox);
		break;
	}
}

bool mailbox_call_step(const struct mailbox_functions *functions, enum mailbox_function function,
		       struct mailbox_call *call, struct mailbox *mailbox, uint32_t argument,
		       uint32_t *result)
{
	current = call;
	position = 0;
	stepped = false;
	if (setjmp(leave)) {
		call->done++;
		return false;
	}
	call_function(functions, function, mailbox, argument, result);
	*call = (struct mailbox_call){ 0 };
	return true;
}

/* ---- mutants ---- */

static bool post_after_kick(struct mailbox *mailbox, uint32_t requests)
{
	const bool must_send = access_step(&mailbox->kick, ACCESS_STORE, 1) == 0;

	access_step(&mailbox->requests, ACCESS_OR, requests);
	return must_send;
}

static bool post_kick_in_two(struct mailbox *mailbox, uint32_t requests)
{
	access_step(&mailbox->requests, ACCESS_OR, requests);
	if (access_step(&mailbox->kick, ACCESS_LOAD, 0))
		return false;
	access_step(&mailbox->kick, ACCESS_STORE, 1);
	return true;
}

static bool post_kick_always(struct mailbox *mailbox, uint32_t requests)
{
	stepped_post(mailbox, requests);
	return true;
}

static uint32_t take_in_two(struct mailbox *mailbox)
{
	const uint32_t requests = access_step(&mailbox->requests, ACCESS_LOAD, 0);

	access_step(&mailbox->requests, ACCESS_STORE, 0);
	return requests;
}

static bool nmi_in_two(struct mailbox *mailbox)
{
	const bool is_kick = access_step(&mailbox->kick, ACCESS_LOAD, 0) != 0;

	access_step(&mailbox->kick, ACCESS_STORE, 0);
	return is_kick;
}

static bool init_keeps_sipi(struct mailbox *mailbox)
{
	return stepped_post(mailbox, REQUEST_INIT);
}

static bool init_forgets_late(struct mailbox *mailbox)
{
	const bool must_send = stepped_post(mailbox, REQUEST_INIT);

	access_step(&mailbox->requests, ACCESS_AND, ~REQUEST_STARTUP);
	return must_send;
}

static bool vector_late(struct mailbox *mailbox, uint8_t vector)
{
	const bool must_send = stepped_post(mailbox, REQUEST_STARTUP);

	access_step(&mailbox->startup_vector, ACCESS_STORE, vector);
	return must_send;
}

struct mailbox_functions mailbox_functions(enum mailbox_variant variant)
{
	struct mailbox_functions functions = { stepped_post, stepped_post_init,
					       stepped_post_startup, stepped_take,
					       stepped_nmi_taken };

	switch (variant) {
	case MAILBOX_REAL:
		break;
	case MAILBOX_POSTS_AFTER_KICK:
		functions.post = post_after_kick;
		break;
	case MAILBOX_KICK_IN_TWO:
		functions.post = post_kick_in_two;
		break;
	case MAILBOX_KICK_ALWAYS:
		functions.post = post_kick_always;
		break;
	case MAILBOX_TAKE_IN_TWO:
		functions.take = take_in_two;
		break;
	case MAILBOX_NMI_IN_TWO:
		functions.nmi_taken = nmi_in_two;
		break;
	case MAILBOX_INIT_KEEPS_SIPI:
		functions.post_init = init_keeps_sipi;
		break;
	case MAILBOX_INIT_FORGETS_LATE:
		functions.post_init = init_forgets_late;
		break;
	case MAILBOX_VECTOR_LATE:
		functions.post_startup = vector_late;
		break;
	}
	return functions;
}
