/* SPDX-License-Identifier: Apache-2.0 */
/* From the compiler's template to a VMCS that may be launched, as the monitor goes that way. */
#include "vmcs_emit.h"

#include "vmcs_image.h"
#include "vmx/capability.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* The control words of a template as the Haswell of Bochs 2.7 completes them. */
static void put_bochs_controls(struct vmcs_image *image)
{
	static const uint64_t bochs[VMX_WORD_CONTROLS] = {
		0x7f00000016, 0xf7f9fffe04006172, 0x47fff00000000, 0x7fffff00036dfb, 0xffff000011fb,
	};

	for (enum vmx_word word = 0; word < VMX_WORD_CONTROLS; word++) {
		const uint32_t field = vmx_controls[word].field;
		struct vmx_refusal refusal;
		uint32_t control;

		assert_true(vmx_control_word(word, (uint32_t)image->value[field / 2], bochs[word],
					     &control, &refusal));
		vmcs_put(image, field, control);
	}
}

static const struct vmcs_limits bochs_limits = {
	.phys_bits = 40,
	.cr0_fixed0 = 0x80000021,
	.cr0_fixed1 = 0xffffffff,
	.cr4_fixed0 = 0x2000,
	.cr4_fixed1 = 0x1727ff,
	.cr4_bits = 0x7ff | CR4_FSGSBASE | CR4_PCIDE | CR4_OSXSAVE | CR4_SMEP,
	.efer_bits = EFER_SCE | EFER_LME | EFER_LMA | EFER_NXE,
};

static struct vmcs_image from_template(const struct vmcs_template *template)
{
	struct vmcs_image image = { 0 };

	for (uint32_t i = 0; i < template->count; i++)
		vmcs_put(&image, template->fields[i].encoding, template->fields[i].value);
	vmcs_put_host(&image);
	put_bochs_controls(&image);
	return image;
}

static const struct vmcs_tables tables = { { 0x10100000 }, { 0x10200000 }, { 0x10300000 } };

/* Only what a template and the monitor write is read, or the test fails. */
static void assert_passes(const struct vmcs_template *template)
{
	const struct vmcs_image image = from_template(template);
	uint32_t field;

	assert_string_equal(vmcs_fault_name(vmcs_image_check(&image, &bochs_limits, &field)),
			    "no fault");
}

static void assert_entry_passes(enum entry_mode mode)
{
	const struct entry_state entry = {
		.mode = mode,
		.rip = { 0x100000 },
		.rsp = { 0x9000 },
		.cr3 = { 0x2000 },
		.gdt = { 0x1000 },
		.gdt_limit = 31,
	};
	struct vmcs_template template;

	vmcs_emit(&template, &tables, &entry);
	assert_passes(&template);
}

static void a_64_bit_payloads_template_passes_on_bochs(void **state)
{
	(void)state;
	assert_entry_passes(ENTRY_LONG64);
}

static void a_32_bit_payloads_template_passes_on_bochs(void **state)
{
	(void)state;
	assert_entry_passes(ENTRY_PROTECTED32);
}

static void the_template_after_init_passes_on_bochs(void **state)
{
	struct vmcs_template template;

	(void)state;
	vmcs_emit_init(&template, &tables);
	assert_passes(&template);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_64_bit_payloads_template_passes_on_bochs),
		cmocka_unit_test(a_32_bit_payloads_template_passes_on_bochs),
		cmocka_unit_test(the_template_after_init_passes_on_bochs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
