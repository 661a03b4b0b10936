/* SPDX-License-Identifier: Apache-2.0 */
#include "traps.h"

#include "apic.h"
#include "console.h"
#include "cpu.h"
#include "selectors.h"

#define VECTORS 256u
#define VECTOR_ENTRY_BYTES 16u
#define EXCEPTIONS 32u
#define RFLAGS_TF (1ull << 8)
#define RFLAGS_DF (1ull << 10)
#define RFLAGS_AC (1ull << 18)

/* Long-mode gate: APM volume 2, 4.8.4. */
struct gate {
	uint16_t offset_low;
	uint16_t selector;
	uint8_t ist;
	uint8_t type; /* P, DPL, type */
	uint16_t offset_middle;
	uint32_t offset_high;
	uint32_t reserved;
};

/* 64-bit TSS: APM volume 2, 12.2.5. */
struct task_state {
	uint32_t reserved;
	uint32_t rsp0[2];
	uint32_t unused[6];
	uint32_t ist1[2];
	uint32_t unused2[14];
	uint16_t reserved2;
	uint16_t io_map_base;
};

extern const uint8_t vector_entries[];
extern const uint8_t trap_guard_abort[];
extern uint64_t guard_stack;
extern uint64_t cell_gdt[];

void trap_dispatch(struct trap_frame *frame);

static struct gate idt[VECTORS] __attribute__((aligned(16)));
static trap_handler *handlers[VECTORS];
static struct task_state tss;
static uint8_t rsp0_stack[8192] __attribute__((aligned(16)));
static uint8_t own_stack[4096] __attribute__((aligned(4096)));
static unsigned int last_vector;

static void idt_fill(void)
{
	for (unsigned int i = 0; i < VECTORS; i++) {
		uint64_t entry = (uintptr_t)vector_entries + (uint64_t)i * VECTOR_ENTRY_BYTES;

		idt[i] = (struct gate){
			.offset_low = (uint16_t)entry,
			.selector = SEL_CODE,
			.type = 0x8e, /* present, DPL 0, interrupt gate */
			.offset_middle = (uint16_t)(entry >> 16),
			.offset_high = (uint32_t)(entry >> 32),
		};
	}
}

static void tss_load(void)
{
	uint64_t base = (uintptr_t)&tss;
	uint64_t rsp0 = (uintptr_t)(rsp0_stack + sizeof(rsp0_stack));

	tss.rsp0[0] = (uint32_t)rsp0;
	tss.rsp0[1] = (uint32_t)(rsp0 >> 32);
	tss.io_map_base = sizeof(tss);
	/* APM volume 2, 4.8.3: available 64-bit TSS, base below 16 MiB */
	cell_gdt[SEL_TSS / 8] = (sizeof(tss) - 1) | (base & 0xffffff) << 16 | 0x89ull << 40;
	cell_gdt[SEL_TSS / 8 + 1] = base >> 32;
	asm volatile("ltr %w0" : : "r"(SEL_TSS));
}

void traps_load(void)
{
	descriptor_table_load_idt(idt, sizeof(idt) - 1);
}

void traps_init(void)
{
	idt_fill();
	traps_load();
	tss_load();
}

void trap_on(uint8_t vector, trap_handler *handler)
{
	handlers[vector] = handler;
}

uint64_t trap_own_stack(uint8_t vector)
{
	const uint64_t top = (uintptr_t)(own_stack + sizeof(own_stack));

	tss.ist1[0] = (uint32_t)top;
	tss.ist1[1] = (uint32_t)(top >> 32);
	idt[vector].ist = 1;
	return top;
}

unsigned int trap_last(void)
{
	return last_vector;
}

const char *trap_name(unsigned int vector)
{
	static const char *const names[EXCEPTIONS] = {
		[0] = "#DE",  [1] = "#DB",  [2] = "NMI",  [3] = "#BP",	[4] = "#OF",  [5] = "#BR",
		[6] = "#UD",  [7] = "#NM",  [8] = "#DF",  [10] = "#TS", [11] = "#NP", [12] = "#SS",
		[13] = "#GP", [14] = "#PF", [16] = "#MF", [17] = "#AC", [18] = "#MC", [19] = "#XF",
	};

	return vector < EXCEPTIONS && names[vector] ? names[vector] : "vector";
}

/* Nobody waits for this one: an exception ends the cell, an interrupt is told. */
static void trap_unexpected(const struct trap_frame *frame)
{
	console_format("trap: unexpected %s vector %lu error 0x%lx rip 0x%lx cr2 0x%lx\n",
		       trap_name((unsigned int)frame->vector), frame->vector, frame->error,
		       frame->rip, cr2_read());
	if (frame->vector == VECTOR_NMI)
		return;
	if (frame->vector >= EXCEPTIONS) {
		apic_eoi();
		return;
	}
	cpu_stop();
}

void trap_dispatch(struct trap_frame *frame)
{
	trap_handler *handler = handlers[frame->vector];

	if (handler) {
		handler(frame);
		return;
	}
	if (!guard_stack || frame->vector >= EXCEPTIONS || frame->vector == VECTOR_NMI) {
		trap_unexpected(frame);
		return;
	}
	last_vector = (unsigned int)frame->vector;
	frame->rip = (uintptr_t)trap_guard_abort;
	frame->rsp = guard_stack;
	frame->cs = SEL_CODE;
	frame->ss = SEL_DATA;
	frame->rflags &= ~(RFLAGS_TF | RFLAGS_DF | RFLAGS_AC);
}
