/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by cases_tasks.c and tasks.S: hardware tasks and virtual-8086 mode. */
#ifndef ATTACKER_TASKS_H
#define ATTACKER_TASKS_H

#define TASK_GATE_VECTOR 5

/* Byte offsets of results in the page of virtual-8086 code */
#define V86_RESULTS 0x800
#define V86_CPUID_EBX (V86_RESULTS + 0)
#define V86_CPUID_ECX (V86_RESULTS + 4)
#define V86_CPUID_EDX (V86_RESULTS + 8)
#define V86_PORT (V86_RESULTS + 12)
#define V86_HOLE (V86_RESULTS + 16)

#define V86_HOLE_SEGMENT 0xd000 /* linear 0xd0000 stands for NOBODYS_ADDRESS */

#ifndef __ASSEMBLER__
#include <stdint.h>

/* Called by trip_make() with MODE_SEL_TASK_A and _B in place. */
extern const uint8_t task_by_jump[], task_by_call[], task_by_gate[], task_by_return[];
extern const uint8_t task_main[]; /* the other task's first instruction */
extern const uint8_t task_stack_top[];
extern volatile uint32_t task_turns; /* by the other task */

extern const uint8_t v86_acts[], v86_gp[];
extern const uint8_t v86_page_start[], v86_page_end[];
#endif
#endif
