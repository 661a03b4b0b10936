/* SPDX-License-Identifier: Apache-2.0 */
#include "decode.h"

#include <stddef.h>

#define OPCODE_MOVSXD 0x63u /* only in 64-bit mode: ARPL elsewhere */

#define REX_W 0x8u
#define REX_R 0x4u

struct cursor {
	const uint8_t *bytes;
	unsigned int count;
	unsigned int at; /* never above count */
	enum decode_mode mode;
	uint8_t rex; /* 0 = none: unlike an empty REX, AH..BH can be named */
	bool operand_size; /* 66 */
	bool address_size; /* 67 */
	bool lock;
};

static bool skip(struct cursor *c, unsigned int bytes)
{
	if (bytes > c->count - c->at)
		return false;
	c->at += bytes;
	return true;
}

static bool take(struct cursor *c, uint8_t *byte)
{
	if (!skip(c, 1))
		return false;
	*byte = c->bytes[c->at - 1];
	return true;
}

/*
 * APM volume 3, 1.2.1: legacy prefixes, in any order and number.  Segments do
 * not matter (the fault's address is already translated), and all of our
 * instructions ignore the repeat prefixes F2 and F3.
 */
static bool legacy_prefix(struct cursor *c, uint8_t byte)
{
	c->operand_size |= byte == 0x66;
	c->address_size |= byte == 0x67;
	c->lock |= byte == 0xf0;
	return (byte & 0xfc) == 0x64 /* FS, GS, 66, 67 */ ||
	       (byte & 0xe7) == 0x26 /* ES, CS, SS, DS */ || byte == 0xf0 || (byte & 0xfe) == 0xf2;
}

/* A REX counts only directly before the opcode (APM volume 3, 1.2.7). */
static struct cursor begin(const uint8_t *bytes, unsigned int count, enum decode_mode mode)
{
	unsigned int limit = count < DECODE_MAX_BYTES ? count : DECODE_MAX_BYTES;
	struct cursor c = { .bytes = bytes, .count = limit, .mode = mode };

	for (; c.at < c.count; c.at++) {
		if (mode == DECODE_64 && (bytes[c.at] & 0xf0) == 0x40)
			c.rex = bytes[c.at];
		else if (legacy_prefix(&c, bytes[c.at]))
			c.rex = 0;
		else
			break;
	}
	return c;
}

/* The opcode's bytes as one number, 0F 01 D9 = 0x0f01d9; 0 when cut short. */
static unsigned int take_opcode(struct cursor *c)
{
	unsigned int opcode = 0;
	uint8_t byte;

	do {
		if (!take(c, &byte))
			return 0;
		opcode = opcode << 8 | byte;
	} while (opcode == 0x0f || opcode == 0x0f01);
	return opcode;
}

struct opcode decode_opcode(const uint8_t *bytes, unsigned int count, enum decode_mode mode)
{
	struct cursor c = begin(bytes, count, mode);
	const unsigned int code = take_opcode(&c);

	return (struct opcode){ c.lock ? 0 : code, c.at, c.rex };
}

static unsigned int operand_bytes(const struct cursor *c)
{
	bool narrow = (c->mode == DECODE_16) != c->operand_size;

	return c->rex & REX_W ? 8 : narrow ? 2 : 4;
}

static unsigned int address_bytes(const struct cursor *c)
{
	if (c->mode == DECODE_64)
		return c->address_size ? 4 : 8;
	return (c->mode == DECODE_16) == c->address_size ? 4 : 2;
}

/*
 * What follows a ModRM that names memory: APM volume 3, 1.4.  REX.B does not
 * change which encodings have a SIB or a bare displacement.
 */
static bool skip_memory_operand(struct cursor *c, uint8_t modrm)
{
	bool wide = address_bytes(c) != 2;
	unsigned int mod = modrm >> 6;
	unsigned int base = modrm & 7;
	uint8_t sib;

	if (wide && base == 4) {
		if (!take(c, &sib))
			return false;
		base = sib & 7;
	}
	if (mod == 1)
		return skip(c, 1);
	if (mod == 2 || (mod == 0 && base == (wide ? 5 : 6)))
		return skip(c, wide ? 4 : 2);
	return true;
}

#define FORM_WRITE 1u /* to memory */
#define FORM_IMMEDIATE 2u /* ModRM.reg must be 0, an immediate follows */
#define FORM_OFFSET 4u /* no ModRM: AL..RAX and a full-width address */
#define FORM_EXTEND 8u /* the register is as wide as the operand size */
#define FORM_SIGN 16u

struct form {
	uint16_t opcode;
	uint8_t bytes; /* of memory; 0 = operand size */
	uint8_t flags;
};

static const struct form forms[] = {
	{ 0x88, 1, FORM_WRITE },
	{ 0x89, 0, FORM_WRITE },
	{ 0x8a, 1, 0 },
	{ 0x8b, 0, 0 },
	{ 0xa0, 1, FORM_OFFSET },
	{ 0xa1, 0, FORM_OFFSET },
	{ 0xa2, 1, FORM_OFFSET | FORM_WRITE },
	{ 0xa3, 0, FORM_OFFSET | FORM_WRITE },
	{ 0xc6, 1, FORM_IMMEDIATE | FORM_WRITE },
	{ 0xc7, 0, FORM_IMMEDIATE | FORM_WRITE },
	{ OPCODE_MOVSXD, 4, FORM_EXTEND | FORM_SIGN },
	{ 0x0fb6, 1, FORM_EXTEND },
	{ 0x0fb7, 2, FORM_EXTEND },
	{ 0x0fbe, 1, FORM_EXTEND | FORM_SIGN },
	{ 0x0fbf, 2, FORM_EXTEND | FORM_SIGN },
};

static bool take_immediate(struct cursor *c, unsigned int bytes, uint32_t *value)
{
	uint8_t byte;

	for (unsigned int i = 0; i < bytes; i++) {
		if (!take(c, &byte))
			return false;
		*value |= (uint32_t)byte << 8 * i;
	}
	return true;
}

static const struct form *find_form(unsigned int opcode)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (forms[i].opcode == opcode)
			return &forms[i];
	}
	return NULL;
}

/* Everything after the opcode; fills in the register. */
static bool operands(struct cursor *c, const struct form *form, struct decoded *out)
{
	uint8_t modrm, reg;

	if (form->flags & FORM_OFFSET)
		return skip(c, address_bytes(c));
	if (!take(c, &modrm) || modrm >> 6 == 3 || !skip_memory_operand(c, modrm))
		return false;
	reg = (modrm >> 3) & 7;
	if (form->flags & FORM_IMMEDIATE) /* no 64-bit immediates here: APM volume 3, 1.5 */
		return reg == 0 &&
		       take_immediate(c, out->bytes == 8 ? 4 : out->bytes, &out->stored);
	out->high_byte = out->dest_bytes == 1 && c->rex == 0 && reg >= 4;
	out->reg = out->high_byte ? reg & 3 : c->rex & REX_R ? reg | 8 : reg;
	return true;
}

bool decode_access(const uint8_t *bytes, unsigned int count, enum decode_mode mode,
		   struct decoded *out)
{
	struct cursor c = begin(bytes, count, mode);
	const struct form *form = find_form(take_opcode(&c));
	uint8_t size = (uint8_t)operand_bytes(&c);

	if (c.lock || !form)
		return false;
	if (form->opcode == OPCODE_MOVSXD && (mode != DECODE_64 || size == 2))
		return false;
	*out = (struct decoded){
		.bytes = form->bytes ? form->bytes : size,
		.is_write = form->flags & FORM_WRITE,
		.immediate = form->flags & FORM_IMMEDIATE,
		.sign_extend = form->flags & FORM_SIGN,
	};
	out->dest_bytes = form->flags & FORM_EXTEND ? size : out->bytes;
	if (!operands(&c, form, out))
		return false;
	out->length = (uint8_t)c.at;
	return true;
}

static uint64_t low_bits(unsigned int bytes)
{
	return bytes >= 8 ? ~0ull : (1ull << (8 * bytes)) - 1;
}

void decode_apply_load(const struct decoded *load, uint64_t value, uint64_t *dest_reg)
{
	uint64_t source = low_bits(load->bytes);
	uint64_t dest = low_bits(load->dest_bytes);
	unsigned int shift = load->high_byte ? 8 : 0;

	value &= source;
	if (load->sign_extend && (value & ~(source >> 1)))
		value |= ~source;
	if (load->dest_bytes == 4)
		*dest_reg = value & dest;
	else
		*dest_reg = (*dest_reg & ~(dest << shift)) | ((value & dest) << shift);
}
