/* SPDX-License-Identifier: Apache-2.0 */
/* Where the processor looks for the fields of a VMCB: APM volume 2, appendix B. */
#include <septum/x86/vmcb.h>

#include <assert.h>
#include <stddef.h>

static_assert(sizeof(struct vmcb_segment) == 16, "VMCB segment");
static_assert(sizeof(struct vmcb_control) == 0x400, "VMCB control area");
static_assert(offsetof(struct vmcb_control, iopm_base) == 0x40, "VMCB 040h");
static_assert(offsetof(struct vmcb_control, exit_code) == 0x70, "VMCB 070h");
static_assert(offsetof(struct vmcb_control, nested_cr3) == 0xb0, "VMCB 0B0h");
static_assert(offsetof(struct vmcb_control, next_rip) == 0xc8, "VMCB 0C8h");
static_assert(sizeof(struct vmcb_save) == 0xc00, "VMCB save area");
static_assert(offsetof(struct vmcb_save, efer) == 0xd0, "VMCB save 0D0h");
static_assert(offsetof(struct vmcb_save, cr0) == 0x158, "VMCB save 158h");
static_assert(offsetof(struct vmcb_save, rsp) == 0x1d8, "VMCB save 1D8h");
static_assert(offsetof(struct vmcb_save, cr2) == 0x240, "VMCB save 240h");
static_assert(offsetof(struct vmcb_save, g_pat) == 0x268, "VMCB save 268h");
static_assert(sizeof(struct vmcb) == 4096, "VMCB is one page");
