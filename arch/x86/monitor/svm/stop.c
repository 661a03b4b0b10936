/* SPDX-License-Identifier: Apache-2.0 */
/* The end of a cell's CPU: record first, then report, then silence. */
#include "arch.h"
#include "crash.h"
#include "instructions.h"
#include "log.h"
#include "plan_view.h"
#include "svm.h"

static void copy_state(const struct cpu *cpu, struct plan_crash_record *record)
{
	const struct vmcb *vmcb = cpu->vmcb;

	record->code = vmcb->control.exit_code;
	record->info1 = vmcb->control.exit_info1;
	record->info2 = vmcb->control.exit_info2;
	record->rip = vmcb->save.rip;
	record->rsp = vmcb->save.rsp;
	record->rflags = vmcb->save.rflags;
	record->cr0 = vmcb->save.cr0;
	record->cr3 = vmcb->save.cr3;
	record->cr4 = vmcb->save.cr4;
	record->efer = vmcb->save.efer;
	for (uint32_t i = 0; i < GPR_COUNT; i++)
		record->gprs[i] = cpu->gprs[i];
	record->gprs[GPR_RSP] = vmcb->save.rsp;
}

static void store_record(const struct cpu *cpu, enum plan_event event, uint64_t address)
{
	struct plan_crash_record record = {
		.tsc = rdtsc(),
		.event = event,
		.apic_id = cpu->self->apic_id,
		.address = address,
	};

	for (uint32_t i = 0; i < PLAN_NAME_BYTES; i++)
		record.cell[i] = cpu->cell->name[i];
	for (uint32_t i = 0; i < PLAN_HASH_BYTES; i++)
		record.plan_hash[i] = cpu->plan->hash[i];
	copy_state(cpu, &record);
	crash_record_store(hpa_pointer(cpu->self->crash), &record);
}

static const char *owner_text(const struct cpu *cpu, uint64_t address)
{
	const struct plan_owner *owner = plan_owner_at(cpu->plan, address);

	if (!owner)
		return "nobody";
	return owner->cell < cpu->plan->cells.count ? plan_cells(cpu->plan)[owner->cell].name :
						      owner->name;
}

static const char *mend_text(enum plan_event event)
{
	static const char *const mends[PLAN_EVENT_KINDS] = {
		[PLAN_EVENT_FOREIGN_ACCESS] = "keep the payload inside its own memory",
		[PLAN_EVENT_HOLE_ACCESS] = "give the cell that memory, or septum,hole = \"ones\"",
		[PLAN_EVENT_UNDECODABLE] = "reach it with plain loads and stores only",
		[PLAN_EVENT_TRIPLE_FAULT] = "install exception handlers in the payload",
		[PLAN_EVENT_RESET] = "none: the cell asked for it",
		[PLAN_EVENT_POWEROFF] = "none: the cell asked for it",
	};

	return mends[event] ? mends[event] : "report it, with these lines and the image";
}

static bool is_memory_event(enum plan_event event)
{
	return event == PLAN_EVENT_FOREIGN_ACCESS || event == PLAN_EVENT_HOLE_ACCESS ||
	       event == PLAN_EVENT_UNDECODABLE;
}

static void report(const struct cpu *cpu, enum plan_event event, uint64_t address, const char *rule,
		   const char *what)
{
	const struct vmcb *vmcb = cpu->vmcb;

	if (is_memory_event(event))
		log_line("cell '%s': stopped: %s: %s at GPA 0x%lx (owner: %s) at RIP 0x%lx "
			 "[rule %s]; mend: %s",
			 cpu->cell->name, plan_event_name(event), what, address,
			 owner_text(cpu, address), vmcb->save.rip, rule, mend_text(event));
	else
		log_line("cell '%s': stopped: %s: %s (0x%lx) at RIP 0x%lx [rule %s]; mend: %s",
			 cpu->cell->name, plan_event_name(event), what, address, vmcb->save.rip,
			 rule, mend_text(event));
	log_at(2, "  exit code 0x%lx info 0x%lx 0x%lx, CR0 0x%lx CR3 0x%lx CR4 0x%lx EFER 0x%lx",
	       vmcb->control.exit_code, vmcb->control.exit_info1, vmcb->control.exit_info2,
	       vmcb->save.cr0, vmcb->save.cr3, vmcb->save.cr4, vmcb->save.efer);
	log_at(2,
	       "  RAX 0x%lx RBX 0x%lx RCX 0x%lx RDX 0x%lx RSI 0x%lx RDI 0x%lx RSP 0x%lx RFLAGS "
	       "0x%lx",
	       cpu->gprs[GPR_RAX], cpu->gprs[GPR_RBX], cpu->gprs[GPR_RCX], cpu->gprs[GPR_RDX],
	       cpu->gprs[GPR_RSI], cpu->gprs[GPR_RDI], vmcb->save.rsp, vmcb->save.rflags);
}

void svm_stop(struct cpu *cpu, enum plan_event event, uint64_t address, const char *rule,
	      const char *what)
{
	cpu->counters->exits[PLAN_EXIT_FATAL]++;
	store_record(cpu, event, address);
	report(cpu, event, address, rule, what);
	cpu->counters->stop_event = event;
	cpu->counters->state = PLAN_CPU_STOPPED;
	/* NMIs must be deliverable to a waiting CPU. */
	__asm__ volatile("stgi" : : : "memory");
	arch_park();
}
