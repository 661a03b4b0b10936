/* SPDX-License-Identifier: Apache-2.0 */
/* Fields of which every bit, or every value, is tried: default deny. */
#include "vmcs_image.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* No other bit of a control word may change than those named here. */
static void every_bit_of_every_control_word_is_settled(void **state)
{
	static const struct {
		uint32_t field, free;
	} words[] = {
		{ VMCS_PIN_CONTROLS, 0x16 },
		{ VMCS_PRIMARY_CONTROLS, 0x04006172 },
		{ VMCS_SECONDARY_CONTROLS,
		  VMX_SECONDARY_RDTSCP | VMX_SECONDARY_INVPCID | VMX_SECONDARY_XSAVES },
		{ VMCS_EXIT_CONTROLS, 0x36dfb },
		{ VMCS_ENTRY_CONTROLS, 0x11fb },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(words); i++) {
		for (unsigned int bit = 0; bit < 32; bit++) {
			struct vmcs_image image = vmcs_good(LONG);
			uint32_t field;

			image.value[words[i].field / 2] ^= 1ull << bit;
			assert_int_equal(vmcs_image_check(&image, &vmcs_image_limits, &field) ==
						 VMCS_OK,
					 words[i].free >> bit & 1);
		}
	}
}

static void every_exception_bit_is_settled(void **state)
{
	(void)state;
	for (unsigned int vector = 0; vector < 32; vector++) {
		struct vmcs_image image = vmcs_good(LONG);
		uint32_t field;

		image.value[VMCS_EXCEPTION_BITMAP / 2] ^= EXCEPTION(vector);
		assert_int_equal(vmcs_image_check(&image, &vmcs_image_limits, &field),
				 VMCS_FAULT_EXCEPTIONS);
	}
}

/* Each bit of CR4 is absent, masked, or one that a cell may have: no way round the mask. */
static void a_cell_cannot_set_a_bit_of_cr4_that_it_may_not_have(void **state)
{
	(void)state;
	for (unsigned int bit = 0; bit < 64; bit++) {
		const uint64_t mask = 1ull << bit;
		const bool may_be_the_cells = mask != CR4_MCE &&
					      (!(vmcs_image_limits.cr4_fixed1 & mask) ||
					       CELL_CR4 & mask);
		const enum vmcs_fault refusal = mask & (CR4_MCE | CR4_VMXE) ?
							VMCS_FAULT_CR4_MASK_OURS :
							VMCS_FAULT_CR4_MASK;
		struct vmcs_image image = vmcs_good(LONG);
		uint32_t field;

		image.value[VMCS_CR4_MASK / 2] &= ~mask;
		assert_int_equal(vmcs_image_check(&image, &vmcs_image_limits, &field),
				 may_be_the_cells ? VMCS_OK : refusal);
	}
}

static void every_bit_of_the_eptp_below_its_address_is_settled(void **state)
{
	(void)state;
	for (unsigned int bit = 0; bit < 12; bit++) {
		struct vmcs_image image = vmcs_good(LONG);
		uint32_t field;

		image.value[VMCS_EPTP / 2] ^= 1ull << bit;
		assert_int_equal(vmcs_image_check(&image, &vmcs_image_limits, &field),
				 bit == 6 ? VMCS_OK : VMCS_FAULT_EPTP_FORMAT);
	}
}

/* SDM volume 3C, 26.3.1.2: by register, the types with S as bit 4; a TR as all modes allow. */
static bool type_allowed(uint32_t index, uint32_t type)
{
	switch (index) {
	case 1: /* CS */
		return type == 0x13 || type == 0x19 || type == 0x1b || type == 0x1d || type == 0x1f;
	case 2: /* SS */
		return type == 0x13 || type == 0x17;
	case 6: /* LDTR */
		return type == 0x02;
	case 7: /* TR */
		return type == 0x0b;
	default:
		return type == 0x11 || type == 0x13 || type == 0x15 || type == 0x17 ||
		       type == 0x1b || type == 0x1f;
	}
}

static void each_segment_register_takes_the_types_of_the_manual(void **state)
{
	(void)state;
	for (uint32_t index = 0; index < 8; index++) {
		const uint32_t rights = VMCS_GUEST_ES_RIGHTS + 2 * index;

		for (uint32_t type = 0; type < 32; type++) {
			struct vmcs_image image = vmcs_good(LONG);
			uint32_t field;

			image.value[rights / 2] = (image.value[rights / 2] & ~0x1full) | type;
			assert_int_equal(vmcs_image_check(&image, &vmcs_image_limits, &field),
					 type_allowed(index, type) ? VMCS_OK :
								     VMCS_FAULT_SEGMENT_TYPE);
		}
	}
}

static void every_reserved_bit_of_a_segments_rights_is_refused(void **state)
{
	(void)state;
	for (unsigned int bit = 8; bit < 32; bit++) {
		struct vmcs_image image = vmcs_good(LONG);
		uint32_t field;

		if (bit >= 12 && bit <= 16) /* AVL, L, D, G, unusable */
			continue;
		image.value[VMCS_GUEST_DS_RIGHTS / 2] |= 1ull << bit;
		assert_int_equal(vmcs_image_check(&image, &vmcs_image_limits, &field),
				 VMCS_FAULT_SEGMENT_RESERVED);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_bit_of_every_control_word_is_settled),
		cmocka_unit_test(every_exception_bit_is_settled),
		cmocka_unit_test(a_cell_cannot_set_a_bit_of_cr4_that_it_may_not_have),
		cmocka_unit_test(every_bit_of_the_eptp_below_its_address_is_settled),
		cmocka_unit_test(each_segment_register_takes_the_types_of_the_manual),
		cmocka_unit_test(every_reserved_bit_of_a_segments_rights_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
