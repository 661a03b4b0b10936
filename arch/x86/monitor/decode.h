/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decoding of the few instructions that the monitor must step over or emulate,
 * because the CPU may have neither NRIP save nor decode assists (APM volume 2,
 * 15.7.1 and 15.8.4).  Encodings: APM volume 3, chapter 1.
 *
 * The bytes come from the cell's memory and may be anything.  They are judged,
 * not trusted: whatever is not exactly one of the forms below is refused, and
 * nothing beyond @count (or beyond 15 bytes) is read.
 */
#ifndef SEPTUM_X86_DECODE_H
#define SEPTUM_X86_DECODE_H

#include <stdbool.h>
#include <stdint.h>

#define DECODE_MAX_BYTES 15u /* the longest legal instruction */

/* Default operand and address size of the code segment. */
enum decode_mode {
	DECODE_16, /* real mode, or CS.L = 0, CS.D = 0 */
	DECODE_32, /* CS.L = 0, CS.D = 1 */
	DECODE_64, /* EFER.LMA = 1, CS.L = 1 */
};

/* A MOV between a register (or an immediate) and memory. */
struct decoded {
	uint8_t length; /* of the instruction, 1..15 */
	uint8_t bytes; /* width of the memory access: 1, 2, 4, 8 */
	uint8_t reg; /* 0..15 = RAX RCX RDX RBX RSP RBP RSI RDI R8..R15 */
	uint8_t dest_bytes; /* width of the register operand: 1, 2, 4, 8 */
	bool is_write; /* register or immediate to memory */
	uint32_t stored; /* C6, C7: the immediate as written; 64-bit stores extend it by sign */
	bool immediate; /* C6, C7: reg and dest_bytes mean nothing */
	bool high_byte; /* AH, CH, DH, BH: bits 15:8 of reg 0..3 */
	bool sign_extend; /* a load fills up dest_bytes by sign, else by zero */
};

/* What an instruction begins with. */
struct opcode {
	unsigned int code; /* its bytes as one number; 0: cut short, or with LOCK */
	unsigned int length; /* with all prefixes */
	uint8_t rex; /* 0: none */
};

/** decode_opcode - prefixes and opcode of the instruction at @bytes. */
struct opcode decode_opcode(const uint8_t *bytes, unsigned int count, enum decode_mode mode);

/**
 * decode_access - decode a MOV, MOVZX, MOVSX or MOVSXD with a memory operand.
 * @bytes: the cell's memory at its RIP.
 * @count: how many of them are valid, in bytes.
 * @mode: of the cell's code segment.
 * @out: filled on success.
 *
 * Return: false for every other instruction, for register operands, LOCK, and
 * for MOVSXD with a 16-bit operand, on whose access width the vendors differ.
 */
bool decode_access(const uint8_t *bytes, unsigned int count, enum decode_mode mode,
		   struct decoded *out);

/**
 * decode_apply_load - put what a load read into its register.
 * @load: from decode_access(), with is_write false.
 * @value: what memory gave; only the low @load->bytes count.
 * @dest_reg: the 64-bit register numbered @load->reg.
 *
 * 8- and 16-bit results leave the rest of the register alone, 32-bit results
 * clear bits 63:32 (APM volume 1, 3.1.2).
 */
void decode_apply_load(const struct decoded *load, uint64_t value, uint64_t *dest_reg);

#endif
