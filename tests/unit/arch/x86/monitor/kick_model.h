/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A model of the kick protocol (docs/design.md, section 7): two CPUs of a cell that
 * post requests, the target of them, its NMI latch, and NMIs of the cell's own, in
 * every order.  The mailbox in it is the real one.
 */
#ifndef SEPTUM_TESTS_KICK_MODEL_H
#define SEPTUM_TESTS_KICK_MODEL_H

#include "kick_mailbox.h"
#include "state_space.h"

#define KICK_REQUESTERS 2u
#define KICK_SCRIPT 4u

enum kick_vendor {
	/* GIF is 0 in the monitor: an NMI waits for the next VMRUN, exits, and still waits. */
	VENDOR_SVM,
	/* NMIs reach the monitor's handler between exits; it arms the preemption timer. */
	VENDOR_VMX,
};

/* How a CPU waits for its SIPI. */
enum kick_wait {
	WAIT_MWAIT, /* MONITOR, look, MWAIT; or PAUSE in its place, which sleeps less */
	WAIT_HLT, /* look, HLT, with NMIs on: their handler goes back to the look */
};

/* What the monitor's NMI handler remembers. */
enum kick_handler {
	HANDLER_MERGES, /* that there was an NMI: two merge, as in the processor's latch */
	HANDLER_COUNTS, /* how many there were */
};

enum kick_mutant {
	MUTANT_NONE,
	MUTANT_CLEAR_ON_ANY_EXIT,
	MUTANT_READ_BEFORE_CLEAR,
	MUTANT_NO_REREAD,
	MUTANT_NO_REWIND,
	MUTANT_WAITER_KEEPS_KICK,
	MUTANT_MONITOR_AFTER_LOOK,
	MUTANT_TIMER_NOT_ARMED,
	MUTANT_TIMER_DISARMED_LATE,
	MUTANT_TIMER_STAYS,
};

enum kick_fault {
	FAULT_NONE,
	FAULT_STRAY_NMI, /* an NMI reached the cell that nobody sent to it */
	FAULT_LOST_NMI, /* one did not reach it, though it merged with no other */
	FAULT_SECOND_KICK, /* a kick was sent while another was outstanding */
	FAULT_LOST_KICK, /* nothing is on its way, and kick says something is */
	FAULT_UNSERVED, /* a request waits for ever */
	FAULT_LOST_REQUEST, /* a request is gone, and was not served */
	FAULT_WRONG_START, /* by a SIPI that was sent before the INIT */
	FAULT_ENDLESS, /* the monitor never comes to rest */
};

struct kick_request {
	enum mailbox_function function;
	uint32_t argument; /* requests, or the SIPI's vector */
};

struct kick_scenario {
	struct kick_request scripts[KICK_REQUESTERS][KICK_SCRIPT]; /* ends at argument 0 */
	uint8_t real_nmis; /* as many as this many, at any time */
};

struct kick_model {
	enum kick_vendor vendor;
	enum kick_wait wait;
	enum kick_handler handler;
	enum kick_mutant mutant;
	enum mailbox_variant mailbox;
	const struct kick_scenario *scenario;
};

/** kick_model_search() - all interleavings; the fault is an enum kick_fault. */
struct state_verdict kick_model_search(const struct kick_model *model);

const char *kick_fault_name(unsigned int fault);

#endif
