/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The only way from one CPU to another: a page of the target, mapped by the CPUs
 * of its own cell and by nobody else.  A requester posts, then sends one physical
 * NMI only if nobody did since the target last took one.  Any exit of the target
 * serves requests; only the taking of an NMI clears the kick, and requests are read
 * again after that.  So an NMI that comes late is never mistaken for the cell's,
 * and no request waits for the next exit (docs/design.md, section 7).
 */
#ifndef SEPTUM_X86_MAILBOX_H
#define SEPTUM_X86_MAILBOX_H

#include <stdbool.h>
#include <stdint.h>

/* Requests to a CPU, from another CPU of its cell */
#define REQUEST_INIT (1u << 0)
#define REQUEST_STARTUP (1u << 1) /* SIPI; its vector is in the mailbox */
#define REQUEST_NMI (1u << 2) /* an NMI for the cell */
#define REQUEST_STOP (1u << 3) /* the cell has come to its end */
#define REQUEST_DMA_FAULT (1u << 4) /* a function of the cell was caught: struct device_notes */

struct mailbox {
	uint32_t requests; /* REQUEST_* */
	uint32_t kick; /* 1: an NMI is on its way */
	uint32_t startup_vector;
	uint32_t reserved;
};

/* What else of the page is used: struct device_notes, and at its end the I/O APIC's registers. */
#define DEVICE_NOTES_OFFSET 64u
#define DEVICE_NOTES_END 128u

/**
 * mailbox_post() - leave requests for a CPU.
 * Return: true: the caller must send the CPU one physical NMI now.
 */
bool mailbox_post(struct mailbox *mailbox, uint32_t requests);

/** mailbox_post_init(), mailbox_post_startup() - as mailbox_post(): an INIT forgets an earlier
 * SIPI, as the hardware does; a SIPI brings its vector. */
bool mailbox_post_init(struct mailbox *mailbox);
bool mailbox_post_startup(struct mailbox *mailbox, uint8_t vector);

/** mailbox_take() - all requests, each exactly once. */
uint32_t mailbox_take(struct mailbox *mailbox);

/**
 * mailbox_nmi_taken() - this CPU has just taken an NMI; requests must be read after this.
 * Return: true: it was a kick; false: it is the cell's own.
 */
bool mailbox_nmi_taken(struct mailbox *mailbox);

#endif
