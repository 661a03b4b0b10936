/* SPDX-License-Identifier: Apache-2.0 */
#include "svm/opcode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Bytes in a block of exactly their size, so that a read past count is an ASan error. */
struct code {
	uint8_t *bytes;
	unsigned int count;
};

static struct code code(const char *hex)
{
	struct code c = { malloc(strlen(hex) + 1), 0 };
	unsigned int byte;
	uint8_t *shrunk;
	int used;

	assert_non_null(c.bytes);
	for (; sscanf(hex, "%2x%n", &byte, &used) == 1; hex += used)
		c.bytes[c.count++] = (uint8_t)byte;
	shrunk = realloc(c.bytes, c.count ? c.count : 1);
	assert_non_null(shrunk);
	c.bytes = shrunk;
	return c;
}

static unsigned int length(const char *hex, enum decode_mode mode, enum decode_opcode expected)
{
	struct code c = code(hex);
	unsigned int result = decode_length(c.bytes, c.count, mode, expected);

	free(c.bytes);
	return result;
}

static unsigned int to_cr4(const char *hex, enum decode_mode mode, unsigned int *gpr)
{
	struct code c = code(hex);
	unsigned int result = decode_mov_to_cr(c.bytes, c.count, mode, 4, gpr);

	free(c.bytes);
	return result;
}

static bool access_of(const char *hex, enum decode_mode mode, struct decoded *out)
{
	struct code c = code(hex);
	bool result = decode_access(c.bytes, c.count, mode, out);

	free(c.bytes);
	return result;
}

static void intercepted_instructions_have_their_length(void **state)
{
	(void)state;
	assert_int_equal(length("0f a2", DECODE_64, DECODE_CPUID), 2);
	assert_int_equal(length("0f 32", DECODE_32, DECODE_RDMSR), 2);
	assert_int_equal(length("0f 30", DECODE_16, DECODE_WRMSR), 2);
	assert_int_equal(length("0f 33", DECODE_64, DECODE_RDPMC), 2);
	assert_int_equal(length("0f 08", DECODE_64, DECODE_INVD), 2);
	assert_int_equal(length("0f 09", DECODE_64, DECODE_WBINVD), 2);
	assert_int_equal(length("0f 01 d1", DECODE_64, DECODE_XSETBV), 3);
	assert_int_equal(length("0f 01 d9", DECODE_64, DECODE_VMMCALL), 3);
}

static void prefixes_count_into_the_length(void **state)
{
	(void)state;
	assert_int_equal(length("f3 0f 09", DECODE_64, DECODE_WBINVD), 3);
	assert_int_equal(length("66 67 2e 0f a2", DECODE_32, DECODE_CPUID), 5);
	assert_int_equal(length("26 36 3e 64 65 f2 48 0f a2", DECODE_64, DECODE_CPUID), 9);
	assert_int_equal(length("48 66 0f a2", DECODE_64, DECODE_CPUID), 4);
}

static void rex_is_an_instruction_of_its_own_outside_64_bit_mode(void **state)
{
	(void)state;
	assert_int_equal(length("48 0f a2", DECODE_64, DECODE_CPUID), 3);
	assert_int_equal(length("48 0f a2", DECODE_32, DECODE_CPUID), 0);
	assert_int_equal(length("48 0f a2", DECODE_16, DECODE_CPUID), 0);
}

static void another_instruction_than_the_intercepted_one_is_refused(void **state)
{
	(void)state;
	assert_int_equal(length("0f 30", DECODE_64, DECODE_RDMSR), 0);
	assert_int_equal(length("0f 01 d0", DECODE_64, DECODE_XSETBV), 0);
	assert_int_equal(length("0f 01 d9", DECODE_64, DECODE_XSETBV), 0);
	assert_int_equal(length("a2 0f", DECODE_64, DECODE_CPUID), 0);
	assert_int_equal(length("00 0f a2", DECODE_64, DECODE_CPUID), 0);
}

static void lock_is_refused(void **state)
{
	struct decoded out;
	unsigned int gpr;

	(void)state;
	assert_int_equal(length("f0 0f a2", DECODE_64, DECODE_CPUID), 0);
	assert_int_equal(to_cr4("f0 0f 22 e0", DECODE_64, &gpr), 0);
	assert_false(access_of("f0 89 08", DECODE_64, &out));
}

static void bytes_cut_short_are_refused(void **state)
{
	unsigned int gpr;

	(void)state;
	assert_int_equal(length("", DECODE_64, DECODE_CPUID), 0);
	assert_int_equal(length("0f", DECODE_64, DECODE_CPUID), 0);
	assert_int_equal(length("66 66", DECODE_64, DECODE_CPUID), 0);
	assert_int_equal(length("0f 01", DECODE_64, DECODE_XSETBV), 0);
	assert_int_equal(to_cr4("0f 22", DECODE_64, &gpr), 0);
}

static void fifteen_bytes_are_decoded_and_sixteen_are_not(void **state)
{
	struct decoded out;

	(void)state;
	assert_int_equal(length("66 66 66 66 66 66 66 66 66 66 66 66 66 0f a2", DECODE_64,
				DECODE_CPUID),
			 15);
	assert_int_equal(length("66 66 66 66 66 66 66 66 66 66 66 66 66 66 0f a2", DECODE_64,
				DECODE_CPUID),
			 0);
	assert_true(access_of("2e 2e 2e 2e 66 a1 01 02 03 04 05 06 07 08", DECODE_64, &out));
	assert_false(access_of("2e 2e 2e 2e 2e 2e 66 a1 01 02 03 04 05 06 07 08", DECODE_64, &out));
}

static void mov_to_cr4_names_its_register(void **state)
{
	unsigned int gpr = 99;

	(void)state;
	assert_int_equal(to_cr4("0f 22 e0", DECODE_64, &gpr), 3);
	assert_int_equal(gpr, 0);
	assert_int_equal(to_cr4("0f 22 e7", DECODE_32, &gpr), 3);
	assert_int_equal(gpr, 7);
	assert_int_equal(to_cr4("41 0f 22 e3", DECODE_64, &gpr), 4);
	assert_int_equal(gpr, 11);
	assert_int_equal(to_cr4("66 f3 0f 22 e1", DECODE_16, &gpr), 5);
	assert_int_equal(gpr, 1);
}

static void mov_to_cr4_ignores_the_mod_bits(void **state)
{
	unsigned int gpr = 99;

	(void)state;
	assert_int_equal(to_cr4("0f 22 25", DECODE_64, &gpr), 3);
	assert_int_equal(gpr, 5);
	assert_int_equal(to_cr4("0f 22 64", DECODE_64, &gpr), 3);
	assert_int_equal(gpr, 4);
}

static void mov_to_another_control_register_is_refused(void **state)
{
	unsigned int gpr;

	(void)state;
	assert_int_equal(to_cr4("0f 22 d8", DECODE_64, &gpr), 0); /* CR3 */
	assert_int_equal(to_cr4("44 0f 22 e0", DECODE_64, &gpr), 0); /* CR12 */
	assert_int_equal(to_cr4("0f 20 e0", DECODE_64, &gpr), 0); /* a read */
}

#define WRITE 1u
#define IMMEDIATE 2u
#define HIGH 4u
#define SIGNED 8u

struct access_case {
	enum decode_mode mode;
	const char *hex;
	uint8_t expected[4]; /* length, bytes, reg, dest_bytes */
	unsigned int flags;
};

static void assert_access(const struct access_case *c, const struct decoded *out)
{
	const uint8_t got[4] = { out->length, out->bytes, out->reg, out->dest_bytes };
	unsigned int flags = (out->is_write ? WRITE : 0) | (out->immediate ? IMMEDIATE : 0) |
			     (out->high_byte ? HIGH : 0) | (out->sign_extend ? SIGNED : 0);

	if (memcmp(got, c->expected, sizeof(got)) != 0 || flags != c->flags)
		fail_msg("%s: length %u bytes %u reg %u dest %u flags %u", c->hex, got[0], got[1],
			 got[2], got[3], flags);
}

/* By hand: one row for each rule of operand, register and address size. */
static const struct access_case by_rule[] = {
	{ DECODE_64, "88 20", { 2, 1, 0, 1 }, WRITE | HIGH }, /* AH */
	{ DECODE_64, "40 88 20", { 3, 1, 4, 1 }, WRITE }, /* SPL */
	{ DECODE_64, "40 66 88 20", { 4, 1, 0, 1 }, WRITE | HIGH }, /* the REX is void */
	{ DECODE_64, "44 8a 38", { 3, 1, 15, 1 }, 0 },
	{ DECODE_64, "66 48 8b 00", { 4, 8, 0, 8 }, 0 }, /* REX.W wins over 66 */
	{ DECODE_64, "8b 05 00 00 00 00", { 6, 4, 0, 4 }, 0 }, /* RIP-relative */
	{ DECODE_64, "41 8b 05 00 00 00 00", { 7, 4, 0, 4 }, 0 }, /* still, with REX.B */
	{ DECODE_64, "8b 04 24", { 3, 4, 0, 4 }, 0 }, /* SIB */
	{ DECODE_64, "41 8b 04 24", { 4, 4, 0, 4 }, 0 }, /* R12 needs one too */
	{ DECODE_64, "8b 04 25 00 00 00 00", { 7, 4, 0, 4 }, 0 }, /* SIB without base */
	{ DECODE_64, "8b 44 25 00", { 4, 4, 0, 4 }, 0 }, /* base RBP, disp8 */
	{ DECODE_64, "8b 84 25 00 00 00 00", { 7, 4, 0, 4 }, 0 }, /* base RBP, disp32 */
	{ DECODE_64, "48 c7 00 01 02 03 04", { 7, 8, 0, 8 }, WRITE | IMMEDIATE },
	{ DECODE_64, "66 c7 00 01 02", { 5, 2, 0, 2 }, WRITE | IMMEDIATE },
	{ DECODE_64, "67 a1 01 02 03 04", { 6, 4, 0, 4 }, 0 }, /* 32-bit offset */
	{ DECODE_64, "63 00", { 2, 4, 0, 4 }, SIGNED },
	{ DECODE_64, "48 63 00", { 3, 4, 0, 8 }, SIGNED },
	{ DECODE_64, "0f b6 20", { 3, 1, 4, 4 }, 0 }, /* ESP, not AH */
	{ DECODE_32, "66 8b 06", { 3, 2, 0, 2 }, 0 },
	{ DECODE_32, "67 8b 06 01 02", { 5, 4, 0, 4 }, 0 }, /* 16-bit: bare disp16 */
	{ DECODE_32, "67 8b 04", { 3, 4, 0, 4 }, 0 }, /* 16-bit: [SI], no SIB */
	{ DECODE_16, "8b 46 01", { 3, 2, 0, 2 }, 0 },
	{ DECODE_16, "66 67 8b 84 24 01 02 03 04", { 9, 4, 0, 4 }, 0 },
	{ DECODE_16, "66 c7 06 01 02 03 04 05 06", { 9, 4, 0, 4 }, WRITE | IMMEDIATE },
};

/* Random encodings with the answers of GNU objdump: one per mode, opcode and width. */
static const struct access_case by_disassembler[] = {
	{ DECODE_64, "4d 63 14 5e", { 4, 4, 10, 8 }, SIGNED },
	{ DECODE_64, "26 66 67 88 34 53", { 6, 1, 2, 1 }, WRITE | HIGH },
	{ DECODE_64, "f3 89 54 5b 6d", { 5, 4, 2, 4 }, WRITE },
	{ DECODE_64, "48 89 8f ca 72 b5 78", { 7, 8, 1, 8 }, WRITE },
	{ DECODE_64, "65 66 89 a8 3c 61 25 22", { 8, 2, 5, 2 }, WRITE },
	{ DECODE_64, "46 8a 3e", { 3, 1, 15, 1 }, 0 },
	{ DECODE_64, "67 8b 45 7a", { 4, 4, 0, 4 }, 0 },
	{ DECODE_64, "66 f2 8b 1a", { 4, 2, 3, 2 }, 0 },
	{ DECODE_64, "4a 8b 0e", { 3, 8, 1, 8 }, 0 },
	{ DECODE_64, "43 a0 4d ca ff 72 d0 4c 97 a0", { 10, 1, 0, 1 }, 0 },
	{ DECODE_64, "65 a1 e7 46 22 20 24 00 d4 89", { 10, 4, 0, 4 }, 0 },
	{ DECODE_64, "49 a1 45 5d f8 7c eb 99 02 5a", { 10, 8, 0, 8 }, 0 },
	{ DECODE_64, "66 65 46 a1 9d 8e 38 72 31 02 bd e6", { 12, 2, 0, 2 }, 0 },
	{ DECODE_64, "3e 2e 4c a2 db 80 91 2c a5 a1 63 8f", { 12, 1, 0, 1 }, WRITE },
	{ DECODE_64, "4d a3 85 36 d9 0b 2e 0f 1d b7", { 10, 8, 0, 8 }, WRITE },
	{ DECODE_64, "f2 a3 eb 0d 8e f1 b5 b0 b4 d4", { 10, 4, 0, 4 }, WRITE },
	{ DECODE_64, "66 47 a3 6e 3d 37 0a fd e8 87 23", { 11, 2, 0, 2 }, WRITE },
	{ DECODE_64, "c6 82 59 2c 23 17 c6", { 7, 1, 0, 1 }, WRITE | IMMEDIATE },
	{ DECODE_64, "f2 40 c7 47 d4 39 4d 45 6a", { 9, 4, 0, 4 }, WRITE | IMMEDIATE },
	{ DECODE_64, "4e c7 45 64 a1 5a 47 fe", { 8, 8, 0, 8 }, WRITE | IMMEDIATE },
	{ DECODE_64, "48 0f b6 05 f3 3e af c5", { 8, 1, 0, 8 }, 0 },
	{ DECODE_64, "66 0f b7 9b 2a 15 0a 75", { 8, 2, 3, 2 }, 0 },
	{ DECODE_64, "67 0f be 32", { 4, 1, 6, 4 }, SIGNED },
	{ DECODE_64, "36 4e 0f bf 3a", { 5, 2, 15, 8 }, SIGNED },
	{ DECODE_32, "2e 3e 88 51 9e", { 5, 1, 2, 1 }, WRITE },
	{ DECODE_32, "89 3a", { 2, 4, 7, 4 }, WRITE },
	{ DECODE_32, "26 66 89 86 2e 8d aa 57", { 8, 2, 0, 2 }, WRITE },
	{ DECODE_32, "8a 92 04 7a c8 b7", { 6, 1, 2, 1 }, 0 },
	{ DECODE_32, "8b 21", { 2, 4, 4, 4 }, 0 },
	{ DECODE_32, "f3 66 2e 8b 72 b1", { 6, 2, 6, 2 }, 0 },
	{ DECODE_32, "26 f3 a0 ca a4 bd e9", { 7, 1, 0, 1 }, 0 },
	{ DECODE_32, "a1 2c 1e ee 79", { 5, 4, 0, 4 }, 0 },
	{ DECODE_32, "66 2e f3 a1 65 6f 07 5a", { 8, 2, 0, 2 }, 0 },
	{ DECODE_32, "a2 46 e9 28 14", { 5, 1, 0, 1 }, WRITE },
	{ DECODE_32, "a3 ae 8f 37 26", { 5, 4, 0, 4 }, WRITE },
	{ DECODE_32, "65 66 2e a3 5d 21 80 9d", { 8, 2, 0, 2 }, WRITE },
	{ DECODE_32, "64 c6 06 dd", { 4, 1, 0, 1 }, WRITE | IMMEDIATE },
	{ DECODE_32, "c7 45 e5 17 7c 57 46", { 7, 4, 0, 4 }, WRITE | IMMEDIATE },
	{ DECODE_32, "3e 66 67 c7 01 e0 29", { 7, 2, 0, 2 }, WRITE | IMMEDIATE },
	{ DECODE_32, "3e 0f b6 a7 2a 44 d3 db", { 8, 1, 4, 4 }, 0 },
	{ DECODE_32, "0f b7 b6 bf db 62 c8", { 7, 2, 6, 4 }, 0 },
	{ DECODE_32, "36 36 0f be 98 ee aa 6a a0", { 9, 1, 3, 4 }, SIGNED },
	{ DECODE_32, "3e f2 0f bf 98 da ff 0f 77", { 9, 2, 3, 4 }, SIGNED },
	{ DECODE_16, "88 9c 4b 70", { 4, 1, 3, 1 }, WRITE },
	{ DECODE_16, "36 66 3e 89 56 36", { 6, 4, 2, 4 }, WRITE },
	{ DECODE_16, "89 1c", { 2, 2, 3, 2 }, WRITE },
	{ DECODE_16, "3e 8a 22", { 3, 1, 0, 1 }, HIGH },
	{ DECODE_16, "66 66 8b ac 3a 64", { 6, 4, 5, 4 }, 0 },
	{ DECODE_16, "67 8b 4d 06", { 4, 2, 1, 2 }, 0 },
	{ DECODE_16, "a0 79 82", { 3, 1, 0, 1 }, 0 },
	{ DECODE_16, "64 a1 6c e8", { 4, 2, 0, 2 }, 0 },
	{ DECODE_16, "3e 66 64 a1 2a 9b", { 6, 4, 0, 4 }, 0 },
	{ DECODE_16, "64 a2 b4 f5", { 4, 1, 0, 1 }, WRITE },
	{ DECODE_16, "a3 03 df", { 3, 2, 0, 2 }, WRITE },
	{ DECODE_16, "66 a3 9a 7c", { 4, 4, 0, 4 }, WRITE },
	{ DECODE_16, "f2 66 c6 41 b8 bd", { 6, 1, 0, 1 }, WRITE | IMMEDIATE },
	{ DECODE_16, "c7 45 5a c1 69", { 5, 2, 0, 2 }, WRITE | IMMEDIATE },
	{ DECODE_16, "3e 0f b6 97 61 74", { 6, 1, 2, 2 }, 0 },
	{ DECODE_16, "3e 2e 0f b7 8d 1f ba", { 7, 2, 1, 2 }, 0 },
	{ DECODE_16, "0f be 0c", { 3, 1, 1, 2 }, SIGNED },
	{ DECODE_16, "0f bf a6 0e ee", { 5, 2, 4, 2 }, SIGNED },
};

static void assert_case(const struct access_case *c)
{
	struct decoded out;

	if (!access_of(c->hex, c->mode, &out))
		fail_msg("%s: refused", c->hex);
	assert_access(c, &out);
}

static void every_operand_rule_is_applied(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(by_rule) / sizeof(by_rule[0]); i++)
		assert_case(&by_rule[i]);
}

static void accesses_decode_as_a_disassembler_reads_them(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(by_disassembler) / sizeof(by_disassembler[0]); i++)
		assert_case(&by_disassembler[i]);
}

static void each_access_needs_all_its_bytes_and_no_more(void **state)
{
	char longer[64], shorter[64];
	struct decoded out;

	(void)state;
	for (size_t i = 0; i < sizeof(by_disassembler) / sizeof(by_disassembler[0]); i++) {
		const struct access_case *c = &by_disassembler[i];

		snprintf(longer, sizeof(longer), "%s 00 ff", c->hex);
		assert_true(access_of(longer, c->mode, &out));
		assert_access(c, &out);
		for (int used = (int)strlen(c->hex) - 3; used >= 2; used -= 3) {
			snprintf(shorter, sizeof(shorter), "%.*s", used, c->hex);
			if (access_of(shorter, c->mode, &out))
				fail_msg("%s: accepted as %s", c->hex, shorter);
		}
	}
}

static void what_is_no_move_to_or_from_memory_is_refused(void **state)
{
	static const struct access_case others[] = {
		{ DECODE_64, "89 c8", { 0 }, 0 }, /* register to register */
		{ DECODE_64, "01 08", { 0 }, 0 }, /* ADD */
		{ DECODE_64, "87 08", { 0 }, 0 }, /* XCHG */
		{ DECODE_64, "f3 a4", { 0 }, 0 }, /* REP MOVSB */
		{ DECODE_64, "8c 08", { 0 }, 0 }, /* MOV from a segment register */
		{ DECODE_64, "c7 08 00 00 00 00", { 0 }, 0 }, /* C7 /1 */
		{ DECODE_64, "c6 f8 00", { 0 }, 0 }, /* XABORT */
		{ DECODE_64, "0f b1 08", { 0 }, 0 }, /* CMPXCHG */
		{ DECODE_64, "0f 88 00 00 00 00", { 0 }, 0 }, /* Jcc, not 88 */
		{ DECODE_64, "66 63 00", { 0 }, 0 }, /* MOVSXD, 16 bits */
		{ DECODE_32, "63 00", { 0 }, 0 }, /* ARPL */
		{ DECODE_32, "48 8b 00", { 0 }, 0 }, /* DEC EAX */
		{ DECODE_64, "c5 f8 10 00", { 0 }, 0 }, /* VMOVUPS */
	};
	struct decoded out;

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		if (access_of(others[i].hex, others[i].mode, &out))
			fail_msg("%s: accepted", others[i].hex);
	}
}

static uint64_t loaded(const char *hex, uint64_t value)
{
	uint64_t reg = 0x1122334455667788ull;
	struct decoded load;

	assert_true(access_of(hex, DECODE_64, &load));
	assert_false(load.is_write);
	decode_apply_load(&load, value, &reg);
	return reg;
}

static void an_immediate_is_read_as_written(void **state)
{
	struct decoded out;

	(void)state;
	assert_true(access_of("c6 00 fe", DECODE_64, &out));
	assert_int_equal(out.stored, 0xfe);
	assert_true(access_of("66 c7 00 34 12", DECODE_64, &out));
	assert_int_equal(out.stored, 0x1234);
	assert_true(access_of("c7 40 10 78 56 34 92", DECODE_64, &out)); /* [rax+10h] */
	assert_int_equal(out.stored, 0x92345678);
	assert_true(access_of("48 c7 00 78 56 34 92", DECODE_64, &out));
	assert_int_equal(out.stored, 0x92345678);
	assert_false(access_of("c7 00 78 56 34", DECODE_64, &out));
}

static void narrow_loads_keep_the_rest_of_the_register(void **state)
{
	(void)state;
	assert_int_equal(loaded("8a 00", 0xfff5), 0x11223344556677f5ull);
	assert_int_equal(loaded("8a 20", 0xfff5), 0x112233445566f588ull); /* AH */
	assert_int_equal(loaded("66 8b 00", 0xfffffff5), 0x112233445566fff5ull);
	assert_int_equal(loaded("66 0f b6 00", 0xfff5), 0x11223344556600f5ull);
	assert_int_equal(loaded("66 0f be 00", 0xf5), 0x112233445566fff5ull);
}

static void loads_of_32_bits_clear_the_upper_half(void **state)
{
	(void)state;
	assert_int_equal(loaded("8b 00", ~0ull), 0xffffffffull);
	assert_int_equal(loaded("0f b7 00", ~0ull), 0xffffull);
	assert_int_equal(loaded("0f be 00", 0x80), 0xffffff80ull);
	assert_int_equal(loaded("63 00", ~0ull), 0xffffffffull);
}

static void loads_of_64_bits_replace_the_register(void **state)
{
	(void)state;
	assert_int_equal(loaded("48 8b 00", 0x8000000000000001ull), 0x8000000000000001ull);
	assert_int_equal(loaded("48 63 00", 0x80000000), 0xffffffff80000000ull);
	assert_int_equal(loaded("48 63 00", 0x7fffffff), 0x7fffffffull);
	assert_int_equal(loaded("48 0f b6 00", ~0ull), 0xffull);
	assert_int_equal(loaded("48 0f bf 00", 0x8000), 0xffffffffffff8000ull);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(intercepted_instructions_have_their_length),
		cmocka_unit_test(prefixes_count_into_the_length),
		cmocka_unit_test(rex_is_an_instruction_of_its_own_outside_64_bit_mode),
		cmocka_unit_test(another_instruction_than_the_intercepted_one_is_refused),
		cmocka_unit_test(lock_is_refused),
		cmocka_unit_test(bytes_cut_short_are_refused),
		cmocka_unit_test(fifteen_bytes_are_decoded_and_sixteen_are_not),
		cmocka_unit_test(mov_to_cr4_names_its_register),
		cmocka_unit_test(mov_to_cr4_ignores_the_mod_bits),
		cmocka_unit_test(mov_to_another_control_register_is_refused),
		cmocka_unit_test(every_operand_rule_is_applied),
		cmocka_unit_test(accesses_decode_as_a_disassembler_reads_them),
		cmocka_unit_test(each_access_needs_all_its_bytes_and_no_more),
		cmocka_unit_test(what_is_no_move_to_or_from_memory_is_refused),
		cmocka_unit_test(an_immediate_is_read_as_written),
		cmocka_unit_test(narrow_loads_keep_the_rest_of_the_register),
		cmocka_unit_test(loads_of_32_bits_clear_the_upper_half),
		cmocka_unit_test(loads_of_64_bits_replace_the_register),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
