/* SPDX-License-Identifier: Apache-2.0 */
/* Instructions whose kind the exit code tells, but not always their length or operand. */
#ifndef SEPTUM_X86_SVM_OPCODE_H
#define SEPTUM_X86_SVM_OPCODE_H

#include "decode.h"

/* Instructions without operands in memory; the value is the opcode's bytes. */
enum decode_opcode {
	DECODE_NONE = 0, /* nothing is skipped, or the length is known */
	DECODE_INVD = 0x0f08,
	DECODE_WBINVD = 0x0f09, /* and WBNOINVD, which is intercepted with it */
	DECODE_WRMSR = 0x0f30,
	DECODE_RDMSR = 0x0f32,
	DECODE_RDPMC = 0x0f33,
	DECODE_CPUID = 0x0fa2,
	DECODE_XSETBV = 0x0f01d1,
	DECODE_VMMCALL = 0x0f01d9,
};

/**
 * decode_length - length of an intercepted instruction whose kind is known.
 * @bytes: the cell's memory at its RIP.
 * @count: how many of them are valid, in bytes.
 * @mode: of the cell's code segment.
 * @expected: what the exit code says it is.
 *
 * Return: length in bytes with all prefixes, or 0 when the bytes are something
 * else, are cut short, or carry LOCK (which is #UD for all of these).
 */
unsigned int decode_length(const uint8_t *bytes, unsigned int count, enum decode_mode mode,
			   enum decode_opcode expected);

/**
 * decode_mov_to_cr - decode MOV CRn, reg (0F 22 /n).
 * @bytes: the cell's memory at its RIP.
 * @count: how many of them are valid, in bytes.
 * @mode: of the cell's code segment; outside DECODE_64 the operand is 32 bits.
 * @cr: the expected control register, 0..15.
 * @gpr: receives the number of the source register, 0..15.
 *
 * Return: length in bytes, or 0 as for decode_length().
 */
unsigned int decode_mov_to_cr(const uint8_t *bytes, unsigned int count, enum decode_mode mode,
			      unsigned int cr, unsigned int *gpr);

#endif
