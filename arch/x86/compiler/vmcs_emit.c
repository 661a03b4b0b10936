/* SPDX-License-Identifier: Apache-2.0 */
/* The VMCS a cell's CPU starts with: Intel SDM volume 3C, chapter 24 and appendix B. */
#include "vmcs_emit.h"

#include <assert.h>
#include <septum/x86/cell_registers.h>
#include <stdlib.h>
#include <string.h>

static_assert(sizeof(struct vmcs_template) == 4096, "a VMCS template is one page");

/* What only a template names: SDM volume 3C, 24.4.1, 24.4.2, 24.6.11, appendix B */
#define VMCS_RIGHTS_CODE 0x9bu /* present, DPL 0, code, readable, accessed */
#define VMCS_RIGHTS_DATA 0x93u /* present, DPL 0, data, writable, accessed */
#define VMCS_RIGHTS_TSS_BUSY 0x8bu
#define VMCS_ACTIVITY_ACTIVE 0u
#define EPTP_ACCESSED_DIRTY (1ull << 6)
#define VMCS_GUEST_SYSENTER_CS 0x482au

#define CODE_SELECTOR 0x10u /* in the GDT of struct entry_state */
#define DATA_SELECTOR 0x18u

#define EXCEPTION_DB (1u << 1)
#define EXCEPTION_AC (1u << 17)
#define EXCEPTION_MC (1u << 18)
#define PAT_AT_RESET 0x0007040600070406ull
#define DR7_AT_RESET 0x400ull
#define IO_BITMAP_BYTES 4096u
#define REAL_MODE_LIMIT 0xffffu
#define INIT_CS_SELECTOR 0xf000u
#define INIT_CS_BASE 0xffff0000u

/*
 * What a cell changes without an exit.  The rest of CR0 is NE, which VMX
 * insists on, CD and NW, with which a CPU would bypass its caches, and bits
 * that do not exist.
 */
#define CR0_OF_CELL (CR0_PE | CR0_MP | CR0_EM | CR0_TS | CR0_ET | CR0_WP | CR0_AM | CR0_PG)
/*
 * VME, PVI, TSD, DE, PSE, PAE, PGE, PCE, OSFXSR, OSXMMEXCPT and what the monitor
 * hides again where the processor lacks it.  MCE and VMXE are the monitor's; LA57,
 * SMXE, CET and later bits are hidden from cells.
 */
#define CR4_OF_CELL                                                                           \
	(0x7bfull | CR4_UMIP | CR4_FSGSBASE | CR4_PCIDE | CR4_OSXSAVE | CR4_SMEP | CR4_SMAP | \
	 CR4_PKE)

struct segment {
	uint16_t selector;
	uint32_t base;
	uint32_t limit; /* bytes - 1, always in bytes whatever the granularity */
	uint32_t rights;
};

/* Distances between the fields of ES, CS, SS, DS, FS, GS, LDTR, TR: appendix B */
enum segment_index { ES, CS, SS, DS, FS, GS, LDTR, TR };
#define SEGMENT_STEP 2u

static void put(struct vmcs_template *vmcs, uint32_t encoding, uint64_t value)
{
	if (vmcs->count == VMCS_TEMPLATE_FIELDS)
		abort();
	vmcs->fields[vmcs->count++] = (struct vmcs_field){ .encoding = encoding, .value = value };
}

static void put_segment(struct vmcs_template *vmcs, enum segment_index index,
			const struct segment *segment)
{
	const uint32_t at = (uint32_t)index * SEGMENT_STEP;

	put(vmcs, VMCS_GUEST_ES_SELECTOR + at, segment->selector);
	put(vmcs, VMCS_GUEST_ES_BASE + at, segment->base);
	put(vmcs, VMCS_GUEST_ES_LIMIT + at, segment->limit);
	put(vmcs, VMCS_GUEST_ES_RIGHTS + at, segment->rights);
}

/*
 * What enters the monitor, beside what always does.  External interrupts, HLT,
 * PAUSE and RDTSC do not: a cell that computes and takes its interrupts never
 * exits.  Virtual NMIs, or a cell inside its NMI handler could not be kicked.
 */
static void emit_exits(struct vmcs_template *vmcs)
{
	put(vmcs, VMCS_PIN_CONTROLS, VMX_PIN_NMI | VMX_PIN_VIRTUAL_NMIS);
	put(vmcs, VMCS_PRIMARY_CONTROLS,
	    VMX_PRIMARY_MWAIT | VMX_PRIMARY_RDPMC | VMX_PRIMARY_IO_BITMAPS |
		    VMX_PRIMARY_MSR_BITMAPS | VMX_PRIMARY_MONITOR | VMX_PRIMARY_SECONDARY);
	/* RDTSCP and INVPCID are #UD in a cell unless they are switched on here. */
	put(vmcs, VMCS_SECONDARY_CONTROLS,
	    VMX_SECONDARY_EPT | VMX_SECONDARY_RDTSCP | VMX_SECONDARY_VPID | VMX_SECONDARY_WBINVD |
		    VMX_SECONDARY_UNRESTRICTED | VMX_SECONDARY_INVPCID);
	/*
	 * A fault whose delivery raises the same fault again loops in microcode
	 * with NMIs shut out; through the monitor it stays interruptible.  A
	 * machine check is the monitor's to answer, never the cell's.
	 */
	put(vmcs, VMCS_EXCEPTION_BITMAP, EXCEPTION_DB | EXCEPTION_AC | EXCEPTION_MC);
	/* With bit 14 of the bitmap 0, an equal mask and match: no page fault exits (25.2). */
	put(vmcs, VMCS_PF_ERROR_MASK, 0);
	put(vmcs, VMCS_PF_ERROR_MATCH, 0);
	put(vmcs, VMCS_CR3_TARGET_COUNT, 0);
	put(vmcs, VMCS_CR0_MASK, ~CR0_OF_CELL);
	put(vmcs, VMCS_CR4_MASK, ~CR4_OF_CELL);
}

static void emit_tables(struct vmcs_template *vmcs, const struct vmcs_tables *tables)
{
	put(vmcs, VMCS_IO_BITMAP_A, tables->io_bitmaps.raw);
	put(vmcs, VMCS_IO_BITMAP_B, tables->io_bitmaps.raw + IO_BITMAP_BYTES);
	put(vmcs, VMCS_MSR_BITMAP, tables->msr_bitmap.raw);
	put(vmcs, VMCS_EPTP,
	    tables->nested_root.raw | EPTP_WRITE_BACK | EPTP_FOUR_LEVELS | EPTP_ACCESSED_DIRTY);
	/* One cell per CPU for ever, so one address space id; 0 is the monitor's. */
	put(vmcs, VMCS_VPID, 1);
}

/* No lists of MSRs: what must be switched is a field of its own. */
static void emit_switch(struct vmcs_template *vmcs, bool long_mode)
{
	put(vmcs, VMCS_EXIT_CONTROLS,
	    VMX_EXIT_SAVE_DEBUG | VMX_EXIT_HOST_64 | VMX_EXIT_SAVE_PAT | VMX_EXIT_LOAD_PAT |
		    VMX_EXIT_SAVE_EFER | VMX_EXIT_LOAD_EFER);
	put(vmcs, VMCS_ENTRY_CONTROLS,
	    VMX_ENTRY_LOAD_DEBUG | VMX_ENTRY_LOAD_PAT | VMX_ENTRY_LOAD_EFER |
		    (long_mode ? VMX_ENTRY_IA32E : 0));
	put(vmcs, VMCS_EXIT_MSR_STORE_COUNT, 0);
	put(vmcs, VMCS_EXIT_MSR_LOAD_COUNT, 0);
	put(vmcs, VMCS_ENTRY_MSR_LOAD_COUNT, 0);
	put(vmcs, VMCS_ENTRY_EVENT, 0);
}

/* The monitor uses none of these; what it does use it writes itself. */
static void emit_host_state(struct vmcs_template *vmcs)
{
	for (uint32_t i = VMCS_HOST_ES_SELECTOR; i <= VMCS_HOST_TR_SELECTOR; i += 2)
		put(vmcs, i, 0);
	for (uint32_t i = VMCS_HOST_FS_BASE; i <= VMCS_HOST_SYSENTER_EIP; i += 2)
		put(vmcs, i, 0);
	put(vmcs, VMCS_HOST_SYSENTER_CS, 0);
}

/* What a payload's first instruction and INIT have in common. */
static void emit_reset_state(struct vmcs_template *vmcs)
{
	put(vmcs, VMCS_LINK_POINTER, ~0ull); /* there is no shadow VMCS: 24.4.2 */
	put(vmcs, VMCS_GUEST_DEBUGCTL, 0);
	put(vmcs, VMCS_GUEST_PAT, PAT_AT_RESET);
	put(vmcs, VMCS_GUEST_DR7, DR7_AT_RESET);
	put(vmcs, VMCS_GUEST_RFLAGS, RFLAGS_RESERVED_ONE);
	put(vmcs, VMCS_GUEST_PENDING_DEBUG, 0);
	put(vmcs, VMCS_GUEST_INTERRUPTIBILITY, 0);
	put(vmcs, VMCS_GUEST_ACTIVITY, VMCS_ACTIVITY_ACTIVE);
	put(vmcs, VMCS_GUEST_SYSENTER_CS, 0);
	put(vmcs, VMCS_GUEST_SYSENTER_ESP, 0);
	put(vmcs, VMCS_GUEST_SYSENTER_EIP, 0);
	put_segment(vmcs, LDTR, &(struct segment){ .rights = VMCS_RIGHTS_UNUSABLE });
	/* A task register is never unusable (26.3.1.2). */
	put_segment(vmcs, TR,
		    &(struct segment){ .limit = REAL_MODE_LIMIT, .rights = VMCS_RIGHTS_TSS_BUSY });
}

static void put_tables(struct vmcs_template *vmcs, uint64_t gdt, uint32_t gdt_limit,
		       uint32_t idt_limit)
{
	put(vmcs, VMCS_GUEST_GDTR_BASE, gdt);
	put(vmcs, VMCS_GUEST_GDTR_LIMIT, gdt_limit);
	put(vmcs, VMCS_GUEST_IDTR_BASE, 0);
	put(vmcs, VMCS_GUEST_IDTR_LIMIT, idt_limit);
}

/* @cr0, @cr4: as the cell is to see them; what is real differs where VMX insists. */
static void put_control_registers(struct vmcs_template *vmcs, uint64_t cr0, uint64_t cr4)
{
	put(vmcs, VMCS_CR0_SHADOW, cr0);
	put(vmcs, VMCS_GUEST_CR0, (cr0 & ~(CR0_CD | CR0_NW)) | CR0_NE);
	put(vmcs, VMCS_CR4_SHADOW, cr4);
	put(vmcs, VMCS_GUEST_CR4, cr4 | CR4_MCE | CR4_VMXE);
}

static void put_code_and_data(struct vmcs_template *vmcs, const struct segment *code,
			      const struct segment *data)
{
	for (enum segment_index i = ES; i <= GS; i++)
		put_segment(vmcs, i, i == CS ? code : data);
}

static void emit_entry_state(struct vmcs_template *vmcs, const struct entry_state *entry)
{
	const bool long_mode = entry->mode == ENTRY_LONG64;
	const struct segment code = {
		.selector = CODE_SELECTOR,
		.limit = 0xffffffffu,
		.rights = VMCS_RIGHTS_CODE | VMCS_RIGHTS_PAGES |
			  (long_mode ? VMCS_RIGHTS_LONG : VMCS_RIGHTS_32BIT),
	};
	const struct segment data = {
		.selector = DATA_SELECTOR,
		.limit = 0xffffffffu,
		.rights = VMCS_RIGHTS_DATA | VMCS_RIGHTS_PAGES | VMCS_RIGHTS_32BIT,
	};

	put_code_and_data(vmcs, &code, &data);
	/* No IDT: an exception before the payload loads its own is a triple fault. */
	put_tables(vmcs, entry->gdt.raw, entry->gdt_limit, 0);
	put_control_registers(vmcs, CR0_PE | CR0_ET | CR0_NE | (long_mode ? CR0_PG | CR0_WP : 0),
			      long_mode ? CR4_PAE : 0);
	put(vmcs, VMCS_GUEST_CR3, long_mode ? entry->cr3.raw : 0);
	put(vmcs, VMCS_GUEST_EFER, long_mode ? EFER_LME | EFER_LMA | EFER_NXE : 0);
	put(vmcs, VMCS_GUEST_RIP, entry->rip.raw);
	put(vmcs, VMCS_GUEST_RSP, entry->rsp.raw);
}

/* SDM volume 3A, table 9-1, the column of INIT; the monitor puts the SIPI's vector into CS. */
static void emit_init_state(struct vmcs_template *vmcs)
{
	const struct segment code = {
		.selector = INIT_CS_SELECTOR,
		.base = INIT_CS_BASE,
		.limit = REAL_MODE_LIMIT,
		.rights = VMCS_RIGHTS_CODE,
	};
	const struct segment data = { .limit = REAL_MODE_LIMIT, .rights = VMCS_RIGHTS_DATA };

	put_code_and_data(vmcs, &code, &data);
	put_tables(vmcs, 0, REAL_MODE_LIMIT, REAL_MODE_LIMIT);
	put_control_registers(vmcs, CR0_ET | CR0_CD | CR0_NW, 0);
	put(vmcs, VMCS_GUEST_CR3, 0);
	put(vmcs, VMCS_GUEST_EFER, 0);
	put(vmcs, VMCS_GUEST_RIP, 0);
	put(vmcs, VMCS_GUEST_RSP, 0);
}

static void begin(struct vmcs_template *vmcs, const struct vmcs_tables *tables, bool long_mode)
{
	memset(vmcs, 0, sizeof(*vmcs));
	vmcs->magic = VMCS_TEMPLATE_MAGIC;
	emit_exits(vmcs);
	emit_tables(vmcs, tables);
	emit_switch(vmcs, long_mode);
	emit_host_state(vmcs);
	emit_reset_state(vmcs);
}

void vmcs_emit(struct vmcs_template *vmcs, const struct vmcs_tables *tables,
	       const struct entry_state *entry)
{
	begin(vmcs, tables, entry->mode == ENTRY_LONG64);
	emit_entry_state(vmcs, entry);
}

void vmcs_emit_init(struct vmcs_template *vmcs, const struct vmcs_tables *tables)
{
	begin(vmcs, tables, false);
	emit_init_state(vmcs);
}
