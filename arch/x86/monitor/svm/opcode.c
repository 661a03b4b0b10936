/* SPDX-License-Identifier: Apache-2.0 */
#include "opcode.h"

#define OPCODE_MOV_TO_CR 0x0f22u
#define REX_R 0x4u
#define REX_B 0x1u

unsigned int decode_length(const uint8_t *bytes, unsigned int count, enum decode_mode mode,
			   enum decode_opcode expected)
{
	const struct opcode opcode = decode_opcode(bytes, count, mode);

	return opcode.code == expected ? opcode.length : 0;
}

/* APM volume 3, MOV CRn: always a register, whatever mod says. */
unsigned int decode_mov_to_cr(const uint8_t *bytes, unsigned int count, enum decode_mode mode,
			      unsigned int cr, unsigned int *gpr)
{
	const struct opcode opcode = decode_opcode(bytes, count, mode);
	uint8_t modrm;

	if (opcode.code != OPCODE_MOV_TO_CR || opcode.length >= count ||
	    opcode.length >= DECODE_MAX_BYTES)
		return 0;
	modrm = bytes[opcode.length];
	if (((modrm >> 3) & 7u) + (opcode.rex & REX_R ? 8u : 0u) != cr)
		return 0;
	*gpr = (modrm & 7u) + (opcode.rex & REX_B ? 8u : 0u);
	return opcode.length + 1;
}
