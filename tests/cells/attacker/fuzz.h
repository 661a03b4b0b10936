/* SPDX-License-Identifier: Apache-2.0 */
/* Random instructions: how a stream is made, entered and left. */
#ifndef ATTACKER_FUZZ_H
#define ATTACKER_FUZZ_H

#define FUZZ_TICK_VECTOR 0x42
#define FUZZ_TICKS 20 /* taken by a stream before it is given up */
#define FUZZ_GIVEN_UP 0x100 /* in place of a vector */

/* Byte offsets in struct fuzz_run */
#define FUZZ_GPRS 0
#define FUZZ_FRAME 128
#define FUZZ_CR3 168

#ifndef __ASSEMBLER__
#include <stddef.h>
#include <stdint.h>

struct fuzz_run {
	uint64_t gprs[16]; /* as encoded: RAX RCX RDX RBX RSP .. R15; RSP is the frame's */
	uint64_t rip, cs, rflags, rsp, ss; /* popped by IRET */
	uint64_t cr3; /* tables in force meanwhile */
};

_Static_assert(offsetof(struct fuzz_run, rip) == FUZZ_FRAME, "fuzz.S");
_Static_assert(offsetof(struct fuzz_run, cr3) == FUZZ_CR3, "fuzz.S");

/**
 * fuzz_enter() - run a stream until it traps.  Everything that the caller has
 * is as before, but for MSRs and the task register.
 * Return: the vector, or FUZZ_GIVEN_UP.
 */
uint64_t fuzz_enter(const struct fuzz_run *run);

extern const uint8_t fuzz_entries[]; /* one per vector, 16 bytes apart */

/* Numbers that look random and are the same for the same seed. */
struct fuzz_random {
	uint64_t state;
};

uint64_t fuzz_next(struct fuzz_random *random);

/** fuzz_below() - a number below @limit, which is not 0. */
uint32_t fuzz_below(struct fuzz_random *random, uint32_t limit);

/** fuzz_stream() - a few instructions.  Return: bytes, at most FUZZ_STREAM_BYTES. */
#define FUZZ_STREAM_BYTES 64u
size_t fuzz_stream(struct fuzz_random *random, uint8_t *bytes);

#endif
#endif
