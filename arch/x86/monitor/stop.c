/* SPDX-License-Identifier: Apache-2.0 */
/* The end of a cell: record first, then its devices, the report, its other CPUs, silence. */
#include "stop.h"

#include "arch.h"
#include "backend.h"
#include "crash.h"
#include "devices.h"
#include "instructions.h"
#include "ipi.h"
#include "log.h"
#include "plan_view.h"

static void make_record(const struct cpu *cpu, enum plan_event event, uint64_t address,
			struct plan_crash_record *record)
{
	const struct backend *backend = cpu->backend;

	*record = (struct plan_crash_record){
		.tsc = rdtsc(),
		.event = event,
		.apic_id = cpu->self->apic_id,
		.address = address,
		.code = cpu->counters->last_code,
		.info1 = cpu->counters->last_info1,
		.info2 = cpu->counters->last_info2,
		.rip = backend->get(cpu, GUEST_RIP),
		.rsp = backend->get(cpu, GUEST_RSP),
		.rflags = backend->get(cpu, GUEST_RFLAGS),
		.cr0 = backend->get(cpu, GUEST_CR0),
		.cr3 = backend->get(cpu, GUEST_CR3),
		.cr4 = backend->get(cpu, GUEST_CR4),
		.efer = backend->get(cpu, GUEST_EFER),
	};
	arch_copy(record->gprs, cpu->gprs, sizeof(record->gprs));
	record->gprs[GPR_RSP] = record->rsp;
	arch_copy(record->cell, cpu->cell->name, sizeof(record->cell));
	arch_copy(record->plan_hash, cpu->plan->hash, sizeof(record->plan_hash));
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
		[PLAN_EVENT_TASK_SWITCH] = "switch tasks in software",
		[PLAN_EVENT_DMA_FAULT] = "give the function addresses in the cell's memory alone",
	};

	return mends[event] ? mends[event] : "report it, with these lines and the image";
}

/* Events whose address is one of memory. */
#define MEMORY_EVENTS                                                     \
	(1u << PLAN_EVENT_FOREIGN_ACCESS | 1u << PLAN_EVENT_HOLE_ACCESS | \
	 1u << PLAN_EVENT_UNDECODABLE | 1u << PLAN_EVENT_DMA_FAULT)

static bool is_memory_event(const struct plan_crash_record *record)
{
	return MEMORY_EVENTS >> record->event & 1 ||
	       (record->event == PLAN_EVENT_MACHINE_CHECK && record->address);
}

static void report(const struct cpu *cpu, const struct plan_crash_record *record, const char *rule,
		   const char *what)
{
	if (is_memory_event(record))
		log_line("cell '%s': stopped: %s: %s at 0x%lx (owner: %s) at RIP 0x%lx "
			 "[rule %s]; mend: %s",
			 cpu->cell->name, plan_event_name(record->event), what, record->address,
			 owner_text(cpu, record->address), record->rip, rule,
			 mend_text(record->event));
	else
		log_line("cell '%s': stopped: %s: %s (0x%lx) at RIP 0x%lx [rule %s]; mend: %s",
			 cpu->cell->name, plan_event_name(record->event), what, record->address,
			 record->rip, rule, mend_text(record->event));
	log_at(2, "  exit code 0x%lx info 0x%lx 0x%lx, CR0 0x%lx CR3 0x%lx CR4 0x%lx EFER 0x%lx",
	       record->code, record->info1, record->info2, record->cr0, record->cr3, record->cr4,
	       record->efer);
	log_at(2,
	       "  RAX 0x%lx RBX 0x%lx RCX 0x%lx RDX 0x%lx RSI 0x%lx RDI 0x%lx RSP 0x%lx RFLAGS "
	       "0x%lx",
	       record->gprs[GPR_RAX], record->gprs[GPR_RBX], record->gprs[GPR_RCX],
	       record->gprs[GPR_RDX], record->gprs[GPR_RSI], record->gprs[GPR_RDI], record->rsp,
	       record->rflags);
}

static void __attribute__((noreturn)) rest(struct cpu *cpu, enum plan_event event)
{
	cpu->counters->stop_event = event;
	cpu->counters->state = PLAN_CPU_STOPPED;
	cpu->backend->leave();
	arch_park();
}

void cell_stop(struct cpu *cpu, enum plan_event event, uint64_t address, const char *rule,
	       const char *what)
{
	struct plan_crash_record record;

	cpu->counters->exits[PLAN_EXIT_FATAL]++;
	make_record(cpu, event, address, &record);
	crash_record_store(hpa_pointer(cpu->self->crash), &record);
	/* Before the slow report: each fault of a function is another CPU's exit. */
	if (HAS_PCI)
		pci_stop(cpu);
	report(cpu, &record, rule, what);
	ipi_stop_peers(cpu);
	rest(cpu, event);
}

void cell_stop_with_peer(struct cpu *cpu)
{
	/* Again: this CPU may have switched a function on in between. */
	if (HAS_PCI)
		pci_stop(cpu);
	rest(cpu, PLAN_EVENT_PEER);
}
