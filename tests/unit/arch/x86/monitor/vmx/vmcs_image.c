/* SPDX-License-Identifier: Apache-2.0 */
#include "vmcs_image.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define ALL (~0ull)

const struct vmcs_limits vmcs_image_limits = {
	.phys_bits = PHYS_BITS,
	.cr0_fixed0 = CR0_PG | CR0_NE | CR0_PE,
	.cr0_fixed1 = 0xffffffff,
	.cr4_fixed0 = CR4_VMXE,
	.cr4_fixed1 = CELL_CR4 | CR4_LA57 | CR4_VMXE | CR4_SMXE | CR4_CET,
	.cr4_bits = CELL_CR4,
	.efer_bits = EFER_SCE | EFER_LME | EFER_LMA | EFER_NXE,
};

static uint64_t read_image(const void *context, uint32_t encoding)
{
	const struct vmcs_image *image = context;

	if (encoding % 2 || encoding >= 0x7000 || !image->known[encoding / 2])
		fail_msg("field %xh is read, but nobody writes it", encoding);
	return image->value[encoding / 2];
}

void vmcs_put(struct vmcs_image *image, uint32_t encoding, uint64_t value)
{
	image->value[encoding / 2] = value;
	image->known[encoding / 2] = true;
}

const char *vmcs_fault_name(enum vmcs_fault fault)
{
#define VMCS_FAULT_TEXT(name, text) text,
	static const char *const names[] = { "no fault", VMCS_FAULTS(VMCS_FAULT_TEXT) };

	return names[fault];
}

enum vmcs_fault vmcs_image_check(const struct vmcs_image *image, const struct vmcs_limits *limits,
				 uint32_t *field)
{
	const struct vmcs_reader reader = { read_image, image };
	const char *text = vmcs_check(&reader, limits, field);

	if (!text)
		return VMCS_OK;
	for (enum vmcs_fault fault = VMCS_OK + 1; fault < VMCS_FAULT_END; fault++) {
		if (!strcmp(text, vmcs_fault_name(fault)))
			return fault;
	}
	fail_msg("'%s' in %xh is no fault that the tests know", text, *field);
	return VMCS_FAULT_END;
}

static void put_segment(struct vmcs_image *image, uint32_t index, uint64_t selector, uint64_t limit,
			uint64_t rights)
{
	vmcs_put(image, 0x0800 + 2 * index, selector);
	vmcs_put(image, 0x4800 + 2 * index, limit);
	vmcs_put(image, 0x4814 + 2 * index, rights);
	vmcs_put(image, 0x6806 + 2 * index, 0);
}

static void put_controls(struct vmcs_image *image)
{
	vmcs_put(image, VMCS_PIN_CONTROLS, 0x16 | VMX_PIN_NMI | VMX_PIN_VIRTUAL_NMIS);
	vmcs_put(image, VMCS_PRIMARY_CONTROLS,
		 0x04006172 | VMX_PRIMARY_MWAIT | VMX_PRIMARY_RDPMC | VMX_PRIMARY_IO_BITMAPS |
			 VMX_PRIMARY_MSR_BITMAPS | VMX_PRIMARY_MONITOR | VMX_PRIMARY_SECONDARY);
	vmcs_put(image, VMCS_SECONDARY_CONTROLS,
		 VMX_SECONDARY_EPT | VMX_SECONDARY_RDTSCP | VMX_SECONDARY_VPID |
			 VMX_SECONDARY_WBINVD | VMX_SECONDARY_UNRESTRICTED | VMX_SECONDARY_INVPCID);
	vmcs_put(image, VMCS_EXIT_CONTROLS,
		 0x36dfb | VMX_EXIT_SAVE_DEBUG | VMX_EXIT_HOST_64 | VMX_EXIT_SAVE_PAT |
			 VMX_EXIT_LOAD_PAT | VMX_EXIT_SAVE_EFER | VMX_EXIT_LOAD_EFER);
	vmcs_put(image, VMCS_ENTRY_CONTROLS,
		 0x11fb | VMX_ENTRY_LOAD_DEBUG | VMX_ENTRY_IA32E | VMX_ENTRY_LOAD_PAT |
			 VMX_ENTRY_LOAD_EFER);
	vmcs_put(image, VMCS_EXCEPTION_BITMAP, EXCEPTION(1) | EXCEPTION(17) | EXCEPTION(18));
	vmcs_put(image, VMCS_PF_ERROR_MASK, 0);
	vmcs_put(image, VMCS_PF_ERROR_MATCH, 0);
	vmcs_put(image, VMCS_CR3_TARGET_COUNT, 0);
	vmcs_put(image, VMCS_CR0_MASK, CR0_NE | CR0_NW | CR0_CD);
	vmcs_put(image, VMCS_CR4_MASK, ~(CELL_CR4 & ~CR4_MCE));
	vmcs_put(image, VMCS_IO_BITMAP_A, 0x100000);
	vmcs_put(image, VMCS_IO_BITMAP_B, 0x101000);
	vmcs_put(image, VMCS_MSR_BITMAP, 0x102000);
	vmcs_put(image, VMCS_EPTP, 0x103000 | 6 | 3 << 3 | 1 << 6);
	vmcs_put(image, VMCS_VPID, 1);
	vmcs_put(image, VMCS_EXIT_MSR_STORE_COUNT, 0);
	vmcs_put(image, VMCS_EXIT_MSR_LOAD_COUNT, 0);
	vmcs_put(image, VMCS_ENTRY_MSR_LOAD_COUNT, 0);
	vmcs_put(image, VMCS_ENTRY_EVENT, 0);
	vmcs_put(image, VMCS_LINK_POINTER, ALL);
}

/* The monitor's own, as head.S leaves it and VMX wants it. */
void vmcs_put_host(struct vmcs_image *image)
{
	vmcs_put(image, VMCS_HOST_CR0, CR0_PG | CR0_WP | CR0_NE | CR0_ET | CR0_PE);
	vmcs_put(image, VMCS_HOST_CR3, 0x10005000);
	vmcs_put(image, VMCS_HOST_CR4, CR4_PAE | CR4_MCE | CR4_VMXE | CR4_OSXSAVE);
	vmcs_put(image, VMCS_HOST_EFER, EFER_LME | EFER_LMA | EFER_NXE);
	vmcs_put(image, VMCS_HOST_PAT, 0x0007040600070406);
	for (uint32_t field = VMCS_HOST_ES_SELECTOR; field <= VMCS_HOST_TR_SELECTOR; field += 2)
		vmcs_put(image, field, 0);
	vmcs_put(image, VMCS_HOST_CS_SELECTOR, 0x10);
	vmcs_put(image, VMCS_HOST_SS_SELECTOR, 0x18);
	vmcs_put(image, VMCS_HOST_TR_SELECTOR, 0x28);
	for (uint32_t field = VMCS_HOST_FS_BASE; field <= VMCS_HOST_RIP; field += 2)
		vmcs_put(image, field, 0x10008000);
	vmcs_put(image, VMCS_HOST_SYSENTER_CS, 0);
}

/* A 64-bit cell at its first instruction. */
static void put_long_guest(struct vmcs_image *image)
{
	vmcs_put(image, VMCS_GUEST_CR0, CR0_PG | CR0_WP | CR0_NE | CR0_ET | CR0_PE);
	vmcs_put(image, VMCS_GUEST_CR3, 0x2000);
	vmcs_put(image, VMCS_GUEST_CR4, CR4_PAE | CR4_MCE | CR4_VMXE);
	vmcs_put(image, VMCS_GUEST_EFER, EFER_LME | EFER_LMA | EFER_NXE);
	vmcs_put(image, VMCS_GUEST_PAT, 0x0007040600070406);
	vmcs_put(image, VMCS_GUEST_DEBUGCTL, 0);
	vmcs_put(image, VMCS_GUEST_DR7, 0x400);
	vmcs_put(image, VMCS_GUEST_RIP, 0x1000200);
	vmcs_put(image, VMCS_GUEST_RSP, 0x9000);
	vmcs_put(image, VMCS_GUEST_RFLAGS, 2);
	vmcs_put(image, VMCS_GUEST_ACTIVITY, 0);
	vmcs_put(image, VMCS_GUEST_INTERRUPTIBILITY, 0);
	vmcs_put(image, VMCS_GUEST_PENDING_DEBUG, 0);
	vmcs_put(image, VMCS_GUEST_SYSENTER_ESP, 0);
	vmcs_put(image, VMCS_GUEST_SYSENTER_EIP, 0);
	for (uint32_t i = 0; i < 6; i++) /* ES CS SS DS FS GS */
		put_segment(image, i, i == 1 ? 0x10 : 0x18, 0xffffffff, i == 1 ? 0xa09b : 0xc093);
	put_segment(image, 6, 0x20, 0xffff, 0x82); /* LDTR */
	put_segment(image, 7, 0x28, 0xffff, 0x8b); /* TR */
	vmcs_put(image, VMCS_GUEST_GDTR_BASE, 0x1000);
	vmcs_put(image, VMCS_GUEST_GDTR_LIMIT, 31);
	vmcs_put(image, VMCS_GUEST_IDTR_BASE, 0);
	vmcs_put(image, VMCS_GUEST_IDTR_LIMIT, 0xffff);
}

struct vmcs_image vmcs_good(enum vmcs_mode mode)
{
	struct vmcs_image image = { 0 };

	put_controls(&image);
	vmcs_put_host(&image);
	put_long_guest(&image);
	if (mode == LONG)
		return image;
	image.value[VMCS_ENTRY_CONTROLS / 2] &= ~(uint64_t)VMX_ENTRY_IA32E;
	vmcs_put(&image, VMCS_GUEST_CR0, mode == REAL ? CR0_NE | CR0_ET : CR0_PG | CR0_NE | CR0_PE);
	vmcs_put(&image, VMCS_GUEST_CR4, CR4_MCE | CR4_VMXE);
	vmcs_put(&image, VMCS_GUEST_EFER, 0);
	put_segment(&image, 1, 0x9000, mode == REAL ? 0xffff : 0xffffffff,
		    mode == REAL ? 0x9b : 0xc09b);
	return image;
}
