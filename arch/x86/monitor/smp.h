/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SEPTUM_X86_SMP_H
#define SEPTUM_X86_SMP_H

#include <septum/plan.h>

/** What the boot CPU leaves in the boot page for the CPU it starts (ap_start.S). */
struct ap_mailbox {
	uint64_t cr3;
	uint64_t stack_top;
	uint64_t index;
};

#endif
