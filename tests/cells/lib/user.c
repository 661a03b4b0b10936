/* SPDX-License-Identifier: Apache-2.0 */
#include "user.h"

#include "paging.h"
#include "selectors.h"
#include "traps.h"

#include <septum/x86/registers.h>
#include <stdint.h>

static uint8_t stack[4096] __attribute__((aligned(16)));
static volatile bool returned;

/* A privileged instruction is the way back: it traps. */
static void user_main(void (*act)(void))
{
	act();
	returned = true;
	asm volatile("hlt");
}

static void act_enter(void *arg)
{
	asm volatile("pushq %0; pushq %1; pushq %2; pushq %3; pushq %4; iretq"
		     :
		     : "i"(SEL_USER_DATA), "r"(stack + sizeof(stack) - 8), "i"(RFLAGS_RESERVED_ONE),
		       "i"(SEL_USER_CODE), "r"(user_main), "D"(arg)
		     : "memory");
}

bool user_run(void (*act)(void))
{
	paging_allow_user(true);
	returned = false;
	trap_guard(act_enter, (void *)(uintptr_t)act);
	paging_allow_user(false);
	return returned;
}
