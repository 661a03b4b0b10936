/* SPDX-License-Identifier: Apache-2.0 */
/* The VMCB a cell's CPU starts with: APM volume 2, appendix B and chapter 15. */
#include "vmcb_emit.h"

#include <septum/x86/cell_registers.h>
#include <string.h>

#define CODE_SELECTOR 0x10u /* in the GDT of struct entry_state */
#define DATA_SELECTOR 0x18u

/* Segment attributes, APM volume 2, 4.7 packed as in 15.5.1 */
#define SEGMENT_CODE 0x09bu /* present, DPL 0, code, readable, accessed */
#define SEGMENT_DATA 0x093u /* present, DPL 0, data, writable, accessed */
#define SEGMENT_LDT 0x082u
#define SEGMENT_TSS_BUSY 0x08bu
#define SEGMENT_LONG 0x200u
#define SEGMENT_32BIT 0x400u
#define SEGMENT_PAGES 0x800u

#define EXCEPTION_DB (1u << 1)
#define EXCEPTION_AC (1u << 17)
#define EXCEPTION_MC (1u << 18)
#define PAT_AT_RESET 0x0007040600070406ull
#define DR6_AT_RESET 0xffff0ff0ull
#define DR7_AT_RESET 0x400ull
#define REAL_MODE_LIMIT 0xffffu
#define INIT_CS_SELECTOR 0xf000u
#define INIT_CS_BASE 0xffff0000u

/*
 * What enters the monitor.  INTR, SMI, VINTR, HLT, PAUSE and RDTSC do not: a
 * cell that computes and takes its interrupts never exits.
 */
static void emit_intercepts(struct vmcb_control *control)
{
	control->intercept_cr_write = 1u << 4;
	/*
	 * A fault whose delivery raises the same fault again loops in microcode
	 * with NMIs shut out; through the monitor it stays interruptible.  A
	 * machine check is the monitor's to answer, never the cell's.
	 */
	control->intercept_exceptions = EXCEPTION_DB | EXCEPTION_AC | EXCEPTION_MC;
	control->intercept_misc1 = VMCB_MISC1_NMI | VMCB_MISC1_INIT | VMCB_MISC1_RDPMC |
				   VMCB_MISC1_CPUID | VMCB_MISC1_RSM | VMCB_MISC1_INVD |
				   VMCB_MISC1_INVLPGA | VMCB_MISC1_IOIO | VMCB_MISC1_MSR |
				   VMCB_MISC1_FERR_FREEZE | VMCB_MISC1_SHUTDOWN;
	/* VMRUN must be intercepted or VMRUN itself fails (15.5.1). */
	control->intercept_misc2 = VMCB_MISC2_VMRUN | VMCB_MISC2_VMMCALL | VMCB_MISC2_VMLOAD |
				   VMCB_MISC2_VMSAVE | VMCB_MISC2_STGI | VMCB_MISC2_CLGI |
				   VMCB_MISC2_SKINIT | VMCB_MISC2_WBINVD | VMCB_MISC2_MONITOR |
				   VMCB_MISC2_MWAIT | VMCB_MISC2_MWAIT_ARMED | VMCB_MISC2_XSETBV |
				   VMCB_MISC2_RDPRU;
	/* INVLPGB and TLBSYNC reach the TLBs of every CPU; processors without them ignore this. */
	control->intercept_misc3 = VMCB_MISC3_INVLPGB | VMCB_MISC3_INVLPGB_ILLEGAL |
				   VMCB_MISC3_MCOMMIT | VMCB_MISC3_TLBSYNC;
}

static void emit_control(struct vmcb_control *control, const struct vmcb_tables *tables)
{
	emit_intercepts(control);
	control->iopm_base = tables->iopm.raw;
	control->msrpm_base = tables->msrpm.raw;
	/* One cell per CPU for ever, so one address space id; 0 is the host's. */
	control->asid = 1;
	control->tlb_control = VMCB_TLB_FLUSH_ALL;
	/* V_INTR_MASKING stays 0: the cell's own RFLAGS.IF and TPR govern the real APIC. */
	control->int_control = 0;
	control->nested_control = VMCB_NESTED_PAGING;
	control->nested_cr3 = tables->nested_root.raw;
}

static struct vmcb_segment flat(uint16_t selector, uint32_t attributes)
{
	return (struct vmcb_segment){
		.selector = selector,
		.attributes = (uint16_t)(attributes | SEGMENT_PAGES),
		.limit = 0xffffffffu,
	};
}

static void emit_segments(struct vmcb_save *save, const struct entry_state *entry)
{
	const uint32_t size = entry->mode == ENTRY_LONG64 ? SEGMENT_LONG : SEGMENT_32BIT;
	const struct vmcb_segment data = flat(DATA_SELECTOR, SEGMENT_DATA | SEGMENT_32BIT);

	save->cs = flat(CODE_SELECTOR, SEGMENT_CODE | size);
	save->ds = data;
	save->es = data;
	save->fs = data;
	save->gs = data;
	save->ss = data;
	save->gdtr.base = entry->gdt.raw;
	save->gdtr.limit = entry->gdt_limit;
	/* No IDT: an exception before the payload loads its own is a shutdown exit. */
	save->tr.attributes = SEGMENT_TSS_BUSY;
	save->tr.limit = 0xffffu;
	save->ldtr.attributes = SEGMENT_LDT;
}

static void emit_reset_registers(struct vmcb_save *save)
{
	save->rflags = RFLAGS_RESERVED_ONE;
	save->dr6 = DR6_AT_RESET;
	save->dr7 = DR7_AT_RESET;
	save->g_pat = PAT_AT_RESET;
}

static void emit_registers(struct vmcb_save *save, const struct entry_state *entry)
{
	/* SVME must be set or VMRUN refuses (15.5.1); MCE belongs to the monitor. */
	save->efer = EFER_SVME;
	save->cr0 = CR0_PE | CR0_ET | CR0_NE;
	save->cr4 = CR4_MCE;
	if (entry->mode == ENTRY_LONG64) {
		save->efer |= EFER_LME | EFER_LMA | EFER_NXE;
		save->cr0 |= CR0_PG | CR0_WP;
		save->cr4 |= CR4_PAE;
		save->cr3 = entry->cr3.raw;
	}
	save->rip = entry->rip.raw;
	save->rsp = entry->rsp.raw;
	save->rax = entry->rax;
	emit_reset_registers(save);
}

/*
 * APM volume 2, table 14-1, the column of INIT; the monitor puts the SIPI's
 * vector into CS.  CD and NW would only make the cell slow: they stay clear.
 */
static void emit_init_state(struct vmcb_save *save)
{
	const struct vmcb_segment data = { .attributes = SEGMENT_DATA, .limit = REAL_MODE_LIMIT };

	save->cs = data;
	save->cs.attributes = SEGMENT_CODE;
	save->cs.selector = INIT_CS_SELECTOR;
	save->cs.base = INIT_CS_BASE;
	save->ds = data;
	save->es = data;
	save->fs = data;
	save->gs = data;
	save->ss = data;
	save->gdtr.limit = REAL_MODE_LIMIT;
	save->idtr.limit = REAL_MODE_LIMIT;
	save->tr.attributes = SEGMENT_TSS_BUSY;
	save->tr.limit = REAL_MODE_LIMIT;
	save->ldtr.attributes = SEGMENT_LDT;
	save->ldtr.limit = REAL_MODE_LIMIT;
	save->efer = EFER_SVME;
	save->cr0 = CR0_ET;
	save->cr4 = CR4_MCE;
	emit_reset_registers(save);
}

void vmcb_emit(struct vmcb *vmcb, const struct vmcb_tables *tables, const struct entry_state *entry)
{
	memset(vmcb, 0, sizeof(*vmcb));
	emit_control(&vmcb->control, tables);
	emit_segments(&vmcb->save, entry);
	emit_registers(&vmcb->save, entry);
}

void vmcb_emit_init(struct vmcb *vmcb, const struct vmcb_tables *tables)
{
	memset(vmcb, 0, sizeof(*vmcb));
	emit_control(&vmcb->control, tables);
	emit_init_state(&vmcb->save);
}
