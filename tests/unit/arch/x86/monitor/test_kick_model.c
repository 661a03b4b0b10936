/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kick protocol under every interleaving, and what each part of it is there
 * for: without that part, the same search finds the fault named in the table.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "kick_model.h"

#define NMI                            \
	{                              \
		CALL_POST, REQUEST_NMI \
	}
#define STOP                            \
	{                               \
		CALL_POST, REQUEST_STOP \
	}
#define INIT                            \
	{                               \
		CALL_INIT, REQUEST_INIT \
	}
#define SIPI                       \
	{                          \
		CALL_STARTUP, 0x9a \
	}

enum scenario {
	ONLY_REAL_NMIS,
	NMI_IPIS,
	START, /* as kernels do it */
	START_TWICE,
	SIPI_BEFORE_INIT,
	NMIS_AT_START,
	STOP_AT_START,
	STOP_BY_TWO,
	SCENARIOS
};

static const struct kick_scenario scenarios[SCENARIOS] = {
	[ONLY_REAL_NMIS] = { { { { 0 } } }, 3 },
	[NMI_IPIS] = { { { NMI, NMI }, { NMI } }, 2 },
	[START] = { { { INIT, SIPI, SIPI } }, 2 },
	[START_TWICE] = { { { INIT, SIPI, INIT, SIPI }, { NMI } }, 1 },
	[SIPI_BEFORE_INIT] = { { { SIPI, INIT, SIPI }, { NMI } }, 1 },
	[NMIS_AT_START] = { { { INIT, SIPI, NMI }, { NMI, NMI } }, 1 },
	[STOP_AT_START] = { { { INIT, SIPI }, { STOP } }, 1 },
	[STOP_BY_TWO] = { { { NMI, STOP }, { STOP } }, 1 },
};

static void assert_no_fault(enum kick_vendor vendor, enum kick_wait wait, enum kick_handler handler)
{
	for (unsigned int i = 0; i < SCENARIOS; i++) {
		const struct kick_model model = { .vendor = vendor,
						  .wait = wait,
						  .handler = handler,
						  .scenario = &scenarios[i] };
		const struct state_verdict verdict = kick_model_search(&model);

		if (verdict.fault)
			fail_msg("scenario %u: %s after: %s", i, kick_fault_name(verdict.fault),
				 verdict.way);
	}
}

static void no_order_of_steps_loses_a_request_or_an_nmi_on_svm(void **state)
{
	(void)state;
	assert_no_fault(VENDOR_SVM, WAIT_MWAIT, HANDLER_MERGES);
}

static void no_order_of_steps_loses_a_request_or_an_nmi_on_vmx(void **state)
{
	(void)state;
	assert_no_fault(VENDOR_VMX, WAIT_MWAIT, HANDLER_MERGES);
}

static void a_handler_that_counts_loses_nothing_that_the_latch_keeps(void **state)
{
	(void)state;
	assert_no_fault(VENDOR_SVM, WAIT_MWAIT, HANDLER_COUNTS);
	assert_no_fault(VENDOR_VMX, WAIT_MWAIT, HANDLER_COUNTS);
}

static void a_cpu_that_waits_in_hlt_misses_nothing_either(void **state)
{
	(void)state;
	assert_no_fault(VENDOR_SVM, WAIT_HLT, HANDLER_COUNTS);
	assert_no_fault(VENDOR_VMX, WAIT_HLT, HANDLER_COUNTS);
}

struct mutant {
	enum kick_mutant mutant;
	enum mailbox_variant mailbox;
	enum kick_vendor vendor;
	enum kick_wait wait;
	enum kick_handler handler;
	enum scenario scenario;
	enum kick_fault fault;
};

static void assert_caught(const struct mutant *mutants, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		const struct kick_model model = {
			mutants[i].vendor, mutants[i].wait,    mutants[i].handler,
			mutants[i].mutant, mutants[i].mailbox, &scenarios[mutants[i].scenario]
		};
		const struct state_verdict verdict = kick_model_search(&model);

		if (verdict.fault != mutants[i].fault)
			fail_msg("mutant %u: %s instead of %s after: %s", i,
				 kick_fault_name(verdict.fault), kick_fault_name(mutants[i].fault),
				 verdict.way);
	}
}

#define CAUGHT(mutants) assert_caught(mutants, sizeof(mutants) / sizeof((mutants)[0]))
#define SVM VENDOR_SVM, WAIT_MWAIT, HANDLER_MERGES
#define VMX VENDOR_VMX, WAIT_MWAIT, HANDLER_MERGES
#define SVM_HLT VENDOR_SVM, WAIT_HLT, HANDLER_COUNTS
#define VMX_HLT VENDOR_VMX, WAIT_HLT, HANDLER_COUNTS

static void each_part_of_taking_an_nmi_is_needed(void **state)
{
	static const struct mutant mutants[] = {
		{ MUTANT_CLEAR_ON_ANY_EXIT, 0, SVM, NMI_IPIS, FAULT_STRAY_NMI },
		{ MUTANT_CLEAR_ON_ANY_EXIT, 0, VMX, NMI_IPIS, FAULT_STRAY_NMI },
		{ MUTANT_READ_BEFORE_CLEAR, 0, SVM, NMI_IPIS, FAULT_UNSERVED },
		{ MUTANT_READ_BEFORE_CLEAR, 0, VMX, NMI_IPIS, FAULT_UNSERVED },
		{ MUTANT_NO_REREAD, 0, SVM, NMI_IPIS, FAULT_UNSERVED },
		{ MUTANT_NO_REREAD, 0, VMX, NMI_IPIS, FAULT_UNSERVED },
	};

	(void)state;
	CAUGHT(mutants);
}

static void each_part_of_the_preemption_timer_is_needed(void **state)
{
	static const struct mutant mutants[] = {
		{ MUTANT_TIMER_NOT_ARMED, 0, VMX, STOP_BY_TWO, FAULT_UNSERVED },
		{ MUTANT_TIMER_DISARMED_LATE, 0, VMX, STOP_BY_TWO, FAULT_UNSERVED },
		{ MUTANT_TIMER_DISARMED_LATE, 0, VMX, ONLY_REAL_NMIS, FAULT_LOST_NMI },
		{ MUTANT_TIMER_STAYS, 0, VMX, NMI_IPIS, FAULT_ENDLESS },
	};

	(void)state;
	CAUGHT(mutants);
}

static void each_part_of_waiting_is_needed(void **state)
{
	static const struct mutant mutants[] = {
		{ MUTANT_NO_REWIND, 0, SVM_HLT, START, FAULT_UNSERVED },
		{ MUTANT_NO_REWIND, 0, VMX_HLT, START, FAULT_UNSERVED },
		{ MUTANT_WAITER_KEEPS_KICK, 0, SVM_HLT, START, FAULT_UNSERVED },
		{ MUTANT_WAITER_KEEPS_KICK, 0, VMX_HLT, START, FAULT_UNSERVED },
		{ MUTANT_MONITOR_AFTER_LOOK, 0, SVM, START, FAULT_UNSERVED },
		{ MUTANT_MONITOR_AFTER_LOOK, 0, VMX, START, FAULT_UNSERVED },
	};

	(void)state;
	CAUGHT(mutants);
}

static void each_order_in_the_mailbox_is_needed(void **state)
{
	static const struct mutant mutants[] = {
		{ 0, MAILBOX_POSTS_AFTER_KICK, SVM, NMI_IPIS, FAULT_UNSERVED },
		{ 0, MAILBOX_KICK_IN_TWO, SVM, NMI_IPIS, FAULT_SECOND_KICK },
		{ 0, MAILBOX_KICK_ALWAYS, SVM, NMI_IPIS, FAULT_SECOND_KICK },
		{ 0, MAILBOX_TAKE_IN_TWO, SVM, START, FAULT_LOST_REQUEST },
		{ 0, MAILBOX_NMI_IN_TWO, SVM, NMI_IPIS, FAULT_SECOND_KICK },
		{ 0, MAILBOX_INIT_KEEPS_SIPI, SVM, SIPI_BEFORE_INIT, FAULT_WRONG_START },
		{ 0, MAILBOX_INIT_FORGETS_LATE, SVM, SIPI_BEFORE_INIT, FAULT_WRONG_START },
		{ 0, MAILBOX_VECTOR_LATE, SVM, START, FAULT_WRONG_START },
	};

	(void)state;
	CAUGHT(mutants);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_order_of_steps_loses_a_request_or_an_nmi_on_svm),
		cmocka_unit_test(no_order_of_steps_loses_a_request_or_an_nmi_on_vmx),
		cmocka_unit_test(a_handler_that_counts_loses_nothing_that_the_latch_keeps),
		cmocka_unit_test(a_cpu_that_waits_in_hlt_misses_nothing_either),
		cmocka_unit_test(each_part_of_taking_an_nmi_is_needed),
		cmocka_unit_test(each_part_of_the_preemption_timer_is_needed),
		cmocka_unit_test(each_part_of_waiting_is_needed),
		cmocka_unit_test(each_order_in_the_mailbox_is_needed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
