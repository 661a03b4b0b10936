/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Instructions are prefixes, an opcode and whatever bytes follow; half of the
 * opcodes are those that a monitor has to know (APM volume 3, chapter 4; Intel
 * SDM volume 3, 25.1).  None is left out.
 */
#include "fuzz.h"

#define INSTRUCTIONS 3u
#define OPERAND_BYTES 5u
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const uint8_t prefixes[] = {
	0x66, 0x67, 0xf0, 0xf2, 0xf3, 0x2e, 0x36, 0x3e, 0x26, 0x64, 0x65
};
/* VEX, EVEX, XOP */
static const uint8_t escapes[] = { 0xc4, 0xc5, 0x62, 0x8f };

/* After 0x0f: groups 6, 7, 9, 15; control and debug registers; MSRs; VMX, SMX, SVM and so on */
static const uint8_t system_0f[] = {
	0x00, 0x01, 0x01, 0x01, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0d, 0x1e, 0x20, 0x21,
	0x22, 0x23, 0x24, 0x26, 0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x37, 0x78, 0x79,
	0xa0, 0xa1, 0xa2, 0xa8, 0xa9, 0xaa, 0xae, 0xb2, 0xb4, 0xb5, 0xb9, 0xc7, 0xff,
};
/* After 0x0f 0x38: INVEPT INVVPID INVPCID, ENCODEKEY, MOVDIR, ENQCMD, CET */
static const uint8_t system_0f38[] = { 0x80, 0x81, 0x82, 0xd8, 0xdc, 0xf5, 0xf6, 0xf8, 0xf9, 0xfa };
/* I/O, segments, interrupts, flags, far jumps and returns */
static const uint8_t system_1[] = {
	0x07, 0x0e, 0x17, 0x1f, 0x62, 0x63, 0x6c, 0x6d, 0x6e, 0x6f, 0x8e, 0x8c, 0x9a, 0x9b,
	0x9c, 0x9d, 0xa4, 0xa5, 0xaa, 0xab, 0xc8, 0xca, 0xcb, 0xcc, 0xcd, 0xce, 0xcf, 0xe4,
	0xe5, 0xe6, 0xe7, 0xea, 0xec, 0xed, 0xee, 0xef, 0xf1, 0xf4, 0xfa, 0xfb, 0xff,
};

/* xorshift64*: https://doi.org/10.1145/2845077 */
uint64_t fuzz_next(struct fuzz_random *random)
{
	random->state ^= random->state >> 12;
	random->state ^= random->state << 25;
	random->state ^= random->state >> 27;
	return random->state * 0x2545f4914f6cdd1dull;
}

uint32_t fuzz_below(struct fuzz_random *random, uint32_t limit)
{
	return (uint32_t)(fuzz_next(random) >> 32) % limit;
}

static uint8_t any(struct fuzz_random *random)
{
	return (uint8_t)fuzz_below(random, 256);
}

static uint8_t one_of(struct fuzz_random *random, const uint8_t *list, size_t count)
{
	return list[fuzz_below(random, (uint32_t)count)];
}

static size_t add_prefixes(struct fuzz_random *random, uint8_t *bytes)
{
	size_t at = 0;

	while (at < 3 && fuzz_below(random, 4) == 0)
		bytes[at++] = one_of(random, prefixes, COUNT(prefixes));
	if (fuzz_below(random, 3) == 0)
		bytes[at++] = (uint8_t)(0x40 | fuzz_below(random, 16));
	return at;
}

static size_t add_opcode(struct fuzz_random *random, uint8_t *bytes)
{
	size_t at = 0;
	const uint32_t kind = fuzz_below(random, 16);

	if (kind >= 5 && kind != 15)
		bytes[at++] = 0x0f;
	if (kind < 3)
		bytes[at++] = one_of(random, system_1, COUNT(system_1));
	else if (kind < 5)
		bytes[at++] = any(random);
	else if (kind < 10)
		bytes[at++] = one_of(random, system_0f, COUNT(system_0f));
	else if (kind < 12)
		bytes[at++] = any(random);
	else if (kind < 15)
		bytes[at++] = kind < 14 ? 0x38 : 0x3a;
	else
		bytes[at++] = one_of(random, escapes, COUNT(escapes));
	if (kind == 12)
		bytes[at++] = one_of(random, system_0f38, COUNT(system_0f38));
	else if (kind > 12)
		bytes[at++] = any(random);
	return at;
}

size_t fuzz_stream(struct fuzz_random *random, uint8_t *bytes)
{
	const uint32_t count = 1 + fuzz_below(random, INSTRUCTIONS);
	size_t at = 0;

	for (uint32_t i = 0; i < count; i++) {
		const uint32_t operands = fuzz_below(random, OPERAND_BYTES + 1);

		at += add_prefixes(random, bytes + at);
		at += add_opcode(random, bytes + at);
		for (uint32_t j = 0; j < operands; j++)
			bytes[at++] = any(random);
	}
	return at;
}
