/* SPDX-License-Identifier: Apache-2.0 */
/* The entry points that the assembly calls, and what they hand on. */
#ifndef SEPTUM_X86_X86_H
#define SEPTUM_X86_X86_H

#include <septum/plan.h>
#include <stdint.h>

/** x86_boot_information() - the boot loader's multiboot2 structure; only before the cells start. */
const void *x86_boot_information(void);

/** monitor_boot() - the boot CPU in 64-bit mode on the boot tables (head.S). */
void monitor_boot(const void *information) __attribute__((noreturn));

/** ap_boot() - another CPU on its own tables and stack (ap_start.S). @index: plan order. */
void ap_boot(uint32_t index) __attribute__((noreturn));

/** monitor_switch() - load CR3 and RSP and go on in monitor_joined() (switch.S). */
void monitor_switch(uint64_t cr3, uint64_t stack_top, uint32_t index) __attribute__((noreturn));

/** monitor_joined() - continuation of monitor_switch() on the boot CPU. */
void monitor_joined(uint32_t index) __attribute__((noreturn));

#endif
